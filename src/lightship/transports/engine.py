"""`docker:` and `podman:` what an engine holds, read as it sends it: once, forwards.

The engine is asked first, so that an image that is not there, or for another platform, costs no
transfer; its layers come by when the image is chosen.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.engines.engine import BrokenOffError, NotHeldError
from lightship.engines.finding import ask
from lightship.engines.places import own_name
from lightship.engines.reaching import Surroundings
from lightship.model.digest import Digest
from lightship.transports import oci_archive
from lightship.transports.choosing import Catalogue, Choices, Root
from lightship.transports.stream import ArchiveStream
from lightship.transports.tape import TarError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.engines.engine import Engine, Held
    from lightship.model.image import Image
    from lightship.model.platform import Platform
    from lightship.model.reference import Reference
    from lightship.progress import Progress
    from lightship.transports.access import Access
    from lightship.transports.choosing import Candidate
    from lightship.transports.stream import ReadLayer

_ID = re.compile(r"(?:sha256:)?[0-9a-f]{1,64}")
_TAIL_BYTES = 4096
# How Docker says that it failed when half of an archive is sent already.
_LAST_WORDS = re.compile(rb'"(?:message|error)":"([^"\\\0]{1,300})"')


def catalogue(reference: Reference, read_layer: ReadLayer, access: Access) -> Catalogue:
    """What an engine holds under a name; no layer is read before an image is chosen.

    Raises:
        UnreachableError: no engine answers, or it does not hold the image.
    """
    around = Surroundings(access.environment, access.network, access.progress)
    transport, text = reference.transport, reference.location
    name, manifest = own_name(text), ""
    try:
        engine, held = ask(transport, text, around)
    except NotHeldError:
        # `NAME@DIGEST` may also be one platform of what NAME stands for.
        whole, _, manifest = name.rpartition("@")
        if not whole:
            raise
        engine, held = ask(transport, text.removesuffix(f"@{manifest}"), around)
        if not _has(held, manifest):
            raise
        name = whole
    sent = _Sent(engine, name, f"{transport}:{text}", read_layer, access.progress)
    location = text if manifest else canonical(text, held)
    root = Root(
        held.names, frozenset(), _digest(held.image_id), lambda: sent.choices(held, manifest)
    )
    return Catalogue(transport, location, (root,))


def canonical(text: str, held: Held) -> str:
    """The name that leads to this image again: whole where it was shortened.

    An ID is completed, a tag that was left out is added, and podman's short name gets its host. An
    index is named by its ID where its name holds a digest already.
    """
    name = own_name(text)
    store = text.removesuffix(name)
    if len(held.platforms) > 1 and "@" in name:
        return store + held.image_id
    if _ID.fullmatch(name) and _is_id(name, held):
        return store + held.image_id
    if "@" in name:
        return text
    tagged = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
    found = [one for one in held.names if one == tagged or one.endswith(f"/{tagged}")]
    if tagged in held.names or len(found) != 1:
        return store + (tagged if tagged in held.names else name)
    return store + found[0]


def _is_id(name: str, held: Held) -> bool:
    plain = name.removeprefix("sha256:")
    named = name in held.names or f"{name}:latest" in held.names
    return not named and held.image_id.removeprefix("sha256:").startswith(plain)


def _has(held: Held, manifest: str) -> bool:
    listed = any(one.digest == manifest and one.present for one in held.platforms)
    return listed or (held.platform is None and not held.platforms)


def _digest(text: str) -> Digest | None:
    try:
        return Digest(text)
    except ValueError:
        return None


class _Sent:
    """The archive that an engine sends of one name."""

    def __init__(
        self, engine: Engine, name: str, told: str, read_layer: ReadLayer, progress: Progress
    ) -> None:
        self._engine = engine
        self._name = name
        self._told = told
        self._read_layer = read_layer
        self._progress = progress

    def choices(self, held: Held, manifest: str) -> Choices:
        """What may be chosen: as far as the engine says, without a transfer."""
        if held.platforms:
            listed = [one for one in held.platforms if manifest in ("", one.digest)]
            here = tuple(
                _OnePlatform(self, one.platform, _digest(one.digest), None, True)
                for one in listed
                if one.present
            )
            absent = tuple(one.platform for one in listed if not one.present)
            if not here:
                raise NotHeldError(f"{self._told}: the engine knows its name and holds no layer")
            return Choices(here, absent)
        if held.platform is not None:
            one = _OnePlatform(self, held.platform, None, _digest(held.image_id), False)
            return Choices((one,))
        present = self.candidates(None)
        chosen = tuple(one for one in present if manifest in ("", one.digest))
        if not chosen:
            raise NotHeldError(f"{self._told}: the engine holds no such manifest")
        return Choices(chosen)

    def candidates(self, platform: Platform | None) -> tuple[Candidate, ...]:
        """Let the engine send the archive, and read it: what is in it."""
        self._progress.begin(f"waiting for {self._told}", None)
        try:
            with self._engine.saved(self._name, platform) as pieces:
                store = self._read(pieces)
        finally:
            self._progress.end()
        archive = oci_archive.of_archive(store, "docker-archive", self._told)
        return tuple(one for root in archive.roots for one in root.choices().present)

    def _read(self, pieces: Iterator[bytes]) -> ArchiveStream:
        tail = _Tail()
        try:
            return ArchiveStream(tail.passing(pieces), self._read_layer, self._told)
        except TarError as error:
            reason = tail.last_words() or error.what
            raise BrokenOffError(
                f"{self._engine.where} did not send all of {self._name!r} ({reason})",
                "Look at the engine's own log, and ask again.",
            ) from None


class _OnePlatform(Struct, frozen=True):
    """An image as the engine lists it; a `transports.choosing.Candidate`."""

    sent: _Sent
    platform: Platform
    digest: Digest | None
    image_id: Digest | None
    asked_for: bool

    def image(self, reference: Reference, notes: tuple[str, ...] = ()) -> Image:
        """Read it.

        Raises:
            BrokenOffError: the engine does not send all of it, or another image.
            CorruptInputError: it sends something that breaks its format.
        """
        found = self.sent.candidates(self.platform if self.asked_for else None)
        for one in found:
            if self._is(one):
                return one.image(reference, notes)
        raise BrokenOffError(
            f"{reference}: the engine sent another image than it said it holds",
            "Somebody gave the name to another image meanwhile: ask again.",
        )

    def _is(self, other: Candidate) -> bool:
        if self.digest is not None:
            return other.digest == self.digest
        return other.image_id == self.image_id


class _Tail:
    """The last bytes of what goes by."""

    def __init__(self) -> None:
        self._kept = b""

    def passing(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._kept = (self._kept + piece[-_TAIL_BYTES:])[-_TAIL_BYTES:]
            yield piece

    def last_words(self) -> str:
        """What an engine wrote in place of the rest."""
        found = _LAST_WORDS.findall(self._kept)
        return found[0].decode("utf-8", "replace") if found else ""
