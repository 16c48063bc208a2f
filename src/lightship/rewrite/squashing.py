"""Layers above a cut to one layer: the records that the final tree is made of, and whiteouts.

What is taken is found from two trees: the one below the cut, which stays, and the final one.

- A record whose name is bound in the final tree is copied as it stands in its old layer's tar,
  byte for byte; where it must change, its header is made anew. Nothing else is copied, so no path
  stands twice in the new layer (T6) and none stands under what is no directory (T1).
- An inode whose own name is gone is written under a name that it still has (H2), and names that
  share an inode go on sharing it. An inode of a kept layer that a new layer links to (H5, H6) is
  written once more with all its names, as engines do themselves (H7): they unpack each layer by
  itself, and a link to what another layer holds has no target there.
- A link that is written anew keeps what its own header said of mode and owner. The tree says that
  these are the inode's, but engines apply them.
- What the kept layers hold and the final tree does not is whited out (W11); `hiding` has the rules.
- Directories of kept layers get their record again where something below them is new.

The same tree gives the same layer, and a layer that was made so gives itself again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.errors import CorruptInputError
from lightship.filetree.tree import Directory
from lightship.printable import printable_path
from lightship.rewrite.expanding import check_expandable
from lightship.rewrite.hiding import Markers
from lightship.rewrite.parents import Parents, implied
from lightship.rewrite.records import Cut, NewLayer

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator, Mapping

    from lightship.filetree.tree import FileTree
    from lightship.layers.writing import TarRecord
    from lightship.rewrite.changes import Changes

_DROPPED, _TAKEN, _REMADE = range(3)
_RUNS = re.compile(rb"\x01+|\x02")  # records that are taken one after the other; one that is remade


def squashed(tree: FileTree, below: FileTree | None, changes: Changes) -> NewLayer:
    """The layer that takes the place of all above a cut.

    Args:
        tree: of all layers.
        below: of the layers that stay; None if none does.
        changes: what is to differ from `tree`.

    Raises:
        CorruptInputError: a hard link has no target, so that nobody can say what it is; a sparse
            file is too large to be written plainly; a name cannot be whited out.
    """
    if tree.lost_links:
        position, index, entry = tree.locate(tree.lost_links[0])
        raise CorruptInputError(
            f"layer {position}: the hard link {printable_path(index.path(entry))!r} has no target",
            "Engines cannot unpack it either; build the image again.",
        )
    selection = _Selection(tree, below, changes)
    selection.walk()
    selection.share_inodes()
    return selection.layer()


class _Places:
    """Which records of one old layer have the directory that they say: no symlink led elsewhere."""

    def __init__(self, tree: FileTree, position: int) -> None:
        index = tree.indexes[position - 1]
        self.low = tree.bases[position - 1]
        self.high = self.low + len(index)
        self.directories: array[int] = index.columns.directories
        self.numbers = {path: number for number, path in enumerate(index.directories)}


class _Selection:
    def __init__(self, tree: FileTree, below: FileTree | None, changes: Changes) -> None:
        self._tree = tree
        self._below = below
        self._kept = len(below.indexes) if below is not None else 0
        # Records from here on may be written anew.
        self._floor = floor = (*tree.bases, len(tree.kinds))[self._kept]
        self._changes = changes
        self._fates = bytearray(len(tree.kinds) - floor)
        self._headers: dict[int, TarRecord] = {}  # of records that are remade
        self._linked = frozenset(tree.inode_of.values())
        self._lent = frozenset(
            inode for record, inode in tree.inode_of.items() if inode < floor <= record
        )
        self._own_names: dict[int, bytes] = {}  # of linked inodes: the name that its record gave
        self._kept_names: dict[int, list[tuple[bytes, int, Directory]]] = {}  # of lent inodes
        self._links: dict[int, list[tuple[int, bytes]]] = {}  # record and path, by inode
        self._loans: dict[int, tuple[TarRecord, list[TarRecord]]] = {}  # and links to it
        self._markers = Markers(tree, self._kept, changes.removed)
        self._parents = Parents(tree, floor, changes)
        self._raised: list[TarRecord] = []
        self._places: dict[int, _Places] = {}
        self._odd = self._odd_records()

    def walk(self) -> None:
        """Look at every name of the final tree, and at what is gone of the tree below."""
        floor = self._floor
        below_root = self._below.root if self._below is not None else None
        stack: list[tuple[Directory, bytes, Directory | None]]
        stack = [(self._tree.root, b"", below_root)]
        if self._tree.root.record >= floor:
            self._take(self._tree.root.record, b"")
        while stack:
            node, path, lower = stack.pop()
            fresh = self._look_into(node, path, lower, stack)
            if lower is not None:
                fresh = self._markers.hide(node, lower, path) or fresh
            if fresh:
                self._parents.need(node, path)

    def share_inodes(self) -> None:
        """Give every inode that several names share one record, and links to it."""
        while self._links:  # each group is let go once it is done: there may be a million links
            inode, found = self._links.popitem()
            names = sorted(found)
            carrier = self._carrier(inode, names[0][1])
            for record, path in names:
                if path != carrier:
                    self._link(record, path, carrier)

    def layer(self) -> NewLayer:
        """What was selected: whiteouts, directories, what is lent, then the old layers in order."""
        positions = tuple(range(self._kept + 1, len(self._tree.indexes) + 1))
        first = (*self._markers.sorted(), *_sorted(self._raised), *_sorted(self._parents.headers()))
        cuts = {**self._lenders(), **{position: self._cut(position) for position in positions}}
        return NewLayer(positions=positions, first=first, cuts=cuts)

    # One directory.

    def _look_into(
        self,
        node: Directory,
        path: bytes,
        lower: Directory | None,
        stack: list[tuple[Directory, bytes, Directory | None]],
    ) -> bool:
        """Take what is new in a directory; True if anything is."""
        floor, fates, odd, lent = self._floor, self._fates, self._odd, self._lent
        removed = self._changes.removed
        prefix = path + b"/" if path else b""
        hidden = self._markers.clears(path)
        low = high = number = 0
        directories: array[int] | None = None
        fresh = False
        for name, child in node.children.items():
            if removed and prefix + name in removed:
                continue
            if isinstance(child, Directory):
                under = lower.children.get(name) if lower is not None and not hidden else None
                below = under if isinstance(under, Directory) else None
                in_the_way = under is not None and below is None
                fresh = self._take_directory(child, prefix + name, below, in_the_way) or fresh
                stack.append((child, prefix + name, below))
            elif child >= floor:
                fresh = True
                if not low <= child < high:
                    places = self._places_of(child)
                    low, high, directories = places.low, places.high, places.directories
                    number = places.numbers.get(path, -1)
                if odd[child - floor] or directories[child - low] != number:  # type: ignore[index] # set above
                    self._take(child, prefix + name)
                else:
                    fates[child - floor] = _TAKEN
            elif lent and (inode := self._tree.inode_of.get(child, child)) in lent:
                kept = (prefix + name, child, node)
                self._kept_names.setdefault(inode, []).append(kept)
        return fresh

    def _take_directory(
        self, node: Directory, path: bytes, below: Directory | None, in_the_way: bool
    ) -> bool:
        """Take a directory's record; True if it is written."""
        record = node.record
        if in_the_way:
            # A child's record would be written through a symlink that a kept layer has here, or
            # fail at a file: the directory takes its place before all else.
            self._raised.append(self._directory_header(record, path))
        elif record >= self._floor:
            self._take(record, path)
        elif record < 0 and (
            below.record >= 0 if below is not None else self._is_empty(node, path)
        ):
            # Nothing says that it is there, or a kept layer's record says what it was.
            self._parents.write(path, implied(self._tree, path))
        else:
            return False
        return True

    def _is_empty(self, node: Directory, path: bytes) -> bool:
        removed = self._changes.removed
        if not removed or not node.children:
            return not node.children
        return all(path + b"/" + name in removed for name in node.children)

    # One name.

    def _take(self, record: int, path: bytes) -> None:
        """A name of the final tree that a layer above the cut bound."""
        inode = self._tree.inode_of.get(record, record)
        if inode != record:
            self._links.setdefault(inode, []).append((record, path))
            return
        if record in self._linked:
            self._own_names[record] = path
        _, index, entry = self._tree.locate(record)
        sparse = entry in index.rarities.stored_bytes
        if sparse or index.path(entry) != path or self._changes.touches(index, entry):
            self._remake(record, path)
        else:
            self._fates[record - self._floor] = _TAKEN

    def _remake(self, record: int, path: bytes, link_to: bytes | None = None) -> None:
        self._headers[record] = self._header(record, path, link_to)
        self._fates[record - self._floor] = _REMADE

    def _link(self, record: int, path: bytes, carrier: bytes) -> None:
        _, index, entry = self._tree.locate(record)
        stands = index.path(entry) == path and index.rarities.links[entry] == carrier
        if stands and not self._changes.touches(index, entry):
            self._fates[record - self._floor] = _TAKEN
        else:
            self._remake(record, path, carrier)

    def _carrier(self, inode: int, first_link: bytes) -> bytes:
        """The name that an inode is written under; links point at it."""
        if inode in self._own_names:
            return self._own_names[inode]
        if inode >= self._floor:
            self._remake(inode, first_link)
            return first_link
        kept = sorted(self._kept_names.get(inode, ()), key=lambda found: found[0])
        carrier = kept[0][0] if kept else first_link
        for path, _, node in kept:
            self._parents.need(node, path.rpartition(b"/")[0])
        links = [self._header(record, path, carrier) for path, record, _ in kept[1:]]
        self._loans[inode] = (self._header(inode, carrier), links)
        return carrier

    def _header(self, record: int, path: bytes, link_to: bytes | None = None) -> TarRecord:
        _, index, entry = self._tree.locate(record)
        if link_to is None and entry in index.rarities.stored_bytes:
            check_expandable(index, entry)
        return self._changes.header(index, entry, path, link_to)

    def _directory_header(self, record: int, path: bytes) -> TarRecord:
        return self._header(record, path) if record >= 0 else implied(self._tree, path)

    # The old layers.

    def _odd_records(self) -> bytearray:
        """1 for records above the cut that need more than a look at their directory."""
        floor, tree, changes = self._floor, self._tree, self._changes
        odd = bytearray(len(self._fates))
        for record, inode in tree.inode_of.items():
            for one in (record, inode):
                if one >= floor:
                    odd[one - floor] = 1
        for position in range(self._kept, len(tree.indexes)):
            index, base = tree.indexes[position], tree.bases[position] - floor
            rarities = index.rarities
            entries = {*rarities.stored_bytes, *rarities.xattrs}
            for entry in range(len(index)) if changes.clamps else entries:
                if entry in rarities.stored_bytes or changes.touches(index, entry):
                    odd[base + entry] = 1
        return odd

    def _places_of(self, record: int) -> _Places:
        position = self._tree.locate(record)[0]
        places = self._places.get(position)
        if places is None:
            places = self._places[position] = _Places(self._tree, position)
        return places

    def _cut(self, position: int) -> Cut:
        index, base = self._tree.indexes[position - 1], self._tree.bases[position - 1]
        start = base - self._floor
        fates = self._fates[start : start + len(index)]
        cut = Cut()
        for run in _RUNS.finditer(fates):
            entry = run.start()
            if fates[entry] == _TAKEN:
                cut.take(index, entry, run.end())
            else:
                cut.remake(index, entry, self._headers[base + entry])
        return cut

    def _lenders(self) -> Mapping[int, Cut]:
        """What is written once more of kept layers, in their tars' order."""
        cuts: dict[int, Cut] = {}
        for inode in sorted(self._loans):
            position, index, entry = self._tree.locate(inode)
            header, links = self._loans[inode]
            cut = cuts.setdefault(position, Cut())
            cut.remake(index, entry, header)
            for link in links:
                cut.make(link)
        return cuts


def _sorted(headers: list[TarRecord]) -> Iterator[TarRecord]:
    return iter(sorted(headers, key=lambda header: header.name))
