"""Writes an OCI image layout in a directory: blobs first, `index.json` last, by renaming.

Format: OCI image-spec v1.1, image-layout.md.
"""

from __future__ import annotations

import itertools
import json
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from lightship.errors import UnreachableError
from lightship.layers.scan import Codec
from lightship.model.digest import Digest
from lightship.model.documents import INDEXES, MAX_MANIFEST_BYTES
from lightship.model.reference import Reference
from lightship.transports.image_names import ImageName, kept_names, written_name
from lightship.transports.indexes import index_for, required_family
from lightship.transports.layout_directory import LayoutDirectory, read_beginning
from lightship.transports.layout_index import LayoutIndex
from lightship.transports.spans import LocalFile
from lightship.transports.staged_file import PendingBlob, StretchSink, Work
from lightship.transports.storing import (
    Accepts,
    BlobSink,
    Committed,
    Family,
    NewImage,
    NewIndex,
    StagedBlob,
)
from lightship.transports.stretches import hash_of
from lightship.transports.taking import copy_taken, take_through, taken_as_claimed
from lightship.transports.uninterrupted import uninterrupted
from lightship.transports.write_failures import could_not_write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.image import Layer
    from lightship.transports.taking import Taken

_NAMELESS = "latest"
_MODE = 0o666
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


class LayoutBlob(Struct, frozen=True):
    """A blob in a layout, staged or visible (`transports.storing.StagedBlob`)."""

    paths: tuple[str, str]
    digest: Digest
    stored_bytes: int

    def open(self) -> BinaryIO:
        staged, visible = self.paths
        path = staged if os.path.exists(staged) else visible  # noqa: PTH110 - paths are text here
        return LocalFile.open(path).span(0, self.stored_bytes)


