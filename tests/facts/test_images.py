"""M1, C1-C10, I1, I5, Z1-Z2 and L1 as far as reading goes: what stands around the layers."""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

import lightship
from facts.seen import DIR, Seen
from independent.layouts import change, folder, manifest_of, store
from lightship.errors import PlatformMismatchError
from lightship.testing import build_image, layer_tar
from properties.ours import read_ours

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.model.results.inspect import InspectResult
    from lightship.testing.images import Codec, Form

LAYERS = [{"a": b"xx", "b": b"y"}, {".wh.a": b"", "c": b"zzz"}]
KILLED = {(1, 2, "deleted"): 2}


def inspect(reference: str) -> InspectResult:
    return lightship.inspect(reference, cache=None)


@pytest.mark.parametrize("codec", ["plain", "gzip", "zstd"])
@pytest.mark.parametrize("form", ["oci", "oci-archive", "docker-archive", "docker-archive-25"])
def test_l1_m1_every_form_and_codec_reads_the_same(
    tmp_path: Path, form: Form, codec: Codec
) -> None:
    """What a blob is compressed with is told by its first bytes, in every form."""
    reference = build_image(LAYERS, directory=tmp_path, form=form, codec=codec)
    seen = Seen(read_ours(reference))
    seen.holds({"b": b"y", "c": b"zzz"})
    seen.counts(6, 4, killed=KILLED)
    diff_ids = [f"sha256:{hashlib.sha256(layer_tar(layer)).hexdigest()}" for layer in LAYERS]
    assert [layer.diff_id for layer in inspect(reference).layers] == diff_ids


@pytest.mark.parametrize("codec", ["plain", "gzip", "zstd"])
@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.oci.image.layer.v1.tar",
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        None,
    ],
)
def test_m1_media_types_are_not_trusted(
    tmp_path: Path, codec: Codec, media_type: str | None
) -> None:
    def mislabel(manifest: dict[str, Any]) -> None:
        for layer in manifest["layers"]:
            layer["mediaType"] = media_type
            if media_type is None:
                del layer["mediaType"]

    reference = build_image(LAYERS, directory=tmp_path, codec=codec)
    Seen(read_ours(change(reference, manifest=mislabel))).counts(6, 4, killed=KILLED)


def test_m1_codecs_may_differ_from_layer_to_layer(tmp_path: Path) -> None:
    codecs: list[Codec] = ["zstd", "plain"]
    Seen(read_ours(build_image(LAYERS, directory=tmp_path, codec=codecs))).counts(
        6, 4, killed=KILLED
    )


@pytest.mark.parametrize("form", ["oci", "oci-archive", "docker-archive", "docker-archive-25"])
def test_c1_a_layer_listed_twice_counts_at_each_position(tmp_path: Path, form: Form) -> None:
    """ADD, RUN rm, ADD again: the same layer at positions 1 and 3."""
    added = {"a": b"xx"}
    reference = build_image([added, {".wh.a": b""}, added], directory=tmp_path, form=form)
    seen = Seen(read_ours(reference))
    seen.holds({"a": b"xx"})
    seen.counts(4, 2, killed={(1, 2, "deleted"): 2})
    result = inspect(reference)
    assert [layer.same_as for layer in result.layers] == [None, None, 1]
    assert [layer.index for layer in result.layers] == [1, 2, 3]


def test_c1_wire_bytes_count_a_repeated_blob_once(tmp_path: Path) -> None:
    added = {"a": b"xx"}
    once = inspect(build_image([added], directory=tmp_path))
    twice = inspect(build_image([added, added], directory=tmp_path))
    configs = [manifest_of(tmp_path / f"image-{n}")["config"]["size"] for n in (1, 2)]
    assert once.image.wire_bytes - configs[0] == twice.image.wire_bytes - configs[1]


def test_wire_bytes_are_config_and_distinct_blobs(tmp_path: Path) -> None:
    reference = build_image([{"a": b"xx"}, {}, {"a": b"xx"}, {"b": b"y"}], directory=tmp_path)
    blobs = [blob.read_bytes() for blob in (folder(reference) / "blobs/sha256").iterdir()]
    manifest = [blob for blob in blobs if blob.startswith(b'{"schemaVersion"')]
    assert (len(blobs), len(manifest)) == (5, 1)
    image = inspect(reference).image
    assert image.wire_bytes == sum(map(len, blobs)) - len(manifest[0])
    assert not image.wire_bytes_estimated


def test_c2_history_may_be_missing(tmp_path: Path) -> None:
    result = inspect(build_image(LAYERS, directory=tmp_path, history=()))
    assert [layer.created_by for layer in result.layers] == [None, None]


def test_c3_history_with_more_entries_than_layers(tmp_path: Path) -> None:
    history = [{"created_by": f"step {n}"} for n in range(3)]
    result = inspect(build_image(LAYERS, directory=tmp_path, history=history))
    assert all(layer.created_by_guessed for layer in result.layers if layer.created_by)
    Seen(read_ours(result.image.reference)).counts(6, 4, killed=KILLED)


def test_c3_history_with_fewer_entries_than_layers(tmp_path: Path) -> None:
    result = inspect(build_image(LAYERS, directory=tmp_path, history=[{"created_by": "one"}]))
    assert all(layer.created_by_guessed for layer in result.layers if layer.created_by)


def test_c4_an_empty_layer_that_history_does_not_call_empty(tmp_path: Path) -> None:
    history = [{"created_by": "COPY"}, {"created_by": "WORKDIR /"}]
    result = inspect(build_image([{"a": b"x"}, {}], directory=tmp_path, history=history))
    assert [layer.created_by for layer in result.layers] == ["COPY", "WORKDIR /"]
    assert [layer.unpacked_bytes for layer in result.layers] == [1, 0]


