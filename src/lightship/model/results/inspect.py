"""What `inspect` answers. Sizes are bytes; which bytes, docs/reference/vocabulary.md says."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from lightship.model.finding import Finding  # noqa: TC001 - for who decodes a result
from lightship.model.results.base import BaseImage  # noqa: TC001
from lightship.model.results.contents import Contents  # noqa: TC001
from lightship.model.results.node import NodeEffect  # noqa: TC001

LISTED = 50
"""Rows of each list of files, unless more are asked for."""

DeadKind = Literal["deleted", "overwritten", "metadata_copy", "in_layer_duplicate"]
Verified = Literal["read", "cached"]


class ImageFigures(Struct, frozen=True):
    """The image as a whole."""

    reference: str
    digest: str | None
    """Of the manifest; None where no registry would know it."""
    image_id: str | None
    """Digest of the config; None for a root file system."""
    platform: str
    wire_bytes: int
    """Config plus distinct layer blobs, compressed: what a node pulls."""
    wire_bytes_estimated: bool
    wire_bytes_error: int
    """Half the width of the 95 % interval of the estimate; 0 if exact."""
    unpacked_bytes: int
    visible_bytes: int
    dead_bytes: int
    duplicate_bytes: int
    efficiency: float
    files: int
    layers: int


class KilledBy(Struct, frozen=True):
    """How many bytes of one layer another layer made dead."""

    layer: int
    kind: DeadKind
    bytes: int
    files: int


class LayerFigures(Struct, frozen=True):
    """One layer, at its position."""

    index: int
    digest: str | None
    diff_id: str
    media_type: str | None
    wire_bytes: int
    wire_bytes_estimated: bool
    wire_bytes_error: int
    unpacked_bytes: int
    dead_bytes: int
    files: int
    created_by: str | None
    created_by_guessed: bool
    """True where the history does not match the layers, so that the instruction is a guess."""
    base: bool | None
    """Whether it is the base image's; None where nobody knows."""
    same_as: int | None
    """The first position with the same layer, if that is another one."""
    killed: tuple[KilledBy, ...]
    """This layer's dead bytes by the layer that killed them, most first."""


class DeadByKind(Struct, frozen=True):
    """`dead_bytes` of the image by what took the last name."""

    deleted: int
    overwritten: int
    metadata_copy: int
    in_layer_duplicate: int


class DeadFile(Struct, frozen=True):
    """One dead inode. `path_base64` only where the path is not UTF-8."""

    path: str
    layer: int
    killed_by: int
    kind: DeadKind
    bytes: int
    path_base64: str | None = None


class DeadDirectory(Struct, frozen=True):
    """A directory in which dead bytes gather, of one layer, killed by one layer in one way."""

    path: str
    layer: int
    killed_by: int
    kind: DeadKind
    bytes: int
    files: int
    path_base64: str | None = None


class VisibleFile(Struct, frozen=True):
    """One file of the final tree; `layer` is the one that holds its content."""

    path: str
    layer: int
    bytes: int
    path_base64: str | None = None


class Move(Struct, frozen=True):
    """A file (or a directory of them) that one layer brought and a higher one moved."""

    source: str
    target: str
    layer: int
    moved_by: int
    bytes: int
    files: int
    source_base64: str | None = None
    target_base64: str | None = None


class Duplicate(Struct, frozen=True):
    """Equal content at several paths of the final tree; `bytes` is what all copies but one take."""

    paths: tuple[str, ...]
    """The first few in byte order."""
    copies: int
    content_bytes: int
    bytes: int
    paths_base64: tuple[str | None, ...] | None = None


class Win(Struct, frozen=True):
    """Something worth doing, with the unpacked bytes it wins."""

    what: str
    how: str
    bytes: int
    layer: int | None
    paths: tuple[str, ...] = ()


class PullTime(Struct, frozen=True):
    """Estimated for a node that has none of the layers (docs/reference/vocabulary.md)."""

    bandwidth_bytes_per_second: int
    download_seconds: float
    unpack_seconds: float


class InspectResult(Struct, frozen=True):
    """Schema `lightship.report/1`. Layers oldest first."""

    verified: Verified
    image: ImageFigures
    layers: tuple[LayerFigures, ...]
    dead: DeadByKind
    largest_dead: tuple[DeadFile, ...]
    largest_dead_directories: tuple[DeadDirectory, ...]
    largest_files: tuple[VisibleFile, ...]
    moves: tuple[Move, ...]
    duplicates: tuple[Duplicate, ...]
    wins: tuple[Win, ...]
    pull: PullTime
    warnings: tuple[str, ...]
    """What is odd about the image and bears on the figures; foreign names inside."""
    base: BaseImage | None = None
    """None where nothing tells where the base ends."""
    node: NodeEffect | None = None
    """None unless a node was described."""
    contents: Contents | None = None
    """What the visible bytes are, and whose; None where nobody asked (`diff`, `check`)."""
    removable_bytes: int | None = None
    """What all findings that free bytes free together, each byte once; None as `contents`."""
    findings: tuple[Finding, ...] = ()
    """The weightiest first; the suppressed ones last."""
    gate: None = None
    schema: str = "lightship.report/1"
