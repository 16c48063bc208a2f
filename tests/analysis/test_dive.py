"""dive's figures; that the real dive says the same, tests/e2e/test_dive_verdict.py shows."""

from __future__ import annotations

import pytest

from analysis.dive_images import IMAGES, D, DiveImage
from layers.scanned import scan
from lightship.analysis.dive import DiveFigures, dive_figures
from lightship.testing import Dir, Layer


def figures(*layers: Layer | bytes) -> DiveFigures:
    return dive_figures([scan(layer) for layer in layers])


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_the_figures_worked_out_by_hand(image: DiveImage) -> None:
    found = figures(*image.layers)
    assert found.efficiency == image.smallest / image.mentioned
    assert found.wasted_bytes == image.wasted
    assert found.size_bytes == sum(image.layer_sizes)
    assert found.user_size_bytes == sum(image.layer_sizes[1:])


def test_an_image_without_layers() -> None:
    assert figures() == DiveFigures(1.0, 0, None, 0, 0)


def test_percent_of_the_layers_above_the_first() -> None:
    assert figures({"a": b"x" * 30}, {"a": b"x" * 10}).user_wasted_percent == 4.0
    assert figures({"a": b"x" * 30}, {"b": b"x" * 10}).user_wasted_percent == 0.0
    # dive divides by zero: +Inf, then NaN
    assert figures({"a": b"x" * 30}, {".wh.a": b""}).user_wasted_percent is None
    assert figures({"a": b"x" * 30}).user_wasted_percent is None


def test_a_layer_given_twice_counts_twice() -> None:
    index = scan(D)
    found = dive_figures([index, index, scan({".wh.d": b""})])
    assert (found.wasted_bytes, found.size_bytes) == (200, 200)
    assert found.efficiency == (100 + 100) / (200 + 100)


def test_nested_whiteouts_of_deep_directories() -> None:
    depth = 500
    lower: dict[str, object] = {}
    upper: dict[str, object] = {}
    place = ""
    for _ in range(depth):
        lower.update({f"{place}d": Dir(), f"{place}d/f": b"x"})
        upper[f"{place}.wh.d"] = b""
        place += "d/"
    found = figures(lower, upper, {"d": b""})
    # each whiteout weighs the files below it; only the topmost's path is mentioned once more
    mentioned = depth + depth * (depth + 1) // 2
    assert found.efficiency == (mentioned - depth) / mentioned
    assert found.wasted_bytes == depth


def test_many_whiteouts_of_many_files() -> None:
    count = 4_000
    lower: dict[str, object] = {f"d{n % 100}/f{n}": b"x" for n in range(count)}
    upper: dict[str, object] = {f"d{n % 100}/.wh.f{n}": b"" for n in range(count)}
    found = figures(lower, upper)
    assert found.wasted_bytes == count
    assert found.efficiency == 0.0
