"""`base compare` as rows of facts: what text, Markdown and the page show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.report.base_facts_words import (
    UNKNOWN,
    age,
    nearest,
    number,
    size,
    stale_notes,
    support_long,
    support_short,
    word,
)
from lightship.report.words import about, counted
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightship.model.results.base_compare import BaseCompareResult, Compared, Pair, Seen
    from lightship.report.paper import Style

_PACKAGES = 5
_PATHS = 4
_ROUND = 100
"""From here on a ratio has no decimals."""
_ROUND_ABOUT = 3


class Cell(Struct, frozen=True):
    """What one image says to a question; foreign text."""

    text: str
    style: Style = "plain"


class Row(Struct, frozen=True):
    """A question, and what each image says to it."""

    label: str
    cells: tuple[Cell, ...]


def rows(result: BaseCompareResult) -> list[Row]:
    """Every fact that is known of one of the images, or that somebody would miss."""
    asked: list[tuple[str, Callable[[Compared], Cell]]] = [
        ("wire", lambda one: Cell(size(one.facts.wire_bytes), "bold")),
        ("unpacked", lambda one: Cell(size(one.facts.unpacked_bytes))),
        ("visible", _of_seen(lambda seen: format_bytes(seen.visible_bytes))),
        ("layers", lambda one: Cell(number(one.facts.layers))),
        ("files", _of_seen(lambda seen: f"{seen.files:,}")),
        ("packages", lambda one: Cell(number(one.facts.packages))),
        ("of languages", _of_seen(lambda seen: f"{seen.language_packages:,}")),
        ("system", lambda one: Cell(word(one.facts.system))),
        ("support", _support),
        ("age", lambda one: Cell(age(one.facts))),
        ("vulnerabilities", _vulnerabilities),
        ("libc", _libc),
        ("manager", lambda one: Cell(word(one.facts.package_manager))),
        ("shell", lambda one: Cell(word(one.facts.shell))),
        ("user", lambda one: Cell(word(one.facts.user))),
        ("set-user-ID", _of_seen(_setuid)),
        ("compilers", _of_seen(lambda seen: ", ".join(seen.compilers) or "none")),
        ("downloaders", _of_seen(lambda seen: ", ".join(seen.downloaders) or "none")),
        ("platforms", lambda one: Cell(_platforms(one))),
    ]
    return [Row(label, tuple(map(says, result.images))) for label, says in asked]


def verdict(result: BaseCompareResult) -> str:
    """The answer in one sentence: the smallest that is supported, and by how much."""
    sized = [
        (one.facts.wire_bytes.value, one)
        for one in result.images
        if one.facts.wire_bytes.value is not None
    ]
    good = [pair for pair in sized if not pair[1].facts.has_ended]
    if not good:
        return f"{counted(len(result.images), 'image')}; none is known to be supported and sized"
    least, smallest = min(good, key=lambda pair: pair[0])
    most = max(count for count, _ in sized)
    times = ""
    if least and most > least * 1.1:
        ratio = most / least
        times = f"; the biggest is {ratio:.1f} times that"
        if ratio >= _ROUND:
            times = f"; the biggest is {ratio:,.0f} times that"
    of = "the smallest" if len(good) == len(sized) else "the smallest of those not out of support"
    estimated = smallest.facts.wire_bytes.about
    return f"{smallest.name} is {of}: {about(least, estimated=estimated)}{times}"


def in_common(result: BaseCompareResult) -> Iterator[str]:
    """What pairs have in common, and what a node pays that has the one: a sentence each.

    Of many images only what a node pays that has the first.
    """
    for pair in result.pairs:
        if len(result.images) > _ROUND_ABOUT and pair.has != 0:
            continue
        yield _pair(pair, result)


def only_here(result: BaseCompareResult) -> Iterator[tuple[str, str]]:
    """Of each opened image the biggest packages that no other has."""
    for one in result.images:
        if one.seen is None or not one.seen.only_here:
            continue
        own = one.seen.only_here
        named = ", ".join(
            f"{package.name} {format_bytes(package.visible_bytes)}" for package in own[:_PACKAGES]
        )
        more = one.seen.only_here_count - min(len(own), _PACKAGES)
        yield one.name, f"{named}, and {more} more" if more else named


def notes(result: BaseCompareResult) -> list[str]:
    """What the marks mean, and where advisories are from."""
    told = stale_notes({one.name: one.facts for one in result.images})
    sources = {}
    for one in result.images:
        counts = one.seen.vulnerabilities if one.seen is not None else None
        for source in counts.sources if counts is not None else ():
            stale = f", stale: {source.stale}" if source.stale else ""
            sources[f"advisories: {source.place} of {source.date or UNKNOWN}{stale}"] = True
    if all(one.seen is None or one.seen.vulnerabilities is None for one in result.images):
        told.append("vulnerabilities are not known without --advisories FILE, URL or live")
    return [*sources, *told]


def _of_seen(says: Callable[[Seen], str]) -> Callable[[Compared], Cell]:
    return lambda one: Cell(UNKNOWN, "dim") if one.seen is None else Cell(says(one.seen))


def _support(one: Compared) -> Cell:
    if nearest(one.facts.support) is None:
        return Cell(UNKNOWN, "dim")
    said = "; ".join(support_long(each) for each in one.facts.support)
    return Cell(said, support_short(one.facts)[1])


def _vulnerabilities(one: Compared) -> Cell:
    counts = one.seen.vulnerabilities if one.seen is not None else None
    found = counts.vulnerabilities if counts is not None else None
    if counts is None or found is None:
        return Cell(UNKNOWN, "dim")
    severities = found.severities
    levels = (
        ("critical", severities.critical),
        ("high", severities.high),
        ("medium", severities.medium),
        ("low", severities.low),
        ("negligible", severities.negligible),
        ("not rated", severities.unknown),
    )
    said = ", ".join(f"{count} {level}" for level, count in levels if count)
    fixable = f"; {found.fixable} fixable" if found.all else ""
    least = "" if counts.complete else "at least "
    bad = severities.critical or severities.high
    return Cell(
        f"{least}{found.all}{f': {said}' if said else ''}{fixable}", "dead" if bad else "plain"
    )


def _libc(one: Compared) -> Cell:
    version = one.facts.libc_version.value
    return Cell(f"{word(one.facts.libc)} {version}" if version else word(one.facts.libc))


def _setuid(seen: Seen) -> str:
    if not seen.setuid_count:
        return "none"
    names = ", ".join(path.rpartition("/")[2] for path in seen.setuid_programs[:_PATHS])
    more = ", …" if seen.setuid_count > _PATHS else ""
    return f"{seen.setuid_count}: {names}{more}"


def _platforms(one: Compared) -> str:
    if not one.facts.platforms:
        return (
            UNKNOWN
            if one.seen is None
            else f"{one.platform.removeprefix('linux/')}, others {UNKNOWN}"
        )
    return ", ".join(name.removeprefix("linux/") for name in one.facts.platforms)


def _pair(pair: Pair, result: BaseCompareResult) -> str:
    has, pulls = result.images[pair.has].name, result.images[pair.pulls].name
    files = (
        f"{counted(pair.common_files, 'equal file')} ({format_bytes(pair.common_bytes)})"
        if pair.common_files
        else "no equal files"
    )
    layers = counted(pair.common_layers, "layer") if pair.common_layers else "no layers"
    pull = about(pair.pull_wire_bytes, estimated=pair.estimated)
    return (
        f"a node with {has} pulls {pull} for {pulls} and unpacks"
        f" {format_bytes(pair.added_unpacked_bytes)}; in common {layers}, {files}"
    )
