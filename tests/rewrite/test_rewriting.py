"""Whole rewrites of images on disk: what is written, what is left behind, and what never is."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from independent import layouts
from lightship.analysis.instructions import map_history
from lightship.api.copying import copy
from lightship.api.measuring import measure
from lightship.api.options import ReadOptions
from lightship.api.recompressing import recompress
from lightship.api.rewriting import Order
from lightship.api.squashing import squash, squash_order
from lightship.errors import UsageError
from lightship.model.image import Manifested
from lightship.rewrite.copying import write_tar
from lightship.rewrite.differences import ProofFailedError
from lightship.rewrite.documents import new_config
from lightship.rewrite.plan import Plan
from lightship.rewrite.records import KeptLayer, NewLayer
from lightship.testing import File, Link, assert_same_tree, build_image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lightship.model.results.proof import ProofDocument
    from lightship.rewrite.copying import Sources
    from lightship.testing import Layer

LAYERS: list[Layer] = [
    {"etc/conf": File(b"1", mtime=100), "old": b"x" * 5000, "a": b"a", "b": Link("a")},
    {".wh.old": b"", "app/main": File(b"2" * 3000, mtime=2_000_000_000)},
    {"app/main": File(b"3" * 3000, mtime=1_500_000_000), "app/data": b"d"},
]
STARGZ = "containerd.io/snapshot/stargz/toc.digest"


def blobs(place: Path) -> dict[str, bytes]:
    """Everything that a layout holds."""
    return {str(one.relative_to(place)): one.read_bytes() for one in place.rglob("*.*")} | {
        one.name: one.read_bytes() for one in (place / "blobs" / "sha256").iterdir()
    }


def config_of(place: Path) -> dict[str, Any]:
    config: dict[str, Any] = json.loads(layouts.load(place, layouts.manifest_of(place)["config"]))
    return config


def add_to_index(source: str, document: bytes, **entry: object) -> None:
    """Put one more manifest into a layout's index."""
    place = layouts.folder(source)
    added = {**layouts.store(place, document), **entry}
    layouts.change(source, index=lambda index: index["manifests"].append(added))


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    source = build_image(LAYERS, directory=tmp_path)
    for name in ("one", "two"):
        squash(source, f"oci:{tmp_path / name}:tag", keep=1)
    assert blobs(tmp_path / "one") == blobs(tmp_path / "two")
    assert_same_tree(source, f"oci:{tmp_path / 'one'}:tag")


