"""What `--proof FILE` keeps: what was compared of a rewrite, how, and what it had announced.

Nothing in it depends on the clock: the same rewrite gives the same document. Sizes are bytes.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from lightship.model.results.rewrite import Rewrite  # noqa: TC001 - for who decodes a result

HowProven = Literal["same_blob", "same_tar", "read_back"]
ChangeKind = Literal["removed", "edited", "linked", "clamped", "unmarked"]


class ProvenLayer(Struct, frozen=True, kw_only=True):
    """One layer of the new image.

    Attributes:
        position: 1..n in the new image.
        from_positions: of the old layers that it stands for.
        how: `same_blob`: its stored bytes have the digest of the old ones, which were verified;
            `same_tar`: its blob was read back and unpacks to the old diff ID; `read_back`: its blob
            was read back, and every record and content of it compared.
        old_digests: of the old blobs.
        old_diff_ids: of the old tars.
        digest: of its blob.
        diff_id: of its tar.
        wire_bytes: of its blob.
        files: regular files with content that were read back, each by its SHA-256.
        content_bytes: unpacked bytes of these.
    """

    position: int
    from_positions: tuple[int, ...]
    how: HowProven
    old_digests: tuple[str, ...]
    old_diff_ids: tuple[str, ...]
    digest: str
    diff_id: str
    wire_bytes: int
    files: int
    content_bytes: int


class ProvenChange(Struct, frozen=True, kw_only=True):
    """A change that was announced, and found.

    Attributes:
        path: of the name, relative to the root, or of the config's field; foreign text.
        what: what of it changed.
        before: as text; foreign.
        after: as text; foreign.
    """

    path: str
    what: str
    before: str
    after: str
    path_base64: str | None = None


class ProvenChanges(Struct, frozen=True, kw_only=True):
    """The changes of one kind.

    Attributes:
        kind: `removed` names, `edited` files, names that became hard links (`linked`), `clamped`
            modification times, names without overlayfs' attributes (`unmarked`).
        count: how many.
        rows: the first 10,000 of them.
    """

    kind: ChangeKind
    count: int
    rows: tuple[ProvenChange, ...]


class ProofDocument(Struct, frozen=True, kw_only=True):
    """What was proven of a rewrite.

    Attributes:
        lightship: the version that proved it.
        rewrite: which command.
        source: canonical reference; foreign text.
        platform: `linux/amd64`.
        source_digest: of the source's manifest.
        source_image_id: of its config.
        digest: of the new manifest.
        image_id: of the new config.
        names: names of the new tree, each compared with the old one in kind, mode, owner, times,
            extended attributes, link target, device number and link group.
        files: regular files whose contents were read back and compared by SHA-256.
        content_bytes: unpacked bytes of these.
        config_fields: fields of the config that were compared.
        config_changes: those that were announced to change.
        layers: oldest first.
        changes: of the file tree, all of them announced.
        dropped: what of the source does not hold for the new image; foreign text.
    """

    schema: str = "lightship.proof/1"
    lightship: str
    rewrite: Rewrite
    source: str
    platform: str
    source_digest: str | None
    source_image_id: str
    digest: str
    image_id: str
    names: int
    files: int
    content_bytes: int
    config_fields: int
    config_changes: tuple[str, ...]
    layers: tuple[ProvenLayer, ...]
    changes: tuple[ProvenChanges, ...]
    dropped: tuple[str, ...]


class ProofList(Struct, frozen=True, kw_only=True):
    """The proofs of an image that was rewritten for several platforms."""

    schema: str = "lightship.proof-list/1"
    proofs: tuple[ProofDocument, ...]
