"""The stages of a Dockerfile: what each builds upon, and which end up in the image."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.mounts import mounts_of
from lightship.dockerfile.variables import settings_of
from lightship.dockerfile.words import expand, split_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lightship.dockerfile.tree import Dockerfile, Instruction


_VARIABLE = re.compile(r"(?:\$\{[^{}]*\}|\$\w+)+")
_LONGEST_NAME = 200
_NUMBER = re.compile("[0-9]{1,9}")  # Python refuses thousands of digits


class Stage(Struct, frozen=True, kw_only=True):
    """One FROM and what follows it.

    Attributes:
        index: from 0.
        name: after AS, in lower case; None without.
        base: the image or stage as written; empty where FROM has no argument.
        base_name: the same with build arguments' defaults filled in; None if one has none.
        base_stage: index of the stage it builds upon; None for an image or `scratch`.
        platform: `--platform` as written.
        first, last: its instructions among those of the file: `[first, last)`, FROM included.
    """

    index: int
    name: str | None
    base: str
    base_name: str | None
    base_stage: int | None
    platform: str | None
    first: int
    last: int


class Stages(Struct, frozen=True):
    """All stages of a file.

    Attributes:
        all: in order.
        shipped: indexes of those whose layers are in the image that the file builds: the last one
            and what it builds upon.
        needed: of those that have to be built for it: also what is copied or mounted from, and each
            that a name with a variable may mean (`base-$TARGETARCH`).
        arguments: the ARGs before the first FROM; None as a value is one without default.
    """

    all: tuple[Stage, ...]
    shipped: frozenset[int]
    needed: frozenset[int]
    arguments: dict[str, str | None]

    def of(self, position: int) -> Stage | None:
        """The stage that the instruction at that position of the file belongs to."""
        return next((stage for stage in self.all if stage.first <= position < stage.last), None)

    def named(self, reference: str, before: int) -> int | None:
        """The stage below `before` that a name or a number means; None for an image."""
        wanted = reference.lower()
        for stage in reversed(self.all[:before]):
            if stage.name == wanted:
                return stage.index
        if _NUMBER.fullmatch(wanted) and int(wanted) < before:
            return int(wanted)
        return None

    def meant(self, reference: str, before: int) -> tuple[int, ...]:
        """The stages below `before` that a name with variables means for some value of them."""
        if "$" not in reference or len(reference) > _LONGEST_NAME:
            return ()
        parts = [re.escape(part) for part in _VARIABLE.split(reference.lower())]
        pattern = re.compile(".*".join(parts))
        return tuple(
            one.index for one in self.all[:before] if one.name and pattern.fullmatch(one.name)
        )

    def upon(self, index: int) -> frozenset[int]:
        """The stage and every stage that builds upon it, by FROM."""
        found = {index}
        for stage in self.all[index + 1 :]:
            if stage.base_stage in found:
                found.add(stage.index)
        return frozenset(found)


def stages_of(dockerfile: Dockerfile) -> Stages:
    """Find the stages; instructions before the first FROM belong to none."""
    instructions = dockerfile.instructions
    froms = [at for at, one in enumerate(instructions) if one.keyword == "FROM"]
    arguments = _arguments(instructions[: froms[0]] if froms else (), dockerfile.escape)
    found: list[Stage] = []
    for first, last in pairwise((*froms, len(instructions))):
        found.append(_stage(instructions[first], first, last, arguments, found))
    shipped = _shipped(found)
    partial = Stages(tuple(found), shipped, frozenset(), arguments)
    needed = _needed(partial, instructions)
    return Stages(partial.all, shipped, needed, arguments)


def references_of(instruction: Instruction) -> Iterator[str]:
    """The stages or images that a COPY, ADD or RUN takes files from, as written."""
    if (source := instruction.flag("from")) is not None:
        yield source
    for mount in mounts_of(instruction):
        if mount.source_stage is not None:
            yield mount.source_stage
    if instruction.inner is not None:
        yield from references_of(instruction.inner)


def _arguments(before: tuple[Instruction, ...], escape: str) -> dict[str, str | None]:
    arguments: dict[str, str | None] = {}
    for instruction in before:
        if instruction.keyword == "ARG":
            for setting in settings_of(instruction, escape) or ():
                value = None if setting.value is None else expand(setting.value, arguments)
                arguments[setting.name] = value
    return arguments


def _stage(
    instruction: Instruction,
    first: int,
    last: int,
    arguments: Mapping[str, str | None],
    before: list[Stage],
) -> Stage:
    words = [word.text for word in split_words(instruction.value) or ()]
    base = words[0] if words else ""
    named = len(words) == 3 and words[1].lower() == "as"
    base_name = expand(base, arguments) if base else None
    wanted = (base_name or "").lower()
    stage = next((one.index for one in reversed(before) if one.name and one.name == wanted), None)
    return Stage(
        index=len(before),
        name=words[2].lower() if named else None,
        base=base,
        base_name=base_name,
        base_stage=stage,
        platform=instruction.flag("platform"),
        first=first,
        last=last,
    )


def _shipped(stages: list[Stage]) -> frozenset[int]:
    shipped = set()
    at: int | None = len(stages) - 1 if stages else None
    while at is not None:
        shipped.add(at)
        at = stages[at].base_stage
    return frozenset(shipped)


def _needed(stages: Stages, instructions: tuple[Instruction, ...]) -> frozenset[int]:
    waiting = sorted(stages.shipped)
    needed = set(waiting)
    while waiting:
        stage = stages.all[waiting.pop()]
        uses = [stage.base_stage, *stages.meant(stage.base, stage.index)]
        for instruction in instructions[stage.first : stage.last]:
            for name in references_of(instruction):
                uses += [stages.named(name, stage.index), *stages.meant(name, stage.index)]
        fresh = {use for use in uses if use is not None} - needed
        needed |= fresh
        waiting += sorted(fresh)
    return frozenset(needed)
