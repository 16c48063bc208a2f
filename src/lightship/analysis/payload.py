"""The bytes of a base image, and of what lies over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.results.base import BaseImage, Payload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.analysis.base_end import BaseEnd
    from lightship.model.results.inspect import LayerFigures


def base_image(end: BaseEnd, layers: Sequence[LayerFigures], config_bytes: int) -> BaseImage:
    """Split the figures of all layers, oldest first, where the base ends."""
    base, over = layers[: end.layers], layers[end.layers :]
    base_blobs, over_blobs = _blobs(base), _blobs(over)
    pulled = [blob for key, blob in over_blobs.items() if key not in base_blobs]
    return BaseImage(
        name=end.name,
        digest=end.digest,
        layers=end.layers,
        how=end.how,
        certain=end.certain,
        why=end.why,
        wire_bytes=sum(blob.wire_bytes for blob in base_blobs.values()),
        wire_bytes_estimated=_estimated(base),
        unpacked_bytes=sum(layer.unpacked_bytes for layer in base),
        dead_bytes=sum(layer.dead_bytes for layer in base),
        payload=Payload(
            layers=len(over),
            wire_bytes=sum(blob.wire_bytes for blob in over_blobs.values()),
            wire_bytes_estimated=_estimated(over),
            unpacked_bytes=sum(layer.unpacked_bytes for layer in over),
            visible_bytes=sum(layer.unpacked_bytes - layer.dead_bytes for layer in over),
            dead_bytes=sum(layer.dead_bytes for layer in over),
        ),
        pull_with_base_bytes=config_bytes + sum(blob.wire_bytes for blob in pulled),
        pull_with_base_estimated=_estimated(pulled),
    )


def _blobs(layers: Sequence[LayerFigures]) -> dict[str, LayerFigures]:
    return {layer.digest or layer.diff_id: layer for layer in layers}


def _estimated(layers: Sequence[LayerFigures]) -> bool:
    return any(layer.wire_bytes_estimated for layer in layers)
