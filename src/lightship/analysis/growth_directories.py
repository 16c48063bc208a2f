"""Growth by directory: sums below each directory, and the few directories that explain most."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lightship.analysis.growth_wire import WireShares

# A directory gives way to those in it if so few of them hold so much of it.
_CHILD_SHARE = 0.1
_CHILDREN_SHARE = 0.8


class Grown(Struct):
    """What grew in a directory, or in it and below; all but `gross_bytes` may be negative.

    Attributes:
        visible_bytes: content bytes of inodes, each once.
        wire_bytes: the estimated share of the compressed layers.
        files: names of regular files.
        gross_bytes: the visible growth of each single directory, its sign taken off, added up:
            what grew here and shrank there does not cancel out.
    """

    visible_bytes: int = 0
    wire_bytes: int = 0
    files: int = 0
    gross_bytes: int = 0

    def add(self, other: Grown) -> None:
        """Count another's growth in."""
        self.visible_bytes += other.visible_bytes
        self.wire_bytes += other.wire_bytes
        self.files += other.files
        self.gross_bytes += other.gross_bytes

    def less(self, others: Iterable[Grown]) -> Grown:
        """What is left of this growth without the others."""
        rest = Grown(self.visible_bytes, self.wire_bytes, self.files, self.gross_bytes)
        for other in others:
            rest.visible_bytes -= other.visible_bytes
            rest.wire_bytes -= other.wire_bytes
            rest.files -= other.files
            rest.gross_bytes -= other.gross_bytes
        return rest


def add_wire(grown: Mapping[bytes, Grown], a: WireShares, b: WireShares) -> None:
    """Put each directory's wire growth beside what grew in it, those alone in it added."""
    for path in a.directories.keys() | b.directories.keys():
        delta = b.directories.get(path, 0) - a.directories.get(path, 0)
        if delta:
            grown[path].wire_bytes += delta


def below(grown: Mapping[bytes, Grown]) -> defaultdict[bytes, Grown]:
    """Each directory's growth with all that is below it; the root is `b""`."""
    sums: defaultdict[bytes, Grown] = defaultdict(Grown)
    for path, here in grown.items():
        here.gross_bytes = abs(here.visible_bytes)
        while True:
            sums[path].add(here)
            if not path:
                break
            path = path.rpartition(b"/")[0]  # noqa: PLW2901 # upwards
    return sums


def explaining(sums: Mapping[bytes, Grown], count: int) -> list[tuple[bytes, Grown]]:
    """The directories that explain most, most first, none inside another.

    A directory stands for itself where its growth is spread, and gives way to those in it where
    a few of them hold nearly all. What is listed and what is not add up to `sums[b""]`.
    """
    children: dict[bytes, list[bytes]] = defaultdict(list)
    for path in sums:
        if path:
            children[path.rpartition(b"/")[0]].append(path)
    places: list[bytes] = []
    pending = [b""] if sums else []
    while pending:
        path = pending.pop()
        total = sums[path].gross_bytes
        heavy = [
            child
            for child in children.get(path, ())
            if sums[child].gross_bytes >= _CHILD_SHARE * total
        ]
        held = sum(sums[child].gross_bytes for child in heavy)
        if heavy and held >= _CHILDREN_SHARE * total and total:
            pending += heavy
        elif total:
            places.append(path)
    places.sort(key=lambda path: (-abs(sums[path].visible_bytes), path))
    return [(path, sums[path]) for path in places[:count]]
