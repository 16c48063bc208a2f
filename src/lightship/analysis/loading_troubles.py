"""What speaks against a program's start, as its loader would say it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

TroubleKind = Literal["unread", "loader", "library", "version", "symbol"]
Outcome = Literal["loads", "fails", "unsure"]
_MOST_NAMES = 8


class Trouble(Struct, frozen=True, kw_only=True):
    """One thing that is missing.

    Attributes:
        kind: `unread`: a file that could not be read, so nothing is known; `loader`: the program
            names a loader that is not there, or is none; `library`: not found; `version`: the
            library is there, and older; `symbol`: nothing that is loaded defines it.
        is_certain: whether the program certainly does not start; else it may.
        path: of the file that misses it.
        says: one sentence without a full stop, with names out of the file as they are.
        evidence: what is missing: symbols, versions, libraries; up to eight, the first ones.
    """

    kind: TroubleKind
    is_certain: bool
    path: bytes
    says: str
    evidence: tuple[str, ...] = ()


def outcome_of(troubles: tuple[Trouble, ...]) -> Outcome:
    """What troubles amount to: `loads` only where there is none."""
    if any(one.is_certain for one in troubles):
        return "fails"
    return "unsure" if troubles else "loads"


def symbol_trouble(path: bytes, names: list[bytes], *, is_certain: bool, then: str) -> Trouble:
    """Symbols of one file that nothing defines; `then` says when that is noticed."""
    shown = tuple(text_of(name) for name in sorted(names)[:_MOST_NAMES])
    more = f" and {len(names) - 1} more symbols are" if len(names) > 1 else " is"
    if len(names) == 2:
        more = " and 1 more symbol are"
    return Trouble(
        kind="symbol",
        is_certain=is_certain,
        path=path,
        says=f"{shown[0]}{more} defined nowhere that it looks, {then}",
        evidence=shown,
    )


def text_of(name: bytes) -> str:
    """A name out of a file, as text."""
    return name.decode("utf-8", "replace")


def unread(path: bytes) -> Trouble:
    """Of a file of which not enough was seen."""
    return Trouble(
        kind="unread", is_certain=False, path=path, says="not all of its tables could be read"
    )
