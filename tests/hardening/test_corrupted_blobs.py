"""Every blob corrupted in turn, at every byte: it is always noticed."""

from __future__ import annotations

import hashlib
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import lightship
from independent.layouts import change, folder, index_of, load, manifest_of, store
from independent.rawtar import END, regular
from lightship.testing import build_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hardening.outcome import Outcome
    from lightship.testing.images import Codec, Form

LAYERS = [regular(b"a", b"hello") + END, regular(b"b", b"world") + regular(b".wh.a") + END]
STEP = 23
"""Of the quick run, over all bytes of all blobs; the slow one takes every byte."""


@dataclass(frozen=True)
class Blob:
    """A stretch of a file that the image vouches for."""

    name: str
    file: Path
    start: int
    length: int


CASES: list[tuple[Form, Codec]] = [
    *(("oci", codec) for codec in ("plain", "gzip", "zstd")),
    *(("oci-archive", codec) for codec in ("plain", "gzip", "zstd")),
    *(("docker-archive-25", codec) for codec in ("plain", "gzip")),
    ("docker-archive", "plain"),
]


def build(directory: Path, form: Form, codec: Codec) -> tuple[str, list[Blob]]:
    reference = build_image(LAYERS, directory=directory, form=form, codec=codec)
    path = Path(reference.partition(":")[2])
    if form == "oci":
        files = sorted((path / "blobs/sha256").iterdir())
        return reference, [Blob(file.name, file, 0, file.stat().st_size) for file in files]
    with tarfile.open(path) as archive:
        return reference, [
            Blob(member.name, path, member.offset_data, member.size)
            for member in archive
            if member.isreg() and member.name not in {"manifest.json", "index.json", "oci-layout"}
        ]


def flips(blobs: list[Blob], step: int) -> Iterator[tuple[Blob, int]]:
    places = [(blob, offset) for blob in blobs for offset in range(blob.length)]
    yield from places[::step]


def flip(blob: Blob, offset: int) -> bytes:
    """Turn one bit over; gives the byte that was there."""
    with blob.file.open("r+b") as file:
        file.seek(blob.start + offset)
        old = file.read(1)
        file.seek(blob.start + offset)
        file.write(bytes((old[0] ^ 1 << offset % 8,)))
    return old


def restore(blob: Blob, offset: int, old: bytes) -> None:
    with blob.file.open("r+b") as file:
        file.seek(blob.start + offset)
        file.write(old)


def unnoticed(reference: str, blobs: list[Blob], step: int) -> list[str]:
    missed = []
    for blob, offset in flips(blobs, step):
        old = flip(blob, offset)
        try:
            lightship.inspect(reference, cache=None)
            missed.append(f"{blob.name} at {offset}: not noticed")
        except lightship.LightshipError as error:
            if error.exit_code != 4:
                missed.append(f"{blob.name} at {offset}: exit code {error.exit_code}: {error}")
        restore(blob, offset, old)
    return missed


@pytest.mark.parametrize(("form", "codec"), CASES)
def test_flipped_bytes_are_noticed(tmp_path: Path, form: Form, codec: Codec) -> None:
    reference, blobs = build(tmp_path, form, codec)
    assert len(blobs) >= 3
    assert not unnoticed(reference, blobs, STEP)
    lightship.inspect(reference, cache=None)  # and all is as it was


@pytest.mark.slow
@pytest.mark.parametrize(("form", "codec"), CASES)
def test_every_flipped_byte_is_noticed(tmp_path: Path, form: Form, codec: Codec) -> None:
    reference, blobs = build(tmp_path, form, codec)
    assert not unnoticed(reference, blobs, 1)


