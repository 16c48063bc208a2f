"""What `diff` answers. Sizes are bytes; which bytes, docs/reference/vocabulary.md says.

`a` is the image before, `b` the image after. A delta is b less a, so growth is positive.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from lightship.model.results.inspect import ImageFigures, PullTime, Verified  # noqa: TC001 # read at run time

LISTED = 50
"""Rows of each list, unless more are asked for."""

Sharing = Literal["chain", "blob", "recompressed", "none", "gone"]
"""What of a layer of b a node that has a has: the layer and all below it; its blob; the same
content in another blob; nothing. `gone`: b has no such layer."""
Status = Literal["same", "changed", "added", "removed"]
FileKind = Literal[
    "regular", "hard_link", "symlink", "directory", "character_device", "block_device", "fifo"
]
Fact = Literal[
    "kind", "content", "link_target", "device", "mode", "uid", "gid", "xattrs", "links", "mtime"
]
"""What can differ of one name. The first four make it `changed`, the others `metadata`."""


class Deltas(Struct, frozen=True):
    """The figures of b less those of a."""

    wire_bytes: int
    wire_bytes_estimated: bool
    wire_bytes_error: int
    """Half the width of the 95 % interval; layers that both images have do not count in it."""
    unpacked_bytes: int
    visible_bytes: int
    dead_bytes: int
    duplicate_bytes: int
    files: int
    layers: int


class SharedWithA(Struct, frozen=True):
    """What of b a node that has a need not pull or unpack."""

    chain_layers: int
    """Number of first layers with equal diff IDs: what a node's snapshots share."""
    chain_unpacked_bytes: int
    blobs: int
    """Distinct layer blobs of b that a has, wherever they stand."""
    blobs_wire_bytes: int


class PullGrowth(Struct, frozen=True):
    """What a node that has a pays to pull b (docs/how-to/compare-two-images.md)."""

    wire_bytes: int
    """Config, if it differs, and the distinct layer blobs that a does not have."""
    wire_bytes_estimated: bool
    wire_bytes_error: int
    config_bytes: int
    """0 if the configs are the same."""
    blobs: int
    unpacked_bytes: int
    """Of the layers beyond the shared chain: each is unpacked, also one that is not pulled."""
    layers: int
    files: int
    chain_wire_bytes: int
    """The same for a node that keeps unpacked layers only, as Docker's own store does."""
    time: PullTime


class InstructionGrowth(Struct, frozen=True):
    """A layer of a, of b, or of both. A blob that stands at several positions counts at the first.

    All `wire_bytes` of one image together, and its config's, are its `wire_bytes`.
    """

    status: Status
    """`same`: one diff ID. `changed`: the instruction that corresponds made another layer."""
    a_layer: int | None
    b_layer: int | None
    created_by: str | None
    """As b says it; as a does for a layer that is gone."""
    a_created_by: str | None
    """Where a says it otherwise; else null."""
    created_by_guessed: bool
    a_wire_bytes: int
    b_wire_bytes: int
    wire_bytes_estimated: bool
    a_unpacked_bytes: int
    b_unpacked_bytes: int
    sharing: Sharing


class DirectoryGrowth(Struct, frozen=True):
    """A directory and all below it. `wire_bytes` is the estimated share of the layers' blobs."""

    path: str
    visible_bytes: int
    wire_bytes: int
    files: int
    path_base64: str | None = None


class Elsewhere(Struct, frozen=True):
    """What no listed directory holds; with it the rows add up to the images' deltas."""

    visible_bytes: int
    """In other directories."""
    files: int
    wire_bytes: int
    """The share of live files in other directories."""
    dead_wire_bytes: int
    """The share of what is dead in its image."""
    overhead_wire_bytes: int
    """Configs, and layers without any record."""


class Names(Struct, frozen=True):
    """Names to which one thing happened. Content bytes, each inode's once."""

    names: int
    files: int
    a_bytes: int
    b_bytes: int


class Changes(Struct, frozen=True):
    """How many names differ. Each is counted once."""

    added: Names
    removed: Names
    changed: Names
    """Content, kind, link target or device number differ."""
    metadata: Names
    """Only mode, owner, extended attributes or hard links differ, the time perhaps too."""
    touched: Names
    """Only the modification time differs."""
    moved: Names
    """Gone from one path and come at another, byte for byte."""


class FileFacts(Struct, frozen=True):
    """What a name is in one image."""

    kind: FileKind
    layer: int | None
    """The layer that holds it; null for a directory that no layer lists."""
    content_bytes: int
    mode: int
    """Permission bits: 493 is 0o755."""
    uid: int
    gid: int
    mtime: str
    """UTC, RFC 3339, as exact as the layer says."""
    link_target: str | None
    device: str | None
    """Major and minor number: `8:1`."""
    xattrs: tuple[str, ...]
    """Names of extended attributes."""
    linked_to: str | None
    """A name that shares the inode; of several the one that carries it."""


class ChangedName(Struct, frozen=True):
    """One name that differs. `a` is null if it was added, `b` if it was removed."""

    path: str
    facts: tuple[Fact, ...]
    """What differs; empty if it was added or removed."""
    a: FileFacts | None
    b: FileFacts | None
    path_base64: str | None = None


class MovedNames(Struct, frozen=True):
    """A file, or a directory with what moved along in it."""

    source: str
    target: str
    names: int
    files: int
    content_bytes: int
    source_base64: str | None = None
    target_base64: str | None = None


class DiffResult(Struct, frozen=True):
    """Schema `lightship.diff/1`. Lists have the largest first; instructions are oldest first."""

    verified: Verified
    a: ImageFigures
    b: ImageFigures
    identical: bool
    """Same config and same layers."""
    same_files: bool
    """No name of the final trees differs, not even in its time."""
    delta: Deltas
    shared: SharedWithA
    pull: PullGrowth
    instructions: tuple[InstructionGrowth, ...]
    directories: tuple[DirectoryGrowth, ...]
    """Those that explain most of the visible growth, none inside another."""
    elsewhere: Elsewhere
    changes: Changes
    added: tuple[ChangedName, ...]
    removed: tuple[ChangedName, ...]
    changed: tuple[ChangedName, ...]
    metadata: tuple[ChangedName, ...]
    touched: tuple[ChangedName, ...]
    """Empty unless asked for."""
    moved: tuple[MovedNames, ...]
    warnings: tuple[str, ...]
    schema: str = "lightship.diff/1"
