"""Bases as points, by age and size: drawn here, without a program, so that it prints.

Support is told by shape and by colour. A label stands where it touches neither a point nor another
label; a point without one names itself when it is pointed at, and in the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from rich.cells import cell_len

from lightship.printable import printable
from lightship.report.base_facts_words import SOON_DAYS, nearest
from lightship.report.html.base_plot_scale import Scale, byte_scale, day_scale
from lightship.report.html.elements import Html, element, joined
from lightship.report.paper import shorten
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.results.base_facts import BaseFacts

Fate = Literal["good", "soon", "ended", "unsure"]

_WORDS: dict[Fate, str] = {
    "good": "supported",
    "soon": f"ends within {SOON_DAYS} days, or extended support",
    "ended": "support has ended",
    "unsure": "no date known",
}
_SHAPES: dict[Fate, str] = {
    "good": "M{r},0A{r},{r} 0 1 1 -{r},0A{r},{r} 0 1 1 {r},0Z",
    "soon": "M0,-{r}L{r},{r}L-{r},{r}Z",
    "ended": "M-{r},-{r}L{r},{r}M-{r},{r}L{r},-{r}",
    "unsure": "M0,-{r}L{r},0L0,{r}L-{r},0Z",
}
_RADIUS = 5
_CHARACTER, _LINE = 6.7, 13.0
"""Pixels that a letter and a line take at most, in the plot's letters of 11 pixels."""
_LONGEST = 30
_MOST_LABELS = 80
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 18, 22, 44
_SHEETS = (("wide", 1000, 520), ("narrow", 400, 460))


class Point(Struct, frozen=True):
    """A base that can be drawn; its name is foreign text."""

    name: str
    days: int
    wire_bytes: int
    fate: Fate


class _Box(Struct, frozen=True):
    x: float
    y: float
    width: float
    height: float

    def touches(self, other: _Box) -> bool:
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


def points(bases: Sequence[tuple[str, BaseFacts]]) -> list[Point]:
    """Those whose size and age are known."""
    return [
        Point(name, facts.age_days, facts.wire_bytes.value, _fate(facts))
        for name, facts in bases
        if facts.age_days is not None and facts.wire_bytes.value
    ]


def base_plot(bases: Sequence[tuple[str, BaseFacts]]) -> Html:
    """Size against age, for a wide and for a narrow page; nothing with fewer than two points."""
    drawn = points(bases)
    if len(drawn) < 2:
        return Html()
    left_out = len(bases) - len(drawn)
    note = f"{left_out} not drawn: their size or age is not known" if left_out else ""
    return element(
        "section",
        element("h2", "Size against age ", element("small", "compressed; the image's own age")),
        element(
            "figure",
            *(_sheet(name, width, height, drawn) for name, width, height in _SHEETS),
            element("figcaption", _legend(drawn), element("p", note) if note else ""),
            class_="plot",
        ),
        id="plot",
    )


def _fate(facts: BaseFacts) -> Fate:
    one = nearest(facts.support)
    if one is None or one.state == "no date":
        return "unsure"
    if one.state == "ended":
        return "ended"
    soon = one.state == "extended" or (one.days is not None and one.days < SOON_DAYS)
    return "soon" if soon else "good"


def _legend(drawn: Sequence[Point]) -> Html:
    there = {point.fate for point in drawn}
    items = [
        element(
            "li",
            element("svg", _mark(fate, 8, 8), viewBox="0 0 16 16", aria_hidden="true"),
            said,
        )
        for fate, said in _WORDS.items()
        if fate in there
    ]
    return element("ul", *items)


def _sheet(name: str, width: int, height: int, drawn: Sequence[Point]) -> Html:
    days = day_scale([p.days for p in drawn], _LEFT, width - _RIGHT)
    sizes = byte_scale([p.wire_bytes for p in drawn], height - _BOTTOM, _TOP)
    smallest, youngest = min(drawn, key=lambda p: p.wire_bytes), min(drawn, key=lambda p: p.days)
    described = (
        f"{len(drawn)} base images. The smallest is {smallest.name},"
        f" {format_bytes(smallest.wire_bytes)}; the youngest is {youngest.name},"
        f" {youngest.days} days old. The table has all figures."
    )
    return element(
        "svg",
        element("title", "Base images by size and age", id=f"plot-{name}-title"),
        element("desc", described, id=f"plot-{name}-desc"),
        _axes(days, sizes, width, height),
        *(_drawn(point, days, sizes) for point in drawn),
        *_labels(drawn, days, sizes, width, height),
        class_=name,
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_labelledby=f"plot-{name}-title plot-{name}-desc",
    )


