"""Writes an OCI image layout in a directory: blobs first, `index.json` last, by renaming.

Format: OCI image-spec v1.1, image-layout.md.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from lightship.errors import CorruptInputError, DestinationError
from lightship.layers.scan import Codec
from lightship.model.digest import Digest
from lightship.model.reference import Reference
from lightship.transports.storing import Accepts, Committed, NewImage, StagedBlob

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.image import Layer

_PIECE = 1024 * 1024


class FileBlob(Struct, frozen=True):
    """A blob in a file (`transports.storing.StagedBlob`)."""

    path: Path
    digest: Digest
    stored_bytes: int

    def open(self) -> BinaryIO:
        return self.path.open("rb")


class OciStaging:
    """An OCI layout being written (`transports.storing.Staging`)."""

    def __init__(self, destination: Reference, names: Sequence[str]) -> None:
        self._directory = Path(destination.location)
        self._names = (destination.selector,) if destination.selector else tuple(names)
        self.where = str(destination)
        self.accepts = Accepts(families=("oci", "docker"), codec=Codec.GZIP)
        try:
            (self._directory / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
            self._staged = Path(tempfile.mkdtemp(prefix=".lightship-", dir=self._directory))
        except OSError as error:
            raise self._failed(error) from error

    def sink(self) -> FileSink:
        return FileSink(self._staged, self.where)

    def take(self, layer: Layer) -> StagedBlob:
        sink, state = self.sink(), hashlib.new(layer.digest.algorithm if layer.digest else "sha256")
        with layer.open() as stream:
            while piece := stream.read(_PIECE):
                state.update(piece)
                sink.write(piece)
        found = Digest.from_hash(state)
        if layer.digest not in (None, found):
            raise CorruptInputError(f"layer {layer.position} has the digest {found}")
        return sink.finish(found)

    def put(self, data: bytes) -> StagedBlob:
        sink = self.sink()
        sink.write(data)
        return sink.finish(Digest.of(data))

    def commit(self, images: Sequence[NewImage]) -> Committed:
        try:
            return self._commit(images)
        except OSError as error:
            raise self._failed(error) from error
        finally:
            self.discard()

    def discard(self) -> None:
        shutil.rmtree(self._staged, ignore_errors=True)

    def _commit(self, images: Sequence[NewImage]) -> Committed:
        blobs = [self.put(image.manifest) for image in images]
        for file in self._staged.iterdir():
            file.replace(self._directory / "blobs" / "sha256" / file.name)
        (self._directory / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
        entries = [
            {
                "mediaType": image.media_type,
                "digest": blob.digest,
                "size": blob.stored_bytes,
                "annotations": {"org.opencontainers.image.ref.name": name},
            }
            for image, blob in zip(images, blobs, strict=True)
            for name in self._names or ("latest",)
        ]
        index = {"schemaVersion": 2, "manifests": entries}
        (self._directory / "index.json").write_text(json.dumps(index))
        reference = Reference("oci", str(self._directory), (self._names or ("latest",))[0])
        return Committed(str(reference), blobs[0].digest)

    def _failed(self, error: OSError) -> DestinationError:
        return DestinationError(f"{self.where} could not be written: {error.strerror}")


class FileSink:
    """A blob that goes into a file (`transports.storing.BlobSink`)."""

    def __init__(self, directory: Path, where: str) -> None:
        self._where = where
        self._directory = directory
        descriptor, name = tempfile.mkstemp(dir=directory)
        self._path = Path(name)
        self._stream = os.fdopen(descriptor, "wb")

    def write(self, data: bytes | memoryview, /) -> None:
        try:
            self._stream.write(data)
        except OSError as error:
            raise DestinationError(
                f"{self._where} could not be written: {error.strerror}"
            ) from error

    def finish(self, digest: Digest) -> StagedBlob:
        self._stream.close()
        path = self._path.replace(self._directory / digest.hex)
        return FileBlob(path, digest, path.stat().st_size)

    def abandon(self) -> None:
        self._stream.close()
        self._path.unlink(missing_ok=True)
