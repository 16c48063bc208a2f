"""Layers above a cut to one layer: the records that the final tree is made of, and whiteouts.

What is taken is found from two trees: the one below the cut, which stays, and the final one. A
record whose name is bound in the final tree is copied as it stands in its old layer's tar; one
whose inode lost its own name is written under a name that it still has (H2), and names that share
an inode go on sharing it. What the kept layers hold and the final tree does not is whited out.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from lightship.errors import CorruptInputError
from lightship.filetree.tree import Directory
from lightship.model.entry import Kind
from lightship.rewrite.records import (
    Cut,
    Loan,
    NewLayer,
    Remade,
    header_of,
    opaque,
    stored_end,
    whiteout,
    with_content,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lightship.filetree.tree import Child, FileTree
    from lightship.layers.index import LayerIndex
    from lightship.layers.writing import TarRecord
    from lightship.rewrite.changes import Changes

_REGULAR = Kind.REGULAR.value


def squashed(
    tree: FileTree,
    below: FileTree | None,
    changes: Changes,
    contents: Mapping[bytes, bytes] | None = None,
) -> NewLayer:
    """The layer that takes the place of all above a cut.

    Args:
        tree: of all layers.
        below: of the layers that stay; None if none does.
        changes: what is to differ from `tree`.
        contents: of files that are edited, by path; each has one name, bound above the cut.

    Raises:
        CorruptInputError: a hard link has no target, so that nobody can say what it is.
    """
    if tree.lost_links:
        position, index, entry = tree.locate(tree.lost_links[0])
        raise CorruptInputError(
            f"layer {position}: the hard link {index.path(entry)!r} has no target",
            "Engines cannot unpack it either; build the image again.",
        )
    selection = _Selection(tree, below, changes, contents or {})
    selection.walk()
    selection.share_inodes()
    return selection.layer()


class _Selection:
    def __init__(
        self,
        tree: FileTree,
        below: FileTree | None,
        changes: Changes,
        contents: Mapping[bytes, bytes],
    ) -> None:
        self._tree = tree
        self._contents = contents
        self._below = below
        self._kept = len(below.indexes) if below is not None else 0
        self._floor = (
            tree.bases[self._kept] if self._kept < len(tree.bases) else len(tree.kinds)
        )  # records from here on may be written anew
        self._changes = changes
        self._taken = bytearray(len(tree.kinds) - self._floor)  # 1: copied as it is
        self._remade: dict[int, Remade] = {}
        self._linked = frozenset(tree.inode_of.values())
        self._own_names: dict[int, bytes] = {}  # of linked inodes: the name that its record gave
        self._kept_names: dict[int, list[bytes]] = {}  # of linked inodes of kept layers
        self._links: dict[int, list[tuple[int, bytes, bool]]] = {}
        self._loans: list[Loan] = []
        self._markers: list[TarRecord] = []
        self._touched: dict[Directory, bytes] = {}  # directories of kept records, new names inside

    def walk(self) -> None:
        """Look at every name of the final tree, and at what is gone of the tree below."""
        removed, floor, linked = self._changes.removed, self._floor, self._linked
        below_root = self._below.root if self._below is not None else None
        stack: list[tuple[Directory, bytes, Directory | None]]
        stack = [(self._tree.root, b"", below_root)]
        while stack:
            node, path, lower = stack.pop()
            prefix = path + b"/" if path else b""
            if node.record >= floor:
                self._take(node.record, path, None)
            fresh = False
            for name, child in node.children.items():
                if removed and prefix + name in removed:
                    continue
                if isinstance(child, Directory):
                    under = lower.children.get(name) if lower is not None else None
                    kept = under if isinstance(under, Directory) else None
                    stack.append((child, prefix + name, kept))
                    fresh = fresh or child.record >= floor
                elif child >= floor:
                    fresh = True
                    self._take(child, prefix + name, path)
                elif linked:
                    inode = self._tree.inode_of.get(child, child)
                    if inode in linked:
                        self._kept_names.setdefault(inode, []).append(prefix + name)
            if lower is not None:
                fresh = self._hide(node, lower, path) or fresh
            if fresh and node.record < floor:
                self._touched[node] = path

    def share_inodes(self) -> None:
        """Give every inode that several names share one record, and links to it."""
        for inode, found in self._links.items():
            names = sorted(found)
            if inode >= self._floor:
                carrier = self._own_names.get(inode)
                if carrier is None:
                    carrier = names.pop(0)[1]
                    self._remake(inode, carrier)
            elif inode in self._kept_names:
                carrier = min(self._kept_names[inode])
            else:
                carrier = names.pop(0)[1]
                self._borrow(inode, carrier)
            for record, path, aliased in names:
                self._link(record, inode, path, carrier, aliased=aliased)

    def layer(self) -> NewLayer:
        """What was selected, in the order of the old layers."""
        tree = self._tree
        positions = tuple(range(self._kept + 1, len(tree.indexes) + 1))
        cuts = {position: self._cut(position) for position in positions}
        return NewLayer(
            positions=positions,
            first=(*self._parents(), *self._markers),
            cuts=cuts,
            loans=tuple(self._loans),
        )

    # One name.

    def _take(self, record: int, path: bytes, directory: bytes | None) -> None:
        """A name of the final tree that a layer above the cut bound."""
        _, index, entry = self._tree.locate(record)
        if directory is None:
            aliased = index.path(entry) != path
        else:
            aliased = index.directories[index.columns.directories[entry]] != directory
        inode = self._tree.inode_of.get(record, record)
        if inode != record:
            self._links.setdefault(inode, []).append((record, path, aliased))
            return
        if record in self._linked:
            self._own_names[record] = path
        if path in self._contents:
            made = self._header(index, entry, path)
            self._remade[record] = with_content(made, self._contents[path], entry)
        elif aliased or self._changes.touches(index, entry) or entry in index.rarities.stored_bytes:
            self._remake(record, path)
        else:
            self._taken[record - self._floor] = 1

    def _remake(self, record: int, path: bytes) -> None:
        _, index, entry = self._tree.locate(record)
        expand = entry in index.rarities.stored_bytes
        self._remade[record] = Remade(self._header(index, entry, path), expand=expand)

    def _borrow(self, inode: int, path: bytes) -> None:
        position, index, entry = self._tree.locate(inode)
        self._loans.append(Loan(self._header(index, entry, path), position, entry))

    def _link(self, record: int, inode: int, path: bytes, carrier: bytes, *, aliased: bool) -> None:
        _, index, entry = self._tree.locate(record)
        if not aliased and index.rarities.links[entry] == carrier and not self._changes.clamps:
            self._taken[record - self._floor] = 1
            return
        _, of_inode, inode_entry = self._tree.locate(inode)
        self._remade[record] = Remade(self._header(of_inode, inode_entry, path, carrier))

    def _header(
        self, index: LayerIndex, entry: int, path: bytes, link_to: bytes | None = None
    ) -> TarRecord:
        return self._changes.header(index, entry, path, link_to)

    # What is gone.

    def _hide(self, node: Directory, lower: Directory, path: bytes) -> bool:
        """White out what the kept layers have in a directory and the final tree has not."""
        gone = [name for name in lower.children if not self._is_there(node, name, path)]
        if not gone:
            return False
        prefix = path + b"/" if path else b""
        survivors = len(gone) < len(lower.children) and any(
            self._survives(node.children.get(name)) for name in lower.children
        )
        if node.record >= self._floor and not survivors:
            self._markers.append(opaque(path))
        else:
            self._markers += [whiteout(prefix + name) for name in sorted(gone)]
        return True

    def _is_there(self, node: Directory, name: bytes, path: bytes) -> bool:
        if name not in node.children:
            return False
        removed = self._changes.removed
        return not removed or (path + b"/" + name if path else name) not in removed

    def _survives(self, child: Child | None) -> bool:
        return isinstance(child, Directory) or (child is not None and child < self._floor)

    def _parents(self) -> Iterable[TarRecord]:
        """Records of kept directories with new names inside.

        A layer that lacks them is unpacked with directories of mode 0755 and owner root by engines
        that unpack each layer by itself (overlay2).
        """
        wanted: dict[bytes, Directory] = {}
        for node in self._touched:
            above: Directory | None = node
            path = self._touched[node]
            while above is not None and path not in wanted and above.record < self._floor:
                if above.record >= 0:
                    wanted[path] = above
                above, path = above.parent, path.rpartition(b"/")[0]
        for path in sorted(wanted):
            if path:
                _, index, entry = self._tree.locate(wanted[path].record)
                yield header_of(index, entry, path=path)

    # The old layers' tars.

    def _cut(self, position: int) -> Cut:
        index = self._tree.indexes[position - 1]
        base = self._tree.bases[position - 1]
        columns = index.columns
        kinds, sizes, offsets = columns.kinds, columns.content_bytes, columns.offsets
        taken, remade, floor = self._taken, self._remade, self._floor
        cut = Cut()
        add_content = cut.contents.append
        for entry in range(len(index)):
            record = base + entry
            if taken[record - floor]:
                cut.copy(offsets[entry], stored_end(index, entry))
            elif record in remade:
                new = remade[record]
                cut.make(new)
                if new.expand:
                    cut.sparse[len(cut.bounds) // 2] = entry
                    cut.bounds.extend((offsets[entry], stored_end(index, entry)))
                elif new.content is None and new.header.content_bytes:
                    cut.copy(offsets[entry] + columns.header_bytes[entry], stored_end(index, entry))
                if new.content is not None:
                    if new.content:
                        add_content(entry)
                    continue
            else:
                continue
            if kinds[entry] == _REGULAR and sizes[entry]:
                add_content(entry)
        return cut


def first_written(tree: FileTree, record: int) -> int:
    """The position of the layer that a record is in."""
    return bisect_right(tree.bases, record)
