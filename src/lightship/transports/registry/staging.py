"""Stores an image in a registry: blobs first, several at once; manifests and the tag last."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, BinaryIO

from lightship.engines.running import roomy_directory
from lightship.errors import DestinationError, LightshipError, UsageError
from lightship.layers.scan import Codec
from lightship.transports.registry.client import Repository
from lightship.transports.registry.committing import Commit, family_wanted, look
from lightship.transports.registry.crew import Crew
from lightship.transports.registry.layers import RemoteLayer
from lightship.transports.registry.pushing import Pushing
from lightship.transports.registry.sources import LayerSource, SpooledSource
from lightship.transports.registry.spool import HeldBlob, SpooledBlob, SpoolSink
from lightship.transports.registry.uploading import Upload, destination_error
from lightship.transports.storing import Accepts, Committed
from lightship.transports.taking import take_through

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from lightship.model.digest import Digest
    from lightship.model.image import Layer
    from lightship.model.reference import Reference
    from lightship.transports.access import Access
    from lightship.transports.registry.pushing import Session
    from lightship.transports.registry.sources import Source
    from lightship.transports.storing import BlobSink, NewImage, NewIndex, StagedBlob

UPLOADS_AT_ONCE = 3
_ENDING_SECONDS = 2.0


class TakenBlob:
    """A blob that the registry has, or will have (`transports.storing.StagedBlob`)."""

    def __init__(
        self, digest: Digest, stored_bytes: int, there: Future[None], repository: Repository
    ) -> None:
        self.digest = digest
        self.stored_bytes = stored_bytes
        self._there = there
        self._repository = repository

    def open(self) -> BinaryIO:
        self._there.result()
        try:
            return self._repository.open_blob(self.digest, self.stored_bytes)
        except LightshipError as problem:
            raise destination_error(problem, self._repository.where) from None


class RegistryStaging:
    """An image on its way into a registry (`transports.storing.Staging`).

    Uploads go on while the next blob is made; one that fails is told by the next call, `commit` at
    the latest. So is a layer that is not what its digest says.

    Args:
        destination: of the registry transport, with a tag.
        access: how the registry is reached.

    Raises:
        UsageError: the destination is named by a digest.
        DestinationError: the registry lets us not write, as far as it says so now.
    """

    def __init__(self, destination: Reference, access: Access) -> None:
        self.where = str(destination)
        host, _, name = destination.location.partition("/")
        self._tag = destination.selector
        if not self._tag or self._tag.startswith("@"):
            raise UsageError(
                f"{self.where} is no destination: what is stored has its digest only then",
                "Name it with a tag.",
            )
        self._access = access
        self._reference = str(destination)
        self._directory = roomy_directory(access.environment)
        self._repository = Repository(host, name, access)
        self._stopped = threading.Event()
        self._pushing = Pushing(host, name, access, wait=self._stopped.wait)
        self._lock = threading.Lock()
        self._crew = Crew(UPLOADS_AT_ONCE, "lightship-push")
        self._there: dict[Digest, tuple[StagedBlob, Future[None]]] = {}
        try:
            # What is not allowed is said before hours of work.
            self._begun: list[Session] = [self._pushing.begin()]
            self._before = look(self._pushing, self._tag)
            family = family_wanted(self._pushing, self._tag, self._before)
        except LightshipError as problem:
            self.discard()
            raise destination_error(problem, self.where) from None
        self.accepts = Accepts(
            families=(family,) if family else ("oci", "docker"), codec=Codec.GZIP
        )

    def sink(self) -> BlobSink:
        self._check()
        return SpoolSink(self._directory, self.where, self._spooled)

    def take(self, layer: Layer) -> StagedBlob:
        self._check()
        digest, stored_bytes = layer.digest, layer.stored_bytes
        if digest is None or stored_bytes is None:
            return self._copied(layer)
        if digest in self._there:
            return self._there[digest][0]
        mounts_from = ""
        if isinstance(layer, RemoteLayer) and layer.repository.host == self._pushing.host:
            mounts_from = layer.repository.name
        source = LayerSource(layer, digest, stored_bytes)
        there = self._crew.submit(lambda: self._bring(source, mounts_from))
        blob = TakenBlob(digest, stored_bytes, there, self._repository)
        self._there[digest] = blob, there
        return blob

    def put(self, data: bytes) -> StagedBlob:
        self._check()
        return self._spooled(HeldBlob(data))

    def commit(self, images: Sequence[NewImage], index: NewIndex | None = None) -> Committed:
        try:
            for _, there in self._there.values():
                there.result()
            for session in self._begun:
                self._pushing.cancel(session)
            put = Commit(self._pushing, self._tag, self._before, images, index).run()
        finally:
            self.discard()
        return Committed(self._reference, put.digest, put.notes)

    def discard(self) -> None:
        self._stopped.set()
        self._crew.dismiss(_ENDING_SECONDS)
        self._there.clear()
        self._pushing.close()

    def _copied(self, layer: Layer) -> StagedBlob:
        """A layer of which nobody says how long it is, or what its digest is."""
        return take_through(self.sink(), layer)

    def _spooled(self, blob: SpooledBlob | HeldBlob) -> StagedBlob:
        if blob.digest not in self._there:
            there = self._crew.submit(lambda: self._bring(SpooledSource(blob), ""))
            self._there[blob.digest] = blob, there
        return blob

    def _check(self) -> None:
        """Tell of an upload that failed."""
        for _, there in self._there.values():
            if there.done():
                there.result()

    def _bring(self, source: Source, mounts_from: str) -> None:
        """Bring a blob into the repository, however."""
        try:
            self._brought(source, mounts_from)
        except LightshipError as problem:
            if problem is source.failure:
                raise
            raise destination_error(problem, self.where) from None
        finally:
            source.close()

    def _brought(self, source: Source, mounts_from: str) -> None:
        self._go_on(0)
        if self._pushing.has(source.digest):
            return
        session = None
        if mounts_from and mounts_from != self._pushing.name:
            session = self._pushing.mounted(source.digest, mounts_from)
            if session is None:
                return
        with self._lock:
            if session is None and self._begun:
                session = self._begun.pop()
        progress = self._access.progress
        progress.begin(f"pushing {source.digest.short}", source.stored_bytes)
        try:
            Upload(self._pushing, source, self._go_on).run(session)
        finally:
            progress.end()

    def _go_on(self, sent: int) -> None:
        if self._stopped.is_set():
            raise DestinationError(f"{self.where} is not written to any more")
        if sent:
            self._access.progress.advance(sent)
