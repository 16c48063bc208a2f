"""What stands around the layers (M, C, A, Z and I), squashed: none kept, and one kept.

The layers are always the same three; what came out is read by hand, and by the independent
applier: the old tree, and documents that agree with the blobs.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import sys
import tarfile
from typing import TYPE_CHECKING, Any, cast

import pytest

import lightship
from independent import layouts
from lightship.errors import UnreachableError
from lightship.layers.compressing import Compression
from lightship.layers.scan import Codec
from lightship.testing import Dir, Link, build_image, layer_tar
from rewrite.in_memory import tree_of

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lightship.testing import Layer
    from lightship.testing.images import Codec as CodecName
    from lightship.testing.images import Form

    Make = Callable[[Path], str]

LAYERS: list[Layer | bytes] = [
    {"a": b"xx" * 999, "b": b"y", "l": Link("b"), "d": Dir(), "d/e": b"z"},
    {".wh.a": b"", "c": b"zzz", "d/.wh.e": b""},
    {"c": b"new", "b": b"other"},
]
TARS = [layer_tar(layer) for layer in LAYERS]
OCI = "application/vnd.oci.image"
DOCKER = "application/vnd.docker"
CHUNKED = "io.github.containers.zstd-chunked.manifest-checksum"
EMPTY = {"created_by": "CMD", "empty_layer": True}


def built(**how: Any) -> Make:
    return lambda place: build_image(LAYERS, directory=place, **how)


def steps(*words: str | dict[str, object]) -> Make:
    return built(history=[{"created_by": one} if isinstance(one, str) else one for one in words])


def called(media_type: str | None, codec: CodecName) -> Make:
    def rename(manifest: dict[str, Any]) -> None:
        for layer in manifest["layers"]:
            layer["mediaType"] = media_type
            if media_type is None:
                del layer["mediaType"]

    return lambda place: layouts.change(built(codec=codec)(place), manifest=rename)


def dockers(place: Path) -> str:
    def of_docker(manifest: dict[str, Any]) -> None:
        manifest["mediaType"] = f"{DOCKER}.distribution.manifest.v2+json"
        manifest["config"]["mediaType"] = f"{DOCKER}.container.image.v1+json"
        for layer in manifest["layers"]:
            layer["mediaType"] = f"{DOCKER}.image.rootfs.diff.tar.gzip"

    def entry(index: dict[str, Any]) -> None:
        index["manifests"][0]["mediaType"] = f"{DOCKER}.distribution.manifest.v2+json"

    return layouts.change(built()(place), manifest=of_docker, index=entry)


def stored_as(blob_of: Callable[[bytes], bytes], codec: str, **more: object) -> Make:
    """Each layer's blob made by hand."""

    def make(place: Path) -> str:
        reference = built()(place)
        layout = layouts.folder(reference)

        def put(manifest: dict[str, Any]) -> None:
            for layer, tar in zip(manifest["layers"], TARS, strict=True):
                layer.update(layouts.store(layout, blob_of(tar)), **more)
                layer["mediaType"] = f"{OCI}.layer.v1.tar+{codec}"

        return layouts.change(reference, manifest=put)

    return make


def _members(tar: bytes) -> bytes:
    pieces = [tar[start : start + 512] for start in range(0, len(tar), 512)]
    return b"".join(gzip.compress(piece, mtime=0) for piece in (*pieces, b""))


def _frames(tar: bytes) -> bytes:
    skipped = b"\x50\x2a\x4d\x18\x04\x00\x00\x00junk"
    return b"".join((skipped, zstd.compress(tar[:700]), skipped, zstd.compress(tar[700:]), skipped))


def strange(place: Path) -> str:
    def add(document: dict[str, Any]) -> None:
        document["x-unknown"] = {"n": 1.0, "l": [None]}

    return layouts.change(built()(place), config=add, manifest=add, index=add)


def attested(*, first: bool) -> Make:
    def make(place: Path) -> str:
        reference = built()(place)
        layout = layouts.folder(reference)

        def attest(index: dict[str, Any]) -> None:
            (image,) = index["manifests"]
            image["platform"] = {"os": "linux", "architecture": "amd64"}
            index["manifests"].insert(
                0 if first else 1,
                {
                    "mediaType": f"{OCI}.manifest.v1+json",
                    **layouts.store(layout, b'{"schemaVersion":2,"config":{},"layers":[]}'),
                    "platform": {"os": "unknown", "architecture": "unknown"},
                    "annotations": {
                        "vnd.docker.reference.type": "attestation-manifest",
                        "vnd.docker.reference.digest": image["digest"],
                    },
                },
            )

        return layouts.change(reference, index=attest)

    return make


