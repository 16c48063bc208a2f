"""The base's end in real images: given, seen before, named by annotations, told by history."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import lightship
from independent.layouts import folder, manifest_of
from lightship.analysis.base_end import DIGEST_KEY, NAME_KEY
from lightship.errors import UnreachableError, UsageError
from lightship.layers.cache import CachePlace
from lightship.model.digest import Digest
from lightship.testing import build_image

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.model.results.inspect import InspectResult
    from lightship.testing import Layer
    from lightship.testing.images import Codec, Form

ROOT: Layer = {"bin/sh": b"s" * 3000, "etc/conf": b"c" * 500}
TOOLS: Layer = {"usr/bin/tool": b"t" * 7000, "tmp/x": b"x" * 900}
OWN: list[Layer] = [
    {"app/main": b"m" * 2000, "etc/conf": b"new" * 10},
    {"app/.wh.main": b"", "tmp/.wh.x": b"", "app/other": b"o" * 100},
]
STEPS = [
    {"created_by": "ADD root", "created": "2026-01-01T00:00:00Z"},
    {"created_by": "RUN tools", "created": "2026-01-01T00:00:00Z"},
    {"created_by": 'CMD ["sh"]', "created": "2026-01-01T00:00:00Z", "empty_layer": True},
    {"created_by": "COPY app", "created": "2026-01-01T00:00:00Z"},
    {"created_by": "RUN clean", "created": "2026-01-01T00:00:00Z"},
]


@pytest.fixture
def place(tmp_path: Path) -> CachePlace:
    return CachePlace(tmp_path / "cache")


def base(directory: Path, **how: Any) -> str:
    return build_image([ROOT, TOOLS], directory=directory, **{"name": "base:1", **how})


def image(directory: Path, **how: Any) -> str:
    return build_image([ROOT, TOOLS, *OWN], directory=directory, **how)


def inspect(reference: str, **how: Any) -> InspectResult:
    return lightship.inspect(reference, **{"cache": None, **how})


FORMS: list[tuple[Form, Codec]] = [
    ("oci", "gzip"),
    ("oci", "plain"),
    ("oci-archive", "zstd"),
    ("docker-archive", "plain"),
    ("docker-archive-25", "gzip"),
]


@pytest.mark.parametrize(("form", "codec"), FORMS)
def test_a_given_base_is_told_by_diff_ids_however_both_are_stored(
    tmp_path: Path, form: Form, codec: Codec
) -> None:
    result = inspect(image(tmp_path), base=base(tmp_path, form=form, codec=codec))
    found = result.base
    assert found is not None
    assert (found.layers, found.how, found.certain, found.name) == (2, "given", True, "base:1")
    assert [layer.base for layer in result.layers] == [True, True, False, False]


def test_the_bytes_of_base_and_payload_add_up(tmp_path: Path) -> None:
    result = inspect(image(tmp_path), base=base(tmp_path))
    found = result.base
    assert found is not None
    payload = found.payload
    assert found.unpacked_bytes == 3000 + 500 + 7000 + 900
    assert found.dead_bytes == 500 + 900
    assert payload.unpacked_bytes == 2000 + 30 + 100
    assert (payload.visible_bytes, payload.dead_bytes) == (30 + 100, 2000)
    config = result.image.wire_bytes - found.wire_bytes - payload.wire_bytes
    assert found.pull_with_base_bytes == payload.wire_bytes + config
    blobs = [layer.wire_bytes for layer in result.layers]
    assert (found.wire_bytes, payload.wire_bytes) == (sum(blobs[:2]), sum(blobs[2:]))


def test_a_base_that_was_built_again_is_no_base(tmp_path: Path) -> None:
    other = build_image([ROOT, {"usr/bin/tool": b"newer"}], directory=tmp_path, name="base:2")
    with pytest.raises(UsageError) as caught:
        inspect(image(tmp_path), base=other)
    assert "base:2 is not the base" in caught.value.what
    assert "of its 2 layers the first agrees" in caught.value.what


def test_a_base_that_is_not_there_cannot_be_reached(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError):
        inspect(image(tmp_path), base=f"oci:{tmp_path}/nowhere")


def test_a_root_file_system_cannot_be_a_base(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    with pytest.raises(UsageError, match="no diff IDs"):
        inspect(image(tmp_path), base=f"rootfs:{tmp_path}/root")


def test_an_image_may_be_its_own_base(tmp_path: Path) -> None:
    reference = image(tmp_path)
    found = inspect(reference, base=reference).base
    assert found is not None
    assert (found.layers, found.payload.layers) == (4, 0)


def test_an_image_seen_before_is_known(tmp_path: Path, place: CachePlace) -> None:
    reference = image(tmp_path)
    assert inspect(reference, cache=place).base is None
    inspect(base(tmp_path), cache=place)
    inspect(build_image([ROOT], directory=tmp_path, name="root:1"), cache=place)
    found = inspect(reference, cache=place).base
    assert found is not None
    assert (found.layers, found.name, found.how, found.certain) == (2, "base:1", "known", False)
    assert inspect(reference, cache=None).base is None


def annotated(reference: str, **annotations: str) -> str:
    """The layout with annotations in its manifest."""
    root = folder(reference)
    manifest = {**manifest_of(root), "annotations": annotations}
    data = json.dumps(manifest).encode()
    digest = Digest.of(data)
    (root / "blobs" / "sha256" / digest.hex).write_bytes(data)
    index = json.loads((root / "index.json").read_text())
    index["manifests"][0].update(digest=str(digest), size=len(data))
    (root / "index.json").write_text(json.dumps(index))
    return reference


def test_an_annotation_names_an_image_seen_before(tmp_path: Path, place: CachePlace) -> None:
    seen = inspect(base(tmp_path), cache=place).image.digest
    assert seen is not None
    reference = annotated(image(tmp_path), **{NAME_KEY: "example.org/base:1", DIGEST_KEY: seen})
    found = inspect(reference, cache=place).base
    assert found is not None
    assert (found.name, found.digest) == ("example.org/base:1", seen)
    assert (found.layers, found.how, found.certain) == (2, "annotation", True)


@pytest.mark.parametrize("where", ["annotations", "labels"])
def test_the_history_ends_what_an_annotation_or_label_names(tmp_path: Path, where: str) -> None:
    says = {NAME_KEY: "example.org/base:1"}
    if where == "labels":
        reference = image(tmp_path, history=STEPS, config={"config": {"Labels": says}})
    else:
        reference = annotated(image(tmp_path, history=STEPS), **says)
    found = inspect(reference).base
    assert found is not None
    assert (found.name, found.layers, found.how) == ("example.org/base:1", 2, "history")
    assert not found.certain


def test_auto_without_a_name_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not name its base"):
        inspect(image(tmp_path), base="auto")


def test_auto_asks_no_registry_when_no_network_may_be_used(tmp_path: Path) -> None:
    reference = annotated(image(tmp_path), **{NAME_KEY: "example.org/base:1"})
    with pytest.raises(UnreachableError, match=r"example\.org/base"):
        inspect(reference, base="auto", network=lightship.NetOptions(offline=True))


@pytest.mark.parametrize("history", [[], [{"created_by": "squashed"}], None])
def test_nothing_is_invented(tmp_path: Path, history: list[dict[str, Any]] | None) -> None:
    result = inspect(image(tmp_path, history=history))
    assert result.base is None
    assert {layer.base for layer in result.layers} == {None}


# What a node has.


def test_a_node_that_has_the_base_pulls_the_payload(tmp_path: Path) -> None:
    other = base(tmp_path, codec="zstd")
    result = inspect(image(tmp_path), base=other, node=f"disk=1MB,used=0,runtime=cri-o,has={other}")
    assert result.node is not None
    assert result.base is not None
    assert result.node.pull_bytes == result.base.pull_with_base_bytes
    assert result.node.added_bytes == result.base.payload.unpacked_bytes
    assert result.node.repull_bytes == result.image.wire_bytes
    assert result.node.reaction == "none"
