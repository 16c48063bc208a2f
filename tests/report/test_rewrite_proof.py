"""The document of `--proof`."""

from __future__ import annotations

import json

from lightship.model.results.proof import (
    ProofDocument,
    ProvenChange,
    ProvenChanges,
    ProvenLayer,
)
from lightship.report.rewrite_proof import proof_json

from .test_json import check

LAYER = ProvenLayer(
    position=1,
    from_positions=(1, 2),
    how="read_back",
    old_digests=("sha256:1", "sha256:2"),
    old_diff_ids=("sha256:3", "sha256:4"),
    digest="sha256:5",
    diff_id="sha256:6",
    wire_bytes=10,
    files=1,
    content_bytes=2,
)
GONE = ProvenChange(
    path="a\ufffd", what="removed", before="there", after="gone", path_base64="Yf8="
)
PROOF = ProofDocument(
    lightship="0.1.0",
    rewrite="clean",
    source="oci:a",
    platform="linux/amd64",
    source_digest=None,
    source_image_id="sha256:7",
    digest="sha256:8",
    image_id="sha256:9",
    names=3,
    files=1,
    content_bytes=2,
    config_fields=4,
    config_changes=("history",),
    layers=(LAYER,),
    changes=(ProvenChanges(kind="removed", count=1, rows=(GONE,)),),
    dropped=("cosign signature \x1b[31m",),
)


def test_one_proof_is_a_document_and_several_are_a_list() -> None:
    document = json.loads(proof_json([PROOF]))
    check(document)
    assert document["changes"][0]["rows"][0]["path_base64"] == "Yf8="
    several = json.loads(proof_json([PROOF, PROOF]))
    check(several)
    assert several["proofs"] == [document, document]
    assert "\x1b" not in proof_json([PROOF])