def nested(place: Path) -> str:
    reference = built()(place)
    layout = layouts.folder(reference)

    def nest(index: dict[str, Any]) -> None:
        inner = json.dumps({"schemaVersion": 2, "manifests": index["manifests"]}).encode()
        kind = {"mediaType": f"{OCI}.index.v1+json"}
        index["manifests"] = [{**layouts.store(layout, inner), **kind}]

    return layouts.change(reference, index=nest)


def archive(form: Form, edit: Callable[[dict[str, bytes]], object]) -> Make:
    """An archive whose documents are edited."""

    def make(place: Path) -> str:
        reference = built(form=form, codec="plain")(place)
        path = reference.partition(":")[2]
        with tarfile.open(path) as old:
            content = {
                member.name: cast("Any", old.extractfile(member)).read()
                for member in old
                if member.isreg()
            }
        edit(content)
        with tarfile.open(path, "w") as new:
            for name, data in content.items():
                member = tarfile.TarInfo(name)
                member.size = len(data)
                new.addfile(member, io.BytesIO(data))
        return reference

    return make


def _no_index_entry(content: dict[str, bytes]) -> None:
    content["index.json"] = b'{"schemaVersion":2,"manifests":[]}'


def _no_layers_said(content: dict[str, bytes]) -> None:
    (row,) = json.loads(content["manifest.json"])
    content["manifest.json"] = json.dumps([row | {"Layers": None}]).encode()


def _no_names(content: dict[str, bytes]) -> None:
    (row,) = json.loads(content["manifest.json"])
    content["manifest.json"] = json.dumps([row | {"RepoTags": None}]).encode()


IMAGES: dict[str, Make] = {
    "M1 gzip called plain": called(f"{OCI}.layer.v1.tar", "gzip"),
    "M1 plain called gzip": called(f"{OCI}.layer.v1.tar+gzip", "plain"),
    "M1 zstd called gzip": called(f"{OCI}.layer.v1.tar+gzip", "zstd"),
    "M1 called nothing": called(None, "gzip"),
    "M1 Docker's name among OCI's": called(f"{DOCKER}.image.rootfs.diff.tar.gzip", "gzip"),
    "M2 three codecs": built(codec=["zstd", "plain", "gzip"]),
    "M3 Docker's family": dockers,
    "C2 no history": built(history=()),
    "C3 more entries than layers": steps("one", "two", "three", "four", "five"),
    "C3 fewer entries than layers": steps("one"),
    "C4 an entry marked that made a layer": steps("one", "two", EMPTY),
    "C5 entries of no layer": steps("one", EMPTY, "two", EMPTY, EMPTY, "three", EMPTY),
    "C10 unknown members": strange,
    "A1 Docker's old archive": built(form="docker-archive", codec="plain"),
    "A2 Docker 25's": built(form="docker-archive-25", codec="plain"),
    "A3 null for layers": archive("docker-archive-25", _no_layers_said),
    "A4 missing in the index": archive("docker-archive-25", _no_index_entry),
    "A5 blobs compressed": built(form="docker-archive-25", codec="gzip"),
    "A5 an index in an index": nested,
    "A6 an empty manifest.json": archive(
        "docker-archive-25", lambda content: content.update({"manifest.json": b"[]"})
    ),
    "A7 null for names": archive("docker-archive", _no_names),
    "A8 OCI's": built(form="oci-archive"),
    "Z1 a member for each piece": stored_as(_members, "gzip"),
    "Z3 zstd with frames to skip": stored_as(_frames, "zstd", annotations={CHUNKED: "sha256:0"}),
    "I1 an attestation first": attested(first=True),
    "I1 an attestation last": attested(first=False),
}


def squashed(place: Path, source: str, tars: Sequence[bytes], keep: int) -> dict[str, Any]:
    """Squash into a layout, see that tree and documents are right, and give the manifest."""
    made = lightship.squash(source, f"oci:{place / 'new'}:it", keep=keep, cache=None)
    assert made.outcome == "written"
    layout = place / "new"
    manifest = layouts.manifest_of(layout)
    assert len(manifest["layers"]) == keep + 1
    new = gzip.decompress(layouts.load(layout, manifest["layers"][keep]))
    assert manifest["layers"][keep]["mediaType"].endswith("gzip")
    found = [*tars[:keep], new]
    assert tree_of(found) == tree_of(tars)
    config = json.loads(layouts.load(layout, manifest["config"]))
    assert config["rootfs"]["diff_ids"] == [
        f"sha256:{hashlib.sha256(tar).hexdigest()}" for tar in found
    ]
    assert len([one for one in config["history"] if not one.get("empty_layer")]) == keep + 1
    assert not [one for one in manifest["layers"] if len(layouts.load(layout, one)) != one["size"]]
    families = {
        one["mediaType"].partition(".image")[0].partition(".container")[0]
        for one in (manifest["config"], *manifest["layers"])
    }
    assert len(families) == 1, families
    return manifest