def test_a_flipped_byte_behind_the_cache_is_noticed(
    tmp_path: Path, lightship_run: Callable[..., Outcome]
) -> None:
    """The cache was filled from good bytes: the file's times give the change away."""
    reference, blobs = build(tmp_path, "oci", "gzip")
    assert lightship_run("inspect", reference).exit_code == 0
    assert lightship_run("inspect", reference).exit_code == 0
    for blob in blobs:
        flip(blob, blob.length // 2)
        lightship_run("inspect", reference).refused()
        lightship_run("inspect", "--verify", reference).refused()
        flip(blob, blob.length // 2)


def refused(reference: str) -> str:
    with pytest.raises(lightship.LightshipError) as caught:
        lightship.inspect(reference, cache=None)
    assert caught.value.exit_code == 4, str(caught.value)
    return str(caught.value)


def _sized(which: str, by: int) -> Callable[[dict[str, Any]], None]:
    def edit(manifest: dict[str, Any]) -> None:
        descriptor = manifest["config"] if which == "config" else manifest["layers"][1]
        descriptor["size"] += by

    return edit


@pytest.mark.parametrize("by", [-1, 1, -(10**9), 10**15])
@pytest.mark.parametrize("which", ["config", "layer"])
def test_wrong_sizes_in_the_manifest(tmp_path: Path, which: str, by: int) -> None:
    refused(change(build_image(LAYERS, directory=tmp_path), manifest=_sized(which, by)))


@pytest.mark.parametrize("by", [-1, 1])
def test_a_wrong_size_in_the_index(tmp_path: Path, by: int) -> None:
    def edit(index: dict[str, Any]) -> None:
        index["manifests"][0]["size"] += by

    refused(change(build_image(LAYERS, directory=tmp_path), index=edit))


@pytest.mark.parametrize(
    "edit",
    [
        lambda ids: ids.reverse(),
        lambda ids: ids.pop(),
        lambda ids: ids.append(ids[0]),
        lambda ids: ids.clear(),
        lambda ids: ids.__setitem__(0, "sha256:" + "0" * 64),
        lambda ids: ids.__setitem__(0, "nonsense"),
    ],
    ids=["swapped", "one missing", "one more", "none", "another's", "no digest"],
)
@pytest.mark.parametrize("form", ["oci", "docker-archive", "docker-archive-25"])
def test_wrong_diff_ids(tmp_path: Path, form: Form, edit: Callable[[list[str]], object]) -> None:
    diff_ids = [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in LAYERS]
    edit(diff_ids)
    rootfs = {"rootfs": {"type": "layers", "diff_ids": diff_ids}}
    refused(build_image(LAYERS, directory=tmp_path, form=form, config=rootfs))


@pytest.mark.parametrize("which", ["manifest", "config", "layer"])
def test_missing_blobs(tmp_path: Path, which: str) -> None:
    reference = build_image(LAYERS, directory=tmp_path)
    layout = folder(reference)
    manifest = manifest_of(layout)
    descriptor = {
        "manifest": index_of(layout)["manifests"][0],
        "config": manifest["config"],
        "layer": manifest["layers"][1],
    }[which]
    (layout / "blobs/sha256" / descriptor["digest"].partition(":")[2]).unlink()
    refused(reference)


@pytest.mark.parametrize("digest", ["sha256:xyz", "md5:" + "0" * 32, "", "sha256:../../../etc"])
def test_digests_that_are_none(tmp_path: Path, digest: str) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        manifest["layers"][0]["digest"] = digest

    refused(change(build_image(LAYERS, directory=tmp_path), manifest=edit))


@pytest.mark.parametrize("which", ["index", "manifest", "config"])
@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"null", b"[]", b"{}x", b'"text"', b"\xff\xfe{}", b"[" * 100_000, b"{}{}"],
    ids=["empty", "cut", "null", "list", "tail", "text", "not utf-8", "deep", "two"],
)
def test_documents_that_are_no_json_objects(tmp_path: Path, which: str, raw: bytes) -> None:
    reference = build_image(LAYERS, directory=tmp_path)
    layout = folder(reference)
    if which == "index":
        (layout / "index.json").write_bytes(raw)
    elif which == "manifest":
        change(reference, index=lambda index: index["manifests"][0].update(store(layout, raw)))
    else:
        change(reference, manifest=lambda found: found["config"].update(store(layout, raw)))
    refused(reference)


@pytest.mark.parametrize("which", ["index", "manifest", "config"])
def test_repeated_json_keys_are_refused(tmp_path: Path, which: str) -> None:
    """Two readers could take two different values."""
    reference = build_image(LAYERS, directory=tmp_path)
    layout = folder(reference)
    index, manifest = index_of(layout), manifest_of(layout)

    def doubled(document: bytes, key: str) -> bytes:
        value = json.dumps(json.loads(document)[key]).encode()
        return b'{"%s":%s,%s' % (key.encode(), value, document.lstrip()[1:])

    if which == "index":
        (layout / "index.json").write_bytes(doubled(json.dumps(index).encode(), "manifests"))
    elif which == "manifest":
        raw = doubled(load(layout, index["manifests"][0]), "layers")
        change(reference, index=lambda found: found["manifests"][0].update(store(layout, raw)))
    else:
        raw = doubled(load(layout, manifest["config"]), "rootfs")
        change(reference, manifest=lambda found: found["config"].update(store(layout, raw)))
    refused(reference)


@pytest.mark.parametrize("which", ["manifest", "config"])
def test_documents_above_their_limits(tmp_path: Path, which: str) -> None:
    def pad(document: dict[str, Any]) -> None:
        document["padding"] = "x" * ((4 if which == "manifest" else 16) * 1024 * 1024)

    reference = build_image(LAYERS, directory=tmp_path)
    if which == "manifest":
        refused(change(reference, manifest=pad))
    else:
        refused(change(reference, config=pad))
