"""`inspect --manifest-only`: what an image weighs on the wire, without reading a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from lightship.analysis.pulling import DEFAULT_BANDWIDTH
from lightship.api.bases import find_base
from lightship.api.claims import (
    claimed_image,
    claimed_instructions,
    claimed_layers,
    distinct_bytes,
)
from lightship.api.opening import open_all_only, open_only
from lightship.api.options import ReadKeywords, ReadOptions
from lightship.model.results.manifest import (
    Download,
    ManifestBase,
    ManifestLayer,
    ManifestResult,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.analysis.base_end import BaseEnd
    from lightship.model.image import Image


def manifest_only(
    reference: str,
    *,
    platform: str | None = None,
    bandwidth: int = DEFAULT_BANDWIDTH,
    base: str | None = None,
    **reading: Unpack[ReadKeywords],
) -> ManifestResult:
    """Say what an image's documents tell of its wire bytes; no layer is read.

    Args:
        reference: an image in a registry, an OCI layout, or an archive with compressed layers.
        platform: `linux/arm64`...; None for this machine's where there is a choice.
        bandwidth: bytes a second, for the estimated download time.
        base: as for `inspect`.
        reading: as the fields of `lightship.ReadOptions`.

    Raises:
        UsageError: the wire sizes cannot be known without reading (plain layers of an archive).
        LightshipError: as `inspect`.
    """
    options = ReadOptions(**reading)
    return _answer(open_only(reference, platform, options.access()), bandwidth, base, options)


def manifest_only_all_platforms(
    reference: str,
    *,
    bandwidth: int = DEFAULT_BANDWIDTH,
    base: str | None = None,
    **reading: Unpack[ReadKeywords],
) -> tuple[ManifestResult, ...]:
    """As `manifest_only`, for every platform that is stored, in the order of the index."""
    options = ReadOptions(**reading)
    images = open_all_only(reference, options.access())
    return tuple(_answer(image, bandwidth, base, options) for image in images)


def _answer(image: Image, bandwidth: int, base: str | None, options: ReadOptions) -> ManifestResult:
    diff_ids = [str(layer.diff_id or "") for layer in image.layers]
    end = find_base(image, diff_ids, claimed_instructions(image), base, options)
    layers = claimed_layers(image, end)
    whole = claimed_image(image, layers)
    return ManifestResult(
        image=whole,
        layers=layers,
        base=_base(end, layers, len(image.config_bytes or b"")) if end else None,
        pull=Download(bandwidth, whole.wire_bytes / bandwidth),
        warnings=image.notes,
    )


def _base(end: BaseEnd, layers: Sequence[ManifestLayer], config_bytes: int) -> ManifestBase:
    over = layers[end.layers :]
    blobs = {layer.digest or layer.diff_id: layer.wire_bytes for layer in over}
    new = [layer for layer in over if layer.same_as is None]
    return ManifestBase(
        name=end.name,
        digest=end.digest,
        layers=end.layers,
        how=end.how,
        certain=end.certain,
        why=end.why,
        wire_bytes=distinct_bytes(layers[: end.layers]),
        payload_layers=len(over),
        payload_wire_bytes=sum(blobs.values()),
        pull_with_base_bytes=config_bytes + distinct_bytes(new),
    )