@pytest.mark.parametrize("keep", [0, 1])
@pytest.mark.parametrize("name", IMAGES)
def test_a_squash_keeps_the_tree_and_says_the_truth(name: str, keep: int, tmp_path: Path) -> None:
    squashed(tmp_path, IMAGES[name](tmp_path), TARS, keep)


@pytest.mark.parametrize("keep", [0, 1])
@pytest.mark.parametrize("form", ["oci", "docker-archive"])
def test_c1_a1_a_layer_listed_twice(form: Form, keep: int, tmp_path: Path) -> None:
    """In Docker's old archive the second one is a symbolic link."""
    layers: list[Layer | bytes] = [LAYERS[0], {".wh.a": b""}, LAYERS[0]]
    source = build_image(layers, directory=tmp_path, form=form)
    squashed(tmp_path, source, [layer_tar(layer) for layer in layers], keep)


@pytest.mark.parametrize("keep", [0, 1, 126])
def test_c7_two_hundred_layers(keep: int, tmp_path: Path) -> None:
    layers: list[Layer | bytes] = [{f"f{n}": b"x", "same": b"%d" % n} for n in range(200)]
    source = build_image(layers, directory=tmp_path)
    squashed(tmp_path, source, [layer_tar(layer) for layer in layers], keep)


@pytest.mark.parametrize("keep", [0, 1])
def test_c6_the_words_of_each_step_are_kept(keep: int, tmp_path: Path) -> None:
    source = steps("ADD one", EMPTY, "RUN two", "RUN three", EMPTY)(tmp_path)
    manifest = squashed(tmp_path, source, TARS, keep)
    config = json.loads(layouts.load(tmp_path / "new", manifest["config"]))
    words = [one["created_by"] for one in config["history"]]
    assert [one for one in words if one != "lightship squash"] == [
        *("ADD one", "CMD", "RUN two", "RUN three", "CMD"),
    ]


@pytest.mark.parametrize("keep", [0, 1])
def test_z3_tables_of_what_is_written_anew_go(keep: int, tmp_path: Path) -> None:
    source = IMAGES["Z3 zstd with frames to skip"](tmp_path)
    manifest = squashed(tmp_path, source, TARS, keep)
    assert ["annotations" in layer for layer in manifest["layers"]] == [True] * keep + [False]


@pytest.mark.parametrize("keep", [0, 1])
def test_m4_m5_zstd_makes_dockers_family_ocis_and_warns(keep: int, tmp_path: Path) -> None:
    made = lightship.squash(
        dockers(tmp_path),
        f"oci:{tmp_path / 'new'}:it",
        keep=keep,
        compression=Compression(Codec.ZSTD),
        cache=None,
    )
    text = json.dumps(manifest := layouts.manifest_of(tmp_path / "new"))
    assert manifest["mediaType"] == f"{OCI}.manifest.v1+json"
    assert "docker" not in text
    codecs = [layer["mediaType"].rpartition("+")[2] for layer in manifest["layers"]]
    assert codecs == ["gzip"] * keep + ["zstd"]
    assert any("Docker before 23" in note for note in made.notes)


@pytest.mark.parametrize("keep", [0, 1])
def test_m8_a_foreign_layer_is_said_to_be_elsewhere(keep: int, tmp_path: Path) -> None:
    def send_away(manifest: dict[str, Any]) -> None:
        manifest["layers"][1]["urls"] = ["http://example.org/layer"]

    source = layouts.change(built()(tmp_path), manifest=send_away)
    layout = layouts.folder(source)
    digest = layouts.manifest_of(layout)["layers"][1]["digest"]
    (layout / "blobs/sha256" / digest.removeprefix("sha256:")).unlink()
    with pytest.raises(UnreachableError, match="foreign"):
        lightship.squash(source, f"oci:{tmp_path / 'new'}:it", keep=keep, cache=None)
    assert not (tmp_path / "new").exists()


def test_c8_the_base_of_what_was_recompressed_is_known_by_diff_ids(tmp_path: Path) -> None:
    base = build_image(LAYERS[:1], directory=tmp_path, codec="zstd")
    source = built(codec="plain")(tmp_path)
    made = lightship.squash(source, f"oci:{tmp_path / 'new'}:it", base=base, cache=None)
    assert (made.base_layers, made.kept_layers, made.after.layers) == (1, 1, 2)
