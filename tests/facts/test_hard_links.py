"""H1-H8 as far as reading goes. Every figure is worked out by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facts.seen import DIR
from lightship.testing import Device, Dir, File, Link, Symlink

if TYPE_CHECKING:
    from facts.seen import Read


def test_h1_a_link_has_no_bytes_of_its_own(read: Read) -> None:
    seen = read([{"a": b"xxx", "b": Link("a"), "d/c": Link("./b"), "e": Link("/a")}])
    seen.holds({"a": b"xxx", "b": b"xxx", "d": DIR, "d/c": b"xxx", "e": b"xxx"})
    seen.counts(3, 3)
    assert seen.linked("a", "b", "d/c", "e")
    assert seen.outcome.files == 4
    assert seen.outcome.layer_files == [4]


def test_h2_link_target_removed_later(read: Read) -> None:
    seen = read([{"a": b"xxx", "b": Link("a")}, {".wh.a": b""}])
    seen.holds({"b": b"xxx"})
    seen.counts(3, 3)


def test_h2_all_names_removed(read: Read) -> None:
    seen = read([{"a": b"xxx", "b": Link("a")}, {".wh.a": b""}, {".wh.b": b""}])
    seen.holds({})
    seen.counts(3, 0, killed={(1, 3, "deleted"): 3})


def test_h2_the_last_name_decides_what_killed(read: Read) -> None:
    seen = read([{"a": b"xxx", "b": Link("a")}, {"a": b"xxx"}, {".wh.b": b""}])
    seen.counts(6, 3, killed={(1, 3, "deleted"): 3})
    seen = read([{"a": b"xxx", "b": Link("a")}, {".wh.a": b""}, {"b": b"xxx"}])
    seen.counts(6, 3, killed={(1, 3, "metadata_copy"): 3})


def test_h3_link_target_overwritten_later(read: Read) -> None:
    seen = read([{"a": b"old", "b": Link("a")}, {"a": b"new!"}])
    seen.holds({"a": b"new!", "b": b"old"})
    seen.counts(7, 7)


def test_h4_chain_with_the_first_overwritten(read: Read) -> None:
    seen = read([{"t1": b"old", "t2": Link("t1"), "t3": Link("t2")}, {"t1": b"new!"}])
    seen.holds({"t1": b"new!", "t2": b"old", "t3": b"old"})
    seen.counts(7, 7)
    assert seen.linked("t2", "t3")
    assert not seen.linked("t1", "t2")


def test_h5_h6_link_to_a_lower_layer(read: Read) -> None:
    seen = read([{"a": b"xxx"}, {"b": Link("a")}, {".wh.a": b""}])
    seen.holds({"b": b"xxx"})
    seen.counts(3, 3)
    assert seen.outcome.layer_files == [1, 1, 0]


def test_h6_link_binds_to_the_inode_of_that_moment(read: Read) -> None:
    seen = read([{"a": b"old"}, [("b", Link("a")), ("a", b"new!"), ("c", Link("a"))]])
    seen.holds({"a": b"new!", "b": b"old", "c": b"new!"})
    seen.counts(7, 7)
    assert seen.linked("a", "c")


def test_h7_a_copied_up_link_target_counts_twice(read: Read) -> None:
    """What an engine writes for `ln a b` over a lower layer's a."""
    seen = read([{"a": b"xxx"}, {"a": b"xxx", "b": Link("a")}])
    seen.holds({"a": b"xxx", "b": b"xxx"})
    seen.counts(6, 3, killed={(1, 2, "metadata_copy"): 3})
    assert seen.linked("a", "b")


def test_h8_a_link_replaces_what_is_there(read: Read) -> None:
    seen = read([{"a": b"xxx", "b": b"yy"}, {"b": Link("a")}])
    seen.holds({"a": b"xxx", "b": b"xxx"})
    seen.counts(5, 3, killed={(1, 2, "overwritten"): 2})


def test_h8_a_link_with_equal_content_is_no_metadata_copy(read: Read) -> None:
    seen = read([{"a": b"xxx", "b": b"xxx"}, {"b": Link("a")}])
    seen.counts(6, 3, killed={(1, 2, "overwritten"): 3})


def test_h8_a_link_replaces_a_directory(read: Read) -> None:
    seen = read([{"a": b"xxx", "d/e": b"yy"}, {"d": Link("a")}])
    seen.holds({"a": b"xxx", "d": b"xxx"})
    seen.counts(5, 3, killed={(1, 2, "deleted"): 2})


def test_link_without_target_makes_no_name(read: Read) -> None:
    seen = read([{"a": b"x"}, {"b": Link("missing"), "c": Link("a/x")}])
    seen.holds({"a": b"x"})
    seen.counts(1, 1)
    assert seen.outcome.links_without_target
    assert seen.outcome.layer_files == [1, 2]


def test_link_to_a_target_that_comes_later_has_none(read: Read) -> None:
    seen = read([{"b": Link("a"), "a": b"x"}])
    seen.holds({"a": b"x"})
    assert seen.outcome.links_without_target


def test_link_to_a_target_that_the_layer_removed_has_none(read: Read) -> None:
    seen = read([{"a": b"x"}, {"b": Link("a"), ".wh.a": b""}])
    seen.holds({})
    seen.counts(1, 0, killed={(1, 2, "deleted"): 1})
    assert seen.outcome.links_without_target


def test_link_to_itself_changes_nothing(read: Read) -> None:
    seen = read([{"a": b"x"}, {"a": Link("a")}, {"a": Link("./a")}])
    seen.holds({"a": b"x"})
    seen.counts(1, 1)
    assert not seen.outcome.links_without_target


def test_link_to_a_symlink_names_the_symlink(read: Read) -> None:
    seen = read([{"a": b"x", "s": Symlink("a"), "l": Link("s")}, {".wh.s": b""}])
    seen.holds({"a": b"x", "l": "a"})
    seen.counts(1, 1)


def test_link_to_a_device(read: Read) -> None:
    seen = read([{"n": Device(1, 3), "l": Link("n")}])
    seen.holds({"n": "character_device", "l": "character_device"})
    assert seen["l"].device == (1, 3)
    assert seen.linked("n", "l")
    assert seen.outcome.files == 0


def test_link_target_through_a_symlink(read: Read) -> None:
    seen = read([{"usr/a": b"x", "s": Symlink("usr")}, {"b": Link("s/a"), "s/c": Link("s/a")}])
    seen.holds({"usr": DIR, "usr/a": b"x", "usr/c": b"x", "s": "usr", "b": b"x"})
    assert seen.linked("usr/a", "usr/c", "b")
    seen.counts(1, 1)


def test_a_link_has_the_facts_of_its_inode(read: Read) -> None:
    """A link's own header says nothing: the inode is the target's."""
    lower = {"a": File(b"x", mode=0o4755, uid=7, gid=8, mtime=9, xattrs={"user.k": b"v"})}
    seen = read([lower, {"b": Link("a", mode=0o600, uid=1, gid=2, mtime=3)}, {".wh.a": b""}])
    node = seen["b"]
    assert (node.mode, node.uid, node.gid, node.mtime_ns) == (0o4755, 7, 8, 9 * 10**9)
    assert node.xattrs == ((b"user.k", b"v"),)


def test_link_to_a_directory_makes_no_name(read: Read) -> None:
    seen = read([{"d": Dir(), "l": Link("d")}])
    seen.holds({"d": DIR})
    assert seen.outcome.links_without_target
