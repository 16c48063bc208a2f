"""The proof of a rewrite as a document that can be kept beside the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship import __version__
from lightship.model.digest import Digest
from lightship.model.results.proof import (
    ProofDocument,
    ProvenChange,
    ProvenChanges,
    ProvenLayer,
)
from lightship.printable import base64_of, decode_path
from lightship.rewrite.evidence import contents_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.layers.scan import LayerScan
    from lightship.model.image import Image
    from lightship.model.results.proof import HowProven
    from lightship.model.results.rewrite import Rewrite
    from lightship.rewrite.differences import Difference
    from lightship.rewrite.documents import LayerRow
    from lightship.rewrite.plan import Plan
    from lightship.rewrite.rewriting import Rewritten


def proof_document(
    command: Rewrite, image: Image, scans: Sequence[LayerScan], plan: Plan, done: Rewritten
) -> ProofDocument:
    """What was proven.

    Args:
        command: which rewrite it was.
        image: that was rewritten.
        scans: of its layers.
        plan: what was announced.
        done: what was made and proven.
    """
    proof = done.proof
    rows = zip(done.layers, done.scans, strict=True)
    return ProofDocument(
        lightship=__version__,
        rewrite=command,
        source=str(image.reference),
        platform=str(image.platform),
        source_digest=str(image.digest) if image.digest else None,
        source_image_id=str(Digest.of(image.config_bytes or b"")),
        digest=str(Digest.of(done.image.manifest)),
        image_id=str(done.image_id),
        names=proof.names,
        files=proof.files,
        content_bytes=proof.content_bytes,
        config_fields=proof.config_fields,
        config_changes=_config_changes(plan, done, scans),
        layers=tuple(_layer(at, *both, scans) for at, both in enumerate(rows, 1)),
        changes=tuple(
            ProvenChanges(
                kind=kind,  # type: ignore[arg-type]  # the proof has no other kinds
                count=count,
                rows=tuple(map(_change, proof.rows.get(kind, ()))),
            )
            for kind, count in proof.announced.items()
            if count
        ),
        dropped=done.notes,
    )


def _layer(
    position: int, row: LayerRow, scan: LayerScan, scans: Sequence[LayerScan]
) -> ProvenLayer:
    old = [scans[at - 1] for at in row.positions]
    how: HowProven = "read_back"
    if not row.is_new:
        how = "same_blob" if row.blob.digest == old[0].digest else "same_tar"
    return ProvenLayer(
        position=position,
        from_positions=row.positions,
        how=how,
        old_digests=tuple(str(one.digest) for one in old),
        old_diff_ids=tuple(str(one.diff_id) for one in old),
        digest=str(row.blob.digest),
        diff_id=str(row.diff_id),
        wire_bytes=row.blob.stored_bytes,
        files=len(contents_of(scan.index)) if row.is_new else 0,
        content_bytes=scan.index.unpacked_bytes if row.is_new else 0,
    )


def _config_changes(plan: Plan, done: Rewritten, scans: Sequence[LayerScan]) -> tuple[str, ...]:
    changed = []
    if [row.diff_id for row in done.layers] != [scan.diff_id for scan in scans]:
        changed += ["rootfs.diff_ids", "history"]
    elif plan.created is not None:
        changed.append("history")
    return tuple(changed) if plan.created is None else (*changed, "created")


def _change(row: Difference) -> ProvenChange:
    return ProvenChange(
        path=decode_path(row.path),
        what=row.what,
        before=row.before,
        after=row.after,
        path_base64=base64_of(row.path),
    )
