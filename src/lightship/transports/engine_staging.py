"""`docker:` and `podman:` as destinations: a docker-archive is put together, then loaded at once.

Before that nothing of the image is in the engine; the name is set by the load alone. What the
engine then says it has is held against what was sent: the digest of the config where the store is
Docker's classic one or podman's, and of the manifest in Docker's containerd store.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lightship.engines.engine import NoEngineError
from lightship.engines.finding import first_to_answer
from lightship.engines.places import own_name
from lightship.engines.reaching import Surroundings
from lightship.engines.running import roomy_directory
from lightship.errors import DestinationError
from lightship.model.digest import Digest
from lightship.model.documents import Manifest
from lightship.model.reference import Reference
from lightship.transports.archive_staging import ArchiveStaging
from lightship.transports.engine_names import engine_destination
from lightship.transports.spans import LocalFile
from lightship.transports.storing import Committed
from lightship.transports.temporary_names import new_file, sweep
from lightship.transports.write_failures import could_not_write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.engines.engine import Engine, Held
    from lightship.model.image import Layer
    from lightship.progress import Progress
    from lightship.transports.access import Access
    from lightship.transports.storing import BlobSink, NewImage, NewIndex, StagedBlob

_AS_A_FILE = "Write docker-archive:FILE, and load it where the engine is: `{} load -i FILE`."


class EngineStaging:
    """An image being made for an engine (`transports.storing.Staging`).

    Args:
        destination: a name in an engine.
        access: how the engine is reached, and where large temporary files go.

    Raises:
        DestinationError: no engine answers, or there is no room for the archive.
    """

    def __init__(self, destination: Reference, access: Access) -> None:
        destination = engine_destination(destination.transport, destination.location)
        self.where = str(destination)
        self._name = own_name(destination.location)
        around = Surroundings(access.environment, access.network, access.progress)
        try:
            self._engine, _ = first_to_answer(destination.transport, destination.location, around)
        except NoEngineError as error:
            hint = _AS_A_FILE.format(destination.transport)
            raise DestinationError(f"{self.where}: {error.what}", hint) from None
        room = roomy_directory(access.environment)
        told = f"{self.where} (its archive in {room})"
        try:
            loaded = _LoadedArchive(str(room), self._engine, self.where, access.progress)
        except OSError as error:
            raise could_not_write(told, error) from error
        archive = Reference("docker-archive", loaded.path, self._name)
        self._archive = ArchiveStaging(archive, (), access, target=loaded, where=told)
        self.accepts = self._archive.accepts

    def sink(self) -> BlobSink:
        return self._archive.sink()

    def take(self, layer: Layer) -> StagedBlob:
        return self._archive.take(layer)

    def put(self, data: bytes) -> StagedBlob:
        return self._archive.put(data)

    def commit(self, images: Sequence[NewImage], index: NewIndex | None = None) -> Committed:
        try:
            self._see_platforms(images)
        except BaseException:
            self._archive.discard()
            raise
        stored = self._archive.commit(images, index)
        return Committed(self.where, self._held_digest(stored.digest, images))

    def discard(self) -> None:
        self._archive.discard()

    def _see_platforms(self, images: Sequence[NewImage]) -> None:
        """Refuse several platforms where one would be lost.

        Raises:
            DestinationError: the engine keeps one under a name.
        """
        if len(images) < 2:
            return
        try:
            if self._engine.keeps_platforms():
                return
        except NoEngineError as error:
            raise DestinationError(f"{self.where}: {error.what}", error.hint) from None
        listed = ", ".join(str(image.platform) for image in images)
        raise DestinationError(
            f"{self._engine.where} keeps one platform under a name, not {listed}",
            "Name one with --platform, or write to oci:DIR:TAG, oci-archive:FILE or a registry.",
        )

    def _held_digest(self, sent: Digest | None, images: Sequence[NewImage]) -> Digest | None:
        """The digest of the manifest or index that the engine has; None where it keeps none.

        Raises:
            DestinationError: what it has is not what was sent.
        """
        try:
            held = self._engine.held(self._name)
        except NoEngineError as error:
            raise DestinationError(
                f"{self.where} was loaded, and does not say what it holds: {error.what}",
                error.hint,
            ) from None
        if held is None:
            raise DestinationError(
                f"{self._engine.where} loaded an image and holds none that is called {self._name!r}"
            )
        if sent is not None and held.image_id == sent:
            return sent
        ids = {_image_id(image) for image in images}
        if ids != {held.image_id}:
            raise self._another(held, ids)
        return None

    def _another(self, held: Held, ids: set[Digest]) -> DestinationError:
        return DestinationError(
            f"{self._name!r} is the image {held.image_id} in {self._engine.where}, "
            f"where {', '.join(sorted(ids))} was loaded",
            "Somebody gave the name to another image meanwhile, or the engine changed this one.",
        )


def _image_id(image: NewImage) -> Digest:
    """Digest of its config."""
    return Digest(msgspec.json.decode(image.manifest, type=Manifest).config.digest)


class _LoadedArchive:
    """A temporary archive that an engine takes once it is whole (`file_targets.Target`).

    What earlier runs were killed over is cleared away.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self, directory: str, engine: Engine, where: str, progress: Progress) -> None:
        sweep(directory)
        descriptor, self.path = new_file(directory, 0o600)
        self.file = LocalFile(descriptor, self.path)
        self._engine = engine
        self._where = where
        self._progress = progress

    def publish(self) -> None:
        self._progress.begin(f"loading {self._where}", None)
        try:
            self._engine.load(Path(self.path))
        finally:
            self._progress.end()

    def drop(self) -> None:
        with suppress(OSError):
            Path(self.path).unlink()
