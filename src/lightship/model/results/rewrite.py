"""What `squash`, `clean`, `recompress` and `copy` say. Sizes are bytes."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Rewrite = Literal["squash", "clean", "recompress", "copy"]
Outcome = Literal["written", "planned", "nothing"]
Fate = Literal["kept", "recompressed", "written"]


class Sizes(Struct, frozen=True, kw_only=True):
    """One image's figures.

    Attributes:
        layers: positions.
        wire_bytes: config and distinct layer blobs, compressed; None of plain layers that were
            copied.
        wire_bytes_estimated: always of a plan that writes layers; else where a layer is plain.
        unpacked_bytes: of all records; this and the next two are None of `copy`, which looks into
            no layer.
        visible_bytes: of the final tree.
        dead_bytes: the difference.
    """

    layers: int
    wire_bytes: int | None
    wire_bytes_estimated: bool
    unpacked_bytes: int | None
    visible_bytes: int | None
    dead_bytes: int | None


class Choice(Struct, frozen=True, kw_only=True):
    """What one value of `--keep` would give.

    Attributes:
        keep: the value: `base`, `none`, or a number.
        kept_layers: so many of the first layers stay.
        layers: of the new image.
        wire_bytes: estimated.
        unpacked_bytes: of all its records, exact.
        dead_bytes: of these, unpacked; they lie in layers that stay.
        pull_with_base_bytes: wire bytes that a node pulls which has the base image; estimated. Of
            an image whose base is not known: all.
        chosen: whether this is what was asked for.
    """

    keep: str
    kept_layers: int
    layers: int
    wire_bytes: int
    unpacked_bytes: int
    dead_bytes: int
    pull_with_base_bytes: int
    chosen: bool


class NewLayerRow(Struct, frozen=True, kw_only=True):
    """One layer of the new image.

    Attributes:
        position: 1..n in the new image.
        fate: `kept` has the same blob, `recompressed` the same tar, `written` another one.
        from_positions: of the old layers that it stands for.
        diff_id: None in a plan that was not carried out, of a layer that would be written.
        digest: of its blob; None in a plan, of a blob that would be made.
        codec: of its blob; None in a plan, where the destination decides.
        wire_bytes: of its blob, compressed; None where nobody knows, as of a plain blob that was
            copied.
        wire_bytes_estimated: of a plan; else of a plain blob.
        old_wire_bytes: of the blobs that it stands for; None likewise.
        unpacked_bytes: of its records; None of `copy`, which looks into no layer.
        old_unpacked_bytes: of the records of the layers that it stands for; None likewise.
    """

    position: int
    fate: Fate
    from_positions: tuple[int, ...]
    diff_id: str | None
    digest: str | None
    codec: str | None
    wire_bytes: int | None
    wire_bytes_estimated: bool
    old_wire_bytes: int | None
    unpacked_bytes: int | None
    old_unpacked_bytes: int | None


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


class RemovedBy(Struct, frozen=True, kw_only=True):
    """What goes for one reason.

    Attributes:
        reason: as in `Removed`.
        rule: likewise.
        names: that go, directories and links among them.
        files: inodes that go.
        content_bytes: unpacked, of these inodes; each counts once, over all reasons.
        wire_bytes: their share of the compressed blobs: an estimate.
    """

    reason: str
    rule: str | None
    names: int
    files: int
    content_bytes: int
    wire_bytes: int


class PackageLoss(Struct, frozen=True, kw_only=True):
    """What a package loses.

    Attributes:
        system, name, version: as its records have them; foreign text.
        files: inodes that it owned.
        lost: of these, those that go.
        whole: all of it goes, its own record too; else it stays listed.
        refused: why it keeps a file, where all were to go.
    """

    system: str
    name: str
    version: str | None
    files: int
    lost: int
    whole: bool
    refused: str | None = None


class MustStay(Struct, frozen=True, kw_only=True):
    """A name that was to go and must not; `reason` says why."""

    path: str
    reason: str
    path_base64: str | None = None


class Joined(Struct, frozen=True, kw_only=True):
    """Files of equal content that become hard links (`--dedupe`).

    Attributes:
        names: that become links.
        content_bytes: unpacked, of the copies that go.
        other_facts_bytes: unpacked, of copies that stay since their time, owner, mode or extended
            attributes differ.
        other_layer_bytes: of copies that stay since the first lies in another layer.
        other_place_bytes: of copies that stay since they lie where files are written to, have
            other names already, or are in a layer that stays.
    """

    names: int
    content_bytes: int
    other_facts_bytes: int
    other_layer_bytes: int
    other_place_bytes: int


class Cleaning(Struct, frozen=True, kw_only=True):
    """What `clean` takes out, and what it leaves.

    Attributes:
        by: what goes, by reason; most bytes first.
        packages: packages that lose files.
        base_names: names of files that were to go and lie in a layer that stays.
        base_bytes: unpacked, of these.
        must_stay: names that were to go and must not, in byte order; the first of them.
        must_stay_count: how many there are.
        joined: of `--dedupe`; None without.
        edited: files that get another content: package databases; their paths.
    """

    by: tuple[RemovedBy, ...]
    packages: tuple[PackageLoss, ...] = ()
    base_names: int = 0
    base_bytes: int = 0
    must_stay: tuple[MustStay, ...] = ()
    must_stay_count: int = 0
    joined: Joined | None = None
    edited: tuple[str, ...] = ()


class ProofResult(Struct, frozen=True, kw_only=True):
    """What was read back and compared, path by path.

    Attributes:
        names: names of the new tree that were compared in kind, mode, owner, times, extended
            attributes, link target, device number and link group.
        files: regular files whose SHA-256 were compared, of layers that were written.
        content_bytes: unpacked bytes of these.
        config_fields: fields of the config that were compared.
        removed: names that went. These and the next ones were all announced by the plan.
        edited: files whose content is another.
        linked: names that became hard links.
        clamped: names whose modification time is another.
        unmarked: names that lost extended attributes in which overlayfs keeps its state.
    """

    names: int
    files: int
    content_bytes: int
    config_fields: int = 0
    removed: int = 0
    edited: int = 0
    linked: int = 0
    clamped: int = 0
    unmarked: int = 0


class RewriteResult(Struct, frozen=True, kw_only=True):
    """A rewrite, planned or done.

    Attributes:
        rewrite: which command.
        source: canonical reference; foreign text.
        destination: the canonical reference of what was written; None of what was not.
        platform: `linux/amd64`.
        outcome: `written`; `planned` (`--plan`); `nothing` where nothing would be won, and nothing
            was written.
        why: of `nothing`, in one sentence.
        before: the source.
        after: what was written, or would be.
        base_layers: so many of the first layers are the base image's; None where nobody knows, or
            it was not asked.
        kept_layers: so many of the first layers stay: their tars are the same.
        sharing_lost_bytes: wire bytes of the base's layers that are other ones now: nodes and
            registries share the old ones with other images, and will not share these.
        choices: of a plan of `squash`: what each choice would give.
        layers: of the new image.
        removed: names that went, or would.
        cleaning: of `clean`, and of a squash that cleans: what goes and why, and what stays.
        source_digest: of the source's manifest.
        digest: of what the destination's name stands for now.
        image_id: of the new config.
        same_manifest: whether the new manifest is the source's, byte for byte.
        proof: what was compared; None of what was not written, and of `copy`, whose blobs are
            verified by their digests.
        notes: what a person should know.
    """

    schema: str = "lightship.rewrite/1"
    rewrite: Rewrite
    source: str
    destination: str | None
    platform: str
    outcome: Outcome
    why: str | None
    before: Sizes
    after: Sizes
    base_layers: int | None = None
    kept_layers: int = 0
    sharing_lost_bytes: int = 0
    choices: tuple[Choice, ...] = ()
    layers: tuple[NewLayerRow, ...] = ()
    removed: tuple[Removed, ...] = ()
    cleaning: Cleaning | None = None
    source_digest: str | None = None
    digest: str | None = None
    image_id: str | None = None
    same_manifest: bool = False
    proof: ProofResult | None = None
    notes: tuple[str, ...] = ()


class RewriteList(Struct, frozen=True, kw_only=True):
    """A rewrite of one image for several platforms, in the order of its index."""

    schema: str = "lightship.rewrite-list/1"
    rewrites: tuple[RewriteResult, ...]
