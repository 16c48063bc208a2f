"""What `inspect --manifest-only` answers: what an image's documents say. Sizes are bytes.

Nothing here was computed from layers: digests and sizes are the manifest's claims.
"""

from __future__ import annotations

from msgspec import Struct

from lightship.model.results.base import How  # noqa: TC001 - for who decodes a result


class ManifestImage(Struct, frozen=True):
    """The image as a whole."""

    reference: str
    digest: str | None
    image_id: str | None
    platform: str
    wire_bytes: int
    """Config plus distinct layer blobs, as the manifest gives their sizes."""
    layers: int
    created: str | None
    """As the config has it; foreign text."""


class ManifestLayer(Struct, frozen=True):
    """One layer, at its position."""

    index: int
    digest: str | None
    diff_id: str | None
    media_type: str | None
    wire_bytes: int
    created_by: str | None
    created_by_guessed: bool
    base: bool | None
    same_as: int | None


class ManifestBase(Struct, frozen=True):
    """The base image, as in `BaseImage`, without what only layers tell."""

    name: str | None
    digest: str | None
    layers: int
    how: How
    certain: bool
    why: str
    wire_bytes: int
    payload_layers: int
    payload_wire_bytes: int
    pull_with_base_bytes: int


class Download(Struct, frozen=True):
    """How long the download takes for a node that has none of the layers."""

    bandwidth_bytes_per_second: int
    download_seconds: float


class ManifestResult(Struct, frozen=True, kw_only=True):
    """Schema `lightship.manifest/1`. Layers oldest first."""

    schema: str = "lightship.manifest/1"
    image: ManifestImage
    layers: tuple[ManifestLayer, ...]
    base: ManifestBase | None
    """None where nothing tells where the base ends."""
    pull: Download
    gate: None = None
    warnings: tuple[str, ...]


class ManifestList(Struct, frozen=True, kw_only=True):
    """Schema `lightship.manifest-list/1`: one image for several platforms."""

    schema: str = "lightship.manifest-list/1"
    manifests: tuple[ManifestResult, ...]
