from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import lightship
from lightship.testing import Link, Symlink, build_image

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.model.results.history import HistoryResult

LAYERS = [
    {"a": b"a" * 100, "b": b"b" * 10, "sym": Symlink("target")},
    {"c": b"c" * 7, "hard": Link("a"), ".wh.b": b""},
]
STEPS: list[dict[str, object]] = [
    {"created_by": "ADD rootfs /", "created": "2026-01-02T03:04:05Z", "comment": "base"},
    {"created_by": "ENV a=b", "empty_layer": True},
    {"created_by": "RUN make"},
    {"created_by": "CMD x", "empty_layer": True},
]


def told(directory: Path, layers: Any = LAYERS, **how: Any) -> HistoryResult:
    return lightship.history(build_image(layers, directory=directory, **how), cache=None)


def test_rows_newest_first(tmp_path: Path) -> None:
    result = told(tmp_path, history=STEPS)
    assert [(row.created_by, row.layer, row.empty_layer) for row in result.rows] == [
        ("CMD x", None, True),
        ("RUN make", 2, False),
        ("ENV a=b", None, True),
        ("ADD rootfs /", 1, False),
    ]
    assert [row.created for row in result.rows] == [None, None, None, "2026-01-02T03:04:05Z"]
    assert [row.comment for row in result.rows] == [None, None, None, "base"]
    assert not any(row.guessed for row in result.rows)
    assert result.schema == "lightship.history/1"


def test_figures_of_each_row(tmp_path: Path) -> None:
    reference = build_image(LAYERS, directory=tmp_path, history=STEPS)
    cmd, run, _, add = lightship.history(reference, cache=None).rows
    inspected = lightship.inspect(reference, cache=None)
    assert (add.unpacked_bytes, add.engine_bytes, add.dead_bytes, add.files) == (110, 116, 10, 2)
    assert (run.unpacked_bytes, run.engine_bytes, run.dead_bytes, run.files) == (7, 7, 0, 2)
    assert (cmd.unpacked_bytes, cmd.engine_bytes, cmd.dead_bytes, cmd.files) == (0, 0, 0, 0)
    assert cmd.wire_bytes is None
    assert [add.wire_bytes, run.wire_bytes] == [layer.wire_bytes for layer in inspected.layers]
    assert not add.wire_bytes_estimated


@pytest.mark.parametrize("form", ["oci", "oci-archive", "docker-archive", "docker-archive-25"])
def test_every_form_tells_the_same(tmp_path: Path, form: Any) -> None:
    expected = told(tmp_path, history=STEPS)
    found = told(tmp_path, history=STEPS, form=form, codec="gzip")
    assert found.rows == expected.rows
    assert found.image_id == expected.image_id


def test_c2_no_history(tmp_path: Path) -> None:
    rows = told(tmp_path, history=[]).rows
    assert [(row.layer, row.created_by, row.guessed) for row in rows] == [
        (2, None, False),
        (1, None, False),
    ]
    assert [row.unpacked_bytes for row in rows] == [7, 110]


def test_c3_more_entries_than_layers(tmp_path: Path) -> None:
    rows = told(tmp_path, history=[*STEPS, {"created_by": "RUN more"}]).rows
    assert [(row.layer, row.created_by) for row in rows] == [
        (None, "RUN more"),
        (None, "CMD x"),
        (2, "RUN make"),
        (None, "ENV a=b"),
        (1, "ADD rootfs /"),
    ]
    assert all(row.guessed for row in rows)


def test_fewer_entries_than_layers(tmp_path: Path) -> None:
    rows = told(tmp_path, history=[{"created_by": "RUN make"}]).rows
    assert [(row.layer, row.created_by, row.guessed) for row in rows] == [
        (2, "RUN make", True),
        (1, None, True),
    ]


def test_c4_a_layer_without_an_entry_stays_in_its_place(tmp_path: Path) -> None:
    steps = [{"created_by": "ADD rootfs /"}, {"created_by": "RUN make"}]
    rows = told(tmp_path, [LAYERS[0], {}, LAYERS[1]], history=steps).rows
    assert [(row.layer, row.created_by) for row in rows] == [
        (3, "RUN make"),
        (2, None),
        (1, "ADD rootfs /"),
    ]


def test_t6_what_a_layer_overwrites_itself_is_not_what_an_engine_counts(tmp_path: Path) -> None:
    """An engine unpacks the layer and sums up what is there then."""
    (row,) = told(tmp_path, [[("a", b"x" * 50), ("a", b"y" * 3)]]).rows
    assert (row.unpacked_bytes, row.engine_bytes) == (53, 3)


def test_unpacked_bytes_add_up_to_those_of_inspect(tmp_path: Path) -> None:
    reference = build_image([*LAYERS, LAYERS[0]], directory=tmp_path)
    rows = lightship.history(reference, cache=None).rows
    image = lightship.inspect(reference, cache=None).image
    assert sum(row.unpacked_bytes for row in rows) == image.unpacked_bytes
    assert sum(row.dead_bytes for row in rows) == image.dead_bytes
