from __future__ import annotations

from analysis.asked import Group, dead_files, groups, places
from lightship.testing import File, Link, Symlink

BASE = {"app/a": b"a" * 100, "app/b": b"b" * 50, "etc/c": b"c" * 10}


def test_nothing_dead() -> None:
    assert groups(BASE, {"app/new": b"x"}) == []
    assert groups() == []
    assert places(BASE) == []
    assert dead_files(BASE) == []


def test_groups_by_layer_of_birth_layer_of_death_and_kind() -> None:
    found = groups(
        BASE,
        {"app/late": b"l" * 7, "app/a": b"A" * 3},
        {"app/.wh.b": b"", "app/.wh.late": b"", "etc/c": File(b"c" * 10, uid=5)},
        [("app/a", b"B"), ("app/a", b"C")],
    )
    assert found == [
        Group(1, 2, "overwritten", 100, 1),
        Group(1, 3, "deleted", 50, 1),
        Group(1, 3, "metadata_copy", 10, 1),
        Group(2, 3, "deleted", 7, 1),
        Group(2, 4, "overwritten", 3, 1),
        Group(4, 4, "in_layer_duplicate", 1, 1),
    ]


def test_a_group_counts_empty_files_and_has_no_links() -> None:
    layer = {"d/empty": b"", "d/full": b"xx", "d/sym": Symlink("full"), "d/hard": Link("d/full")}
    assert groups(layer, {".wh.d": b""}) == [Group(1, 2, "deleted", 2, 2)]


def test_a_layer_twice_is_two_positions() -> None:
    assert groups(BASE, BASE, BASE) == [
        Group(1, 2, "metadata_copy", 160, 3),
        Group(2, 3, "metadata_copy", 160, 3),
    ]


def test_the_largest_dead_files_have_content_and_an_order() -> None:
    gone = {"d/a": b"x" * 5, "d/b": b"y" * 9, "d/c": b"", "d/e": b"z" * 5}
    assert dead_files(gone, {".wh.d": b""}) == [("d/b", 9), ("d/a", 5), ("d/e", 5)]
    assert dead_files(gone, {".wh.d": b""}, count=2) == [("d/b", 9), ("d/a", 5)]


# Places: a directory gives way to its directories where a few of them hold nearly all.

GONE = {".wh.cache": b""}


def test_the_directory_in_which_the_bytes_are() -> None:
    assert places({"cache/pip/wheels/a": b"x" * 90, "cache/pip/wheels/b": b"y" * 10}, GONE) == [
        ("cache/pip/wheels", 100, 2)
    ]


def test_bytes_spread_over_many_directories_are_one_place() -> None:
    layer = {f"cache/{number}/file": b"x" * 5 for number in range(20)}
    assert places(layer, GONE) == [("cache", 100, 20)]


def test_two_directories_that_hold_nearly_all_are_two_places() -> None:
    layer = {"cache/a/f": b"x" * 50, "cache/b/f": b"y" * 40, "cache/own": b"z" * 10}
    assert places(layer, GONE) == [("cache/a", 50, 1), ("cache/b", 40, 1)]


def test_a_directory_that_holds_much_itself_stays_one() -> None:
    layer = {"cache/a/f": b"x" * 50, "cache/own": b"z" * 50}
    assert places(layer, GONE) == [("cache", 100, 2)]
    layer = {"cache/a/f": b"x" * 79, "cache/own": b"z" * 21}
    assert places(layer, GONE) == [("cache", 100, 2)]
    layer = {"cache/a/f": b"x" * 80, "cache/own": b"z" * 20}
    assert places(layer, GONE) == [("cache/a", 80, 1)]


def test_light_directories_are_not_named_beside_heavy_ones() -> None:
    layer = {"cache/a/f": b"x" * 91, "cache/light/f": b"y" * 9}
    assert places(layer, GONE) == [("cache/a", 91, 1)]
    layer = {"cache/a/f": b"x" * 90, "cache/light/f": b"y" * 10}
    assert places(layer, GONE) == [("cache/a", 90, 1), ("cache/light", 10, 1)]


def test_files_at_the_root_are_in_the_root() -> None:
    assert places({"a": b"x", "b": b"y"}, {".wh.a": b"", ".wh.b": b""}) == [("", 2, 2)]


def test_places_of_several_groups_are_kept_apart_and_sorted() -> None:
    found = places(
        {"a/f": b"x" * 10, "b/f": b"y" * 30, "empty/f": b""},
        {"a/f": b"new", "b/.wh.f": b"", ".wh.empty": b""},
    )
    assert found == [("b", 30, 1), ("a", 10, 1)]
    assert places({"a/f": b"x"}, {"a/f": b"y"}, {"a/f": b"z"}) == [("a", 1, 1), ("a", 1, 1)]


def test_only_so_many_places() -> None:
    layers = [{f"{name}/f": name.encode() * size} for name, size in (("a", 1), ("b", 3), ("c", 2))]
    gone = {f".wh.{name}": b"" for name in "abc"}
    assert places(*layers, gone, count=2) == [("b", 3, 1), ("c", 2, 1)]
