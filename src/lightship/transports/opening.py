"""Opens what a reference names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.transports.access import Access
from lightship.transports.anywhere import first_that_has_it
from lightship.transports.receiving import PassingBy
from lightship.transports.references import ANYWHERE, ENGINES, parse, spelling_note

if TYPE_CHECKING:
    from lightship.model.image import Image
    from lightship.model.platform import Platform
    from lightship.model.reference import Reference
    from lightship.transports.choosing import Catalogue
    from lightship.transports.receiving import Receiver
    from lightship.transports.stream import ReadLayer


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
    return open_received(text, PassingBy(read_layer), platform, access or Access())


def open_received(
    text: str, receiver: Receiver, platform: Platform | None, access: Access
) -> Image:
    """As `open_image`; what comes by once is received by `receiver`.

    Raises:
        LightshipError: as `open_image`, and what the receiver raises.
    """
    reference = _parsed(text, access)
    if reference.transport == ANYWHERE:
        return first_that_has_it(
            reference.location,
            lambda place: _open_one(place, platform, receiver, access),
            access,
        )
    return _open_one(reference, platform, receiver, access)


def open_all_platforms(
    text: str, *, read_layer: ReadLayer, access: Access | None = None
) -> tuple[Image, ...]:
    """Open one image for every platform that is stored, in the order of its index.

    Raises:
        LightshipError: as `open_image`.
    """
    return open_all_received(text, PassingBy(read_layer), access or Access())


def open_all_received(text: str, receiver: Receiver, access: Access) -> tuple[Image, ...]:
    """As `open_all_platforms`; what comes by once is received by `receiver`.

    Raises:
        LightshipError: as `open_received`.
    """
    reference = _parsed(text, access)
    if reference.transport == ANYWHERE:
        return first_that_has_it(
            reference.location, lambda place: _open_all(place, receiver, access), access
        )
    return _open_all(reference, receiver, access)


def _parsed(text: str, access: Access) -> Reference:
    if note := spelling_note(text):
        access.progress.note(note)
    return parse(text)


def _open_one(
    reference: Reference, platform: Platform | None, receiver: Receiver, access: Access
) -> Image:
    if reference.transport == "rootfs":
        return _rootfs(reference, platform)
    catalogue = _catalogue(reference, receiver, access)
    return catalogue.one(reference.selector, platform)


def _open_all(reference: Reference, receiver: Receiver, access: Access) -> tuple[Image, ...]:
    if reference.transport == "rootfs":
        return (_rootfs(reference, None),)
    return _catalogue(reference, receiver, access).all(reference.selector)


def _rootfs(reference: Reference, platform: Platform | None) -> Image:
    from lightship.transports.rootfs import open_rootfs  # noqa: PLC0415 - the rarest of them

    return open_rootfs(reference, platform)


def _catalogue(reference: Reference, receiver: Receiver, access: Access) -> Catalogue:
    # Each kind of place brings its own modules along; most runs need one.
    if reference.transport == "registry":
        from lightship.transports.registry import opening as registry  # noqa: PLC0415 - see above

        return registry.catalogue(reference, access)
    if reference.transport in ENGINES:
        from lightship.transports import engine  # noqa: PLC0415 - see above

        return engine.catalogue(reference, receiver, access)
    from lightship.transports import files  # noqa: PLC0415 - see above

    return files.catalogue(reference, receiver)
