"""The manifest that a new image gets at a destination, and what is left behind with the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from lightship.errors import DestinationError
from lightship.layers.scan import Codec
from lightship.model.image import Listed, Manifested
from lightship.rewrite.documents import new_manifest
from lightship.rewrite.leftovers import left_behind
from lightship.transports.indexes import family_of
from lightship.transports.storing import NewImage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.image import Image, RawManifest
    from lightship.rewrite.documents import LayerRow, NewManifest
    from lightship.transports.storing import Family, StagedBlob, Staging


def manifest_for(
    image: Image,
    staging: Staging,
    config: StagedBlob,
    layers: Sequence[LayerRow],
    *,
    keeps_base: bool = True,
) -> NewManifest:
    """The new manifest; its notes tell what of the source does not hold for it.

    Args:
        image: that was rewritten.
        staging: where the new one goes.
        config: of the new one.
        layers: of the new one.
        keeps_base: whether the layers of the base image stay.

    Raises:
        DestinationError: the destination takes Docker's media types alone, and a layer is zstd.
    """
    old = raw_manifest(image)
    family = _family(old, layers, staging)
    made = new_manifest(old, config, layers, family, keeps_base=keeps_base)
    same = old is not None and old.data == made.data
    attached = image.attached() if isinstance(image, Manifested) else ()
    return replace(made, notes=(*made.notes, *left_behind(attached, same_manifest=same)))


def new_image(image: Image, made: NewManifest) -> NewImage:
    """The image that a manifest was made for, to be committed."""
    listed = image.listed_as if isinstance(image, Listed) else None
    return NewImage(made.data, made.media_type, image.platform, image.digest, listed)


def raw_manifest(image: Image) -> RawManifest | None:
    """The image's manifest as it is stored; None where it has none."""
    return image.manifest if isinstance(image, Manifested) else None


def zstd_note(layers: Sequence[LayerRow], old: Sequence[Codec]) -> tuple[str, ...]:
    """A word where layers became zstd that were not (M5).

    Args:
        layers: of the new image.
        old: how the old layers are compressed, by position.
    """
    for row in layers:
        before = {old[position - 1] for position in row.positions}
        if row.codec is Codec.ZSTD and before != {Codec.ZSTD}:
            return ("Docker before 23 and containerd before 1.5 cannot unpack zstd layers",)
    return ()


def _family(old: RawManifest | None, layers: Sequence[LayerRow], staging: Staging) -> Family:
    """The image's own media types, where the destination takes them; zstd is OCI's alone (M4)."""
    families = staging.accepts.families
    if any(row.codec is Codec.ZSTD for row in layers):
        if "oci" not in families:
            raise DestinationError(
                f"{staging.where} takes Docker's media types alone, which know no zstd",
                "Use --codec gzip, or write to another tag.",
            )
        return "oci"
    own = family_of(old.media_type) if old is not None else families[0]
    return own if own in families else families[0]
