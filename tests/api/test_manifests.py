"""What documents alone say, against what reading the layers says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import lightship
from independent.layouts import folder
from lightship.api.manifests import manifest_only, manifest_only_all_platforms
from lightship.errors import UnreachableError, UsageError
from lightship.layers.cache import CachePlace
from lightship.testing import build_image

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.testing import Layer
    from lightship.testing.images import Codec, Form

LAYERS: list[Layer] = [{"a": b"a" * 5000}, {"b": b"b" * 300}, {"a": b"a" * 5000}]
FORMS: list[tuple[Form, Codec]] = [
    ("oci", "gzip"),
    ("oci", "plain"),
    ("oci-archive", "zstd"),
    ("docker-archive-25", "gzip"),
]


@pytest.mark.parametrize(("form", "codec"), FORMS)
def test_the_figures_are_those_of_the_layers(tmp_path: Path, form: Form, codec: Codec) -> None:
    reference = build_image(LAYERS, directory=tmp_path, form=form, codec=codec)
    read = lightship.inspect(reference, cache=None)
    found = manifest_only(reference, cache=None)
    for field in ("reference", "digest", "image_id", "platform", "wire_bytes", "layers"):
        assert getattr(found.image, field) == getattr(read.image, field), field
    for ours, theirs in zip(found.layers, read.layers, strict=True):
        for field in ("index", "digest", "diff_id", "media_type", "wire_bytes", "created_by",
                      "same_as", "base"):  # fmt: skip
            assert getattr(ours, field) == getattr(theirs, field), field
    assert found.pull.download_seconds == read.pull.download_seconds


def test_no_layer_is_read(tmp_path: Path) -> None:
    reference = build_image(LAYERS, directory=tmp_path)
    expected = manifest_only(reference, cache=None)
    for layer in expected.layers:
        assert layer.digest is not None
        blob = folder(reference) / "blobs" / "sha256" / layer.digest.partition(":")[2]
        blob.write_bytes(b"?" * layer.wire_bytes)
    assert manifest_only(reference, cache=None) == expected


def test_plain_layers_of_an_archive_are_not_wire_sizes(tmp_path: Path) -> None:
    reference = build_image(LAYERS, directory=tmp_path, form="docker-archive", codec="plain")
    with pytest.raises(
        UsageError, match="does not tell the wire size: layer 1 is stored uncompressed"
    ):
        manifest_only(reference, cache=None)


def test_a_root_file_system_has_no_manifest(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    with pytest.raises(UsageError):
        manifest_only(f"rootfs:{tmp_path}/root", cache=None)


def test_the_base_s_end_is_found_too(tmp_path: Path) -> None:
    base = build_image(LAYERS[:1], directory=tmp_path, name="base:1")
    reference = build_image(LAYERS, directory=tmp_path)
    found = manifest_only(reference, cache=None, base=base)
    read = lightship.inspect(reference, cache=None, base=base).base
    assert found.base is not None
    assert read is not None
    for field in ("name", "digest", "layers", "how", "certain", "why", "wire_bytes",
                  "pull_with_base_bytes"):  # fmt: skip
        assert getattr(found.base, field) == getattr(read, field), field
    assert found.base.payload_wire_bytes == read.payload.wire_bytes
    # The third layer is the base's blob again.
    config = found.image.wire_bytes - sum(layer.wire_bytes for layer in found.layers[:2])
    assert found.base.pull_with_base_bytes == found.layers[1].wire_bytes + config


def test_an_image_seen_before_is_known_and_none_is_remembered(tmp_path: Path) -> None:
    place = CachePlace(tmp_path / "cache")
    reference = build_image(LAYERS, directory=tmp_path)
    manifest_only(build_image(LAYERS[:1], directory=tmp_path), cache=place)
    assert manifest_only(reference, cache=place).base is None
    lightship.inspect(build_image(LAYERS[:1], directory=tmp_path, name="seen:1"), cache=place)
    found = manifest_only(reference, cache=place).base
    assert found is not None
    assert (found.name, found.layers, found.how) == ("seen:1", 1, "known")


def test_every_platform(tmp_path: Path) -> None:
    reference = build_image(LAYERS, directory=tmp_path, platform="linux/arm64/v8")
    (one,) = manifest_only_all_platforms(reference, cache=None)
    assert one.image.platform == "linux/arm64/v8"
    assert one == manifest_only(reference, cache=None)


def test_what_is_asked_for_wrongly(tmp_path: Path) -> None:
    reference = build_image(LAYERS, directory=tmp_path)
    wrong: list[tuple[type[Exception], dict[str, Any]]] = [
        (UsageError, {"platform": "no/such/plat/form"}),
        (UsageError, {"base": "auto"}),
        (UnreachableError, {"base": "oci:nowhere"}),
    ]
    for error, how in wrong:
        with pytest.raises(error):
            manifest_only(reference, cache=None, **how)