class _Unfinished:
    """A file that a blob is written to; it closes when nobody refers to it any more."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.file = LocalFile(os.open(path, _NEW, _MODE), path)

    def abandon(self) -> None:
        """Remove it; once more is harmless."""
        Path(self.path).unlink(missing_ok=True)

    def sync(self) -> None:
        """Wait until the disk has it."""
        os.fsync(self.file.fileno())


class OciStaging:
    """An OCI layout being written (`transports.storing.Staging`).

    Args:
        destination: the directory, and perhaps a tag or name.
        names: what the source is called; used where the destination has neither.

    Raises:
        DestinationError: it cannot be written to, or what is there is no layout or a broken one.
    """

    def __init__(self, destination: Reference, names: Sequence[str]) -> None:
        self.where = str(destination)
        self._selector = destination.selector
        self._directory = destination.location
        self._names = _chosen(destination.selector, names)
        self._blobs: dict[Digest, StagedBlob] = {}
        self._new: set[Digest] = set()
        self._numbers = itertools.count()
        self._work = Work(self.where)
        try:
            self.accepts = Accepts(families=self._families(), codec=Codec.GZIP)
            self._layout = LayoutDirectory(self._directory)
        except OSError as error:
            raise could_not_write(self.where, error) from error

    def sink(self) -> BlobSink:
        try:
            file = _Unfinished(f"{self._layout.staged}/{next(self._numbers)}")
        except OSError as error:
            raise could_not_write(self.where, error) from error
        finished = partial(self._finished, file)
        return StretchSink(file.file.fileno(), 0, self.where, finished, file.abandon)

    def take(self, layer: Layer) -> StagedBlob:
        taken = taken_as_claimed(layer)
        if taken is None:
            return take_through(self.sink(), layer)
        if taken.digest not in self._blobs:
            done = self._work.begin(partial(self._take, taken))
            blob = self._blob(taken.digest, taken.length)
            self._blobs[taken.digest] = PendingBlob(blob, done)
        return self._blobs[taken.digest]

    def put(self, data: bytes) -> StagedBlob:
        sink = self.sink()
        sink.write(data)
        return sink.finish(Digest.of(data))

    def commit(self, images: Sequence[NewImage], index: NewIndex | None = None) -> Committed:
        try:
            self._work.wait()
            with self._layout.alone():
                return self._commit(images, index)
        except OSError as error:
            raise could_not_write(self.where, error) from error
        finally:
            self.discard()

    def discard(self) -> None:
        with uninterrupted():
            self._work.stop()
            self._layout.close()

    def _commit(self, images: Sequence[NewImage], given: NewIndex | None) -> Committed:
        index = self._index()
        notes: dict[str, None] = {}
        roots = []
        for image in images:
            self.put(image.manifest)
        for document, _ in given.documents if given else ():
            self.put(document)
        for name in self._names:
            root, told = self._root(index, name, images, given)
            index.point(name, root)
            roots.append(root)
            notes |= dict.fromkeys(told)
        data = index.data()
        self._work.wait()
        there = [digest for digest in self._blobs if digest not in self._new]
        self._layout.publish(data, sorted(self._new), there)
        selector = self._selector or index.shortest(self._names[0])
        reference = Reference("oci", self._directory, selector)
        return Committed(str(reference), Digest(str(roots[0]["digest"])), tuple(notes))

    def _root(
        self,
        index: LayoutIndex,
        name: ImageName,
        images: Sequence[NewImage],
        given: NewIndex | None,
    ) -> tuple[dict[str, object], tuple[str, ...]]:
        """What a name stands for from now on, and what to say of it."""
        old = self._old_index(index, name)
        data, media_type = images[0].manifest, images[0].media_type
        notes: tuple[str, ...] = ()
        if old is not None or len(images) > 1 or given is not None:
            told = f"{name.tag} in {self._directory}"
            rebuilt = index_for(old, images, given, where=told)
            notes = rebuilt.notes
            if len(images) > 1 or not rebuilt.only_new:
                data, media_type = rebuilt.data, rebuilt.media_type
        blob = self.put(data)
        root = {"mediaType": media_type, "digest": blob.digest, "size": blob.stored_bytes}
        return root, notes

    def _old_index(self, index: LayoutIndex, name: ImageName) -> bytes | None:
        """The raw index that a name stands for by now; None where it is none."""
        found = index.named(name)
        if len(found) > 1:
            return json.dumps({"schemaVersion": 2, "manifests": index.raw(name)}).encode()
        if not found or found[0].media_type not in INDEXES:
            return None
        return index.document(found[0], self._directory)

    def _families(self) -> tuple[Family, ...]:
        """OCI's, which is all that skopeo finds in a layout, unless an index there has others."""
        index = self._index()
        for name in self._names:
            old = self._old_index(index, name)
            required = required_family(old, where=f"{name.tag} in {self._directory}")
            if required is not None:
                return (required,)
        return ("oci",)

    def _index(self) -> LayoutIndex:
        path = f"{self._directory}/index.json"
        return LayoutIndex(read_beginning(path, MAX_MANIFEST_BYTES + 1), path)

    def _take(self, taken: Taken) -> None:
        if self._has(taken):
            return
        file = _Unfinished(self._layout.staged_path(taken.digest))
        copy_taken(file.file.fileno(), 0, taken, self._work.stopped)
        file.sync()
        self._new.add(taken.digest)

    def _has(self, taken: Taken) -> bool:
        """Whether the layout has a blob already: it is read, not believed."""
        try:
            file = LocalFile.open(self._layout.blob_path(taken.digest))
        except (FileNotFoundError, UnreachableError):
            return False
        if file.file_bytes != taken.length:
            return False
        algorithm, stopped = taken.digest.algorithm, self._work.stopped
        return hash_of(file.fileno(), 0, taken.length, algorithm, stopped) == taken.digest

    def _finished(self, file: _Unfinished, digest: Digest, length: int) -> StagedBlob:
        if digest in self._blobs:
            file.abandon()
            return self._blobs[digest]
        Path(file.path).replace(self._layout.staged_path(digest))
        self._work.begin(file.sync)
        self._new.add(digest)
        self._blobs[digest] = self._blob(digest, length)
        return self._blobs[digest]

    def _blob(self, digest: Digest, length: int) -> LayoutBlob:
        paths = self._layout.staged_path(digest), self._layout.blob_path(digest)
        return LayoutBlob(paths, digest, length)


def _chosen(selector: str, names: Sequence[str]) -> tuple[ImageName, ...]:
    if selector:
        return (written_name(selector),)
    return kept_names(names) or (ImageName(_NAMELESS),)
