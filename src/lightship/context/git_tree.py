"""What git ignores in a folder, and what it keeps: a walk as git's own.

Sources: gitignore(5), "Pattern format"; git's dir.c (`prep_exclude`); gitformat-index(5).
"""

from __future__ import annotations

import os
import stat
import struct
from typing import TYPE_CHECKING, NamedTuple

from lightship.context.git_matching import GitPattern, read_gitignore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST_BYTES = 4 * 1024 * 1024
_MOST_INDEX_BYTES = 256 * 1024 * 1024
_MOST_DEPTH = 200
_EXTENDED = 0x4000
_ENTRY = struct.Struct(">40x20xH")


class IgnoreSource(NamedTuple):
    """A file of patterns that git reads.

    Attributes:
        path: from the folder, with `/`.
        patterns: in their order.
    """

    path: bytes
    patterns: tuple[GitPattern, ...]


class GitTree:
    """A folder, walked as git walks it.

    A folder below the top of a repository is walked with the `.gitignore` files of the folders
    above it as well. What lies in a repository within is looked at as if it were none.

    Attributes:
        sources: files of patterns, outer ones first: a later line overrules an earlier one.
        kept: files, links and the like that git does not ignore, or has in its index although it
            would.
        ignored: files and whole directories that it ignores.
        closed: by the id of a pattern, directories that it ignores.
    """

    def __init__(self, root: Path) -> None:
        self.sources: list[IgnoreSource] = []
        self.kept: list[bytes] = []
        self.ignored: dict[bytes, GitPattern] = {}
        self.closed: dict[int, list[bytes]] = {}
        self._root = os.fsencode(root) + b"/"
        self._prefix = b""
        top = _top(root)
        outer: list[GitPattern] = []
        if top is not None:
            inner = os.fsencode(root.resolve().relative_to(top))
            self._prefix = b"" if inner == b"." else inner + b"/"
            outer += self._read(os.fsencode(top / ".git/info/exclude"), b"", ".git/info/exclude")
            names = self._prefix.split(b"/")[:-1]
            for depth in range(len(names)):
                base = b"".join(name + b"/" for name in names[:depth])
                shown = "../" * (len(names) - depth) + ".gitignore"
                outer += self._read(os.fsencode(top) + b"/" + base + b".gitignore", base, shown)
        self._walk(b"", outer, 0)
        if top is not None:
            self._keep_tracked(os.fsencode(top / ".git/index"))

    @property
    def prefix(self) -> bytes:
        """The folder's place from the top of its repository, with `/` at its end if it has any."""
        return self._prefix

    def _read(self, path: bytes, base: bytes, shown: str) -> list[GitPattern]:
        data = _content(path, _MOST_BYTES)
        if not data:
            return []
        found = tuple(GitPattern(line, base) for line in read_gitignore(data))
        self.sources.append(IgnoreSource(os.fsencode(shown), found))
        return list(found)

    def _walk(self, inner: bytes, patterns: list[GitPattern], depth: int) -> None:
        base = self._prefix + inner
        path = self._root + inner
        shown = os.fsdecode(inner + b".gitignore")
        patterns = patterns + self._read(path + b".gitignore", base, shown)
        try:
            with os.scandir(path) as scanned:
                entries = sorted((one.name, one.is_dir(follow_symlinks=False)) for one in scanned)
        except OSError:
            return
        for name, is_directory in entries:
            if name == b".git":
                continue
            decided = last_match(patterns, base + name, is_directory=is_directory)
            if decided is not None and not decided.is_exception:
                self.ignored[inner + name] = decided
                if is_directory:
                    self.closed.setdefault(id(decided), []).append(inner + name)
            elif not is_directory:
                self.kept.append(inner + name)
            elif depth < _MOST_DEPTH:
                self._walk(inner + name + b"/", patterns, depth + 1)

    def _keep_tracked(self, index: bytes) -> None:
        if not self.ignored:
            return
        below: dict[bytes, bool] = {b"": False}

        def is_below(directory: bytes) -> bool:
            if directory not in below:
                below[directory] = directory in self.ignored or is_below(
                    directory.rpartition(b"/")[0]
                )
            return below[directory]

        for path in _tracked(_content(index, _MOST_INDEX_BYTES)):
            if not path.startswith(self._prefix) or path.count(b"/") > _MOST_DEPTH:
                continue
            inner = path[len(self._prefix) :]
            if (inner in self.ignored or is_below(inner.rpartition(b"/")[0])) and _exists(
                self._root + inner
            ):
                self.kept.append(inner)


def last_match(patterns: list[GitPattern], path: bytes, *, is_directory: bool) -> GitPattern | None:
    """The pattern that decides about a path itself, whatever is above it."""
    for pattern in reversed(patterns):
        if pattern.matches(path, is_directory=is_directory):
            return pattern
    return None


def _top(root: Path) -> Path | None:
    """The folder of the repository that a folder is in."""
    resolved = root.resolve()
    for folder in (resolved, *resolved.parents):
        if (folder / ".git").exists():
            return folder
    return None


def _exists(path: bytes) -> bool:
    try:
        return not stat.S_ISDIR(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def _content(path: bytes, most: int) -> bytes:
    """A regular file; links are not followed, as by git. Empty if there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except (OSError, ValueError):
        return b""
    try:
        # A directory is not even wrapped.
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(most) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _tracked(index: bytes) -> Iterator[bytes]:
    """Paths of an index, versions 2 to 4; what is broken ends it."""
    if index[:4] != b"DIRC" or len(index) < 12:
        return
    version, count = struct.unpack_from(">II", index, 4)
    at, path = 12, b""
    for _ in range(count):
        if at + _ENTRY.size > len(index):
            return
        (flags,) = _ENTRY.unpack_from(index, at)
        name = at + _ENTRY.size + (2 if flags & _EXTENDED and version > 2 else 0)
        cut = 0
        if version == 4:
            cut, name = _offset(index, name)
        end = index.find(b"\0", name)
        if end < 0 or cut > len(path):
            return
        if version == 4:
            path = path[: len(path) - cut] + index[name:end]
            at = end + 1
        else:
            path = index[name:end]
            at += (end - at) // 8 * 8 + 8
        yield path


def _offset(index: bytes, at: int) -> tuple[int, int]:
    """A number as git's packs write offsets, and where it ends."""
    value = index[at] & 127 if at < len(index) else 0
    while at + 1 < len(index) and index[at] & 128:
        at += 1
        value = (value + 1) << 7 | index[at] & 127
    return value, at + 1
