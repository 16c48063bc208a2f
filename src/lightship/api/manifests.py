"""`inspect --manifest-only`: what an image weighs on the wire, without reading a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from lightship.analysis.instructions import map_history
from lightship.analysis.pulling import DEFAULT_BANDWIDTH
from lightship.api.bases import find_base
from lightship.api.opening import open_all_only, open_only
from lightship.api.options import ReadKeywords, ReadOptions
from lightship.errors import UsageError
from lightship.model.digest import Digest
from lightship.model.results.manifest import (
    Download,
    ManifestBase,
    ManifestImage,
    ManifestLayer,
    ManifestResult,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.analysis.base_end import BaseEnd
    from lightship.analysis.instructions import Instructions
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
    history = image.config.history or ()
    # Without the layers nobody knows which of them are empty: each counts as one that is not.
    instructions = map_history(history, [1] * len(image.layers))
    diff_ids = [str(layer.diff_id or "") for layer in image.layers]
    end = find_base(image, diff_ids, instructions, base, options)
    config = image.config_bytes or b""
    layers = _layers(image, instructions, end)
    wire = len(config) + _distinct_bytes(layers)
    return ManifestResult(
        image=ManifestImage(
            reference=str(image.reference),
            digest=str(image.digest) if image.digest else None,
            image_id=str(Digest.of(config)) if image.config_bytes is not None else None,
            platform=str(image.platform),
            wire_bytes=wire,
            layers=len(layers),
            created=image.config.created,
        ),
        layers=layers,
        base=_base(end, layers, len(config)) if end else None,
        pull=Download(bandwidth, wire / bandwidth),
        warnings=image.notes,
    )


def _layers(
    image: Image, instructions: Instructions, end: BaseEnd | None
) -> tuple[ManifestLayer, ...]:
    # A manifest of an archive has a digest only if all its layers are stored compressed.
    known = image.stores_wire_blobs or (image.digest is not None)
    history = image.config.history or ()
    first: dict[str, int] = {}
    rows = []
    for layer, entry in zip(image.layers, instructions.entries, strict=True):
        if not known or layer.stored_bytes is None:
            raise UsageError(
                f"{image.reference} does not say how long its layers are when compressed",
                "Leave out --manifest-only, or name the image in a registry or OCI layout.",
            )
        position = layer.position
        same = first.setdefault(str(layer.digest or layer.diff_id), position)
        rows.append(
            ManifestLayer(
                index=position,
                digest=str(layer.digest) if layer.digest else None,
                diff_id=str(layer.diff_id) if layer.diff_id else None,
                media_type=layer.media_type,
                wire_bytes=layer.stored_bytes,
                created_by=history[entry].created_by if entry is not None else None,
                created_by_guessed=instructions.guessed,
                base=position <= end.layers if end else None,
                same_as=same if same != position else None,
            )
        )
    return tuple(rows)


def _distinct_bytes(layers: Sequence[ManifestLayer]) -> int:
    return sum(layer.wire_bytes for layer in layers if layer.same_as is None)


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
        wire_bytes=_distinct_bytes(layers[: end.layers]),
        payload_layers=len(over),
        payload_wire_bytes=sum(blobs.values()),
        pull_with_base_bytes=config_bytes + _distinct_bytes(new),
    )
