"""`docker:` and `podman:` what an engine holds, received as it sends it: once, forwards.

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
from lightship.transports.choosing import Catalogue, Choices, Root
from lightship.transports.sent import SentArchive

if TYPE_CHECKING:
    from lightship.engines.engine import Held
    from lightship.model.image import Image
    from lightship.model.platform import Platform
    from lightship.model.reference import Reference
    from lightship.transports.access import Access
    from lightship.transports.choosing import Candidate
    from lightship.transports.receiving import Receiver

_ID = re.compile(r"(?:sha256:)?[0-9a-f]{1,64}")


def catalogue(reference: Reference, receiver: Receiver, access: Access) -> Catalogue:
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
    sent = SentArchive(engine, name, f"{transport}:{text}", receiver, access.progress)
    location = text if manifest else canonical(text, held)
    root = Root(
        held.names, frozenset(), _digest(held.image_id), lambda: _choices(sent, held, manifest)
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


def _choices(sent: SentArchive, held: Held, manifest: str) -> Choices:
    """What may be chosen: as far as the engine says, without a transfer."""
    if held.platforms:
        listed = [one for one in held.platforms if manifest in ("", one.digest)]
        here = tuple(
            _OnePlatform(sent, one.platform, _digest(one.digest), None, True)
            for one in listed
            if one.present
        )
        absent = tuple(one.platform for one in listed if not one.present)
        if not here:
            raise NotHeldError(f"{sent.told}: the engine knows its name and holds no layer")
        return Choices(here, absent)
    if held.platform is not None:
        one = _OnePlatform(sent, held.platform, None, _digest(held.image_id), False)
        return Choices((one,))
    present = sent.candidates(None)
    chosen = tuple(one for one in present if manifest in ("", one.digest))
    if not chosen:
        raise NotHeldError(f"{sent.told}: the engine holds no such manifest")
    return Choices(chosen)


class _OnePlatform(Struct, frozen=True):
    """An image as the engine lists it; a `transports.choosing.Candidate`.

    Attributes:
        digest: where the engine gives it; else the image ID tells the image.
        asked_for: whether the engine can send this platform alone.
    """

    sent: SentArchive
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
