"""Directories of a picture while it is made: what of them is kept, and what is folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from lightship.analysis.picture_nodes import Owner, Weights
from lightship.model.results.picture import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_Key: TypeAlias = tuple[int, int, int, int]
"""An `Owner`, which is slower to make."""


class Leaf(NamedTuple):
    """A file that has a node of its own."""

    kind: NodeKind
    name: bytes
    weights: Weights
    owner: Owner


class Limits(NamedTuple):
    """The least that a node weighs: in one of the three, it has to be as much."""

    visible_bytes: int
    dead_bytes: int
    wire_bytes: int

    def are_met(self, weights: Weights) -> bool:
        """Whether one of them is."""
        return (
            weights.visible_bytes >= self.visible_bytes
            or weights.dead_bytes >= self.dead_bytes
            or weights.wire_bytes >= self.wire_bytes
        )


class Folded:
    """Files without nodes of their own: what they weigh, and how much of it is whose."""

    __slots__ = ("content_bytes", "files", "owners", "wire_bytes")

    def __init__(self) -> None:
        self.content_bytes = self.wire_bytes = self.files = 0
        self.owners: dict[_Key, int] = {}

    def add_one(self, content_bytes: int, wire_bytes: int, owner: _Key) -> None:
        """A file more."""
        self.content_bytes += content_bytes
        self.wire_bytes += wire_bytes
        self.files += 1
        self.owners[owner] = self.owners.get(owner, 0) + content_bytes

    def add_all(self, sizes: Sequence[int], wires: Sequence[int], owners: Sequence[_Key]) -> None:
        """All files of a directory: they mostly have one owner."""
        content_bytes = sum(sizes)
        self.content_bytes += content_bytes
        self.wire_bytes += sum(wires)
        self.files += len(sizes)
        weighed = zip(owners, sizes, strict=True)
        if owners.count(owners[0]) == len(owners):
            weighed = zip(owners[:1], (content_bytes,), strict=True)
        for owner, weight in weighed:
            self.owners[owner] = self.owners.get(owner, 0) + weight

    def add(self, other: Folded) -> None:
        """Take in those of a directory that is folded."""
        self.content_bytes += other.content_bytes
        self.wire_bytes += other.wire_bytes
        self.files += other.files
        for owner, weight in other.owners.items():
            self.owners[owner] = self.owners.get(owner, 0) + weight

    @property
    def owner(self) -> Owner:
        """Whose most of them is."""
        return Owner(*max(self.owners.items(), key=lambda item: (item[1], item[0]))[0])


class Folder:
    """A directory. Its sums are of everything below it once `sum_up` was called from below."""

    __slots__ = (
        "children",
        "dead",
        "dead_bytes",
        "files",
        "kept",
        "live",
        "name",
        "parent",
        "visible_bytes",
        "wire_bytes",
    )

    def __init__(self, name: bytes, parent: Folder | None) -> None:
        self.name, self.parent = name, parent
        self.children: list[Folder] = []
        """Those that have nodes, after `sum_up`, the last made first."""
        self.kept: list[Leaf] = []
        self.live, self.dead = Folded(), Folded()
        self.wire_bytes = self.visible_bytes = self.dead_bytes = self.files = 0

    @property
    def weights(self) -> Weights:
        """Of everything below it."""
        return Weights(self.wire_bytes, self.visible_bytes, self.dead_bytes)

    def keep(self, leaf: Leaf) -> None:
        """A file in it that has a node of its own."""
        self.kept.append(leaf)
        self.files += 1
        self.wire_bytes += leaf.weights.wire_bytes
        self.visible_bytes += leaf.weights.visible_bytes
        self.dead_bytes += leaf.weights.dead_bytes

    def folded(self) -> Iterator[tuple[NodeKind, Folded, Weights]]:
        """What is folded here: the live files together, and the dead ones."""
        live, dead = self.live, self.dead
        if live.files:
            yield NodeKind.FOLDED, live, Weights(live.wire_bytes, live.content_bytes, 0)
        if dead.files:
            yield NodeKind.FOLDED_DEAD, dead, Weights(dead.wire_bytes, 0, dead.content_bytes)

    def sum_up(self, limits: Limits) -> None:
        """Count what is folded, and give everything to the directory above.

        There it is a node of its own if it weighs enough; else it is folded.
        """
        live, dead = self.live, self.dead
        self.wire_bytes += live.wire_bytes + dead.wire_bytes
        self.visible_bytes += live.content_bytes
        self.dead_bytes += dead.content_bytes
        self.files += live.files + dead.files
        above = self.parent
        if above is None or not self.files:
            return
        if self.kept or self.children or limits.are_met(self.weights):
            above.children.append(self)
            above.wire_bytes += self.wire_bytes
            above.visible_bytes += self.visible_bytes
            above.dead_bytes += self.dead_bytes
            above.files += self.files
        else:
            above.live.add(live)
            above.dead.add(dead)
