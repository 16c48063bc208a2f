"""What removing paths from the tree frees: exactly, hard links and overlaps considered.

An inode goes only when all of its names go. What one finding frees and what another frees may
overlap, and together they may free more than each by itself (a hard link's two names): so what is
kept of a removal are the names that go, and sums are made of them.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.filetree.tree import Directory
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.analysis.ledger import Ledger
    from lightship.filetree.tree import Child

_REGULAR = Kind.REGULAR.value


class Freed(Struct, frozen=True):
    """What goes with some names.

    Attributes:
        names: records of the names of regular files that go (each name is made by one record).
        records: records of the inodes that are left without a name.
        content_bytes: unpacked, of these inodes.
        wire_bytes: their share of the compressed blobs.
    """

    names: frozenset[int] = frozenset()
    records: frozenset[int] = frozenset()
    content_bytes: int = 0
    wire_bytes: int = 0

    @property
    def files(self) -> int:
        """How many inodes go."""
        return len(self.records)


class FreedPart(Struct, frozen=True):
    """What one of several paths adds to what goes.

    Attributes:
        path: none of the others is above it.
        layer: position of the layer that holds most of its bytes; the lowest of several.
    """

    path: bytes
    content_bytes: int
    wire_bytes: int
    files: int
    layer: int


class Removals:
    """Sums up removals from one image's tree.

    A path names an entry of the tree exactly: no link is followed, neither at its end nor on the
    way, as a rule got it from walking the tree. What is not there frees nothing. A directory goes
    with everything below it; `b""` is the root.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._tree = ledger.tree
        self._places = ledger.places
        self._wire_of = ledger.wire.wire_of
        self._sizes = array("Q")
        for index in self._tree.indexes:
            self._sizes.extend(index.columns.content_bytes)
        self._shared = frozenset(self._tree.inode_of.values())
        self._name_counts: Counter[int] | None = None

    def freed(self, paths: Iterable[bytes]) -> Freed:
        """What goes if all these paths go."""
        return self._freed({name for _, names in self._removed(paths) for name in names})

    def together(self, removals: Iterable[Freed]) -> Freed:
        """What goes if all of these are removed: nothing counted twice."""
        return self._freed({name for removal in removals for name in removal.names})

    def parts(self, paths: Iterable[bytes]) -> tuple[Freed, list[FreedPart]]:
        """What goes if all these paths go, and what each path adds to it.

        Paths below others, and those without a name of an inode that goes, are left out. An inode
        with several names counts at the first path that has one, in a walk's order, and the others
        may be parts without bytes. The parts add up to the whole.
        """
        removed = list(self._removed(paths))
        whole = self._freed({name for _, names in removed for name in names})
        going, inode_of = whole.records, self._tree.inode_of
        counted: set[int] = set()
        parts = []
        for path, names in removed:
            inodes = {inode_of.get(name, name) for name in names} & going
            if inodes:
                parts.append(self._part(path, inodes, counted))
                counted |= inodes & self._shared
        return whole, parts

    def _part(self, path: bytes, inodes: set[int], counted: set[int]) -> FreedPart:
        by_layer: dict[int, int] = defaultdict(int)
        bases = self._tree.bases
        for inode in inodes:
            by_layer[bisect_right(bases, inode)] += (
                self._sizes[inode] if inode not in counted else 0
            )
        inodes = inodes - counted
        return FreedPart(
            path=path,
            content_bytes=sum(by_layer.values()),
            wire_bytes=sum(map(self._wire_of.__getitem__, inodes)),
            files=len(inodes),
            layer=min(by_layer, key=lambda layer: (-by_layer[layer], layer)),
        )

    def _removed(self, paths: Iterable[bytes]) -> Iterator[tuple[bytes, list[int]]]:
        """Each path with the names of regular files that go with it; none above another."""
        wanted = sorted({path.strip(b"/") for path in paths}, key=lambda path: path.split(b"/"))
        above: bytes | None = None
        for path in wanted:
            if above is not None and (not above or path.startswith(above + b"/")):
                continue
            above = path
            child = self._at(path)
            if child is not None:
                yield path, self._names(child)

    def _at(self, path: bytes) -> Child | None:
        child: Child = self._tree.root
        for part in path.split(b"/") if path else ():
            below = child.children.get(part) if isinstance(child, Directory) else None
            if below is None:
                return None
            child = below
        return child

    def _names(self, child: Child) -> list[int]:
        kinds, inode_of = self._tree.kinds, self._tree.inode_of
        found: list[int] = []
        stack = [child]
        while stack:
            at = stack.pop()
            if isinstance(at, Directory):
                stack += at.children.values()
            elif kinds[inode_of.get(at, at)] == _REGULAR:
                found.append(at)
        return found

    def _freed(self, names: set[int]) -> Freed:
        inode_of = self._tree.inode_of
        inodes = {inode_of.get(name, name) for name in names}
        linked = inodes & self._shared
        if linked:
            going = Counter(inode_of.get(name, name) for name in names)
            all_names = self._all_names()
            inodes -= {inode for inode in linked if going[inode] < all_names[inode]}
        return Freed(
            names=frozenset(names),
            records=frozenset(inodes),
            content_bytes=sum(map(self._sizes.__getitem__, inodes)),
            wire_bytes=sum(map(self._wire_of.__getitem__, inodes)),
        )

    def _all_names(self) -> Counter[int]:
        """How many names each inode has that hard links have named; counted when first needed."""
        if self._name_counts is None:
            inode_of = self._tree.inode_of
            linked = self._shared.union(inode_of)
            self._name_counts = Counter(
                inode_of.get(name, name)
                for place in self._places
                for name in linked.intersection(place.directory.children.values())
                if isinstance(name, int)
            )
        return self._name_counts


def freed(ledger: Ledger, paths: Iterable[bytes]) -> Freed:
    """What goes if all these paths go; for many questions about one image, keep a `Removals`."""
    return Removals(ledger).freed(paths)
