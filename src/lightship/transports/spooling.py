"""Images that come by once, kept in a file so that their layers can be read again.

A rewrite reads each layer twice at least. What an engine or a pipe sends, and an archive that is
compressed as a whole, goes to a temporary file first; it has no name, so that nothing of it stays,
whatever happens to this process. Files, layouts and registries are opened as they are; a directory
with a root file system is read where it is, and gets the config that it lacks.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from typing import IO, TYPE_CHECKING

from lightship.engines.running import roomy_directory
from lightship.errors import DestinationError
from lightship.layers.limits import Allowance, Limits
from lightship.transports.access import Access
from lightship.transports.archive import ArchiveFile
from lightship.transports.opening import open_all_received, open_received
from lightship.transports.spans import LocalFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Self

    from lightship.model.image import Image
    from lightship.model.platform import Platform
    from lightship.progress import Progress
    from lightship.transports.store import Archive

_ROOM = "It takes the whole image once: name a directory with more room in TMPDIR."


@contextmanager
def open_rereadable(
    text: str,
    *,
    platform: Platform | None,
    access: Access | None = None,
    spool_in: Path | None = None,
    limits: Limits | None = None,
) -> Iterator[Image]:
    """Open one image for one platform, whose layers can be opened as often as one likes.

    The image is usable inside the context only. It is what `open_image` gives: its reference is
    what was asked for, wherever its layers are meanwhile.

    Args:
        text: a reference as a user writes it.
        platform: as for `open_image`.
        access: how registries and engines are reached.
        spool_in: the directory for what comes by once; None for `TMPDIR`, else where
            engines keep such files.
        limits: what comes by once may have as many bytes as an image may unpack to.

    Raises:
        LightshipError: as `open_image`.
        DestinationError: the directory has no room, or cannot be written to.
    """
    access = access or Access()
    with _spool(access, spool_in, limits) as spool:
        yield _whole(open_received(text, spool, platform, access))


@contextmanager
def open_all_rereadable(
    text: str,
    *,
    access: Access | None = None,
    spool_in: Path | None = None,
    limits: Limits | None = None,
) -> Iterator[tuple[Image, ...]]:
    """Open one image for every platform that is stored, in the order of its index.

    Raises:
        LightshipError: as `open_rereadable`.
    """
    access = access or Access()
    with _spool(access, spool_in, limits) as spool:
        yield tuple(map(_whole, open_all_received(text, spool, access)))


def _whole(image: Image) -> Image:
    if image.config_bytes is not None:
        return image
    from lightship.transports.rootfs import RootfsImage  # noqa: PLC0415 - the rarest of them
    from lightship.transports.rootfs_image import with_config  # noqa: PLC0415 - likewise

    return with_config(image) if isinstance(image, RootfsImage) else image


def _spool(access: Access, directory: Path | None, limits: Limits | None) -> Spool:
    place = directory or roomy_directory(access.environment)
    return Spool(place, Allowance(limits or Limits()), access.progress)


class Spool:
    """Keeps archives in files without a name until it is left (`transports.receiving.Receiver`).

    Args:
        directory: where the files are.
        allowance: the bytes that they may have together.
        progress: told what arrives.
    """

    keeps_layers = True

    def __init__(self, directory: Path, allowance: Allowance, progress: Progress) -> None:
        self._directory = directory
        self._allowance = allowance
        self._progress = progress
        self._files = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def receive(self, chunks: Iterator[bytes], where: str) -> Archive:
        file = self._new_file(where)
        begun = False
        try:
            for chunk in chunks:
                if not begun:  # whoever sends may have a wait of their own to show
                    self._progress.begin(f"receiving {where}", None)
                    begun = True
                self._allowance.spend(len(chunk))
                self._write(file, chunk, where)
                self._progress.advance(len(chunk))
        finally:
            if begun:
                self._progress.end()
        return ArchiveFile(LocalFile(os.dup(file.fileno()), where))

    def _new_file(self, where: str) -> IO[bytes]:
        try:
            file = tempfile.TemporaryFile(  # noqa: SIM115 - closed when the spool is left
                buffering=0, prefix="lightship-received-", dir=self._directory
            )
        except OSError as error:
            raise self._failed(where, error) from error
        self._files.callback(_forget, file)
        return file

    def _write(self, file: IO[bytes], chunk: bytes, where: str) -> None:
        rest = memoryview(chunk)
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except OSError as error:
            raise self._failed(where, error) from error

    def _failed(self, where: str, error: OSError) -> DestinationError:
        return DestinationError(
            f"{where} has to be kept in a temporary file, and {self._directory} takes none: "
            f"{error.strerror}",
            _ROOM,
        )


def _forget(file: IO[bytes]) -> None:
    """Give the room back now: the image may be referred to for longer."""
    with suppress(OSError):
        file.truncate(0)
    file.close()
