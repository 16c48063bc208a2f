"""Layers to a file tree: names bind inodes; what takes an inode's last name says how it died.

Source of the order: OCI image-spec, layer.md, "Applying Changesets": whiteouts act on lower layers
only, whatever their place in the tar (W2, W12).
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from lightship.errors import CorruptInputError
from lightship.filetree.paths import Paths
from lightship.filetree.tree import Child, Death, Directory, FileTree
from lightship.model.entry import MARKERS, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.layers.index import LayerIndex

# Plain numbers: an enumeration's members cost a look-up each time.
_DELETED, _OVERWRITTEN = Death.DELETED.value, Death.OVERWRITTEN.value
_METADATA_COPY, _IN_LAYER = Death.METADATA_COPY.value, Death.IN_LAYER_DUPLICATE.value
_REGULAR, _DIRECTORY = Kind.REGULAR.value, Kind.DIRECTORY.value
_HARD_LINK, _SYMLINK = Kind.HARD_LINK.value, Kind.SYMLINK.value
_WHITEOUT, _OPAQUE = Kind.WHITEOUT.value, Kind.OPAQUE.value
_MARKER_KINDS = frozenset(kind.value for kind in MARKERS)
_SHORT_RUN = 3


def merge(indexes: Sequence[LayerIndex]) -> FileTree:
    """Apply layers, oldest first.

    Raises:
        CorruptInputError: an entry's path runs through a loop of symbolic links.
    """
    merger = _Merger(indexes)
    for position in range(1, len(indexes) + 1):
        try:
            merger.apply(position)
        except CorruptInputError as problem:
            raise CorruptInputError(f"layer {position}: {problem.what}", problem.hint) from problem
    return FileTree(
        root=merger.root,
        indexes=indexes,
        bases=merger.bases,
        kinds=merger.kinds,
        deaths=merger.deaths,
        killers=merger.killers,
        inode_of=merger.inode_of,
        files=merger.files,
        lost_links=merger.lost_links,
    )


class _Merger:
    def __init__(self, indexes: Sequence[LayerIndex]) -> None:
        self.indexes = indexes
        self.bases: list[int] = []
        self.kinds = bytearray()
        for index in indexes:
            self.bases.append(len(self.kinds))
            self.kinds += index.columns.kinds
        total = len(self.kinds)
        self.deaths = bytearray(total)
        self.killers = array("H" if len(indexes) < 2**16 else "I", (0,)) * total
        self.inode_of: dict[int, int] = {}
        self._paths = Paths(self.kinds, self.inode_of, self._link_target)
        self.root = self._paths.root
        self.files = 0
        self.lost_links: list[int] = []
        self._name_counts: dict[int, int] = {}  # of inodes that ever had more than one name
        self._position = 0
        self._base = 0
        self._nodes: dict[bytes, Directory] = {}  # the layer's directories, as far as resolved
        self._own_directories: frozenset[bytes] | None = None
        self._hidden: list[tuple[Directory, bytes, Child]] = []  # what whiteouts took
        self._hidden_directories: set[Directory] = set()
        self._last_places: dict[int, bytes] = {}  # last paths of inodes with several names
        self._rebound_and_lost: set[bytes] = set()

    # One layer.

    def apply(self, position: int) -> None:
        index = self.indexes[position - 1]
        self._position, self._base = position, self.bases[position - 1]
        self._own_directories = None
        self._hidden, self._hidden_directories = [], set()
        self._last_places, self._rebound_and_lost = {}, set()
        for directory, name in list(self._whited_out(index)):
            if name in directory.children and directory not in self._hidden_directories:
                self._hide(directory, name)
        self._forget_nodes()
        self._bind_all(index)
        for directory, name, child in self._hidden:
            self._note_overwritten(directory.path_of(name), child)

    def _bind_all(self, index: LayerIndex) -> None:
        columns = index.columns
        directories, names, kinds = columns.directories, columns.names, columns.kinds
        base, count, paths = self._base, len(kinds), index.directories
        nodes = self._nodes
        entry = 0
        while entry < count:
            kind = kinds[entry]
            if kind == _HARD_LINK:
                self._bind_link(index, entry)
                entry += 1
                continue
            if kind in _MARKER_KINDS:
                entry += 1
                continue
            number = directories[entry]
            node = nodes.get(paths[number]) or self._directory(paths[number])
            if kind == _REGULAR:
                stop = entry + 1
                while stop < count and kinds[stop] == _REGULAR and directories[stop] == number:
                    stop += 1
                if stop - entry <= _SHORT_RUN or not self._bind_run(node, names[entry:stop], entry):
                    children = node.children
                    for other in range(entry, stop):
                        if names[other] in children:
                            self._bind(node, names[other], base + other)
                            if other + 1 < stop and self._leads_elsewhere(paths[number], node):
                                stop = other + 1
                                break
                        else:
                            children[names[other]] = base + other
                            self.files += 1
                entry = stop
                continue
            if kind == _DIRECTORY:
                name = names[entry]
                made = self._bind_directory(node, name, base + entry)
                if name:  # what is in it comes next, as a rule
                    nodes[paths[number] + b"/" + name if number else name] = made
            else:
                self._bind(node, names[entry], base + entry)
            entry += 1

    def _bind_run(self, node: Directory, names: list[bytes], entry: int) -> bool:
        """Bind many new files of one directory at once; False if one of the names is taken."""
        record = self._base + entry
        run: dict[bytes, Child] = dict(zip(names, range(record, record + len(names)), strict=True))
        children = node.children
        if len(run) != len(names) or not (not children or children.keys().isdisjoint(run)):
            return False
        children.update(run)
        self.files += len(names)
        return True

    def _bind(self, node: Directory, name: bytes, record: int) -> None:
        old = node.children.get(name)
        node.children[name] = record
        if self.kinds[record] == _REGULAR:
            self.files += 1
        if old is not None:
            self._replace(node, name, old, record)

    def _bind_directory(self, node: Directory, name: bytes, record: int) -> Directory:
        old = node.children.get(name) if name else self.root
        if isinstance(old, Directory):
            old.record = record
            return old
        made = Directory(record, node, name)
        node.children[name] = made
        if old is not None:
            self._replace(node, name, old, record)
        return made

    def _bind_link(self, index: LayerIndex, entry: int) -> None:
        record = self._base + entry
        head, _, last = index.rarities.links[entry].rpartition(b"/")
        target_directory = self._paths.find(head)
        target = target_directory.children.get(last) if target_directory is not None else None
        if target is None or isinstance(target, Directory):
            self.lost_links.append(record)
            return
        inode = self.inode_of.get(target, target)
        is_regular = self.kinds[inode] == _REGULAR
        # Counted first, so that making the parents cannot take the inode's last name.
        self._name_counts[inode] = self._name_counts.get(inode, 1) + 1
        self.files += is_regular
        node = self._directory(index.directories[index.columns.directories[entry]])
        name = index.columns.names[entry]
        old = node.children.get(name)
        if isinstance(old, int) and self.inode_of.get(old, old) == inode:
            self._name_counts[inode] -= 1
            self.files -= is_regular
            return
        self.inode_of[record] = inode
        node.children[name] = record
        if old is not None:
            self._replace(node, name, old, record)

    # Names that go.

    def _replace(self, node: Directory, name: bytes, old: Child, record: int) -> None:
        """`record` has taken the name of `old`."""
        if isinstance(old, Directory):
            self._forget_nodes()
            self._note_loss(node, name, old.record)
            self._drop_tree(old)
            return
        self._note_loss(node, name, old)
        inode = self.inode_of.get(old, old)
        if self.kinds[inode] == _SYMLINK:
            self._forget_nodes()
        if self.kinds[inode] != _REGULAR:
            return
        same = self.kinds[record] == _REGULAR and self._equal_content(inode, record)
        self._drop_name(inode, _METADATA_COPY if same else _OVERWRITTEN)

    def _drop_name(self, inode: int, death: int) -> bool:
        """Take one name off a regular inode; True if it was the last."""
        self.files -= 1
        if inode in self._name_counts:
            self._name_counts[inode] -= 1
            if self._name_counts[inode]:
                return False
        self.deaths[inode] = _IN_LAYER if inode >= self._base else death
        self.killers[inode] = self._position
        return True

    def _drop_tree(self, top: Directory) -> None:
        """Take away everything below a directory, in byte order of the names."""
        for directory, name, child in top.names_below():
            if isinstance(child, Directory):
                self._note_loss(directory, name, child.record)
                continue
            self._note_loss(directory, name, child)
            inode = self.inode_of.get(child, child)
            if self.kinds[inode] == _REGULAR:
                self._drop_name(inode, _DELETED)

    def _hide(self, directory: Directory, name: bytes) -> None:
        """A whiteout takes a name, and all below it."""
        child = directory.children.pop(name)
        self._hidden.append((directory, name, child))
        below = child.names_below() if isinstance(child, Directory) else ()
        for place, last, below_child in ((directory, name, child), *below):
            if isinstance(below_child, Directory):
                self._hidden_directories.add(below_child)
                continue
            inode = self.inode_of.get(below_child, below_child)
            if self.kinds[inode] != _REGULAR:
                continue
            several = inode in self._name_counts
            if self._drop_name(inode, _DELETED) and several:
                self._last_places[inode] = place.path_of(last)

    def _whited_out(self, index: LayerIndex) -> Iterator[tuple[Directory, bytes]]:
        """What the markers of a layer name in the tree below, in tar order."""
        columns = index.columns
        for entry in sorted((*index.entries_of(_WHITEOUT), *index.entries_of(_OPAQUE))):
            path = index.directories[columns.directories[entry]]
            if columns.kinds[entry] == _WHITEOUT:
                directory = self._paths.find(path, replaced=self._replaced_links(index))
                if directory is not None:
                    yield directory, columns.names[entry]
            elif (directory := self._paths.find(path, follow=False)) is not None:
                yield from ((directory, name) for name in sorted(directory.children))

    def _note_loss(self, node: Directory, name: bytes, record: int) -> None:
        """A record of this very layer lost its name again: its path was re-created all the same."""
        if self._hidden and record >= self._base:
            self._rebound_and_lost.add(node.path_of(name))

    def _note_overwritten(self, path: bytes, old: Child) -> None:
        """What a whiteout took and this layer made again was overwritten, not deleted."""
        pending = [(path, old)]
        while pending:
            path, old = pending.pop()
            if isinstance(old, Directory):
                if self._rebound_and_lost or isinstance(self._paths.at(path), Directory):
                    pending += [(path + b"/" + name, old.children[name]) for name in old.children]
                continue
            inode = self.inode_of.get(old, old)
            if (
                self.deaths[inode] == _DELETED
                and self.killers[inode] == self._position
                and (inode not in self._name_counts or self._last_places.get(inode) == path)
                and self._was_made_here(path)
            ):
                self.deaths[inode] = _OVERWRITTEN

    def _was_made_here(self, path: bytes) -> bool:
        now = self._paths.at(path)
        record = now.record if isinstance(now, Directory) else now
        return (record is not None and record >= self._base) or path in self._rebound_and_lost

    # Paths.

    def _directory(self, path: bytes) -> Directory:
        """The directory at a path; missing ones are made, and files in the way go (T2)."""
        found: Child | None = self._nodes.get(path)
        if found is None:
            head, _, last = path.rpartition(b"/")
            parent = self._nodes.get(head)
            found = parent.children.get(last) if parent is not None else None
        if not isinstance(found, Directory):
            found = self._paths.make(path, self._make_way)
        self._nodes[path] = found
        return found

    def _leads_elsewhere(self, path: bytes, node: Directory) -> bool:
        """Whether a record has taken the very link that it came through."""
        return self._nodes.get(path) is not node and self._directory(path) is not node

    def _forget_nodes(self) -> None:
        """A directory or a symbolic link is gone: paths may lead elsewhere now."""
        self._nodes.clear()
        self._nodes[b""] = self.root

    def _make_way(self, node: Directory, name: bytes, old: int) -> None:
        self._note_loss(node, name, old)
        inode = self.inode_of.get(old, old)
        if self.kinds[inode] == _REGULAR:
            self._drop_name(inode, _DELETED)

    def _replaced_links(self, index: LayerIndex) -> frozenset[bytes]:
        """Paths at which this layer has a directory: a lower link there is none any more."""
        if self._own_directories is None:
            self._own_directories = frozenset(
                index.path(entry) for entry in index.entries_of(_DIRECTORY)
            )
        return self._own_directories

    # Records.

    def _link_target(self, inode: int) -> bytes:
        position = self._position_of(inode)
        return self.indexes[position].rarities.links[inode - self.bases[position]]

    def _equal_content(self, inode: int, record: int) -> bool:
        old, new = self._position_of(inode), self._position - 1
        old_entry, new_entry = inode - self.bases[old], record - self._base
        old_columns, new_columns = self.indexes[old].columns, self.indexes[new].columns
        return old_columns.content_bytes[old_entry] == new_columns.content_bytes[
            new_entry
        ] and self.indexes[old].content_hash(old_entry) == self.indexes[new].content_hash(new_entry)

    def _position_of(self, record: int) -> int:
        """The layer of a record, counted from 0."""
        position = self._position - 1
        while self.bases[position] > record:
            position -= 1
        return position
