"""Runtimes whose folders bear the version that extensions are made for: Ruby, Perl, PHP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.bases.extensions import base_libc, extensions_of
from lightship.bases.reasoning import listed, reason
from lightship.bases.runtimes import is_same, runtimes_of, source_of

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from lightship.analysis.packages.records import Records
    from lightship.bases.extensions import Extension
    from lightship.bases.move import Move
    from lightship.bases.runtimes import Runtimes
    from lightship.model.results.base_verdict import Reason


class Language(Struct, frozen=True):
    """How one runtime lays its files out.

    Attributes:
        kind: of the reasons.
        name: for people.
        program: name of its programs.
        version: finds the version in a path.
        places: folders whose names bear the version that is installed.
        installed: finds it in such a name.
    """

    kind: str
    name: str
    program: re.Pattern[bytes]
    version: re.Pattern[bytes]
    places: tuple[bytes, ...]
    installed: re.Pattern[bytes]


def judged(move: Move, language: Language) -> Iterator[Reason]:
    """Another version, or extensions of another version or C library, leave a doubt."""
    found = runtimes_of(move, language.program)
    if found is None or (move.landing is not None and found.there is None):
        return
    extensions = [one for one in extensions_of(move) if language.version.search(one.path)]
    if move.landing is not None and not is_same(move, found):
        now = _installed(move.application.inside.ledger.records, language)
        there = _installed(_base(move, found), language)
        yield from _version(language, now, there)
        yield from _others(extensions, language, there)
    yield from _c_library(move, language, found, extensions)


def _base(move: Move, found: Runtimes) -> Records:
    """Where the runtime that would be used is from: what comes along has folders of its own."""
    landing = move.landing
    if landing is not None and found.there is not None:
        return source_of(move, landing, found.there.record)[0].ledger.records
    return move.application.inside.ledger.records


def _installed(records: Records, language: Language) -> frozenset[str]:
    found = set()
    for place in language.places:
        for name in records.names_in(place):
            match = language.installed.match(name)
            if match is not None:
                found.add(match[1].decode())
    return frozenset(found)


def _version(language: Language, now: frozenset[str], there: frozenset[str]) -> Iterator[Reason]:
    if not now or not there:
        says = f"which versions of {language.name} run it, now and there, is not known"
        yield reason(language.kind, "unproven", says)
    elif now != there:
        says = (
            f"{language.name} {_listed(there)} would run it, which {language.name} {_listed(now)}"
            " runs now"
        )
        yield reason(language.kind, "unproven", says)


def _listed(versions: frozenset[str]) -> str:
    return " or ".join(sorted(versions))


def _others(
    extensions: list[Extension], language: Language, there: frozenset[str]
) -> Iterator[Reason]:
    wrong = [one for one in extensions if there and _of(one, language) not in there]
    if wrong:
        says = f"{_count(wrong)} made for another {language.name} are not taken by the one there"
        yield reason(language.kind, "unproven", says, evidence=_names(wrong))


def _of(one: Extension, language: Language) -> str:
    match = language.version.search(one.path)
    return next(filter(None, match.groups()), b"").decode() if match is not None else ""


def _c_library(
    move: Move, language: Language, found: Runtimes, extensions: list[Extension]
) -> Iterator[Reason]:
    libc = base_libc(move, found.there.record if found.there is not None else None)
    wrong = [one for one in extensions if libc is not None and one.libc not in (None, libc)]
    if wrong:
        says = (
            f"{_count(wrong)} of {language.name} made for {wrong[0].libc} cannot be loaded in one"
            f" of {libc}: they are to be built anew there"
        )
        yield reason(language.kind, "unproven", says, evidence=_names(wrong))


def _names(extensions: list[Extension]) -> tuple[str, ...]:
    return listed(dict.fromkeys(one.named for one in extensions))


def _count(extensions: list[Extension]) -> str:
    return "1 extension" if len(extensions) == 1 else f"{len(extensions)} extensions"
