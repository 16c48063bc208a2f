"""`copy` from a reference to another place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import lightship
from lightship.errors import CorruptInputError, UsageError
from lightship.model.digest import Digest
from lightship.testing import assert_same_tree, build_image

from .test_squashing import LAYERS, image, manifest_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("codec", ["gzip", "zstd", "plain"])
def test_a_layout_is_copied_byte_for_byte(tmp_path: Path, codec: Any) -> None:
    source = image(tmp_path, codec=codec)
    result = lightship.copy(source, f"oci:{tmp_path}/out:1", cache=None)
    assert result.same_manifest
    assert (
        result.digest == result.source_digest == lightship.inspect(source, cache=None).image.digest
    )
    assert [row.fate for row in result.layers] == ["kept"] * 4
    assert result.before == result.after
    assert result.destination is not None
    assert_same_tree(source, result.destination)


@pytest.mark.parametrize("form", ["docker-archive", "docker-archive-25"])
def test_plain_layers_of_an_archive_are_compressed(tmp_path: Path, form: Any) -> None:
    source = image(tmp_path, form=form, codec="plain")
    result = lightship.copy(source, f"oci:{tmp_path}/out:1", cache=None)
    assert not result.same_manifest
    assert {row.codec for row in result.layers} == {"gzip"}
    assert result.before.wire_bytes is None
    assert result.destination is not None
    assert_same_tree(source, result.destination)
    after = lightship.inspect(result.destination, cache=None)
    assert (
        after.image.image_id
        == lightship.inspect(source, cache=None).image.image_id
        == result.image_id
    )
    assert after.image.wire_bytes == result.after.wire_bytes


def test_an_archive_holds_plain_layers(tmp_path: Path) -> None:
    source = image(tmp_path)
    result = lightship.copy(source, f"docker-archive:{tmp_path}/out.tar", cache=None)
    assert {row.codec for row in result.layers} == {"plain"}
    assert result.destination is not None
    assert_same_tree(source, result.destination)
    assert lightship.inspect(result.destination, cache=None).image.image_id == result.image_id


def test_there_and_back_is_the_same_image(tmp_path: Path) -> None:
    source = image(tmp_path)
    there = lightship.copy(source, f"docker-archive:{tmp_path}/out.tar", cache=None)
    back = lightship.copy(f"docker-archive:{tmp_path}/out.tar", f"oci:{tmp_path}/b:1", cache=None)
    assert there.image_id == back.image_id
    assert [row.diff_id for row in there.layers] == [row.diff_id for row in back.layers]


def test_a_layer_that_is_not_what_it_is_called_stops_it(tmp_path: Path) -> None:
    source = image(tmp_path)
    digest = Digest(manifest_of(source)["layers"][1]["digest"])
    damaged = tmp_path / "image-1" / "blobs" / "sha256" / digest.hex
    data = bytearray(damaged.read_bytes())
    data[-9] ^= 1
    damaged.write_bytes(data)
    with pytest.raises(CorruptInputError):
        lightship.copy(source, f"oci:{tmp_path}/out:1", cache=None)
    assert not (tmp_path / "out" / "index.json").exists()


def test_a_false_diff_id_stops_what_is_compressed(tmp_path: Path) -> None:
    rootfs = {"type": "layers", "diff_ids": ["sha256:" + "0" * 64]}
    source = build_image(
        LAYERS[:1],
        directory=tmp_path,
        form="docker-archive",
        codec="plain",
        config={"rootfs": rootfs},
    )
    with pytest.raises(CorruptInputError):
        lightship.copy(source, f"oci:{tmp_path}/out:1", cache=None)
    assert not (tmp_path / "out" / "index.json").exists()


def test_unknown_members_of_the_config_are_kept(tmp_path: Path) -> None:
    source = image(tmp_path, config={"x.future": {"a": 1}})
    lightship.copy(source, f"oci:{tmp_path}/out:1", cache=None)
    digest = Digest(manifest_of(f"oci:{tmp_path}/out")["config"]["digest"])
    config = json.loads((tmp_path / "out" / "blobs" / "sha256" / digest.hex).read_text())
    assert config["x.future"] == {"a": 1}


def test_a_place_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        lightship.copy(image(tmp_path), "somewhere", cache=None)
