"""Claims about dead bytes: one for each layer that took files' last names in one way."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.model.instruction import readable_instruction
from lightship.rules.evidence import at_path, instruction_of
from lightship.rules.rule import Claim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lightship.analysis.dead import DeadGroup
    from lightship.filetree.tree import Death
    from lightship.rules.rule import Subject

_LONGEST_INSTRUCTION = 90
_FEW = 5


class Killing(Struct, frozen=True):
    """What one layer did to the files of others, or to its own, in one way.

    Attributes:
        layer: its position.
        groups: the dead inodes by the layer that brought them, most bytes first.
    """

    subject: Subject
    layer: int
    groups: Sequence[DeadGroup]

    @property
    def born(self) -> list[int]:
        """Positions of the layers that brought the files, in order."""
        return sorted(group.born for group in self.groups)

    @property
    def heaviest(self) -> int:
        """Position of the layer that brought most of the bytes."""
        return self.groups[0].born

    @property
    def is_of_base(self) -> bool:
        """Whether the base image did it, so that no build on it can do otherwise."""
        return self.subject.base_layers is not None and self.layer <= self.subject.base_layers

    @property
    def takes_from_base(self) -> bool:
        """Whether most of the bytes come with the base image."""
        base = self.subject.base_layers
        return base is not None and self.heaviest <= base

    def instruction(self, layer: int) -> str:
        """What made a layer, short; empty where nobody knows."""
        return short_instruction(instruction_of(self.subject, layer))

    def named(self, layer: int) -> str:
        """A layer with its instruction: layer 3 (`RUN rm -rf /var/cache`)."""
        made_by = self.instruction(layer)
        return f"layer {layer} (`{made_by}`)" if made_by else f"layer {layer}"


def short_instruction(created_by: str | None) -> str:
    """An instruction on one short line; foreign text."""
    text = readable_instruction(created_by or "")
    cut = text[:_LONGEST_INSTRUCTION].rstrip()
    return text if len(text) <= _LONGEST_INSTRUCTION else f"{cut}..."


def dead_claims(
    subject: Subject,
    death: Death,
    *,
    message: Callable[[Killing], str],
    advice: Callable[[Killing], str],
    note: Callable[[Killing], str],
) -> Iterator[Claim]:
    """A claim for each layer that took last names in this way, with files or directories.

    Args:
        subject: the image.
        death: the way.
        message: of each claim.
        advice: of each claim; the base image's own doings have another.
        note: of each place: what happened there.
    """
    killings: dict[int, list[DeadGroup]] = defaultdict(list)
    for group in subject.dead_groups:
        if group.death is death and group.content_bytes:
            killings[group.killed_by].append(group)
    wire = _wire_bytes(subject, death)
    files = _few_files(subject, death)
    for layer, groups in sorted(killings.items()):
        killing = Killing(subject, layer, groups)
        what = note(killing)
        yield Claim(
            message=message(killing),
            advice=advice(killing) if not killing.is_of_base else BASE_ADVICE,
            severity="info" if killing.is_of_base else None,
            removable_bytes=sum(group.content_bytes for group in groups),
            wire_bytes=wire[layer],
            files=sum(group.files for group in groups),
            evidence=[
                at_path(path, content_bytes, layer=group.born, note=what)
                for group in groups
                for path, content_bytes in files.get((group.born, layer)) or _places(group)
            ],
        )


BASE_ADVICE = "The base image did this: choose another base, or squash."


def layers_text(positions: Sequence[int]) -> str:
    """`layer 2`, `layers 2, 3 and 5`, `7 layers`."""
    if len(positions) == 1:
        return f"layer {positions[0]}"
    if len(positions) > 4:
        return f"{len(positions)} layers"
    return f"layers {', '.join(map(str, positions[:-1]))} and {positions[-1]}"


def _places(group: DeadGroup) -> list[tuple[bytes, int]]:
    return [(place.path, place.content_bytes) for place in group.places]


def _is_told_by_files(group: DeadGroup) -> bool:
    """Whether files say more than directories: one does, and a few do whose place is the root."""
    in_root = any(not place.path for place in group.places)
    return group.files == 1 or (in_root and group.files <= _FEW)


def _few_files(subject: Subject, death: Death) -> dict[tuple[int, int], list[tuple[bytes, int]]]:
    """Paths and bytes of the files of such groups, by the layers of birth and death."""
    files: dict[tuple[int, int], list[tuple[bytes, int]]] = {
        (group.born, group.killed_by): []
        for group in subject.dead_groups
        if group.death is death and _is_told_by_files(group)
    }
    for record, born, killed_by, how, content_bytes in subject.dead if files else ():
        if how == death and content_bytes and (born, killed_by) in files:
            files[born, killed_by].append((subject.ledger.tree.path(record), content_bytes))
    return files


def _wire_bytes(subject: Subject, death: Death) -> dict[int, int]:
    """Shares of the blobs that inodes which died in this way take, by the layer that killed."""
    wire_of = subject.ledger.wire.wire_of
    sums: dict[int, int] = defaultdict(int)
    for record, _, killed_by, how, content_bytes in subject.dead:
        if how == death and content_bytes:
            sums[killed_by] += wire_of[record]
    return sums