def test_c5_empty_layers_of_the_history_are_passed_over(tmp_path: Path) -> None:
    history: list[dict[str, object]] = [
        {"created_by": "FROM"},
        {"created_by": "ENV", "empty_layer": True},
        {"created_by": "RUN"},
        {"created_by": "CMD", "empty_layer": True},
    ]
    result = inspect(build_image(LAYERS, directory=tmp_path, history=history))
    assert [layer.created_by for layer in result.layers] == ["FROM", "RUN"]
    assert not any(layer.created_by_guessed for layer in result.layers)


@pytest.mark.parametrize("count", [127, 128, 200])
def test_c7_many_layers_are_measured_and_warned_about(tmp_path: Path, count: int) -> None:
    layers = [{f"f{n}": b"x"} for n in range(count)]
    result = inspect(build_image(layers, directory=tmp_path))
    assert result.image.layers == count
    assert result.image.files == count
    assert any("128" in text or "127" in text for text in result.warnings) == (count > 127)


def test_c10_unknown_members_are_tolerated(tmp_path: Path) -> None:
    def add(document: dict[str, Any]) -> None:
        document["x-unknown"] = {"deep": [1, None, {"a": "b"}]}

    reference = build_image(LAYERS, directory=tmp_path)
    change(reference, config=add, manifest=add, index=add)
    Seen(read_ours(reference)).counts(6, 4, killed=KILLED)


@pytest.mark.parametrize("first", [True, False])
def test_i1_attestations_are_no_platform(tmp_path: Path, first: bool) -> None:
    def attest(index: dict[str, Any]) -> None:
        image = index["manifests"][0]
        image["platform"] = {"os": "linux", "architecture": "amd64"}
        statement = store(layout, b'{"schemaVersion":2,"config":{"digest":"x","size":0}}')
        attestation = {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            **statement,
            "platform": {"os": "unknown", "architecture": "unknown"},
            "annotations": {
                "vnd.docker.reference.type": "attestation-manifest",
                "vnd.docker.reference.digest": image["digest"],
            },
        }
        index["manifests"].insert(0 if first else 1, attestation)

    reference = build_image(LAYERS, directory=tmp_path)
    layout = folder(reference)
    Seen(read_ours(change(reference, index=attest))).counts(6, 4, killed=KILLED)


def test_i5_another_platform_is_another_error_than_not_found(tmp_path: Path) -> None:
    def for_others(index: dict[str, Any]) -> None:
        image = index["manifests"][0]
        image["platform"] = {"os": "linux", "architecture": "s390x"}
        index["manifests"].append({**image, "platform": {"os": "linux", "architecture": "riscv64"}})

    reference = change(build_image(LAYERS, directory=tmp_path), index=for_others)
    with pytest.raises(PlatformMismatchError) as caught:
        lightship.inspect(reference, platform="linux/amd64", cache=None)
    assert caught.value.exit_code == 3
    with pytest.raises(lightship.LightshipError) as missing:
        lightship.inspect(f"oci:{tmp_path / 'nowhere'}", cache=None)
    assert missing.value.exit_code == 3
    assert not isinstance(missing.value, PlatformMismatchError)


def test_z1_z2_estargz_leftovers_are_files_as_long_as_nobody_rewrites(tmp_path: Path) -> None:
    """Engines without lazy pulling unpack them, so they count; a rewriter drops them."""
    layer = {"a": b"x", ".prefetch.landmark": b"\x0f", "stargz.index.json": b"{}"}
    seen = Seen(read_ours(build_image([layer], directory=tmp_path)))
    seen.holds({"a": b"x", ".prefetch.landmark": b"\x0f", "stargz.index.json": b"{}"})
    seen.counts(4, 4)


def test_z1_one_gzip_member_for_each_file(tmp_path: Path) -> None:
    reference = build_image([{"d/a": b"x", "b": b"yy"}], directory=tmp_path)
    layout = folder(reference)
    tar = layer_tar({"d/a": b"x", "b": b"yy"})
    pieces = [tar[n : n + 512] for n in range(0, len(tar), 512)]
    blob = b"".join(gzip.compress(piece, mtime=0) for piece in (*pieces, b""))
    change(reference, manifest=lambda found: found["layers"][0].update(store(layout, blob)))
    seen = Seen(read_ours(reference))
    seen.holds({"d": DIR, "d/a": b"x", "b": b"yy"})


def test_z3_zstd_skippable_frames(tmp_path: Path) -> None:
    reference = build_image([{"a": b"x"}], directory=tmp_path)
    layout = folder(reference)
    tar = layer_tar({"a": b"x"})
    skipped = b"\x50\x2a\x4d\x18\x04\x00\x00\x00junk"
    frames = [skipped, zstd.compress(tar[:700]), skipped, zstd.compress(tar[700:]), skipped]
    blob = b"".join(frames)
    change(reference, manifest=lambda found: found["layers"][0].update(store(layout, blob)))
    Seen(read_ours(reference)).holds({"a": b"x"})


def test_an_index_inside_an_index(tmp_path: Path) -> None:
    """A5: the containerd image store nests them."""

    def nest(index: dict[str, Any]) -> None:
        inner = {key: index[key] for key in ("schemaVersion", "mediaType", "manifests")}
        inner["manifests"] = [dict(inner["manifests"][0], annotations={})]
        index["manifests"] = [
            {
                **store(layout, json.dumps(inner).encode()),
                "mediaType": "application/vnd.oci.image.index.v1+json",
                "annotations": index["manifests"][0]["annotations"],
            }
        ]

    reference = build_image(LAYERS, directory=tmp_path)
    layout = folder(reference)
    Seen(read_ours(change(reference, index=nest))).counts(6, 4, killed=KILLED)
