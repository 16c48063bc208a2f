"""The directory of an OCI layout that is written to: what is staged in it, and what it shows.

Blobs get their names first and `index.json` is replaced last, so that whoever reads the layout
finds everything that it names, at any moment and after any crash. Format: OCI image-spec v1.1,
image-layout.md.
"""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lightship.errors import DestinationError
from lightship.replacing import dress
from lightship.transports.store import blob_name
from lightship.transports.temporary_names import (
    PREFIX,
    alone_in,
    new_directory,
    sweep,
    sync_directory,
)
from lightship.transports.uninterrupted import uninterrupted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from lightship.model.digest import Digest

_VERSION = "1.0.0"
_MAX_LAYOUT_BYTES = 4096
LAYOUT_FILE = b'{"imageLayoutVersion":"%s"}' % _VERSION.encode()
_OWN = frozenset(("blobs", "oci-layout", "index.json"))
_TELLING = frozenset(("oci-layout", "index.json"))


class _Layout(msgspec.Struct):
    version: str = msgspec.field(name="imageLayoutVersion")


class LayoutDirectory:
    """An OCI layout in a directory, which need not be there yet.

    Args:
        path: the directory.

    Raises:
        OSError: it cannot be made or written to.
        DestinationError: it holds something else.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._made: list[str] = []
        if os.path.lexists(path):
            _must_be_layout(path)
        self._lock: int | None = None
        try:
            self._lock, self.staged = self._begin()
        except BaseException:
            self._unmake()
            raise

    def alone(self) -> AbstractContextManager[None]:
        """Keep other runs of lightship from committing meanwhile."""
        return alone_in(self.path)

    def blob_path(self, digest: Digest) -> str:
        """Where a blob is, once it is visible."""
        return f"{self.path}/{blob_name(digest)}"

    def staged_path(self, digest: Digest) -> str:
        """Where it is before that."""
        return f"{self.staged}/{digest.algorithm}-{digest.hex}"

    def publish(self, index: bytes, digests: Sequence[Digest], there: Sequence[Digest]) -> None:
        """Show what is staged. On an error the layout shows what it did before.

        Args:
            index: the new `index.json`.
            digests: staged blobs.
            there: blobs that the layout has had before.

        Raises:
            OSError: it could not be written.
            DestinationError: a blob was taken away meanwhile.
        """
        for digest in there:
            if not Path(self.blob_path(digest)).is_file():
                raise DestinationError(
                    f"{self.path} has lost {digest} while the image was written",
                    "Something else clears it up: run this again.",
                )
        staged = self._documents(index)
        with uninterrupted():
            self._name(digests, staged)
            self._made_visible()

    def close(self) -> None:
        """Forget what is staged; a directory that was made for nothing goes too. Never raises."""
        if self._lock is None:
            return
        shutil.rmtree(self.staged, ignore_errors=True)
        os.close(self._lock)
        self._lock = None
        self._unmake()

    def _unmake(self) -> None:
        """Remove the directories that were made for nothing."""
        with suppress(OSError):  # the first that is not empty ends it
            if self._made:
                for name in ("blobs/sha256", "blobs/sha512", "blobs"):
                    with suppress(FileNotFoundError):
                        Path(self.path, name).rmdir()
            for path in self._made:
                Path(path).rmdir()

    def _begin(self) -> tuple[int, str]:
        """Make the directory where there is none, and a place in it for what is staged."""
        while True:
            _make_directories(self.path, self._made)
            if os.path.lexists(self.path):
                sweep(self.path)
                if not Path(self.path).is_dir():  # a link to nothing
                    raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            with suppress(FileNotFoundError):  # another run gave up the directory it had made
                return new_directory(self.path)

    def _name(self, digests: Sequence[Digest], staged: dict[str, str]) -> None:
        """Give everything its name, the index last; or nothing any."""
        moved: list[str] = []
        try:
            for digest in digests:
                self._move(digest, moved)
            for directory in sorted({os.path.dirname(path) for path in moved}):  # noqa: PTH120
                sync_directory(directory)
            if not Path(self.path, "oci-layout").exists():
                Path(staged["oci-layout"]).replace(f"{self.path}/oci-layout")
                moved.append(f"{self.path}/oci-layout")
                sync_directory(self.path)
            Path(staged["index.json"]).replace(f"{self.path}/index.json")
        except BaseException:
            for path in moved:
                with suppress(OSError):
                    Path(path).unlink()
            raise

    def _move(self, digest: Digest, moved: list[str]) -> None:
        target = Path(self.blob_path(digest))
        target.parent.mkdir(parents=True, exist_ok=True)
        was_there = target.exists()
        Path(self.staged_path(digest)).replace(target)
        if not was_there:
            moved.append(str(target))

    def _documents(self, index: bytes) -> dict[str, str]:
        staged = {}
        for name, data in (("oci-layout", LAYOUT_FILE), ("index.json", index)):
            path = f"{self.staged}/{name}"
            with Path(path).open("xb") as stream:
                stream.write(data)
                stream.flush()
                old = Path(self.path, name)
                if old.exists():
                    dress(stream.fileno(), old, old.stat(), must=False)
                os.fsync(stream.fileno())
            staged[name] = path
        return staged

    def _made_visible(self) -> None:
        made, self._made = self._made, []
        for path in {self.path, *(os.path.dirname(path) or "." for path in made)}:  # noqa: PTH120
            sync_directory(path)


def read_beginning(path: str, limit: int) -> bytes | None:
    """The first `limit` bytes of a file; None where there is none.

    Raises:
        OSError: it cannot be read.
    """
    try:
        with Path(path).open("rb") as stream:
            return stream.read(limit)
    except FileNotFoundError:
        return None


def _must_be_layout(path: str) -> None:
    names = {name for name in os.listdir(path) if not name.startswith(PREFIX)}  # noqa: PTH208
    if names - _OWN and not names & _TELLING:
        raise DestinationError(
            f"{path} is a directory with other files in it, and no OCI image layout",
            "Name a new directory, or an empty one.",
        )
    layout = read_beginning(f"{path}/oci-layout", _MAX_LAYOUT_BYTES)
    if layout is not None and not _is_known(layout):
        raise DestinationError(
            f"{path}/oci-layout does not say that this is a layout of version {_VERSION}",
            "Write to another directory, or mend this one first.",
        )


def _is_known(layout: bytes) -> bool:
    try:
        return msgspec.json.decode(layout, type=_Layout).version == _VERSION
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def _make_directories(path: str, made: list[str]) -> None:
    """Make a directory and those above it; note what was made, the innermost first."""
    missing = [path]
    while not os.path.lexists(missing[-1]) and (above := os.path.dirname(missing[-1])):  # noqa: PTH120
        missing.append(above)
    for directory in reversed(missing):
        with suppress(FileExistsError):
            Path(directory).mkdir()
            made.insert(0, directory)
