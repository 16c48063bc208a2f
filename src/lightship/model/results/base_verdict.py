"""Whether an application runs on a base image, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable

Answer = Literal["runs", "will not run", "needs a test"]
Weight = Literal["blocks", "unproven", "carry", "note"]
"""What a reason does to the answer.

`blocks`: certain that it does not start. `unproven`: it may or may not. `carry`: something small
has to come along (an account, certificates), and then nothing speaks against it. `note`: worth
knowing, and no obstacle.
"""


class Reason(Struct, frozen=True, kw_only=True):
    """One thing that speaks for or against a base.

    Attributes:
        kind: what was asked, the name of the judge's file: `loader`, `symbols`, `tools`...
        says: one sentence without a full stop; foreign names inside.
        path: of the file of the application that it is about. `path_base64` only where the path
            is not UTF-8.
        evidence: what was seen, a few lines: names of symbols, of libraries.
        todo: what to do about it, for `carry`: an instruction of a Dockerfile where there is one.
    """

    kind: str
    weight: Weight
    says: str
    path: str | None = None
    evidence: tuple[str, ...] = ()
    todo: str | None = None
    path_base64: str | None = None


def answer_of(reasons: Iterable[Reason]) -> Answer:
    """The answer that reasons amount to: never `runs` where one of them leaves a doubt."""
    weights = {reason.weight for reason in reasons}
    if "blocks" in weights:
        return "will not run"
    return "needs a test" if "unproven" in weights else "runs"
