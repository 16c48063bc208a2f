"""Files looked up as a process in the container would: links followed inside the root."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lightship.filetree.tree import Directory
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from lightship.analysis.run_settings import RunSettings
    from lightship.filetree.tree import FileTree

# Linux gives up after so many.
_MAX_LINKS = 40
_MAX_PATH_BYTES = 4096


class FoundFile(NamedTuple):
    """A regular file: where its name really is, and its inode's record."""

    path: bytes
    record: int


class Lookup:
    """Finds files and directories of one tree by path."""

    def __init__(self, tree: FileTree) -> None:
        self._tree = tree
        self._directories: dict[bytes, Directory | None] = {}

    def directory(self, path: bytes) -> Directory | None:
        """The directory at a path from the root; None if there is none."""
        path = path.strip(b"/")
        if path not in self._directories:
            is_path = len(path) <= _MAX_PATH_BYTES
            self._directories[path] = self._tree.find(path) if is_path else None
        return self._directories[path]

    def file(self, path: bytes) -> FoundFile | None:
        """The regular file at a path from the root; None if there is none, or a loop of links."""
        for _ in range(_MAX_LINKS):
            head, _, name = path.strip(b"/").rpartition(b"/")
            directory = self.directory(head)
            if directory is None:
                return None
            if name in (b"..", b"."):
                return None
            child = directory.children.get(name)
            if child is None or isinstance(child, Directory):
                return None
            inode = self._tree.inode_of.get(child, child)
            kind = self._tree.kinds[inode]
            if kind == Kind.REGULAR:
                return FoundFile(directory.path_of(name), inode)
            if kind != Kind.SYMLINK:
                return None
            _, index, entry = self._tree.locate(inode)
            path = joined(directory.path_of(b"")[:-1], index.rarities.links.get(entry, b""))
            if len(path) > _MAX_PATH_BYTES:
                return None
        return None


def joined(directory: bytes, path: bytes) -> bytes:
    """A path as one in this directory reads it; absolute ones stand by themselves."""
    return path if path.startswith(b"/") or not directory else directory + b"/" + path


def find_program(lookup: Lookup, settings: RunSettings, word: bytes) -> FoundFile | None:
    """The file that a word starts, looked up as execvp(3) does."""
    at = settings.working_directory
    if b"/" in word:
        return lookup.file(joined(at, word))
    for directory in settings.search_path:
        file = lookup.file(joined(at, directory) + b"/" + word)
        if file is not None:
            return file
    return None