def test_a_failed_proof_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong while a layer is written: the last moment never comes."""

    def spoiling(layer: NewLayer, sources: Sources, give: Callable[..., object]) -> bytes:
        return write_tar(
            layer, sources, lambda data: give(bytes(data).replace(b"3" * 512, b"4" * 512))
        )

    source = build_image(LAYERS, directory=tmp_path)
    there = tmp_path / "there"
    squash(source, f"oci:{there}:tag")
    before = blobs(there)
    monkeypatch.setattr("lightship.rewrite.layer_writer.write_tar", spoiling)
    for destination in (f"oci:{there}:tag", f"oci:{tmp_path / 'new'}:tag"):
        with pytest.raises(ProofFailedError, match="app/main: content: sha256:"):
            squash(source, destination, keep=1)
    for form in ("oci-archive", "docker-archive"):
        with pytest.raises(ProofFailedError):
            squash(source, f"{form}:{tmp_path / form}", keep=1)
    assert blobs(there) == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["image-1", "there"]


def test_a_config_that_is_not_what_was_made_fails_the_proof(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoiling(*arguments: Any, **options: Any) -> bytes:
        return new_config(*arguments, **options).replace(b"amd64", b"arm64")

    monkeypatch.setattr("lightship.rewrite.rewriting.new_config", spoiling)
    source = build_image(LAYERS, directory=tmp_path)
    with pytest.raises(ProofFailedError, match='architecture: config: "amd64" -> "arm64"'):
        squash(source, f"oci:{tmp_path / 'new'}:tag")
    assert not (tmp_path / "new").exists()


def test_unknown_keys_survive_everywhere_c10(tmp_path: Path) -> None:
    source = build_image(LAYERS, directory=tmp_path)

    def strange(document: dict[str, Any]) -> None:
        document["x-unknown"] = {"n": 1.0, "l": [None]}

    def config_and_history(config: dict[str, Any]) -> None:
        strange(config)
        strange(config["history"][0])

    def manifest_and_layer(manifest: dict[str, Any]) -> None:
        strange(manifest)
        strange(manifest["layers"][0])

    layouts.change(source, config=config_and_history, manifest=manifest_and_layer)
    squash(source, f"oci:{tmp_path / 'new'}:tag", keep=1)
    config, manifest = config_of(tmp_path / "new"), layouts.manifest_of(tmp_path / "new")
    for document in (config, config["history"][0], manifest, manifest["layers"][0]):
        assert document["x-unknown"] == {"n": 1.0, "l": [None]}


def test_history_names_the_layers_that_became_one(tmp_path: Path) -> None:
    source = build_image(
        LAYERS,
        directory=tmp_path,
        history=[
            {"created_by": "ADD x"},
            {"created_by": "RUN y"},
            {"created_by": "COPY z"},
            {"created_by": 'CMD ["z"]', "empty_layer": True},
        ],
    )
    squash(source, f"oci:{tmp_path / 'new'}:tag", keep=1)
    read = measure(f"oci:{tmp_path / 'new'}:tag", None, ReadOptions())
    assert [entry.created_by for entry in read.history] == [
        *("ADD x", "RUN y", "COPY z", "lightship squash", 'CMD ["z"]'),
    ]
    assert read.instructions == map_history(read.history, [1, 1])
    assert read.instructions.entries == (0, 3)
    assert read.history[3].comment == "layers 2 to 3 in one: RUN y; COPY z"


# Copies and other blobs.


@pytest.mark.parametrize("form", ["oci", "oci-archive"])
def test_what_changes_nothing_keeps_the_manifests_bytes(tmp_path: Path, form: str) -> None:
    source = build_image(LAYERS, directory=tmp_path)
    layouts.change(
        source, manifest=lambda m: m.update(annotations={"own": "x"}, subject=m["config"], y=1.0)
    )
    copied = copy(source, f"{form}:{tmp_path / 'new'}:tag")
    assert copied.digest == copied.source_digest
    squashed = squash(
        f"{form}:{tmp_path / 'new'}:tag", f"oci:{tmp_path / 'third'}:tag", keep="none"
    )
    assert squashed.digest != copied.digest
    assert any("subject" in note for note in squashed.notes)


def test_zstd_is_said_to_be_too_new_for_some_m5(tmp_path: Path) -> None:
    source = build_image(LAYERS, directory=tmp_path)
    made = recompress(source, f"oci:{tmp_path / 'new'}:tag", codec="zstd", level=9)
    assert any("Docker before 23" in note for note in made.notes)
    assert (
        made.image_id
        == "sha256:"
        + hashlib.sha256(
            layouts.load(
                layouts.folder(source), layouts.manifest_of(layouts.folder(source))["config"]
            )
        ).hexdigest()
    )
    again = recompress(
        f"oci:{tmp_path / 'new'}:tag", f"oci:{tmp_path / 'b'}:tag", codec="zstd", level=1
    )
    assert not any("Docker before 23" in note for note in again.notes)


def test_tables_of_lazy_formats_are_dropped_where_they_lie(tmp_path: Path) -> None:
    source = build_image(LAYERS, directory=tmp_path)

    def lazy(manifest: dict[str, Any]) -> None:
        for layer in manifest["layers"]:
            layer["annotations"] = {STARGZ: "sha256:0", "own": "x"}

    layouts.change(source, manifest=lazy)
    made = squash(source, f"oci:{tmp_path / 'new'}:tag", keep=1)
    layers = layouts.manifest_of(tmp_path / "new")["layers"]
    assert layers[0]["annotations"] == {STARGZ: "sha256:0", "own": "x"}
    assert "annotations" not in layers[1]
    assert any(STARGZ in note for note in made.notes)


def test_a_layer_listed_twice_is_compressed_once_c1(tmp_path: Path) -> None:
    source = build_image([LAYERS[0], LAYERS[0]], directory=tmp_path, codec="plain")
    made = recompress(source, f"oci:{tmp_path / 'new'}:tag", level=1)
    assert made.layers[0].digest == made.layers[1].digest
    assert len(layouts.manifest_of(tmp_path / "new")["layers"]) == 2


# What belongs to the source alone.


def test_attestations_and_signatures_are_named_i2_i3(tmp_path: Path) -> None:
    source = layouts.change(build_image(LAYERS, directory=tmp_path))  # as it is written below
    digest = layouts.index_of(layouts.folder(source))["manifests"][0]["digest"]
    artifact = {"schemaVersion": 2, "config": layouts.manifest_of(layouts.folder(source))["config"]}
    add_to_index(
        source,
        json.dumps({**artifact, "layers": []}).encode(),
        mediaType="application/vnd.oci.image.manifest.v1+json",
        platform={"os": "unknown", "architecture": "unknown"},
        annotations={
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": digest,
        },
    )
    add_to_index(
        source,
        json.dumps({**artifact, "layers": [], "n": 2}).encode(),
        mediaType="application/vnd.oci.image.manifest.v1+json",
        annotations={"org.opencontainers.image.ref.name": f"sha256-{digest[7:]}.sig"},
    )
    add_to_index(
        source,
        json.dumps(
            {**artifact, "artifactType": "application/sbom", "subject": {"digest": digest}}
        ).encode(),
        mediaType="application/vnd.oci.image.manifest.v1+json",
    )
    add_to_index(  # about another image
        source,
        json.dumps({**artifact, "subject": {"digest": "sha256:" + "0" * 64}, "n": 3}).encode(),
        mediaType="application/vnd.oci.image.manifest.v1+json",
    )
    made = squash(f"{source}:latest", f"oci:{tmp_path / 'new'}:tag", keep=1)
    told = "\n".join(made.notes)
    assert "attestation (provenance, SBOM) sha256:" in told
    assert f"cosign signature sha256-{digest[7:]}.sig" in told
    assert "application/sbom sha256:" in told
    assert told.count("does not hold for the new image: left behind") == 3
    copied = copy(f"{source}:latest", f"oci:{tmp_path / 'copy'}:tag")
    assert "\n".join(copied.notes).count("was not copied") == 3


def test_an_image_whose_index_is_broken_beside_it_is_rewritten_all_the_same(tmp_path: Path) -> None:
    source = build_image(LAYERS, directory=tmp_path)
    add_to_index(
        source,
        b"no json",
        mediaType="application/vnd.oci.image.manifest.v1+json",
        annotations={"org.opencontainers.image.ref.name": "broken"},
    )
    made = squash(f"{source}:latest", f"oci:{tmp_path / 'new'}:tag", keep=1)
    assert made.outcome == "written"
    assert not made.notes


@pytest.mark.parametrize("form", ["oci", "oci-archive", "docker-archive", "docker-archive-25"])
def test_images_give_their_raw_manifest(tmp_path: Path, form: Any) -> None:
    image = measure(build_image(LAYERS, directory=tmp_path, form=form), None, ReadOptions()).image
    assert isinstance(image, Manifested)
    if form == "docker-archive":
        assert image.manifest is None
        return
    assert image.manifest is not None
    assert image.digest in (None, "sha256:" + hashlib.sha256(image.manifest.data).hexdigest())
    assert image.manifest.media_type == "application/vnd.oci.image.manifest.v1+json"
    assert image.attached() == ()


# Dates.


def test_source_date_epoch_dates_config_and_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = build_image(
        LAYERS,
        directory=tmp_path,
        config={"created": "2024-01-01T00:00:00Z"},
        history=[{"created_by": str(n), "created": f"20{n}0-01-01T00:00:00Z"} for n in (1, 2, 3)],
    )
    squash(source, f"oci:{tmp_path / 'plain'}:tag", keep=1)
    assert config_of(tmp_path / "plain")["created"] == "2024-01-01T00:00:00Z"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    squash(source, f"oci:{tmp_path / 'dated'}:tag", keep=1, clamp_mtime=True)
    config = config_of(tmp_path / "dated")
    assert config["created"] == "2020-09-13T12:26:40Z"
    assert [entry["created"] for entry in config["history"]] == [
        *("2010-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
        *("2020-09-13T12:26:40Z", "2020-09-13T12:26:40Z"),
    ]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    clamped = squash(source, f"oci:{tmp_path / 'clamped'}:tag", keep=1, clamp_mtime=True)
    assert clamped.proof is not None
    assert clamped.proof.clamped == 1
    for wrong in ("-1", "1.5", "now", "99999999999999"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", wrong)
        with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
            squash(source, f"oci:{tmp_path / 'wrong'}:tag", keep=1)
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    with pytest.raises(UsageError, match="clamp-mtime"):
        squash(source, f"oci:{tmp_path / 'wrong'}:tag", keep=1, clamp_mtime=True)


# The document.


def test_the_proof_is_told_whole(tmp_path: Path) -> None:
    source = build_image(LAYERS, directory=tmp_path)
    kept: list[ProofDocument] = []
    order = Order(
        command="squash",
        reference=source,
        destination=f"oci:{tmp_path / 'new'}:tag",
        options=ReadOptions(),
        keep_proofs=kept.extend,
    )
    (result,) = squash_order(order, 1)
    (proof,) = kept
    assert (proof.digest, proof.image_id) == (result.digest, result.image_id)
    assert proof.source_digest == result.source_digest
    assert [layer.how for layer in proof.layers] == ["same_blob", "read_back"]
    assert proof.layers[1].from_positions == (2, 3)
    assert (proof.files, proof.content_bytes) == (2, 3001)
    assert proof.config_changes == ("rootfs.diff_ids", "history")
    assert proof.names == 7
    recompressed: list[ProofDocument] = []
    order = Order(
        command="squash",
        reference=source,
        destination=f"docker-archive:{tmp_path / 'new.tar'}",
        options=ReadOptions(),
        keep_proofs=recompressed.extend,
    )
    squash_order(order, 1)
    assert [layer.how for layer in recompressed[0].layers] == ["same_tar", "read_back"]


def test_what_is_said_of_the_base_holds_while_its_layers_stay(tmp_path: Path) -> None:
    source = build_image(LAYERS, directory=tmp_path)
    base = "org.opencontainers.image.base.digest"
    layouts.change(source, manifest=lambda m: m.update(annotations={base: "sha256:0", "own": "x"}))
    stays = Plan((KeptLayer(1), NewLayer((2, 3), (), {})), base_layers=1)
    assert stays.keeps_base
    for end in (2, None, 0):
        assert not replace(stays, base_layers=end).keeps_base
    made = squash(source, f"oci:{tmp_path / 'new'}:tag", keep="none")
    assert layouts.manifest_of(tmp_path / "new")["annotations"] == {"own": "x"}
    assert any(base in note for note in made.notes)
