"""Squash from image to image, read by the independent applier."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

import lightship
from independent.layouts import folder, load, manifest_of
from lightship.testing import build_image, layer_tar
from rewrite.in_memory import tree_of
from rewrite.test_squash_facts import STACKS

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.testing import Layer

SOME = [name for name in STACKS if name.startswith(("W13", "H5", "H6", "T2", "P7", "T8 bytes"))]


def _tars(reference: str) -> list[bytes]:
    layout = folder(reference.rpartition(":")[0])
    layers = manifest_of(layout)["layers"]
    return [gzip.decompress(load(layout, layer)) for layer in layers]


@pytest.mark.parametrize("keep", [0, 1])
@pytest.mark.parametrize("name", SOME)
def test_a_squash_and_another_that_changes_nothing(tmp_path: Path, name: str, keep: int) -> None:
    layers = STACKS[name]
    source = build_image(layers, directory=tmp_path)
    target = f"oci:{tmp_path / 'out'}:1"
    result = lightship.squash(source, target, keep=keep, cache=None)
    if len(layers) > keep + 1:
        assert result.outcome == "written"
    if result.outcome == "written":
        assert tree_of(_tars(target)) == tree_of([layer_tar(layer) for layer in layers])
        again = lightship.squash(target, f"oci:{tmp_path / 'again'}:1", keep=keep, cache=None)
        assert again.outcome == "nothing"
        assert not (tmp_path / "again").exists()


def _stargz(name: str) -> Layer:
    return {name: b"x", ".no.prefetch.landmark": b"\x0f", "stargz.index.json": b"{}"}


@pytest.mark.parametrize("keep", [0, 1])
def test_z2_what_estargz_left_is_dropped_and_told(tmp_path: Path, keep: int) -> None:
    layers = [_stargz("a"), _stargz("b"), _stargz("c")]
    target = f"oci:{tmp_path / 'out'}:1"
    result = lightship.squash(
        build_image(layers, directory=tmp_path), target, keep=keep, cache=None
    )
    assert sorted(tree_of(_tars(target))) == [b"", b"a", b"b", b"c"]
    told = ".no.prefetch.landmark, stargz.index.json"
    assert any(note.endswith(f"(eStargz): {told}") for note in result.notes)


def test_z2_files_that_only_have_such_a_name_stay(tmp_path: Path) -> None:
    layers: list[Layer | bytes] = [
        {"a": b"x"},
        {"stargz.index.json": b"{}", "b": b"y"},
        {"d/stargz.index.json": b"{}", ".prefetch.landmark": b""},
    ]
    target = f"oci:{tmp_path / 'out'}:1"
    lightship.squash(build_image(layers, directory=tmp_path), target, keep=1, cache=None)
    assert tree_of(_tars(target)) == tree_of([layer_tar(layer) for layer in layers])


def test_layers_of_which_nothing_is_left_go(tmp_path: Path) -> None:
    layers: list[Layer | bytes] = [{"a": b"x"}, {"b": b"y" * 9_000}, {".wh.b": b""}]
    target = f"oci:{tmp_path / 'out'}:1"
    result = lightship.squash(build_image(layers, directory=tmp_path), target, keep=1, cache=None)
    assert result.outcome == "written"
    assert (result.after.layers, result.after.dead_bytes) == (1, 0)
    assert tree_of(_tars(target)) == tree_of([layer_tar({"a": b"x"})])


def test_an_image_of_which_nothing_is_left_has_a_layer(tmp_path: Path) -> None:
    layers: list[Layer | bytes] = [{"a": b"x"}, {".wh.a": b""}]
    target = f"oci:{tmp_path / 'out'}:1"
    source = build_image(layers, directory=tmp_path)
    result = lightship.squash(source, target, keep="none", cache=None)
    assert result.outcome == "written"
    assert result.after.layers == 1
    assert [*tree_of(_tars(target))] == [b""]
