"""What an image's documents claim of its layers: wire bytes, without a layer being read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.instructions import Instructions, map_history
from lightship.errors import UsageError
from lightship.model.digest import Digest
from lightship.model.results.manifest import ManifestImage, ManifestLayer
from lightship.transports.opened import all_compressed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.analysis.base_end import BaseEnd
    from lightship.model.image import Image


def claimed_instructions(image: Image) -> Instructions:
    """How history and layers belong together, as far as counting tells.

    Without the layers nobody knows which of them are empty: each counts as one that is not.
    """
    return map_history(image.config.history or (), [1] * len(image.layers))


def claimed_layers(image: Image, end: BaseEnd | None = None) -> tuple[ManifestLayer, ...]:
    """A row for each layer, oldest first; `end` is where the base ends, if that is known.

    Raises:
        UsageError: the documents do not tell the wire size, since a layer is stored plain.
    """
    if not image.stores_wire_blobs:
        _see_that_sizes_are_those_of_wire_blobs(image)
    history = image.config.history or ()
    instructions = claimed_instructions(image)
    first: dict[object, int] = {}
    rows = []
    for layer, entry in zip(image.layers, instructions.entries, strict=True):
        position = layer.position
        same = first.setdefault(layer.digest or layer.diff_id or position, position)
        rows.append(
            ManifestLayer(
                index=position,
                digest=str(layer.digest) if layer.digest else None,
                diff_id=str(layer.diff_id) if layer.diff_id else None,
                media_type=layer.media_type,
                wire_bytes=layer.stored_bytes or 0,
                created_by=history[entry].created_by if entry is not None else None,
                created_by_guessed=instructions.guessed,
                base=position <= end.layers if end else None,
                same_as=same if same != position else None,
            )
        )
    return tuple(rows)


def claimed_image(image: Image, layers: Sequence[ManifestLayer]) -> ManifestImage:
    """The image as a whole: its wire bytes are those of the config and of the distinct blobs."""
    config = image.config_bytes
    return ManifestImage(
        reference=str(image.reference),
        digest=str(image.digest) if image.digest else None,
        image_id=str(Digest.of(config)) if config is not None else None,
        platform=str(image.platform),
        wire_bytes=len(config or b"") + distinct_bytes(layers),
        layers=len(layers),
        created=image.config.created,
    )


def distinct_bytes(layers: Sequence[ManifestLayer]) -> int:
    """Wire bytes of layers, each blob counted where it stands first in the image."""
    return sum(layer.wire_bytes for layer in layers if layer.same_as is None)


def _see_that_sizes_are_those_of_wire_blobs(image: Image) -> None:
    for layer in image.layers:
        why = ""
        if layer.stored_bytes is None:
            why = "has no size there"
        elif not all_compressed([layer]):
            why = "is stored uncompressed"
        if why:
            raise UsageError(
                f"{image.reference}: the manifest alone does not tell the wire size: "
                f"layer {layer.position} {why}",
                "Leave out --manifest-only, so that the layers are read, or name the image in a "
                "registry or OCI layout.",
            )
