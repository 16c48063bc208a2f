"""Layers that are only planned, merged: does every name lead to where it led before?"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from lightship.errors import CorruptInputError
from lightship.filetree.merging import merge
from lightship.filetree.tree import Directory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.filetree.tree import FileTree
    from lightship.rewrite.changes import Changes
    from lightship.rewrite.drafts import Draft

_MADE = -1


def leads_as_before(tree: FileTree, drafts: Mapping[int, Draft], changes: Changes) -> bool:
    """Whether all names that stay lead to the records that they lead to now, and no others are.

    Records keep what they say, so nothing else needs a look; the proof holds it all against the
    bytes that are written.

    Args:
        tree: of the image as it is.
        drafts: what becomes of some layers, by position.
        changes: names that go, and names that become links.
    """
    indexes, origins = [], array("q")
    for position, index in enumerate(tree.indexes, 1):
        draft, base = drafts.get(position), tree.bases[position - 1]
        if draft is None or draft.changes_nothing:
            indexes.append(index)
            origins.extend(range(base, base + len(index)))
            continue
        made, entries = draft.expected()
        indexes.append(made)
        origins.extend(entry if entry == _MADE else base + entry for entry in entries)
    try:
        new = merge(indexes)
    except CorruptInputError:  # a loop of links
        return False
    if new.lost_links:
        return False
    return _Walk(tree, new, origins, changes).agrees()


class _Walk:
    """Two trees side by side."""

    def __init__(self, old: FileTree, new: FileTree, origins: array[int], changes: Changes) -> None:
        self._old, self._new, self._origins = old, new, origins
        self._removed = changes.removed
        self._linked = self._carriers(changes)

    def agrees(self) -> bool:
        """Whether all names do."""
        old, new, removed = self._old, self._new, self._removed
        if not self._is_same_directory(old.root, new.root):
            return False
        stack = [(b"", old.root, new.root)]
        touched = {path.rpartition(b"/")[0] for path in removed}
        while stack:
            path, before, after = stack.pop()
            prefix = path + b"/" if path else b""
            gone = (
                {name for name in before.children if prefix + name in removed}
                if path in touched
                else ()
            )
            if len(before.children) - len(gone) != len(after.children):
                return False
            for name, child in after.children.items():
                was = before.children.get(name)
                if was is None or name in gone:
                    return False
                if isinstance(child, Directory):
                    if not isinstance(was, Directory) or not self._is_same_directory(was, child):
                        return False
                    stack.append((prefix + name, was, child))
                elif isinstance(was, Directory) or not self._is_same_inode(was, child):
                    return False
        return True

    def _is_same_directory(self, was: Directory, now: Directory) -> bool:
        if now.record < 0:
            return was.record < 0
        origin = self._origins[now.record]
        return origin == was.record if origin != _MADE else was.record < 0

    def _is_same_inode(self, was: int, now: int) -> bool:
        inode = self._old.inode_of.get(was, was)
        return self._origins[self._new.inode_of.get(now, now)] == self._linked.get(inode, inode)

    def _carriers(self, changes: Changes) -> dict[int, int]:
        """Of inodes that join others: which."""
        found = {}
        for path, linked in changes.linked.items():
            joining, to = self._inode(path), self._inode(linked.to)
            if joining is not None and to is not None:
                found[joining] = to
        return found

    def _inode(self, path: bytes) -> int | None:
        child: Directory | int | None = self._old.root
        for part in path.split(b"/"):
            if not isinstance(child, Directory):
                return None
            child = child.children.get(part)
        return self._old.inode_of.get(child, child) if isinstance(child, int) else None
