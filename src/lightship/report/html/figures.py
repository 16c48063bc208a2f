"""The figures of an image, in the words of the report in text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.html.elements import Html, bar, element, joined
from lightship.report.words import about
from lightship.units import format_bandwidth, format_bytes, format_seconds

if TYPE_CHECKING:
    from lightship.model.results.inspect import InspectResult


def figures(result: InspectResult) -> Html:
    """What a node pulls first, then what becomes of it."""
    image = result.image
    whole = max(image.unpacked_bytes, image.wire_bytes, 1)
    error = f"± {format_bytes(image.wire_bytes_error)} " if image.wire_bytes_estimated else ""
    wire = about(image.wire_bytes, estimated=image.wire_bytes_estimated)
    cards = [
        _card("wire", wire, f"{error}compressed, what a node pulls", image.wire_bytes, whole),
        _card(
            "unpacked",
            format_bytes(image.unpacked_bytes),
            "in all layers",
            image.unpacked_bytes,
            whole,
        ),
        _card(
            "visible",
            format_bytes(image.visible_bytes),
            f"efficiency {_percent(image.efficiency)}",
            image.visible_bytes,
            whole,
        ),
        _card(
            "dead",
            format_bytes(image.dead_bytes),
            _dead_note(image.dead_bytes, image.unpacked_bytes),
            image.dead_bytes,
            whole,
        ),
        _card(
            "duplicate",
            format_bytes(image.duplicate_bytes),
            "equal content, all copies but one",
            image.duplicate_bytes,
            whole,
        ),
    ]
    if result.removable_bytes is not None:
        freed = result.removable_bytes
        note = "what all findings free together"
        cards.append(_card("removable", format_bytes(freed), note, freed, whole))
    return element(
        "section",
        element("h2", "How much", class_="unseen"),
        element("dl", *cards, class_="figures"),
        element("p", *_more(result), class_="more"),
        id="figures",
    )


def _card(name: str, size: str, note: str, part: int, whole: int) -> Html:
    return element(
        "div",
        element("dt", name),
        element("dd", element("b", size), bar(part, whole, name), element("small", note)),
        class_=f"figure {name}" if part else f"figure {name} none",
    )


def _percent(share: float) -> str:
    text = f"{share * 100:.1f}"
    # 99.96 % is not all: never round to a whole that is not there.
    return f"{'99.9' if text == '100.0' and share < 1 else text} %"


def _dead_note(dead_bytes: int, unpacked_bytes: int) -> str:
    if not dead_bytes:
        return "nothing was deleted or overwritten"
    share = dead_bytes / unpacked_bytes
    return f"{share * 100:.1f} % of unpacked" if share >= 0.001 else "less than 0.1 % of unpacked"


def _dead_kinds(result: InspectResult) -> str:
    kinds = (
        ("deleted", result.dead.deleted),
        ("overwritten", result.dead.overwritten),
        ("metadata copy", result.dead.metadata_copy),
        ("in-layer duplicate", result.dead.in_layer_duplicate),
    )
    return ", ".join(f"{name} {format_bytes(count)}" for name, count in kinds if count)


def _more(result: InspectResult) -> list[Html]:
    pull = result.pull
    told = [
        joined(
            element("b", "pull"),
            f" ≈ {format_seconds(pull.download_seconds)}"
            f" at {format_bandwidth(pull.bandwidth_bytes_per_second)},"
            f" then ≈ {format_seconds(pull.unpack_seconds)} to unpack",
        )
    ]
    kinds = _dead_kinds(result)
    if kinds:
        told.append(joined(element("b", "dead"), f" {kinds}"))
    base = result.base
    if base is not None:
        wire = about(base.wire_bytes, estimated=base.wire_bytes_estimated)
        name = base.name or f"the first {base.layers} layers"
        likely = "" if base.certain else "likely "
        told.append(
            joined(element("b", "base"), f" {likely}", element("bdi", name), f", {wire} wire")
        )
        payload = base.payload
        over = about(payload.wire_bytes, estimated=payload.wire_bytes_estimated)
        told.append(
            joined(
                element("b", "payload"),
                f" {over} wire, {format_bytes(payload.unpacked_bytes)} unpacked,"
                f" {format_bytes(payload.dead_bytes)} dead",
            )
        )
    return [element("span", one) for one in told]
