"""What `squash`, `clean`, `recompress` and `copy` say. Sizes are bytes."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Rewrite = Literal["squash", "clean", "recompress", "copy"]
Fate = Literal["kept", "recompressed", "written"]


class Sizes(Struct, frozen=True, kw_only=True):
    """One image's figures.

    Attributes:
        layers: positions.
        wire_bytes: config and distinct layer blobs; None where no blob is written (a plan).
        unpacked_bytes: of all records.
        visible_bytes: of the final tree.
        dead_bytes: the difference.
    """

    layers: int
    wire_bytes: int | None
    wire_bytes_estimated: bool
    unpacked_bytes: int
    visible_bytes: int
    dead_bytes: int


class NewLayerRow(Struct, frozen=True, kw_only=True):
    """One layer of the new image.

    Attributes:
        position: 1..n in the new image.
        fate: `kept` has the same blob, `recompressed` the same tar, `written` another.
        from_positions: of the old layers that it stands for.
        diff_id: None in a plan that was not carried out.
        digest: likewise.
        codec: of its blob.
        wire_bytes: of its blob; in a plan an estimate.
        old_wire_bytes: of the blobs that it stands for.
        unpacked_bytes: of its records.
    """

    position: int
    fate: Fate
    from_positions: tuple[int, ...]
    diff_id: str | None
    digest: str | None
    codec: str
    wire_bytes: int | None
    old_wire_bytes: int
    unpacked_bytes: int | None


class Removed(Struct, frozen=True, kw_only=True):
    """A name that went, and why.

    Attributes:
        path: foreign text.
        rule: whose finding named it; None where the user did (`--path`).
        reason: in a few words.
        content_bytes: unpacked, of the inode, at the name that carries it; else 0.
        layer: position in the old image of the layer that brought it.
        package: that it belonged to, or None.
    """

    path: str
    rule: str | None
    reason: str
    content_bytes: int
    layer: int
    package: str | None = None
    path_base64: str | None = None


class ProofResult(Struct, frozen=True, kw_only=True):
    """What was read back and compared, path by path.

    Attributes:
        names: names of the new tree that were compared in kind, mode, owner, times, extended
            attributes, link target, device number and link group.
        files: regular files whose SHA-256 were compared, of layers that were written.
        content_bytes: unpacked bytes of these.
        removed: names that went, each of them announced.
        changed: names that changed, each of them announced.
        config_fields: fields of the config that were compared.
    """

    names: int
    files: int
    content_bytes: int
    removed: int = 0
    changed: int = 0
    config_fields: int = 0


class RewriteResult(Struct, frozen=True, kw_only=True):
    """A rewrite, planned or done.

    Attributes:
        rewrite: which command.
        source: canonical reference; foreign text.
        destination: the canonical reference of what was written; None of a plan.
        platform: `linux/amd64`.
        outcome: `written`; `planned` (`--plan`); `nothing` where nothing would be won, and nothing
            was written.
        why: of `nothing`, in one sentence.
        sharing_lost_bytes: wire bytes of layers that nodes and registries may share with other
            images now, and will not any more.
        source_digest: of the source's manifest.
        digest: of the new manifest.
        image_id: of the new config.
    """

    schema: str = "lightship.rewrite/1"
    rewrite: Rewrite
    source: str
    destination: str | None
    platform: str
    outcome: Literal["written", "planned", "nothing"]
    why: str | None
    before: Sizes
    after: Sizes
    layers: tuple[NewLayerRow, ...]
    removed: tuple[Removed, ...] = ()
    sharing_lost_bytes: int = 0
    source_digest: str | None = None
    digest: str | None = None
    image_id: str | None = None
    proof: ProofResult | None = None
    notes: tuple[str, ...] = ()
