"""Directories of kept layers that a new layer must have a record of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.layers.writing import DIRECTORY, TarRecord

if TYPE_CHECKING:
    from lightship.filetree.tree import Directory, FileTree
    from lightship.rewrite.changes import Changes


class Parents:
    """Collects them, each once.

    Engines that unpack each layer by itself (overlay2) make a missing parent with mode 0755 and
    owner root, and the mount shows it so. The root is none of them: it is there before any layer.

    Args:
        tree: of all layers.
        floor: number of the first record that may be written anew; directories of later records
            bring their own.
        changes: what is to differ.
    """

    def __init__(self, tree: FileTree, floor: int, changes: Changes) -> None:
        self._tree = tree
        self._changes = changes
        self._floor = floor
        self._seen: set[bytes] = set()
        self._headers: dict[bytes, TarRecord] = {}

    def need(self, node: Directory, path: bytes) -> None:
        """Something in a directory is new: it and those above need a record."""
        above: Directory | None = node
        while above is not None and path and path not in self._seen:
            if above.record >= self._floor:
                return
            self._seen.add(path)
            if above.record >= 0:
                _, index, entry = self._tree.locate(above.record)
                self.write(path, self._changes.header(index, entry, path))
            above, path = above.parent, path.rpartition(b"/")[0]

    def write(self, path: bytes, header: TarRecord) -> None:
        """A directory's record comes with these."""
        self._headers[path] = header

    def headers(self) -> list[TarRecord]:
        """All of them."""
        return list(self._headers.values())


def implied(tree: FileTree, path: bytes) -> TarRecord:
    """The record of a directory that no record made."""
    facts = tree.entry(path, -1)
    return TarRecord(
        name=path,
        kind=DIRECTORY,
        mode=facts.mode,
        uid=facts.uid,
        gid=facts.gid,
        mtime_ns=facts.mtime_ns,
    )
