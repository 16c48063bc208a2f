"""Layers without some names, each by itself: what stays in a layer is copied as it stands.

Every record of a name that goes is dropped, in whatever layer above the base it lies, so that no
older version comes back; what the base has at such a name is whited out. Names that share an inode
with one that goes go on sharing it. What comes of it is tried before anything is written: the
layers are merged as they would be, and each name must lead to the record that it led to before. In
rare stacks it does not (a link that a later record leads through is gone, a directory that hid a
file has nothing in it any more): then all layers above the base are made of the final tree's
records, as a squash does it, each record in the layer that had it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lightship.filetree.tree import Directory
from lightship.model.entry import Kind
from lightship.rewrite.changes import stargz_leftovers
from lightship.rewrite.drafts import Draft
from lightship.rewrite.going import at, bare_directories
from lightship.rewrite.records import Cut, KeptLayer, NewLayer, whiteout
from lightship.rewrite.squashing import squashed
from lightship.rewrite.trying import leads_as_before

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lightship.filetree.tree import FileTree
    from lightship.rewrite.changes import Changes
    from lightship.rewrite.plan import PlannedLayer

_HARD_LINK = Kind.HARD_LINK.value
_WHITEOUT = Kind.WHITEOUT.value


class Removal(Struct, frozen=True):
    """Layers of the new image, and what is announced.

    Attributes:
        layers: layers in which nothing is left are not among them.
        changes: as asked for, and what eStargz left in layers that are written anew; without the
            links that could not be made.
        remade: whether all layers above the base had to be made of the final tree's records.
    """

    layers: tuple[PlannedLayer, ...]
    changes: Changes
    remade: bool = False


def removed(
    tree: FileTree,
    below: FileTree | None,
    changes: Changes,
    contents: Mapping[bytes, bytes] | None = None,
) -> Removal:
    """The layers of an image without some names.

    Args:
        tree: of all layers.
        below: of the first layers, which stay whatever happens; None if there are none. No name
            that goes may be bound by one of them, and no directory that goes be one there.
        changes: what is to differ. Names that become links, and those that they are linked to, are
            regular files in one layer, at the names that their records give.
        contents: of the files that are edited, by path; each is bound by a record of its own above
            the base, which no link ever named.

    Raises:
        CorruptInputError: a hard link has no target.
    """
    contents = contents or {}
    kept = len(below.indexes) if below is not None else 0
    while True:
        removing = _Removing(tree, below, changes, contents)
        drafts = removing.drafts()
        written = [draft.position for draft in drafts.values() if not draft.changes_nothing]
        left = stargz_leftovers(tree, written) - changes.removed
        if not left:
            break
        changes = changes.without(left)
    if not tree.lost_links and removing.is_simple and leads_as_before(tree, drafts, changes):
        return Removal(_layers(tree, drafts, changes), changes)
    changes = replace(changes, linked={})
    new = squashed_without(tree, below, changes, contents)
    return Removal((*_first(kept), *_parted(new)), changes, remade=True)


def squashed_without(
    tree: FileTree, below: FileTree | None, changes: Changes, contents: Mapping[bytes, bytes]
) -> NewLayer:
    """As `squashed`, where names go and files are edited besides; arguments as of `removed`.

    Raises:
        CorruptInputError: as `squashed`.
    """
    new = squashed(tree, below, changes.without(contents.keys()))
    unhidden = {whiteout(path).name for path in contents}
    bare = bare_directories(tree, changes.removed)
    cuts = {position: new.cuts.get(position, Cut()) for position in new.positions}
    for path, content in sorted(contents.items()):
        position, index, entry = tree.locate(_record(tree, path))
        cuts[position].edit(entry, changes.header(index, entry, path), content)
    first = (record for record in new.first if record.name not in unhidden)
    return NewLayer(
        new.positions, (*first, *(bare[path] for path in sorted(bare))), {**new.cuts, **cuts}
    )


def _record(tree: FileTree, path: bytes) -> int:
    child = at(tree, path)
    if not isinstance(child, int):
        raise TypeError(f"{path!r} is no file")
    return child


def _layers(
    tree: FileTree, drafts: Mapping[int, Draft], changes: Changes
) -> tuple[PlannedLayer, ...]:
    made: list[PlannedLayer] = []
    for position in range(1, len(tree.indexes) + 1):
        draft = drafts.get(position)
        if draft is None or draft.changes_nothing:
            made.append(KeptLayer(position))
            continue
        layer = draft.layer(changes)
        if not layer.is_empty:
            made.append(layer)
    return tuple(made)


def _first(kept: int) -> Iterator[KeptLayer]:
    return (KeptLayer(position) for position in range(1, kept + 1))


def _parted(new: NewLayer) -> Iterator[NewLayer]:
    """A squashed layer as one layer for each that it was made of."""
    first = new.positions[0]
    lent = {position: cut for position, cut in new.cuts.items() if position < first}
    for position in new.positions:
        cuts = {position: new.cuts.get(position, Cut())}
        layer = NewLayer((position,), (), cuts)
        if position == first:
            layer = NewLayer((position,), new.first, {**lent, **cuts})
        if not layer.is_empty:
            yield layer


class _Removing:
    """Finds what becomes of each layer above the base."""

    def __init__(
        self,
        tree: FileTree,
        below: FileTree | None,
        changes: Changes,
        contents: Mapping[bytes, bytes],
    ) -> None:
        kept = len(below.indexes) if below is not None else 0
        self._tree = tree
        self._below = below
        self._floor = tree.bases[kept] if kept < len(tree.bases) else len(tree.kinds)
        self._removed = changes.removed
        self._changes = changes
        self._contents = contents
        self._gone_below: dict[bytes, bool] = {b"": b"" in changes.removed}
        self._in_directory: dict[bytes, set[bytes]] = {}
        for path in changes.removed:
            head, _, name = path.rpartition(b"/")
            self._in_directory.setdefault(head, set()).add(name)
        self._whited_out: set[bytes] = set()
        self._drafts = {
            position: Draft(position, index)
            for position, index in enumerate(tree.indexes, 1)
            if position > kept
        }
        self.is_simple = True
        """Whether this way leads anywhere."""

    def drafts(self) -> Mapping[int, Draft]:
        """What becomes of the layers above the base, by position."""
        for draft in self._drafts.values():
            self._drop_records(draft)
        for path in self._removed:
            self._drop_binding(path)
        self._hide_base()
        self._keep_directories()
        self._keep_inodes()
        for path, content in self._contents.items():
            self._edit(path, content)
        for path, linked in self._changes.linked.items():
            self._link(path, linked.to)
        return self._drafts

    # Records that go.

    def _drop_records(self, draft: Draft) -> None:
        """What a layer has at names that go, and below them, by the paths that its records give."""
        columns = draft.index.columns
        wanted: dict[int, set[bytes] | None] = {}
        for number, path in enumerate(draft.index.directories):
            if self._is_gone(path):
                wanted[number] = None
            elif path in self._in_directory:
                wanted[number] = self._in_directory[path]
        if not wanted:
            return
        names, kinds = columns.names, columns.kinds
        for entry, number in enumerate(columns.directories):
            if number not in wanted:
                continue
            some = wanted[number]
            if some is None or (names[entry] in some and kinds[entry] < _WHITEOUT):
                draft.dropped.add(entry)
            elif names[entry] in some and kinds[entry] == _WHITEOUT:
                self._whited_out.add(draft.index.path(entry))

    def _is_gone(self, path: bytes) -> bool:
        """Whether a directory goes, or one above it."""
        known = self._gone_below
        pending = []
        while path not in known:
            pending.append(path)
            path = path.rpartition(b"/")[0]
        gone = known[path]
        for below in reversed(pending):
            gone = known[below] = gone or below in self._removed
        return gone

    def _drop_binding(self, path: bytes) -> None:
        """The record that binds a name, also where it gives another path (through a link)."""
        child = at(self._tree, path)
        record = child.record if isinstance(child, Directory) else child
        if record is not None and record >= self._floor:
            self._drop(record)

    def _drop(self, record: int) -> None:
        position, _, entry = self._tree.locate(record)
        self._drafts[position].dropped.add(entry)

    # What stays hidden, and what stays there.

    def _hide_base(self) -> None:
        if self._below is None:
            return
        for head, names in self._in_directory.items():
            if self._is_gone(head):
                continue
            lower = at(self._below, head)
            if isinstance(lower, Directory):
                for name in names & lower.children.keys():
                    path = head + b"/" + name if head else name
                    if path not in self._whited_out:
                        self._draft_of(path).hidden.add(path)

    def _keep_directories(self) -> None:
        for path, made in bare_directories(self._tree, self._removed).items():
            node = at(self._tree, path)
            assert isinstance(node, Directory)  # noqa: S101 - it is bare
            self._draft_of(path + b"/" + min(node.children)).directories[path] = made

    def _draft_of(self, path: bytes) -> Draft:
        """The layer that had a name, or something below it; the first above the base if none is."""
        child = at(self._tree, path)
        while isinstance(child, Directory) and child.record < self._floor and child.children:
            child = child.children[min(child.children)]
        record = child.record if isinstance(child, Directory) else child
        position = self._tree.locate(record)[0] if record is not None and record >= 0 else 0
        return self._drafts.get(position) or self._drafts[min(self._drafts)]

    # Inodes with several names.

    def _keep_inodes(self) -> None:
        """Give each inode that loses a name, and has others, a record and links that hold."""
        tree = self._tree
        if not tree.inode_of:
            return
        dropped = {
            tree.bases[draft.position - 1] + entry
            for draft in self._drafts.values()
            for entry in draft.dropped
        }
        shared = set(tree.inode_of.values())
        hit = {tree.inode_of.get(record, record) for record in dropped} & shared
        if not hit:
            return
        names: dict[int, list[tuple[int, bytes]]] = {inode: [] for inode in hit}
        links: dict[int, list[int]] = {inode: [] for inode in hit}
        for record, inode in tree.inode_of.items():
            if inode in hit:
                links[inode].append(record)
        for directory, name, child in tree.root.names_below():
            if isinstance(child, int):
                inode = tree.inode_of.get(child, child)
                if inode in hit:
                    path = directory.path_of(name)
                    if path not in self._removed:
                        names[inode].append((child, path))
        for inode in hit:
            self._keep_inode(inode, sorted(names[inode]), links[inode])

    def _keep_inode(self, inode: int, names: list[tuple[int, bytes]], links: list[int]) -> None:
        # Names that something took later: their links may lead to a name that goes.
        bound = {record for record, _ in names}
        for record in (*links, inode):
            if record not in bound and record >= self._floor and (record != inode or not names):
                self._drop(record)
        if not names:
            return
        if inode in bound or inode < self._floor:
            kept = (path for record, path in names if record < self._floor)
            carrier = dict(names).get(inode) or next(kept, None)
        else:
            (record, carrier), *names = names
            self._drop(record)
            self._remake(inode, carrier)
            if self._tree.locate(record)[0] != self._tree.locate(inode)[0]:
                carrier = None
        if carrier is None:
            # The content would have to be in another layer.
            self.is_simple = False
            return
        for record, path in names:
            if record != inode and record >= self._floor:
                self._remake(record, path, carrier)

    def _remake(self, record: int, path: bytes, link_to: bytes | None = None) -> None:
        position, index, entry = self._tree.locate(record)
        draft = self._drafts[position]
        draft.dropped.discard(entry)
        if link_to is not None and index.rarities.links.get(entry) == link_to:
            return
        draft.remade[entry] = self._changes.header(index, entry, path, link_to)

    # Files that are edited, or become links.

    def _edit(self, path: bytes, content: bytes) -> None:
        position, index, entry = self._tree.locate(_record(self._tree, path))
        made = self._changes.header(index, entry, path)
        self._drafts[position].remade[entry] = made
        self._drafts[position].edited[entry] = content

    def _link(self, path: bytes, to: bytes) -> None:
        self._remake(_record(self._tree, path), path, to)
