"""The JSON documents of an image: index, manifest, config.

The raw bytes stay the truth; these are views of them.

Formats: OCI image-spec v1.1 (image-index.md, manifest.md, config.md, descriptor.md), Docker image
manifest v2 schema 2, and `manifest.json` of `docker save` (moby, image/spec/v1.2).
"""

from __future__ import annotations

import msgspec

from lightship.model.digest import Digest
from lightship.model.platform import Platform

MAX_MANIFEST_BYTES = 4 * 1024 * 1024
MAX_CONFIG_BYTES = 16 * 1024 * 1024

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
INDEXES = frozenset((OCI_INDEX, DOCKER_INDEX))
MANIFESTS = frozenset((OCI_MANIFEST, DOCKER_MANIFEST))

_ATTESTATION = "vnd.docker.reference.type"


class _Document(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Unknown keys are ignored here and survive in the raw bytes."""


class PlatformFields(msgspec.Struct, frozen=True, kw_only=True):
    """`platform` of a descriptor."""

    os: str = ""
    architecture: str = ""
    variant: str | None = None

    def platform(self) -> Platform:
        """As the house's own type."""
        return Platform(self.os, self.architecture, self.variant or "")


class Descriptor(_Document, frozen=True):
    """Points at a blob; `blob_bytes` is its claimed stored size."""

    digest: str
    blob_bytes: int = msgspec.field(name="size")
    media_type: str | None = None
    artifact_type: str | None = None
    annotations: dict[str, str] | None = None
    platform: PlatformFields | None = None
    urls: list[str] | None = None

    def checked_digest(self) -> Digest:
        """The digest, validated.

        Raises:
            ValueError: it is none.
        """
        return Digest(self.digest)

    @property
    def is_attestation(self) -> bool:
        """Whether this is BuildKit's record about an image and no image (`unknown/unknown`)."""
        notes = self.annotations or {}
        unknown = self.platform is not None and self.platform.os == "unknown"
        return notes.get(_ATTESTATION) == "attestation-manifest" or unknown


class Index(_Document, frozen=True):
    """An image index or Docker manifest list."""

    manifests: list[Descriptor] | None = None
    media_type: str | None = None
    annotations: dict[str, str] | None = None


class Manifest(_Document, frozen=True):
    """An image manifest; layers oldest first."""

    config: Descriptor
    layers: list[Descriptor] | None = None
    media_type: str | None = None
    annotations: dict[str, str] | None = None


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a config's history, oldest first."""

    created: str | None = None
    created_by: str | None = None
    author: str | None = None
    comment: str | None = None
    empty_layer: bool | None = None


class RootFs(msgspec.Struct, frozen=True, kw_only=True):
    """`rootfs` of a config."""

    diff_ids: list[str] | None = None


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """`config` of a config: how a container of this image runs."""

    user: str | None = msgspec.field(name="User", default=None)
    env: list[str] | None = msgspec.field(name="Env", default=None)
    entrypoint: list[str] | None = msgspec.field(name="Entrypoint", default=None)
    cmd: list[str] | None = msgspec.field(name="Cmd", default=None)
    working_dir: str | None = msgspec.field(name="WorkingDir", default=None)
    labels: dict[str, str] | None = msgspec.field(name="Labels", default=None)


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """An image configuration."""

    architecture: str = ""
    os: str = ""
    variant: str | None = None
    created: str | None = None
    config: Execution | None = None
    rootfs: RootFs | None = None
    history: list[HistoryEntry] | None = None

    def platform(self) -> Platform:
        """The platform the image says it is for; an absent system means linux."""
        return Platform(self.os or "linux", self.architecture or "unknown", self.variant or "")


class SavedImage(msgspec.Struct, frozen=True, kw_only=True):
    """One element of `manifest.json` in an archive that `docker save` wrote."""

    config: str = msgspec.field(name="Config", default="")
    repo_tags: list[str] | None = msgspec.field(name="RepoTags", default=None)
    layers: list[str] | None = msgspec.field(name="Layers", default=None)
