"""Savings of each kind, in images described here, alone and together, and without an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from filetree.merged import tree_of
from layers.scanned import read
from lightship.analysis.built_from import BuiltFrom
from lightship.analysis.wire_files import wire_use
from lightship.catalogue.estimates import estimates
from lightship.filetree.merging import merge
from lightship.model.results.lint import Saved
from lightship.rules.saved_records import SavedRecords
from lightship.rules.savings import ESTIMATED, Savings
from lightship.rules.smell import Saving
from lightship.testing import File, Link

if TYPE_CHECKING:
    from lightship.testing import Layer

LISTS = ("/var/lib/apt/lists/*",)


def savings(
    *layers: Layer,
    shared: tuple[int, ...] = (),
    matched: bool = True,
    unknown: tuple[int, ...] = (),
) -> Savings:
    """Of a file whose first step is FROM and whose step n made layer n."""
    scans = [read(layer) for layer in layers]
    tree = merge([scan.index for scan in scans])
    steps = range(len(layers) + 1)
    return Savings(
        SavedRecords(tree, wire_use(tree, scans)),
        BuiltFrom(
            layers=(None, *(at if at not in unknown else None for at in steps[1:])),
            known=frozenset(at for at in steps if at not in unknown),
            shared=frozenset(shared),
            matched=matched,
        ),
        "it:1",
    )


def saving(kind: Any, *positions: int, **fields: Any) -> Saving:
    return Saving(kind=kind, positions=positions, **fields)


def unpacked(found: Saved | None) -> int:
    assert found is not None
    return found.unpacked_bytes


def test_paths_are_counted_in_the_layers_of_the_positions_only() -> None:
    asked = savings(
        {"var/lib/apt/lists/a": b"x" * 10, "var/lib/apt/lists/deep/er": b"x" * 5, "bin/a": b"x"},
        {"var/lib/apt/lists/b": b"x" * 100},
        {"var/lib/apt/lists/c": b"x" * 1000},
    )
    assert asked.count(saving("paths", 1, 3, patterns=LISTS)) == Saved(
        1015, asked.count(saving("paths", 1, 3, patterns=LISTS)).wire_bytes, False,  # type: ignore[union-attr]
        "measured in it:1",
    )  # fmt: skip
    assert unpacked(asked.count(saving("paths", 2, patterns=LISTS))) == 100
    assert unpacked(asked.count(saving("paths", 2, patterns=("/bin",)))) == 0


def test_homes_are_meant_by_a_tilde() -> None:
    asked = savings(
        {"root/.cache/pip/a": b"xx", "home/me/.cache/pip/a": b"x", "srv/.cache/pip/a": b"y"}
    )
    assert unpacked(asked.count(saving("paths", 1, patterns=("~/.cache/pip",)))) == 3


def test_a_file_that_a_link_still_names_stays() -> None:
    layer: Layer = {"cache/a": b"x" * 10, "cache/b": b"x" * 5, "kept": Link("cache/a")}
    assert unpacked(savings(layer).count(saving("paths", 1, patterns=("/cache",)))) == 5
    both = saving("paths", 1, patterns=("/cache", "/kept"))
    assert unpacked(savings(layer).count(both)) == 15


def test_a_pattern_that_is_none_counts_nothing() -> None:
    asked = savings({"a": b"x"})
    assert asked.count(saving("paths", 1, patterns=("/../a",))) is None
    assert asked.count(saving("paths", 1, patterns=("/a\0",), estimate="apt-lists")) is not None


def test_a_merge_saves_what_a_later_one_deletes_or_writes_again() -> None:
    asked = savings(
        {"a": b"x" * 10, "b": b"x" * 100, "c": b"x" * 1000, "d": b"x"},
        {".wh.a": b"", "b": b"y"},
        {".wh.c": b"", "d": File(b"x", mode=0o600)},
    )
    assert unpacked(asked.count(saving("merge", 1, 2))) == 110
    assert unpacked(asked.count(saving("merge", 1, 3))) == 1001
    assert unpacked(asked.count(saving("merge", 1, 2, 3))) == 1111
    assert unpacked(asked.count(saving("merge", 2, 3))) == 0
    assert unpacked(asked.count(saving("merge", 3))) == 0


def test_copies_are_what_an_attribute_costs() -> None:
    asked = savings(
        {"app/a": b"x" * 10, "app/b": b"x" * 100, "lib": b"x" * 1000},
        {"app/a": File(b"x" * 10, uid=5), "app/b": b"changed", "lib": File(b"x" * 1000, uid=5)},
    )
    assert unpacked(asked.count(saving("copies", 2))) == 1010
    assert unpacked(asked.count(saving("copies", 2, patterns=("/app",)))) == 10
    assert unpacked(asked.count(saving("copies", 1))) == 0


def test_layers_are_all_that_they_hold() -> None:
    asked = savings({"a": b"x" * 10}, {"b": b"x" * 100, ".wh.a": b""}, {"c": b"x" * 1000})
    assert unpacked(asked.count(saving("layers", 1, 2))) == 110


def test_keeps_is_all_the_rest_but_the_new_base() -> None:
    asked = savings({"lib/c": b"x" * 1000, "app": b"old"}, {"app": b"x" * 10, "src/a": b"x" * 100})
    kept = saving("keeps", 1, 2, patterns=("/app",), base_bytes=0)
    found = asked.count(kept)
    assert (unpacked(found), found.estimated) == (1103, False)  # type: ignore[union-attr]
    upon = asked.count(saving("keeps", 1, 2, patterns=("/app",), base_bytes=400))
    assert (unpacked(upon), upon.estimated) == (703, True)  # type: ignore[union-attr]
    assert upon.wire_bytes < found.wire_bytes  # type: ignore[union-attr,operator]
    assert unpacked(asked.count(saving("keeps", 1, patterns=("/app",), base_bytes=10**9))) == 0
    assert asked.count(saving("keeps", 1, patterns=("/app",))) is None


def test_together_no_record_counts_twice() -> None:
    asked = savings(
        {"var/lib/apt/lists/a": b"x" * 10, "b": b"x" * 100},
        {"var/lib/apt/lists/a": b"y" * 20, ".wh.b": b""},
    )
    clean, merged = saving("paths", 1, 2, patterns=LISTS), saving("merge", 1, 2)
    assert unpacked(asked.count(clean)) == 30
    assert unpacked(asked.count(merged)) == 110
    assert unpacked(asked.together((clean, merged))) == 130
    everything = saving("keeps", 1, 2, patterns=("/none",), base_bytes=0)
    assert unpacked(asked.together((clean, merged, everything))) == 130
    assert asked.together(()) is None


def test_what_is_not_known_to_be_the_steps_is_estimated() -> None:
    asked = savings({"var/lib/apt/lists/a": b"x" * 10}, unknown=(1,))
    row = estimates()["apt-lists"]
    found = asked.count(saving("paths", 1, patterns=LISTS, estimate="apt-lists"))
    assert found == Saved(row.unpacked_bytes, row.wire_bytes, True, row.source)
    assert asked.count(saving("paths", 1, patterns=LISTS)) is None


def test_a_shared_layer_is_counted_but_is_no_measurement() -> None:
    asked = savings({"var/lib/apt/lists/a": b"x" * 10}, shared=(1,))
    found = asked.count(saving("paths", 1, patterns=LISTS))
    assert found is not None
    assert (found.unpacked_bytes, found.estimated, found.source) == (10, True, "counted in it:1")
    assert asked.count(saving("layers", 1)) is None
    merged = asked.count(saving("merge", 1))
    assert merged is not None
    assert (merged.unpacked_bytes, merged.estimated) == (0, False)


def test_a_merge_over_shared_layers_is_no_measurement() -> None:
    asked = savings({"a": b"x" * 10}, {".wh.a": b""}, shared=(1,))
    merged = asked.count(saving("merge", 1, 2))
    assert merged is not None
    assert (merged.unpacked_bytes, merged.estimated) == (10, True)


def test_an_image_of_another_state_of_the_file_measures_nothing() -> None:
    found = savings({"a": b"x"}, matched=False).count(saving("layers", 1))
    assert found is not None
    assert (found.unpacked_bytes, found.estimated) == (1, True)


def test_another_base_is_always_estimated() -> None:
    found = savings({"a": b"x"}).count(saving("base", 0, estimate="slim-python"))
    assert found is not None
    assert found.estimated
    assert found.wire_bytes == 412_872_069 - 42_961_458
    assert "python:3.13-slim" in found.source


def test_without_an_image_the_table_tells() -> None:
    row = estimates()["apt-lists"]
    once = saving("paths", 1, estimate="apt-lists")
    assert ESTIMATED.count(once) == Saved(row.unpacked_bytes, row.wire_bytes, True, row.source)
    twice = saving("paths", 1, estimate="apt-lists", times=2)
    assert unpacked(ESTIMATED.count(twice)) == 2 * row.unpacked_bytes
    assert ESTIMATED.count(saving("merge", 1, 2)) is None
    assert ESTIMATED.count(saving("paths", 1, estimate="no-such-row")) is None


def test_estimates_of_the_same_of_the_same_step_are_one() -> None:
    row = estimates()["apt-lists"]
    asked = [saving("paths", at, estimate="apt-lists") for at in (1, 1, 2)]
    found = ESTIMATED.together(asked)
    assert found == Saved(2 * row.unpacked_bytes, 2 * (row.wire_bytes or 0), True, row.source)


@pytest.mark.parametrize(
    ("positions", "times"), [([(1, 2), (2,)], 1), ([(1,), (1, 2), (2,)], 2), ([(), ()], 2)]
)
def test_estimates_that_overlap_are_one(positions: list[tuple[int, ...]], times: int) -> None:
    row = estimates()["apt-lists"]
    asked = [saving("paths", *at, estimate="apt-lists") for at in positions]
    for order in (asked, asked[::-1]):
        assert unpacked(ESTIMATED.together(order)) == times * row.unpacked_bytes


def test_of_one_step_the_larger_estimate_counts() -> None:
    row = estimates()["apt-lists"]
    asked = [saving("paths", 1, estimate="apt-lists", times=times) for times in (1, 3)]
    assert unpacked(ESTIMATED.together(asked)) == 3 * row.unpacked_bytes


def test_measured_and_estimated_together_are_an_estimate() -> None:
    asked = savings({"a": b"x" * 10})
    both = (saving("layers", 1), saving("base", 0, estimate="dnf-cache"))
    found = asked.together(both)
    assert found is not None
    assert found.estimated
    assert found.wire_bytes is None  # nobody weighed the second
    assert found.source.startswith("measured in it:1; ")


def test_a_layer_that_stands_twice_counts_at_each_position() -> None:
    layer: Layer = {"a": b"x" * 10}
    tree = tree_of(layer, layer)
    scan = read(layer)
    records = SavedRecords(tree, wire_use(tree, [scan, scan]))
    held = records.held((1, 2))
    assert held is not None
    assert records.weight(held) == (20, sum(wire_use(tree, [scan, scan]).wire_of))


@pytest.mark.parametrize("name", sorted(estimates()))
def test_each_estimate_says_where_it_is_from(name: str) -> None:
    row = estimates()[name]
    assert row.unpacked_bytes > 0
    assert row.wire_bytes is None or 0 < row.wire_bytes <= row.unpacked_bytes
    assert len(row.source) > 20
    assert not row.source.endswith(".")
