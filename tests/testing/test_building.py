"""build_image() writes what its arguments say, and images that the standard library can read."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import lightship
from lightship.testing import Device, Dir, Fifo, File, Link, Symlink, build_image, layer_tar

if TYPE_CHECKING:
    from lightship.testing import Layer
    from lightship.testing.images import Form
    from lightship.testing.tars import TarFormat

FORMS: list[Form] = ["oci", "oci-archive", "docker-archive", "docker-archive-25"]


def records(tar: bytes) -> list[tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(tar), mode="r:") as archive:
        return archive.getmembers()


def test_every_kind_of_record() -> None:
    tar = layer_tar(
        {
            "file": File(b"content", mode=0o600, uid=1, gid=2, mtime=3),
            "bytes": b"content",
            "link": Link("file"),
            "symlink": Symlink("/file"),
            "dir": Dir(mode=0o700),
            "char": Device(1, 3),
            "block": Device(8, 1, block=True),
            "fifo": Fifo(),
        }
    )
    found = {record.name: record for record in records(tar)}
    assert list(found) == ["file", "bytes", "link", "symlink", "dir", "char", "block", "fifo"]
    file = found["file"]
    assert (file.mode, file.uid, file.gid, file.mtime, file.size) == (0o600, 1, 2, 3, 7)
    assert found["bytes"].isreg()
    assert (found["link"].islnk(), found["link"].linkname) == (True, "file")
    assert (found["symlink"].issym(), found["symlink"].linkname) == (True, "/file")
    assert (found["dir"].isdir(), found["dir"].mode) == (True, 0o700)
    assert (found["char"].ischr(), found["char"].devmajor, found["char"].devminor) == (True, 1, 3)
    assert (found["block"].isblk(), found["block"].devmajor) == (True, 8)
    assert found["fifo"].isfifo()


def test_paths_may_be_bytes_and_repeated() -> None:
    tar = layer_tar([(b"\xff", b"1"), (b"\xff", b"2"), ("./x", b""), ("//y", b"")])
    names = [record.name.encode("utf-8", "surrogateescape") for record in records(tar)]
    assert names == [b"\xff", b"\xff", b"./x", b"//y"]


def test_extended_attributes_and_pax_records() -> None:
    layer = {"a": File(b"", xattrs={"user.k": b"\0\xff"}, pax={"mtime": "1.25", "comment": "c"})}
    (record,) = records(layer_tar(layer))
    value = record.pax_headers["SCHILY.xattr.user.k"].encode("utf-8", "surrogateescape")
    assert value == b"\0\xff"
    assert record.mtime == 1.25
    assert record.pax_headers["comment"] == "c"


@pytest.mark.parametrize("tar_format", ["gnu", "ustar"])
def test_only_pax_holds_extended_attributes(tar_format: TarFormat) -> None:
    with pytest.raises(ValueError, match="pax"):
        layer_tar({"a": File(b"", xattrs={"user.k": b"v"})}, tar_format=tar_format)


def test_a_layer_of_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="neither bytes nor an entry"):
        layer_tar({"a": "text"})


def test_bytes_are_a_tar_as_is() -> None:
    assert layer_tar(b"no tar at all") == b"no tar at all"


def test_the_layout_says_what_its_blobs_are(tmp_path: Path) -> None:
    reference = build_image([{"a": b"x"}], directory=tmp_path)
    layout = Path(reference.removeprefix("oci:"))
    blobs = {blob.name: blob.read_bytes() for blob in (layout / "blobs/sha256").iterdir()}
    assert all(hashlib.sha256(blob).hexdigest() == name for name, blob in blobs.items())
    (entry,) = json.loads((layout / "index.json").read_bytes())["manifests"]
    manifest = json.loads(blobs[entry["digest"].partition(":")[2]])
    (layer,) = manifest["layers"]
    tar = gzip.decompress(blobs[layer["digest"].partition(":")[2]])
    config = json.loads(blobs[manifest["config"]["digest"].partition(":")[2]])
    assert config["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(tar).hexdigest()}"]
    assert [record.name for record in records(tar)] == ["a"]


def _bytes_of(reference: str) -> dict[str, bytes]:
    path = Path(reference.partition(":")[2])
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return {str(file.relative_to(path)): file.read_bytes() for file in files}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_arguments_give_the_same_bytes(tmp_path: Path, form: Form) -> None:
    layers: list[Layer] = [{"a": b"x", "l": Link("a")}, {".wh.a": b""}]
    first, second = (build_image(layers, directory=tmp_path, form=form) for _ in range(2))
    assert first != second
    assert _bytes_of(first) == _bytes_of(second)


@pytest.mark.parametrize("form", FORMS)
def test_config_history_name_and_platform(tmp_path: Path, form: Form) -> None:
    config: dict[str, Any] = {"config": {"Env": ["A=b"]}, "created": "2026-01-02T03:04:05Z"}
    reference = build_image(
        [{"a": b"x"}],
        directory=tmp_path,
        form=form,
        codec="plain",
        config=config,
        history=[{"created_by": "COPY a /"}],
        platform="linux/arm64/v8",
    )
    result = lightship.inspect(reference, cache=None)
    assert result.image.platform.startswith("linux/arm64")
    assert result.layers[0].created_by == "COPY a /"


def test_codecs_one_for_each_layer(tmp_path: Path) -> None:
    layers = [{"a": b"x"}, {"b": b"y"}]
    build_image(layers, directory=tmp_path, codec=["gzip", "zstd"])
    with pytest.raises(ValueError, match="zip"):
        build_image(layers, directory=tmp_path, codec=["gzip"])
