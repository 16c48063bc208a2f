"""The order of candidates: where it may run before where it will not, the smallest image first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.model.results.base_check import OnBase
    from lightship.model.results.base_verdict import Answer

_UNKNOWN_BYTES = 2**63
"""A base of which nobody knows what it weighs comes behind those of which somebody does."""


class Judged(Protocol):
    """A candidate with its answer."""

    @property
    def answer(self) -> Answer:
        """Whether the application runs on it."""

    @property
    def weight(self) -> OnBase | None:
        """What its image weighs."""

    @property
    def base_wire_bytes(self) -> int | None:
        """What it weighs alone."""

    @property
    def speaks_against(self) -> tuple[str, ...]:
        """What does so besides reasons."""


_T = TypeVar("_T", bound=Judged)


def ranked(candidates: Iterable[_T]) -> tuple[_T, ...]:
    """Candidates in the order in which they are shown."""
    return tuple(sorted(candidates, key=_place))


def _place(one: Judged) -> tuple[bool, int, bool, int]:
    total = one.weight.wire_bytes if one.weight is not None else one.base_wire_bytes
    return (
        one.answer == "will not run",
        _UNKNOWN_BYTES if total is None else total,
        one.answer != "runs",
        len(one.speaks_against),
    )
