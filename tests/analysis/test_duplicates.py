from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.asked import duplicate_paths, duplicates
from lightship.analysis import duplicates as module
from lightship.testing import File, Link, Symlink

if TYPE_CHECKING:
    import pytest

BIG = b"content " * 10


def test_equal_content_at_several_paths() -> None:
    layer = {"a": BIG, "b": BIG, "c": b"else", "d/e": BIG}
    assert duplicate_paths(layer) == [(160, {"a", "b", "d/e"})]
    found = duplicates(layer)
    assert (found.wasted_bytes, found.copies) == (160, 2)
    (one,) = found.largest
    assert (one.content_bytes, one.wasted_bytes) == (80, 160)


def test_owner_mode_and_layer_do_not_matter() -> None:
    assert duplicate_paths({"a": BIG}, {"b": File(BIG, uid=5, mode=0o600)}) == [(80, {"a", "b"})]


def test_hard_links_are_no_duplicates() -> None:
    assert duplicate_paths({"a": BIG, "b": Link("a")}, {"c": Link("a")}) == []
    assert duplicate_paths({"a": BIG, "b": Link("a"), "c": BIG}) == [(80, {"a", "c"})]


def test_empty_files_and_symlinks_are_no_duplicates() -> None:
    assert duplicate_paths({"a": b"", "b": b"", "c": Symlink("x"), "d": Symlink("x")}) == []


def test_dead_files_are_no_duplicates() -> None:
    assert duplicate_paths({"a": BIG, "b": BIG}, {".wh.b": b""}) == []
    assert duplicate_paths({"a": BIG}, {"a": BIG}) == []
    assert duplicate_paths({"a": BIG}, {"a": File(BIG, uid=1)}, {"b": BIG}) == [(80, {"a", "b"})]


def test_an_inode_whose_first_name_is_gone_counts() -> None:
    layers = ({"a": BIG, "b": Link("a"), "c": BIG}, {".wh.a": b""})
    assert duplicates(*layers).wasted_bytes == 80


def test_the_worst_come_first_and_only_so_many() -> None:
    layer = {
        **{f"small/{n}": b"s" * 10 for n in range(10)},
        **{f"large/{n}": b"l" * 60 for n in range(2)},
        **{f"middle/{n}": b"m" * 35 for n in range(3)},
    }
    assert [wasted for wasted, _ in duplicate_paths(layer)] == [90, 70, 60]
    found = duplicates(layer, count=1)
    assert [one.wasted_bytes for one in found.largest] == [90]
    assert (found.wasted_bytes, found.copies) == (220, 12)


def test_counting_by_quarters_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = [
        {f"{layer}/{number}": b"%d" % (number % 150) * 3 for number in range(200)}
        for layer in range(3)
    ]
    layers.append({"0/.wh.7": b"", "1/8": b"changed", "empty": b"", "empty2": b""})
    at_once = duplicates(*layers)
    assert at_once.copies > 300
    monkeypatch.setattr(module, "_COUNTED_AT_ONCE", 0)
    assert duplicates(*layers) == at_once


def test_nothing_at_all() -> None:
    found = duplicates()
    assert (found.wasted_bytes, found.copies, found.largest) == (0, 0, ())
