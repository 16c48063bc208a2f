"""Fixes made one upon the other, each proven, until nothing is left to fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lightship.dockerfile.proving import Proved, prove
from lightship.dockerfile.tree import to_bytes
from lightship.errors import InternalError
from lightship.rules.linting import smells_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.rules.smell import DockerfileRule, Fix, Matter, Saving, Smell, Tier

_MOST_ROUNDS = 200
"""How often each rule is asked at most."""


class Made(Struct, frozen=True, kw_only=True):
    """A fix that was made, or would have been.

    Attributes:
        rule: whose.
        line: in the original file, of the instruction that it is about.
        message: of the smell.
        fix: as the rule gave it; its edits count characters of the text at that moment.
        saving: with positions of the original file; None where nothing is saved.
        refused: why the proof did not let it pass; None for a fix that was made.
    """

    rule: str
    line: int
    message: str
    fix: Fix
    saving: Saving | None
    refused: str | None = None


class FixedFile(Struct, frozen=True, kw_only=True):
    """A Dockerfile after its fixes.

    Attributes:
        before, after: its bytes; equal if nothing was fixed.
        made: in the order in which they were made.
        refused: fixes that the proof did not let pass.
        untouched: why nothing at all was edited; None if it could be.
    """

    before: bytes
    after: bytes
    made: tuple[Made, ...] = ()
    refused: tuple[Made, ...] = ()
    untouched: str | None = None


def fix_file(
    matter: Matter,
    rules: Sequence[DockerfileRule],
    tiers: frozenset[Tier] = frozenset(("safe",)),
) -> FixedFile:
    """Make every fix of those tiers that the rules offer and that passes the proof.

    Args:
        matter: the file.
        rules: to ask, in the order in which their fixes come first.
        tiers: of fixes to make.
    """
    before = to_bytes(matter.build.dockerfile.text)
    untouched = matter.build.untouchable
    if untouched is not None:
        return FixedFile(before=before, after=before, untouched=untouched)
    state = _Fixing(matter, rules, tiers)
    state.run()
    return FixedFile(
        before=before,
        after=to_bytes(state.matter.build.dockerfile.text),
        made=tuple(state.made),
        refused=tuple(state.refused),
    )


class _Fixing:
    """One file on its way."""

    def __init__(
        self, matter: Matter, rules: Sequence[DockerfileRule], tiers: frozenset[Tier]
    ) -> None:
        self.matter = matter
        self._original = matter.build
        self._rules = rules
        self._tiers = tiers
        self._origins: list[tuple[int, ...]] = [
            (position,) for position in range(len(matter.build.steps))
        ]
        self._seen = {matter.build.dockerfile.text}
        self._barred: set[tuple[str, str]] = set()
        self.made: list[Made] = []
        self.refused: list[Made] = []

    def run(self) -> None:
        """Rule by rule, until none has a fix left for the file as it is then."""
        asked = silent = 0
        while silent < len(self._rules) and asked < _MOST_ROUNDS * len(self._rules):
            silent = 0 if self._mended(self._rules[asked % len(self._rules)]) else silent + 1
            asked += 1

    def _mended(self, rule: DockerfileRule) -> bool:
        """Make all fixes of a rule that do not meet in an instruction; False if there is none."""
        passed = self._passing(rule)
        if not passed:
            return False
        smells, together = [passed[0][0]], passed[0][1]
        if len(passed) > 1:
            edits = [edit for smell, _ in passed for edit in _fix_of(smell).edits]
            leaves = sum(_leaves(smell, proved) for smell, proved in passed)
            proved = prove(self.matter.build, edits, leaves=leaves)
            if isinstance(proved, Proved):
                smells, together = [smell for smell, _ in passed], proved
        self.made += [self._note(rule, smell, None) for smell in smells]
        self._take(together)
        return True

    def _passing(self, rule: DockerfileRule) -> list[tuple[Smell, Proved]]:
        """The smells whose fix passes the proof, without those that touch the same instruction."""
        passed: list[tuple[Smell, Proved]] = []
        taken: set[int] = set()
        for _, smell in smells_of(self.matter, [rule]):
            fix = smell.fix
            if fix is None or fix.tier not in self._tiers:
                continue
            # A refused fix is known again by what it writes: places move with other fixes.
            key = (rule.name, "".join(edit.replacement for edit in fix.edits) + smell.message)
            if key in self._barred:
                continue
            proved = prove(self.matter.build, fix.edits, leaves=fix.leaves)
            if isinstance(proved, Proved) and proved.build.dockerfile.text in self._seen:
                proved = "it would undo another fix"
            if isinstance(proved, str):
                self._barred.add(key)
                self.refused.append(self._note(rule, smell, proved))
            elif not passed or (proved.touched and not proved.touched & taken):
                passed.append((smell, proved))
                taken |= proved.touched
        return passed

    def _take(self, proved: Proved) -> None:
        self._origins = [
            tuple(sorted({one for old in origin for one in self._origins[old]}))
            for origin in proved.origins
        ]
        self.matter = replace(self.matter, build=proved.build)
        self._seen.add(proved.build.dockerfile.text)

    def _note(self, rule: DockerfileRule, smell: Smell, refused: str | None) -> Made:
        saving = smell.saving
        if saving is not None:
            every = {one for at in saving.positions for one in self._origins[at]}
            saving = replace(saving, positions=tuple(sorted(every)))
        origin = self._origins[smell.position] if smell.position is not None else ()
        line = self._original.steps[origin[0]].line if origin else 1
        return Made(
            rule=rule.name,
            line=line,
            message=smell.message,
            fix=_fix_of(smell),
            saving=saving,
            refused=refused,
        )


def _fix_of(smell: Smell) -> Fix:
    if smell.fix is None:
        raise InternalError("a smell without a fix was to be mended")
    return smell.fix


def _leaves(smell: Smell, proved: Proved) -> int:
    leaves = _fix_of(smell).leaves
    return len(proved.touched) if leaves is None else leaves
