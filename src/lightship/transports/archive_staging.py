"""Writes an archive: one tar that is an OCI layout, and for Docker has `manifest.json` beside it.

Blobs are written in the order they are asked for, each behind a header that is filled in when its
size and digest are known. The same blobs in the same order are the same bytes: no times, no owners.
Formats: OCI image-spec v1.1, image-layout.md; moby, image/spec/v1.2 ("Combined Image JSON +
Filesystem Changeset Format"), as `docker save` writes it since Engine 25.
"""

from __future__ import annotations

import os
import tarfile
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from lightship.engines.running import roomy_directory
from lightship.errors import InternalError
from lightship.layers.headers import BLOCK
from lightship.layers.scan import Codec
from lightship.model.digest import Digest
from lightship.model.reference import Reference
from lightship.transports.archive_documents import documents, names_of_archive
from lightship.transports.file_targets import NamedTarget, PipedTarget, Target
from lightship.transports.references import STDIN
from lightship.transports.replaced_archives import note_of_replaced
from lightship.transports.staged_file import PendingBlob, StretchSink, Work
from lightship.transports.store import blob_name
from lightship.transports.storing import (
    Accepts,
    BlobSink,
    Committed,
    NewImage,
    NewIndex,
    StagedBlob,
)
from lightship.transports.stretches import write_at
from lightship.transports.taking import copy_taken, take_through, taken_as_claimed
from lightship.transports.uninterrupted import uninterrupted
from lightship.transports.write_failures import could_not_write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.image import Layer
    from lightship.transports.access import Access
    from lightship.transports.spans import LocalFile

_FOLDERS = ("blobs/", "blobs/sha256/")
_ACCEPTS = {
    "docker-archive": Accepts(("oci",), codec=Codec.PLAIN, keeps_blobs=False),
    "oci-archive": Accepts(("oci",), codec=Codec.GZIP),
}


class ArchiveBlob(Struct, frozen=True):
    """A member of the archive (`transports.storing.StagedBlob`)."""

    file: LocalFile
    offset: int
    digest: Digest
    stored_bytes: int

    def open(self) -> BinaryIO:
        return self.file.span(self.offset, self.stored_bytes)


class ArchiveStaging:
    """A `docker-archive` or `oci-archive` being written (`transports.storing.Staging`).

    Args:
        destination: the file, or `-` for standard output; perhaps a name.
        names: what the source is called; used where the destination has no name.
        access: names the place for temporary files, where standard output is written to.
        target: where the archive goes instead of what `destination` says.
        where: what messages call that.

    Raises:
        DestinationError: no file can be made there, or it holds other images.
        UsageError: standard output is a terminal.
    """

    def __init__(
        self,
        destination: Reference,
        names: Sequence[str],
        access: Access,
        *,
        target: Target | None = None,
        where: str = "",
    ) -> None:
        self.where = where or str(destination)
        self.accepts = _ACCEPTS[destination.transport]
        self._destination = destination
        self._names = names_of_archive(destination, names)
        self._blobs: dict[Digest, StagedBlob] = {}
        self._sink_is_open = False
        self._end = 0
        self._work = Work(self.where)
        self._note = () if target else note_of_replaced(destination)
        try:
            self._target = target or _target(destination.location, access)
        except OSError as error:
            raise could_not_write(self.where, error) from error
        try:
            for name in _FOLDERS:
                self._member(name, b"", tarfile.DIRTYPE, 0o755)
        except OSError as error:
            self._target.drop()
            raise could_not_write(self.where, error) from error

    @property
    def _descriptor(self) -> int:
        return self._target.file.fileno()

    def sink(self) -> BlobSink:
        self._no_sink()
        self._sink_is_open = True
        start = self._end + BLOCK
        return StretchSink(
            self._descriptor, start, self.where, partial(self._finished, start), self._abandoned
        )

    def take(self, layer: Layer) -> StagedBlob:
        taken = taken_as_claimed(layer)
        if taken is None:
            return take_through(self.sink(), layer)
        self._no_sink()
        if taken.digest not in self._blobs:
            try:
                offset = self._head(blob_name(taken.digest), taken.length)
            except OSError as error:
                raise could_not_write(self.where, error) from error
            done = self._work.begin(
                partial(copy_taken, self._descriptor, offset, taken, self._work.stopped)
            )
            blob = ArchiveBlob(self._target.file, offset, taken.digest, taken.length)
            self._blobs[taken.digest] = PendingBlob(blob, done)
        return self._blobs[taken.digest]

    def put(self, data: bytes) -> StagedBlob:
        sink = self.sink()
        sink.write(data)
        return sink.finish(Digest.of(data))

    def commit(self, images: Sequence[NewImage], index: NewIndex | None = None) -> Committed:
        try:
            self._work.wait()
            return self._commit(images, index)
        except OSError as error:
            raise could_not_write(self.where, error) from error
        finally:
            self.discard()

    def discard(self) -> None:
        with uninterrupted():
            self._work.stop()
            self._target.drop()

    def _commit(self, images: Sequence[NewImage], index: NewIndex | None) -> Committed:
        for image in images:
            self.put(image.manifest)
        for data, _ in index.documents if index else ():
            self.put(data)
        made = documents(self._destination, self._names, images, index)
        if made.index is not None:
            self.put(made.index)
        for name, data in made.files.items():
            self._member(name, data, tarfile.REGTYPE, 0o644)
        os.ftruncate(self._descriptor, self._end + 2 * BLOCK)  # two blocks of zeros end a tar
        self._target.publish()
        reference = Reference(self._destination.transport, self._destination.location)
        notes = (*self._note, *made.notes)
        return Committed(str(reference), made.digest, notes)

    def _finished(self, start: int, digest: Digest, length: int) -> StagedBlob:
        if digest in self._blobs:
            self._abandoned()
            return self._blobs[digest]
        if digest.algorithm != "sha256":
            raise InternalError(f"a new blob has the digest {digest}")  # its header is longer
        self._sink_is_open = False
        self._head(blob_name(digest), length)
        self._blobs[digest] = ArchiveBlob(self._target.file, start, digest, length)
        return self._blobs[digest]

    def _abandoned(self) -> None:
        """Take back what a sink has written; once more is harmless."""
        if self._sink_is_open:
            self._sink_is_open = False
            os.ftruncate(self._descriptor, self._end)

    def _member(self, name: str, data: bytes, kind: bytes, mode: int) -> None:
        write_at(self._descriptor, data, self._head(name, len(data), kind, mode))

    def _head(
        self, name: str, length: int, kind: bytes = tarfile.REGTYPE, mode: int = 0o644
    ) -> int:
        """Write a member's header, and keep its room; tells where its bytes go."""
        record = tarfile.TarInfo(name)
        record.size, record.type, record.mode = length, kind, mode
        # GNU: a size of more than 8 GiB and a name of more than 100 bytes are told in its way.
        header = record.tobuf(tarfile.GNU_FORMAT)
        write_at(self._descriptor, header, self._end)
        offset = self._end + len(header)
        self._end = offset + length + -length % BLOCK
        return offset

    def _no_sink(self) -> None:
        if self._sink_is_open:
            raise InternalError("two blobs of an archive are written at once")


def _target(location: str, access: Access) -> Target:
    if location == STDIN:
        return PipedTarget(roomy_directory(access.environment))
    return NamedTarget(location)
