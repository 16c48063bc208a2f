"""Open an image and read no layer: of a registry, one request each for its documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.errors import UsageError
from lightship.model.platform import Platform
from lightship.transports.opening import open_all_platforms, open_image

if TYPE_CHECKING:
    from lightship.layers.scan import LayerScan
    from lightship.model.image import Image
    from lightship.transports.access import Access


def open_only(reference: str, platform: str | None, access: Access) -> Image:
    """The image for one platform.

    Raises:
        UsageError: the reference is wrong, or its layers would come by anyway: a pipe, an engine.
        LightshipError: as `inspect`.
    """
    wanted = parse_platform(platform)
    return open_image(reference, platform=wanted, read_layer=_unwanted, access=access)


def open_all_only(reference: str, access: Access) -> tuple[Image, ...]:
    """The images for every platform that is stored.

    Raises:
        LightshipError: as `open_only`.
    """
    return open_all_platforms(reference, read_layer=_unwanted, access=access)


def parse_platform(text: str | None) -> Platform | None:
    """Read a platform; None stays None.

    Raises:
        UsageError: it is none.
    """
    if text is None:
        return None
    try:
        return Platform.parse(text)
    except ValueError as problem:
        raise UsageError(str(problem), "Write linux/amd64, linux/arm64/v8, or arm64.") from problem


def _unwanted(_stream: object) -> LayerScan:
    raise UsageError(
        "a pipe or an engine gives an image with its layers, not by its manifest alone",
        "Leave out --manifest-only, or name it in a registry or layout.",
    )
