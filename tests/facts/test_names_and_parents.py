"""T1-T8: type changes, parents, names. Every figure is worked out by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from facts.seen import DIR, refused_by_both
from lightship.testing import Device, Dir, Fifo, File, Link, Symlink

if TYPE_CHECKING:
    from pathlib import Path

    from facts.seen import Read
    from lightship.testing import Layer
    from lightship.testing.entries import Content


@pytest.mark.parametrize(
    "entry",
    [b"new", Symlink("e"), Device(1, 3), Fifo(), Link("e")],
    ids=["file", "symlink", "device", "fifo", "link"],
)
def test_t1_a_non_directory_removes_the_subtree(read: Read, entry: Content) -> None:
    seen = read([{"d/x": b"11", "d/y/z": b"2", "e": b""}, {"d": entry}])
    assert sorted(path for path in seen.outcome.tree if path) == [b"d", b"e"]
    assert seen.outcome.killed == {(1, 2, "deleted"): 3}


def test_t1_directory_over_file(read: Read) -> None:
    seen = read([{"d": b"11"}, {"d": Dir(mode=0o700), "d/x": b"2"}])
    seen.holds({"d": DIR, "d/x": b"2"})
    seen.counts(3, 1, killed={(1, 2, "overwritten"): 2})
    assert seen["d"].mode == 0o700


def test_t1_directory_over_directory_keeps_children_and_takes_the_new_facts(read: Read) -> None:
    lower = {"d": Dir(mode=0o700, uid=1, gid=2, mtime=3, xattrs={"user.a": b"1"}), "d/x": b"11"}
    upper = {"d": Dir(mode=0o711, uid=4, gid=5, mtime=6)}
    seen = read([lower, upper])
    seen.holds({"d": DIR, "d/x": b"11"})
    node = seen["d"]
    assert (node.mode, node.uid, node.gid, node.mtime_ns) == (0o711, 4, 5, 6 * 10**9)
    assert node.xattrs == ()


def test_t2_a_parent_that_is_a_file_becomes_a_directory(read: Read) -> None:
    seen = read([{"a": b"11", "b": Fifo()}, {"a/x/y": b"2", "b/z": b"3"}])
    seen.holds({"a": DIR, "a/x": DIR, "a/x/y": b"2", "b": DIR, "b/z": b"3"})
    seen.counts(4, 2, killed={(1, 2, "deleted"): 2})


def test_t2_a_directory_that_no_record_made(read: Read) -> None:
    seen = read([{"a/b/c": File(b"", mode=0o600, uid=5, mtime=7)}])
    for path in ("a", "a/b"):
        node = seen[path]
        assert (node.kind, node.mode, node.uid, node.gid) == ("directory", 0o755, 0, 0)
        assert node.mtime_ns == 0


def test_t3_symlinked_parents_resolve_inside_the_root(read: Read) -> None:
    lower = {"usr/lib/x": b"1", "lib": Symlink("usr/lib"), "etc": Symlink("/usr/etc")}
    seen = read([lower, {"lib/foo": b"22", "etc/deep/conf": b"333"}])
    seen.holds(
        {
            "usr": DIR,
            "usr/lib": DIR,
            "usr/lib/x": b"1",
            "usr/lib/foo": b"22",
            "usr/etc": DIR,
            "usr/etc/deep": DIR,
            "usr/etc/deep/conf": b"333",
            "lib": "usr/lib",
            "etc": "/usr/etc",
        }
    )
    seen.counts(6, 6)


def test_t3_a_symlink_that_points_above_the_root_stays_inside(read: Read) -> None:
    seen = read([{"d/up": Symlink("../../../.."), "abs": Symlink("/../../d"), "d/up/a": b"1"}])
    seen.holds({"d": DIR, "d/up": "../../../..", "abs": "/../../d", "a": b"1"})
    seen = read([{"s": Symlink("/")}, {"s/s/s/a": b"1"}])
    seen.holds({"s": "/", "a": b"1"})


def test_t3_symlinks_within_one_layer_in_tar_order(read: Read) -> None:
    seen = read([[("s/a", b"1"), ("s", Symlink("t")), ("s/b", b"22")]])
    seen.holds({"s": "t", "t": DIR, "t/b": b"22"})
    seen.counts(3, 2, killed={(1, 1, "in_layer_duplicate"): 1})


def test_t3_a_record_replaces_a_symlink_and_not_its_target(read: Read) -> None:
    lower = {"t": b"1", "s": Symlink("t"), "d/x": b"22", "e": Symlink("d")}
    seen = read([lower, {"s": b"333", "e": Dir()}])
    seen.holds({"t": b"1", "s": b"333", "d": DIR, "d/x": b"22", "e": DIR})
    seen.counts(6, 6)


def test_t3_overwriting_through_a_symlink_is_at_the_real_path(read: Read) -> None:
    lower = {"usr/a": b"old", "s": Symlink("usr")}
    read([lower, {"s/a": b"old"}]).counts(6, 3, killed={(1, 2, "metadata_copy"): 3})
    read([lower, {"s/a": b"new!"}]).counts(7, 4, killed={(1, 2, "overwritten"): 3})
    seen = read([lower, {"s/.wh.a": b"", "usr/a": b"old"}])
    seen.counts(6, 3, killed={(1, 2, "overwritten"): 3})


def test_t3_a_record_that_replaces_the_symlink_it_came_through(read: Read) -> None:
    """The next record of that directory goes where the path leads then."""
    seen = read([[("c", Symlink("/")), ("c/c", b"1"), ("c/c", b"22"), ("c/d", b"333")]])
    seen.holds({"c": DIR, "c/c": b"22", "c/d": b"333"})
    seen.counts(6, 5, killed={(1, 1, "in_layer_duplicate"): 1})


def test_t3_a_symlink_to_a_file_as_a_parent(read: Read) -> None:
    seen = read([{"f": b"11", "s": Symlink("f")}, {"s/x": b"2"}])
    seen.holds({"f": DIR, "f/x": b"2", "s": "f"})
    seen.counts(3, 1, killed={(1, 2, "deleted"): 2})


def _chain(links: int) -> dict[str, Content]:
    """s1 -> s2 -> ... -> the last, which points at `d`."""
    chain: dict[str, Content] = {f"s{n}": Symlink(f"s{n + 1}") for n in range(1, links)}
    return {**chain, f"s{links}": Symlink("d"), "s1/a": b"x"}


def test_t3_a_chain_of_255_symlinks(read: Read) -> None:
    seen = read([_chain(255)])
    assert seen["d/a"].kind == "regular"


def test_t3_a_chain_of_256_symlinks_is_refused(tmp_path: Path) -> None:
    refused_by_both([_chain(256)], tmp_path)


def test_t3_a_loop_of_symlinks_as_a_parent_is_refused(tmp_path: Path) -> None:
    loop = {"a": Symlink("b"), "b": Symlink("a")}
    refused_by_both([loop, {"a/x": b""}], tmp_path)
    refused_by_both([{"self": Symlink("self"), "self/x": b""}], tmp_path)


def test_t3_a_loop_that_nothing_goes_through_is_fine(read: Read) -> None:
    seen = read([{"a": Symlink("b"), "b": Symlink("a"), "self": Symlink("self")}])
    seen.holds({"a": "b", "b": "a", "self": "self"})


def test_t4_absolute_symlinks_are_kept(read: Read) -> None:
    read([{"a": Symlink("/usr/bin/a"), "b": Symlink("//x/../y/")}]).holds(
        {"a": "/usr/bin/a", "b": "//x/../y/"}
    )


@pytest.mark.parametrize(
    "name", ["./d/x", "/d/x", "d/x", "d//x", "//d/./x", "d/../d/x", "x/../d/x"]
)
def test_t5_spellings_of_a_path(read: Read, name: str) -> None:
    seen = read([{"d/x": b"old"}, {name: b"old"}])
    seen.holds({"d": DIR, "d/x": b"old"})
    seen.counts(6, 3, killed={(1, 2, "metadata_copy"): 3})


@pytest.mark.parametrize("name", [".", "/", "./", "//", "a/.."])
def test_t5_the_root_entrys_facts_are_kept(read: Read, name: str) -> None:
    root = Dir(mode=0o1700, uid=1, gid=2, mtime=3, xattrs={"user.a": b"1"})
    seen = read([{"x": b"1"}, {name: root}])
    seen.holds({"x": b"1"})
    node = seen[""]
    assert (node.mode, node.uid, node.gid, node.mtime_ns) == (0o1700, 1, 2, 3 * 10**9)
    assert node.xattrs == ((b"user.a", b"1"),)


def test_t5_a_root_that_no_record_made(read: Read) -> None:
    node = read([{"x": b"1"}])[""]
    assert (node.kind, node.mode, node.uid, node.gid, node.mtime_ns) == (
        "directory",
        0o755,
        0,
        0,
        0,
    )


@pytest.mark.parametrize(
    "entry", [b"x", Symlink("/etc"), Link("a"), Fifo()], ids=["file", "symlink", "link", "fifo"]
)
def test_t5_a_root_that_is_no_directory_is_refused(tmp_path: Path, entry: Content) -> None:
    """umoci CVE-2021-29136 was a symlink entry for `/.`."""
    refused_by_both([[("a", b"x"), ("/.", entry)]], tmp_path)


@pytest.mark.parametrize("name", ["../a", "a/../../b", "./..", "../../etc/passwd", "../.wh.a"])
def test_t5_a_name_that_climbs_over_the_root_is_refused(tmp_path: Path, name: str) -> None:
    refused_by_both([{name: b""}], tmp_path)


def test_t6_the_last_of_equal_paths_wins(read: Read) -> None:
    seen = read([[("a", b"1"), ("b", b"x"), ("./a", b"22"), ("/a", b"333")]])
    seen.holds({"a": b"333", "b": b"x"})
    seen.counts(7, 4, killed={(1, 1, "in_layer_duplicate"): 3})


def test_t7_a_hard_link_whose_target_climbs_is_refused(tmp_path: Path) -> None:
    refused_by_both([{"a": b"x", "b": Link("../../etc/passwd")}], tmp_path)


def test_t8_names_are_bytes(read: Read) -> None:
    layers: list[Layer] = [
        {
            b"\xff\xfe": b"1",
            b"caf\xe9/x": b"22",
            b"l": Symlink(b"\xff\xfe"),
            b"h": Link(b"\xff\xfe"),
        },
        {b".wh.\xff\xfe": b""},
    ]
    seen = read(layers)
    assert sorted(seen.outcome.tree) == [b"", b"caf\xe9", b"caf\xe9/x", b"h", b"l"]
    assert seen[b"l"].link_target == b"\xff\xfe"
    seen.counts(3, 3)


def test_t8_names_that_only_look_alike_are_different(read: Read) -> None:
    composed, decomposed = "\u00e9".encode(), "e\u0301".encode()
    seen = read([{composed: b"1", decomposed: b"22", b"E\xcc\x81": b"333"}])
    seen.counts(6, 6)
    assert len(seen.outcome.tree) == 4


def test_t8_odd_names(read: Read) -> None:
    names = [b"\n", b"a\tb", b"\x1b[31m", b" ", b"-rf", b"...", b"a\\b", b"*", b"%00"]
    seen = read([dict.fromkeys(names, b"1")])
    assert sorted(path for path in seen.outcome.tree if path) == sorted(names)
