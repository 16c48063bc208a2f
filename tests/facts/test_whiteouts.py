"""W1-W17 as far as reading goes, L1-L3. Every figure is worked out by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from facts.seen import DIR, refused_by_both
from lightship.testing import Device, Dir, Fifo, File, Link, Symlink

if TYPE_CHECKING:
    from pathlib import Path

    from facts.seen import Read
    from lightship.testing.entries import Content


def test_l2_layers_apply_oldest_first(read: Read) -> None:
    seen = read([{"a": b"1"}, {"a": b"22"}, {"a": b"333"}])
    seen.holds({"a": b"333"})
    seen.counts(6, 3, killed={(1, 2, "overwritten"): 1, (2, 3, "overwritten"): 2})


def test_l2_a_whiteout_acts_on_lower_layers_only(read: Read) -> None:
    seen = read([{"a": b"1"}, {"b": b"22", ".wh.b": b""}, {"c": b"", ".wh.a": b""}])
    seen.holds({"b": b"22", "c": b""})
    seen.counts(3, 2, killed={(1, 3, "deleted"): 1})


def test_l3_replacing_one_name_leaves_the_others(read: Read) -> None:
    seen = read([{"a": b"1", "b": Link("a")}, {"a": b"22"}])
    seen.holds({"a": b"22", "b": b"1"})
    seen.counts(3, 3)
    assert not seen.linked("a", "b")


def test_w1_whiteout_removes_a_name(read: Read) -> None:
    seen = read([{"a": b"xx", "b": b"y"}, {".wh.a": b""}])
    seen.holds({"b": b"y"})
    seen.counts(3, 1, killed={(1, 2, "deleted"): 2})


def test_w1_whiteout_removes_a_subtree(read: Read) -> None:
    lower = {"d/a": b"xx", "d/e/b": b"yyy", "d/e/l": Symlink("b"), "da": b"z", "d-a": b"z"}
    seen = read([lower, {".wh.d": b""}])
    seen.holds({"da": b"z", "d-a": b"z"})
    seen.counts(7, 2, killed={(1, 2, "deleted"): 5}, duplicates=1)


def test_w1_whiteout_in_a_directory(read: Read) -> None:
    seen = read([{"d/a": b"xx", "a": b"y"}, {"d/.wh.a": b""}])
    seen.holds({"d": DIR, "a": b"y"})


def test_w1_whiteout_of_what_is_not_there(read: Read) -> None:
    seen = read([{"a": b"x"}, {".wh.b": b"", "c/.wh.d": b"", "a/.wh.e": b""}])
    seen.holds({"a": b"x"})
    seen.counts(1, 1)


@pytest.mark.parametrize("order", [1, -1])
def test_w2_opaque_keeps_siblings_whatever_the_order(read: Read, order: int) -> None:
    upper: list[tuple[str, Content]] = [("d/.wh..wh..opq", b""), ("d/new", b"nn"), ("d/a", b"aa")]
    seen = read([{"d/a": b"x", "d/e/b": b"yyy"}, upper[::order]])
    seen.holds({"d": DIR, "d/new": b"nn", "d/a": b"aa"})
    seen.counts(8, 4, killed={(1, 2, "overwritten"): 1, (1, 2, "deleted"): 3})


def test_w2_opaque_root(read: Read) -> None:
    seen = read([{"a": b"x", "d/e": b"y"}, {".wh..wh..opq": b"", "b": b"z"}])
    seen.holds({"b": b"z"})
    seen.counts(3, 1, killed={(1, 2, "deleted"): 2})


def test_w2_opaque_acts_on_all_lower_layers(read: Read) -> None:
    seen = read([{"d/a": b"x"}, {"d/b": b"yy"}, {"d/.wh..wh..opq": b""}])
    seen.holds({"d": DIR})
    seen.counts(3, 0, killed={(1, 3, "deleted"): 1, (2, 3, "deleted"): 2})


def test_w3_explicit_and_opaque_form_read_the_same(read: Read) -> None:
    lower = {"d/a": b"x", "d/b/c": b"yy"}
    explicit = read([lower, {"d/.wh.a": b"", "d/.wh.b": b""}])
    opaque = read([lower, {"d/.wh..wh..opq": b""}])
    assert explicit.outcome == opaque.outcome


def test_w4_opaque_never_acts_through_a_symlink(read: Read) -> None:
    lower = {"real/a": b"x", "link": Symlink("real"), "l2": Symlink("/real/e"), "real/e/b": b"y"}
    seen = read([lower, {"link/.wh..wh..opq": b"", "l2/.wh..wh..opq": b""}])
    seen.holds(
        {
            "real": DIR,
            "real/a": b"x",
            "real/e": DIR,
            "real/e/b": b"y",
            "link": "real",
            "l2": "/real/e",
        }
    )
    seen.counts(2, 2, duplicates=0)


def test_w4_opaque_directory_in_place_of_a_symlink(read: Read) -> None:
    lower = {"real/a": b"x", "link": Symlink("real")}
    seen = read([lower, {"link": Dir(), "link/.wh..wh..opq": b"", "link/b": b"y"}])
    seen.holds({"real": DIR, "real/a": b"x", "link": DIR, "link/b": b"y"})
    seen.counts(2, 2)


def test_w5_an_empty_whiteout_removes_nothing(read: Read) -> None:
    seen = read([{"etc/a": b"x"}, {"etc/.wh.": b"content", ".wh.": Dir()}])
    seen.holds({"etc": DIR, "etc/a": b"x"})
    seen.counts(1, 1)
    assert seen.outcome.layer_files == [1, 0]


def test_w6_opqx_is_a_whiteout(read: Read) -> None:
    lower = {"d/.wh..opqX": b""}  # a whiteout of ".opqX": there is no way to bring that name in
    seen = read([{"d/a": b"x", "d/.opqX": b"y"}, {"d/.wh..wh..opqX": b""}, lower])
    seen.holds({"d": DIR, "d/a": b"x"})
    seen.counts(2, 1, killed={(1, 3, "deleted"): 1})


@pytest.mark.parametrize("name", [".wh..wh.plnk", ".wh..wh.orph", ".wh..wh.aufs"])
def test_w7_aufs_records_are_no_content(read: Read, name: str) -> None:
    upper = {name: Dir(), f"{name}/12.34": b"content", f"d/{name}": b"more", f"{name}/.wh.a": b""}
    seen = read([{"a": b"x"}, upper])
    assert {path for path in seen.outcome.tree if path} - {b"d"} == {b"a"}
    seen.counts(1, 1)
    assert seen.outcome.layer_files == [1, 0]


def test_w8_a_marker_inside_a_name_is_a_file(read: Read) -> None:
    seen = read([{"b": b"y"}, {"a.wh.b": b"x", "wh.b": b"x", ".whb": b"x", ".wh": b"x"}])
    seen.holds({"b": b"y", "a.wh.b": b"x", "wh.b": b"x", ".whb": b"x", ".wh": b"x"})
    seen.counts(5, 5, duplicates=3)


def test_w9_whiteouts_in_the_lowest_layer(read: Read) -> None:
    seen = read([{".wh.a": b"xx", "d/.wh..wh..opq": b"", "b": b"y"}])
    assert {path for path in seen.outcome.tree if path} - {b"d"} == {b"b"}
    seen.counts(1, 1)


@pytest.mark.parametrize(
    "entry",
    [
        File(b"a whiteout with content"),
        Link("b"),
        Link("missing"),
        Symlink("b"),
        Dir(),
        Device(0, 0),
        Fifo(),
    ],
    ids=["content", "link", "dangling link", "symlink", "dir", "device", "fifo"],
)
def test_w10_the_type_of_a_whiteout_does_not_matter(read: Read, entry: Content) -> None:
    seen = read([{"a": b"x", "b": b"yy", "d/c": b"z"}, {".wh.a": entry, "d/.wh..wh..opq": entry}])
    seen.holds({"b": b"yy", "d": DIR})
    seen.counts(4, 2, killed={(1, 2, "deleted"): 2})
    assert seen.outcome.layer_files == [3, 0]
    assert not seen.outcome.links_without_target


@pytest.mark.parametrize("order", [1, -1])
def test_w12_whiteout_and_new_entry_in_one_layer(read: Read, order: int) -> None:
    upper: list[tuple[str, Content]] = [(".wh.a", b""), ("a", b"new")]
    seen = read([{"a": b"x"}, upper[::order]])
    seen.holds({"a": b"new"})
    seen.counts(4, 3, killed={(1, 2, "overwritten"): 1})


@pytest.mark.parametrize("order", [1, -1])
def test_w12_whiteout_and_the_same_content_again_is_overwritten(read: Read, order: int) -> None:
    upper: list[tuple[str, Content]] = [(".wh.a", b""), ("a", b"x")]
    read([{"a": b"x"}, upper[::order]]).counts(2, 1, killed={(1, 2, "overwritten"): 1})


def test_w13_a_directory_removed_and_made_again_is_empty(read: Read) -> None:
    seen = read([{"d/old": b"x"}, {".wh.d": b""}, {"d": Dir(), "d/new": b"yy"}])
    seen.holds({"d": DIR, "d/new": b"yy"})
    seen.counts(3, 2, killed={(1, 2, "deleted"): 1})


def test_w14_a_whiteout_inside_an_opaque_directory_is_redundant(read: Read) -> None:
    lower = {"d/a": b"x", "d/b": b"yy"}
    both = read([lower, {"d/.wh.a": b"", "d/.wh..wh..opq": b"", "d/c": b"z"}])
    opaque = read([lower, {"d/.wh..wh..opq": b"", "d/c": b"z"}])
    assert both.outcome == opaque.outcome
    both.counts(4, 1, killed={(1, 2, "deleted"): 3})


def test_w14_whiteout_of_a_directory_then_children_means_opaque(read: Read) -> None:
    lower = {"d/a": b"x", "d/b": b"yy"}
    whiteout = read([lower, {".wh.d": b"", "d/a": b"zzz"}])
    opaque = read([lower, {"d/.wh..wh..opq": b"", "d/a": b"zzz"}])
    assert whiteout.outcome == opaque.outcome
    whiteout.holds({"d": DIR, "d/a": b"zzz"})
    whiteout.counts(6, 3, killed={(1, 2, "overwritten"): 1, (1, 2, "deleted"): 2})


@pytest.mark.parametrize("order", [1, -1])
def test_w15_nested_whiteouts(read: Read, order: int) -> None:
    upper: list[tuple[str, Content]] = [(".wh.d", b""), ("d/.wh.a", b""), ("d/e/.wh.b", b"")]
    seen = read([{"d/a": b"x", "d/e/b": b"yy"}, upper[::order]])
    seen.holds({})
    seen.counts(3, 0, killed={(1, 2, "deleted"): 3})


def test_w16_opaque_directories_show_no_deleted_files(read: Read) -> None:
    seen = read([{"d/a": b"x" * 100, "d/b": b"y"}, {"d": Dir(), "d/.wh..wh..opq": b""}])
    seen.holds({"d": DIR})
    seen.counts(101, 0, killed={(1, 2, "deleted"): 101})


def test_a_whiteout_through_a_symlink_of_a_lower_layer(read: Read) -> None:
    """Whiteouts follow the lower tree's symlinks, as the writer's mount did."""
    lower = {"usr/lib/a": b"x", "lib": Symlink("usr/lib"), "abs": Symlink("/usr")}
    seen = read([lower, {"lib/.wh.a": b""}])
    seen.holds({"usr": DIR, "usr/lib": DIR, "lib": "usr/lib", "abs": "/usr"})
    seen.counts(1, 0, killed={(1, 2, "deleted"): 1})
    read([lower, {"abs/lib/.wh.a": b""}]).counts(1, 0, killed={(1, 2, "deleted"): 1})


@pytest.mark.parametrize("order", [1, -1])
def test_a_whiteout_under_a_directory_that_replaces_a_symlink(read: Read, order: int) -> None:
    lower = {"usr/lib/a": b"x", "lib": Symlink("usr/lib")}
    upper: list[tuple[str, Content]] = [("lib", Dir()), ("lib/.wh.a", b"")]
    seen = read([lower, upper[::order]])
    seen.holds({"usr": DIR, "usr/lib": DIR, "usr/lib/a": b"x", "lib": DIR})
    seen.counts(1, 1)


def test_a_whiteout_of_a_symlink_leaves_its_target(read: Read) -> None:
    seen = read([{"a": b"x", "l": Symlink("a")}, {".wh.l": b""}])
    seen.holds({"a": b"x"})
    seen.counts(1, 1)


@pytest.mark.parametrize("name", ["d/.wh..", "d/.wh...", ".wh..", ".wh..."])
def test_a_whiteout_of_the_directory_itself_is_refused(tmp_path: Path, name: str) -> None:
    """Joined to a path it removes the directory or the one above, as some engines do."""
    refused_by_both([{"d/a": b"x"}, {name: b""}], tmp_path)


@pytest.mark.parametrize("order", [1, -1])
def test_whiteouts_all_act_on_the_tree_below(read: Read, order: int) -> None:
    """Not one after the other: a link that one removes still leads the other to its name."""
    upper: list[tuple[str, Content]] = [(".wh.s", b""), ("s/.wh.a", b"")]
    seen = read([{"d/a": b"x", "s": Symlink("d")}, upper[::order]])
    seen.holds({"d": DIR})
    seen.counts(1, 0, killed={(1, 2, "deleted"): 1})
