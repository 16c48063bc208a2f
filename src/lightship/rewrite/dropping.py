"""What becomes of each layer when names go: records dropped, links kept up, the base whited out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.filetree.tree import Directory
from lightship.model.entry import Kind
from lightship.rewrite.drafts import Draft
from lightship.rewrite.going import at, bare_directories

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.filetree.tree import FileTree
    from lightship.rewrite.changes import Changes

_WHITEOUT = Kind.WHITEOUT.value


def record_at(tree: FileTree, path: bytes) -> int:
    """The record of what is no directory at a path.

    Raises:
        TypeError: it is one, or there is nothing.
    """
    child = at(tree, path)
    if not isinstance(child, int):
        raise TypeError(f"{path!r} is no file")
    return child


class Dropping:
    """Finds what becomes of each layer above the base; arguments as of `removing.removed`."""

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
        position, index, entry = self._tree.locate(record_at(self._tree, path))
        made = self._changes.header(index, entry, path)
        self._drafts[position].remade[entry] = made
        self._drafts[position].edited[entry] = content

    def _link(self, path: bytes, to: bytes) -> None:
        self._remake(record_at(self._tree, path), path, to)
