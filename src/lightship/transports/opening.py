"""Opens what a reference names."""

from __future__ import annotations

import io
import os
import stat
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lightship.errors import UnreachableError, UsageError
from lightship.layers.codecs import decompressed, sniff
from lightship.layers.scan import Codec
from lightship.transports import oci, oci_archive
from lightship.transports.access import Access
from lightship.transports.anywhere import first_that_has_it
from lightship.transports.archive import ArchiveFile
from lightship.transports.references import ANYWHERE, ENGINES, STDIN, parse, spelling_note
from lightship.transports.spans import LocalFile
from lightship.transports.stream import ArchiveStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightship.model.image import Image
    from lightship.model.platform import Platform
    from lightship.model.reference import Reference
    from lightship.transports.choosing import Catalogue
    from lightship.transports.stream import ReadLayer

_CHUNK = 1 << 20
_STDIN_NAME = "standard input"


def open_image(
    text: str, *, platform: Platform | None, read_layer: ReadLayer, access: Access | None = None
) -> Image:
    """Open one image for one platform.

    Args:
        text: a reference as a user writes it.
        platform: what is asked for; None for this machine's where there is a choice, and
            otherwise for whatever there is.
        read_layer: reads a layer that comes through a pipe; not used for files.
        access: how registries and engines are reached.

    Raises:
        UsageError: the reference is none, or does not say which of several images.
        UnreachableError: there is no such image.
        PlatformMismatchError: it is there for other platforms only.
        CorruptInputError: what is there breaks its format or contradicts itself.
    """
    access = access or Access()
    reference = _parsed(text, access)
    if reference.transport == ANYWHERE:
        return first_that_has_it(
            reference.location,
            lambda place: _open_one(place, platform, read_layer, access),
            access,
        )
    return _open_one(reference, platform, read_layer, access)


def open_all_platforms(
    text: str, *, read_layer: ReadLayer, access: Access | None = None
) -> tuple[Image, ...]:
    """Open one image for every platform that is stored, in the order of its index.

    Raises:
        LightshipError: as `open_image`.
    """
    access = access or Access()
    reference = _parsed(text, access)
    if reference.transport == ANYWHERE:
        return first_that_has_it(
            reference.location, lambda place: _open_all(place, read_layer, access), access
        )
    return _open_all(reference, read_layer, access)


def _parsed(text: str, access: Access) -> Reference:
    if note := spelling_note(text):
        access.progress.note(note)
    return parse(text)


def _open_one(
    reference: Reference, platform: Platform | None, read_layer: ReadLayer, access: Access
) -> Image:
    if reference.transport == "rootfs":
        return _rootfs(reference, platform)
    catalogue = _catalogue(reference, read_layer, access)
    return catalogue.one(reference.selector, platform)


def _open_all(reference: Reference, read_layer: ReadLayer, access: Access) -> tuple[Image, ...]:
    if reference.transport == "rootfs":
        return (_rootfs(reference, None),)
    return _catalogue(reference, read_layer, access).all(reference.selector)


def _rootfs(reference: Reference, platform: Platform | None) -> Image:
    from lightship.transports.rootfs import open_rootfs  # noqa: PLC0415 - the rarest of them

    return open_rootfs(reference, platform)


def _catalogue(reference: Reference, read_layer: ReadLayer, access: Access) -> Catalogue:
    location = reference.location
    if reference.transport == "registry":
        from lightship.transports.registry import opening as registry  # noqa: PLC0415 - see above

        return registry.catalogue(reference, access)
    if reference.transport in ENGINES:
        from lightship.transports import engine  # noqa: PLC0415 - see above

        return engine.catalogue(reference, read_layer, access)
    if location == STDIN:
        return _from_stdin(reference.transport, read_layer)
    try:
        mode = os.stat(location).st_mode  # noqa: PTH116
    except OSError as error:
        raise UnreachableError(f"{location} cannot be read: {error.strerror}") from None
    if stat.S_ISDIR(mode):
        if reference.transport != "oci":
            raise UsageError(
                f"{location} is a directory and no archive", f"Write oci:{location} for a layout."
            )
        return oci.catalogue(location)
    transport = "oci-archive" if reference.transport == "oci" else reference.transport
    if stat.S_ISFIFO(mode):
        return _from_fifo(transport, location, read_layer)
    file = LocalFile.open(location)
    codec = sniff(file.read_at(0, 4))
    if codec is not Codec.PLAIN:
        raise UnreachableError(
            f"{location} is compressed with {codec} as a whole, so it cannot be read in place",
            f"Unpack it with `{_unpacker(codec)} -d {location}`, or pipe it: "
            f"`{_unpacker(codec)} -dc {location} | lightship inspect -`.",
        )
    return oci_archive.of_archive(ArchiveFile(file), transport, location)


def _unpacker(codec: Codec) -> str:
    return "gzip" if codec is Codec.GZIP else "zstd"


def _from_fifo(transport: str, location: str, read_layer: ReadLayer) -> Catalogue:
    with Path(location).open("rb", buffering=0) as stream:
        return _from_pipe(transport, location, location, stream.read, read_layer)


def _from_stdin(transport: str, read_layer: ReadLayer) -> Catalogue:
    try:
        descriptor = sys.stdin.fileno()
    except (AttributeError, ValueError, io.UnsupportedOperation):
        stream = getattr(sys.stdin, "buffer", None)
        if stream is None:
            raise UsageError("standard input is closed") from None
        return _from_pipe(transport, STDIN, _STDIN_NAME, stream.read, read_layer)
    if os.isatty(descriptor):
        raise UsageError(
            "standard input is a terminal",
            "Pipe an archive: `docker save X | lightship inspect -`.",
        )
    file = _regular(descriptor)
    if file is not None and sniff(file.read_at(0, 4)) is Codec.PLAIN:
        return oci_archive.of_archive(ArchiveFile(file), transport, STDIN)
    return _from_pipe(transport, STDIN, _STDIN_NAME, partial(os.read, descriptor), read_layer)


def _regular(descriptor: int) -> LocalFile | None:
    """Standard input as a file, where it is one and nothing of it was read yet."""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode) or os.lseek(descriptor, 0, os.SEEK_CUR):
        return None
    return LocalFile(os.dup(descriptor), _STDIN_NAME)


def _from_pipe(
    transport: str,
    location: str,
    where: str,
    read: Callable[[int], bytes],
    read_layer: ReadLayer,
) -> Catalogue:
    _, chunks = decompressed(_chunks(read, where))
    return oci_archive.of_archive(ArchiveStream(chunks, read_layer, where), transport, location)


def _chunks(read: Callable[[int], bytes], where: str) -> Iterator[bytes]:
    try:
        while chunk := read(_CHUNK):
            yield chunk
    except OSError as error:
        raise UnreachableError(f"{where} cannot be read: {error.strerror}") from None
