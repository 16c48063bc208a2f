"""A directory tree as a tar, walked by directory descriptors.

No symbolic link is followed, no device, FIFO or socket is opened, and whatever is replaced while
it is walked is either read as it was found or an error.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lightship.errors import CorruptInputError, UnreachableError
from lightship.layers import writing
from lightship.layers.writing import TarRecord
from lightship.printable import decode_path

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 256
"""Of directories; each open one takes a descriptor."""

_CHUNK = 1 << 20
_OPEN = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
_KINDS = {stat.S_IFREG: writing.REGULAR, stat.S_IFIFO: writing.FIFO} | {
    stat.S_IFLNK: writing.SYMLINK,
    stat.S_IFCHR: writing.CHARACTER_DEVICE,
    stat.S_IFBLK: writing.BLOCK_DEVICE,
}
# Labels of this machine's policy and of its overlay mounts are no part of an image (P5).
_FOREIGN_XATTRS = (b"security.selinux", b"trusted.overlay.", b"system.nfs4_acl")
_MAX_NOTES = 20


class Walk:
    """One walk over one tree.

    Args:
        path: the root.
        notes: gets a line for each thing that is left out, at most `_MAX_NOTES`.
    """

    def __init__(self, path: str, notes: list[str]) -> None:
        self._path = path
        self._notes = notes
        self._device = 0
        self._names: dict[tuple[int, int], bytes] = {}
        self._unreadable: list[bytes] = []

    def tar(self) -> Iterator[bytes]:
        """The tree as a tar, in pieces of at most 1 MiB; directories before what they hold.

        Raises:
            UnreachableError: something may not be read; the message names the first and counts.
            CorruptInputError: a file changed while it was read, or directories are nested more
                than `MAX_DEPTH` deep.
        """
        try:
            root = os.open(self._path, _OPEN & ~os.O_NOFOLLOW | os.O_DIRECTORY)
        except OSError as error:
            raise UnreachableError(f"{self._path} cannot be read: {error.strerror}") from None
        try:
            about = os.fstat(root)
            self._device = about.st_dev
            yield self._header(TarRecord(b".", writing.DIRECTORY), about, self._xattrs_of(root))
            yield from self._directory(root, b"", 1)
        finally:
            os.close(root)
        self._report_unreadable()
        yield writing.END

    def _directory(self, directory: int, path: bytes, depth: int) -> Iterator[bytes]:
        if depth > MAX_DEPTH:
            raise CorruptInputError(
                f"{self._told(path)} is nested more than the limit of {MAX_DEPTH} directories deep"
            )
        # Names as bytes: what is not UTF-8 stays what it is, and sorts the same everywhere.
        for name in sorted(map(os.fsencode, os.listdir(directory))):
            inner = path + name
            try:
                about = os.stat(name, dir_fd=directory, follow_symlinks=False)
                if stat.S_ISDIR(about.st_mode):
                    yield from self._subdirectory(directory, name, inner, about, depth)
                else:
                    yield from self._other(directory, name, inner, about)
            except FileNotFoundError:
                raise self._changed(inner) from None
            except OSError as error:
                if error.errno not in (errno.EACCES, errno.EPERM):
                    raise self._unreachable(inner, error) from None
                self._unreadable.append(inner)

    def _subdirectory(
        self, parent: int, name: bytes, path: bytes, about: os.stat_result, depth: int
    ) -> Iterator[bytes]:
        record = TarRecord(path, writing.DIRECTORY)
        if about.st_dev != self._device:
            self._note(f"{self._told(path)} is another file system mounted there: left out")
            yield from self._unless_failed(self._header(record, about, {}))
            return
        opened = os.open(name, _OPEN | os.O_DIRECTORY, dir_fd=parent)
        try:
            self._same(os.fstat(opened), about, path)
            yield from self._unless_failed(self._header(record, about, self._xattrs_of(opened)))
            yield from self._directory(opened, path + b"/", depth + 1)
        finally:
            os.close(opened)

    def _other(
        self, directory: int, name: bytes, path: bytes, about: os.stat_result
    ) -> Iterator[bytes]:
        kind = _KINDS.get(stat.S_IFMT(about.st_mode))
        if kind is None:
            self._note(f"{self._told(path)} is a socket, which a tar cannot hold: left out")
            return
        if name.startswith(b".wh."):
            self._note(f"{self._told(path)} is named like a whiteout, so it counts as one")
        first = self._names.get((about.st_dev, about.st_ino)) if about.st_nlink > 1 else None
        if first is not None:
            record = TarRecord(path, writing.HARD_LINK, target=first)
            yield from self._unless_failed(self._header(record, about, {}))
            return
        if kind == writing.REGULAR:
            yield from self._regular(directory, name, path, about)
        else:
            target = os.readlink(name, dir_fd=directory) if kind == writing.SYMLINK else b""
            device = (os.major(about.st_rdev), os.minor(about.st_rdev))
            is_device = kind in (writing.CHARACTER_DEVICE, writing.BLOCK_DEVICE)
            record = TarRecord(path, kind, target=target, device=device if is_device else (0, 0))
            xattrs = self._xattrs_of(f"/proc/self/fd/{directory}/{os.fsdecode(name)}")
            yield from self._unless_failed(self._header(record, about, xattrs))
        if about.st_nlink > 1:
            self._names[about.st_dev, about.st_ino] = path

    def _regular(
        self, directory: int, name: bytes, path: bytes, about: os.stat_result
    ) -> Iterator[bytes]:
        # Not blocking: should a FIFO have taken the file's place, opening it must not hang.
        opened = os.open(name, _OPEN | os.O_NONBLOCK, dir_fd=directory)
        try:
            now = os.fstat(opened)
            self._same(now, about, path)
            if self._unreadable:
                return
            record = TarRecord(path, content_bytes=now.st_size)
            yield self._header(record, now, self._xattrs_of(opened))
            left = now.st_size
            while left and (data := os.read(opened, min(left, _CHUNK))):
                left -= len(data)
                yield data
            if left or os.read(opened, 1):
                raise self._changed(path)
            yield writing.padding(now.st_size)
        finally:
            os.close(opened)

    def _unless_failed(self, data: bytes) -> Iterator[bytes]:
        """Once something was unreadable the walk goes on only to count: nothing is given out."""
        if not self._unreadable:
            yield data

    def _header(
        self, record: TarRecord, about: os.stat_result, xattrs: dict[bytes, bytes]
    ) -> bytes:
        complete = replace(
            record,
            mode=stat.S_IMODE(about.st_mode),
            uid=about.st_uid,
            gid=about.st_gid,
            mtime_ns=about.st_mtime_ns // 1_000_000_000 * 1_000_000_000,
            xattrs=xattrs,
        )
        try:
            return writing.header(complete)
        except ValueError as error:
            raise CorruptInputError(f"{self._told(record.name)}: {error}") from None

    def _xattrs_of(self, place: int | str) -> dict[bytes, bytes]:
        """Extended attributes, where the system has them; of a link itself, not its target."""
        if sys.platform != "linux":
            return {}
        follow = isinstance(place, int)
        try:
            names = map(os.fsencode, os.listxattr(place, follow_symlinks=follow))
            return {
                name: os.getxattr(place, name, follow_symlinks=follow)
                for name in names
                if not name.startswith(_FOREIGN_XATTRS) and b"=" not in name
            }
        except OSError as error:
            # No file system with attributes, no /proc, or one went away: there are none to keep.
            if error.errno in (errno.ENOTSUP, errno.ENOENT, errno.ENODATA, errno.EPERM):
                return {}
            raise

    def _same(self, now: os.stat_result, before: os.stat_result, path: bytes) -> None:
        if (now.st_dev, now.st_ino, stat.S_IFMT(now.st_mode)) != (
            before.st_dev,
            before.st_ino,
            stat.S_IFMT(before.st_mode),
        ):
            raise self._changed(path)

    def _note(self, text: str) -> None:
        if len(self._notes) < _MAX_NOTES:
            self._notes.append(text)
        elif len(self._notes) == _MAX_NOTES:
            self._notes.append("more was left out than is listed here")

    def _report_unreadable(self) -> None:
        if self._unreadable:
            more = len(self._unreadable) - 1
            told = f" nor {more} more" if more else ""
            raise UnreachableError(
                f"{self._told(self._unreadable[0])}{told} may not be read",
                "Run as the owner of the files, or in `podman unshare`.",
            )

    def _unreachable(self, path: bytes, error: OSError) -> UnreachableError:
        return UnreachableError(f"{self._told(path)} cannot be read: {error.strerror}")

    def _changed(self, path: bytes) -> CorruptInputError:
        return CorruptInputError(
            f"{self._told(path)} changed while it was read",
            "Measure it while nothing writes to it.",
        )

    def _told(self, path: bytes) -> str:
        return f"{self._path.rstrip('/')}/{decode_path(path)}"