def _axes(days: Scale, sizes: Scale, width: int, height: int) -> Html:
    right, bottom = width - _RIGHT, height - _BOTTOM
    parts: list[Html] = []
    for value, label in sizes.ticks:
        y = f"{sizes.at(value):.1f}"
        parts.append(element("path", class_="grid", d=f"M{_LEFT},{y}H{right}"))
        parts.append(
            element("text", label, x=_LEFT - 8, y=y, text_anchor="end", dominant_baseline="middle")
        )
    for value, label in days.ticks:
        x = f"{days.at(value):.1f}"
        parts.append(element("path", class_="grid", d=f"M{x},{_TOP}V{bottom}"))
        parts.append(element("text", label, x=x, y=bottom + 16, text_anchor="middle"))
    scale = " (logarithmic)" if days.is_log else ""
    parts.append(
        element(
            "text",
            f"age{scale}",
            class_="axis",
            x=right,
            y=bottom + 34,
            text_anchor="end",
        )
    )
    scale = " (logarithmic)" if sizes.is_log else ""
    parts.append(element("text", f"wire bytes{scale}", class_="axis", x=4, y=12))
    return joined(*parts)


def _drawn(point: Point, days: Scale, sizes: Scale) -> Html:
    told = (
        f"{point.name}: {format_bytes(point.wire_bytes)}, {point.days} days old,"
        f" {_WORDS[point.fate]}"
    )
    mark = _mark(point.fate, days.at(point.days), sizes.at(point.wire_bytes))
    return element("g", element("title", told), mark)


def _mark(fate: Fate, x: float, y: float) -> Html:
    return element(
        "path",
        class_=f"mark-{fate}",
        transform=f"translate({x:.1f} {y:.1f})",
        d=_SHAPES[fate].format(r=_RADIUS),
    )


def _labels(
    drawn: Sequence[Point], days: Scale, sizes: Scale, width: int, height: int
) -> list[Html]:
    """The smallest first, as many as fit, each where it touches nothing."""
    taken = [
        _Box(
            days.at(point.days) - _RADIUS,
            sizes.at(point.wire_bytes) - _RADIUS,
            2 * _RADIUS,
            2 * _RADIUS,
        )
        for point in drawn
    ]
    sheet = _Box(_LEFT, _TOP - 8, width - 4 - _LEFT, height - _BOTTOM - _TOP + 8)
    labels: list[Html] = []
    for point in sorted(drawn, key=lambda p: p.wire_bytes)[: 4 * _MOST_LABELS]:
        name = shorten(printable(point.name), _LONGEST, keep_end=0.6)
        box = _free(days.at(point.days), sizes.at(point.wire_bytes), cell_len(name), taken, sheet)
        if box is None:
            continue
        taken.append(box)
        labels.append(
            element("text", name, class_="label", x=f"{box.x:.1f}", y=f"{box.y + 10:.1f}")
        )
        if len(labels) == _MOST_LABELS:
            break
    return labels


def _free(x: float, y: float, cells: int, taken: Sequence[_Box], sheet: _Box) -> _Box | None:
    """Where beside a point a label fits: right, left, above, below."""
    width, off = cells * _CHARACTER, _RADIUS + 3
    for left, top in (
        (x + off, y - _LINE / 2),
        (x - off - width, y - _LINE / 2),
        (x - width / 2, y - off - _LINE),
        (x - width / 2, y + off),
    ):
        box = _Box(left, top, width, _LINE)
        inside = (
            box.x >= sheet.x
            and box.y >= sheet.y
            and box.x + box.width <= sheet.x + sheet.width
            and box.y + box.height <= sheet.y + sheet.height
        )
        if inside and not any(box.touches(other) for other in taken):
            return box
    return None
