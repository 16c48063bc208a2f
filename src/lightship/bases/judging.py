"""Asks all judges about a move; whoever adds a question adds one file to `judges/`."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from lightship.bases import judges
from lightship.model.results.base_verdict import Answer, Reason, answer_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.bases.move import Move

_ORDER = ("blocks", "unproven", "carry", "note")


class Judge(Protocol):
    """A module of `judges/`."""

    def judge(self, move: Move) -> Iterable[Reason]:
        """What speaks for or against the move; nothing is raised, whatever the image holds.

        A judge that does not know says so (`unproven`): silence means that it looked, and that
        nothing speaks against the move.
        """


class Verdict(Struct, frozen=True):
    """An answer with its reasons, the heaviest first."""

    answer: Answer
    reasons: tuple[Reason, ...]


def verdict(move: Move) -> Verdict:
    """Judge a move."""
    reasons = [reason for judge in _judges() for reason in judge.judge(move)]
    reasons.sort(key=lambda one: (_ORDER.index(one.weight), one.kind, one.path or "", one.says))
    return Verdict(answer_of(reasons), tuple(reasons))


@cache
def _judges() -> tuple[Judge, ...]:
    found = sorted(module.name for module in pkgutil.iter_modules(judges.__path__))
    return tuple(import_module(f"{judges.__name__}.{name}") for name in found)
