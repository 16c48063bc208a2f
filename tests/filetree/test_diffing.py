from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec import field

from filetree.trees_compared import trees_of
from lightship.filetree.diffing import Change, How, diff
from lightship.filetree.tree import FileTree
from lightship.testing import Device, Dir, Fifo, File, Link, Symlink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.filetree.tree import TreeEntry
    from lightship.testing import Layer

PLACE = "usr/lib/x"


def changes(a: Sequence[Layer], b: Sequence[Layer]) -> list[Change]:
    return list(diff(*trees_of(a, b)))


def told(a: Layer, b: Layer) -> dict[str, tuple[str, ...]]:
    """Each path that differs: how, and then what differs."""
    return {change.path.decode(): (change.how.value, *change.facts) for change in changes([a], [b])}


def test_a_name_that_comes_and_one_that_goes() -> None:
    assert told({"a": b"1", "b": b"2"}, {"b": b"2", "c": b"3"}) == {
        "a": ("removed",),
        "c": ("added",),
    }


def test_directories_come_before_what_is_in_them() -> None:
    found = changes([{"z": b""}], [{"d/e/f": b"1", "d-e": b"2"}])
    assert [change.path for change in found] == [b"d", b"d/e", b"d/e/f", b"d-e", b"z"]


@pytest.mark.parametrize(
    ("old", "new", "facts"),
    [
        (File(b"1"), File(b"2"), ("content",)),
        (File(b"1"), File(b"12"), ("content",)),
        (File(b"1"), Symlink("1"), ("kind", "mode")),
        (File(b""), Dir(mode=0o644), ("kind",)),
        (Symlink("a"), Symlink("b"), ("link_target",)),
        (Device(major=1, minor=3), Device(major=1, minor=5), ("device",)),
        (Device(major=1), Device(major=1, block=True), ("kind",)),
        (Fifo(), Device(), ("kind",)),
    ],
)
def test_what_makes_a_name_changed(old: object, new: object, facts: tuple[str, ...]) -> None:
    assert told({PLACE: old}, {PLACE: new}) == {PLACE: ("changed", *facts)}


@pytest.mark.parametrize("kind", [File, Dir, Fifo])
@pytest.mark.parametrize(
    ("fact", "what"),
    [
        ("mode", {"mode": 0o4711}),
        ("uid", {"uid": 7}),
        ("gid", {"gid": 7}),
        ("mtime", {"mtime": 9}),
        ("mtime", {"pax": {"mtime": "0.000000001"}}),
        ("xattrs", {"xattrs": {"user.a": b"\xff"}}),
    ],
)
def test_what_is_metadata(kind: type, fact: str, what: dict[str, object]) -> None:
    assert told({PLACE: kind()}, {PLACE: kind(**what)}) == {PLACE: ("metadata", fact)}


def test_an_extended_attribute_with_another_value() -> None:
    old, new = File(xattrs={"user.a": b"1"}), File(xattrs={"user.a": b"2"})
    assert told({"x": old}, {"x": new}) == {"x": ("metadata", "xattrs")}


def test_times_may_be_left_out() -> None:
    a, b = trees_of([{"x": File(mtime=1), "y": File(mtime=1)}], [{"x": b"", "y": File(uid=1)}])
    (change,) = diff(a, b, mtimes=False)
    assert (change.path, change.facts) == (b"y", ("uid",))
    assert [change.only_touched for change in diff(a, b)] == [True, False]


def test_the_root_has_no_name_but_differs() -> None:
    assert told({".": Dir(mode=0o700)}, {"./": Dir(mode=0o755)}) == {"": ("metadata", "mode")}


def test_a_directory_that_no_record_made_is_as_one_with_the_usual_mode() -> None:
    assert told({"d/x": b""}, {"d": Dir(), "d/x": b""}) == {}
    assert told({"d/x": b""}, {"d": Dir(mode=0o700), "d/x": b""}) == {"d": ("metadata", "mode")}


def test_how_layers_are_cut_makes_no_difference() -> None:
    one = {"a": b"1", "d/b": b"2", "l": Link("a")}
    assert changes([one], [{"a": b"0"}, {"a": b"1", "d": b"", "l": Link("a")}, {"d/b": b"2"}]) == []


def test_a_directory_that_becomes_a_file() -> None:
    assert told({"d/x": b"1", "d/e/y": b"2"}, {"d": b"1"}) == {
        "d": ("changed", "kind", "mode"),
        "d/e": ("removed",),
        "d/e/y": ("removed",),
        "d/x": ("removed",),
    }


# Hard links.


def links(a: Layer, b: Layer) -> dict[str, tuple[str | None, str | None]]:
    """Of each path that differs the names that carry its inode."""

    def text(path: bytes | None) -> str | None:
        return path.decode() if path is not None else None

    return {
        change.path.decode(): (text(change.old_link), text(change.new_link))
        for change in changes([a], [b])
    }


def test_a_copy_that_becomes_a_link() -> None:
    a, b = {"x": b"1", "y": b"1"}, {"x": b"1", "y": Link("x")}
    assert told(a, b) == {"x": ("metadata", "links"), "y": ("metadata", "links")}
    assert links(a, b) == {"x": (None, "x"), "y": (None, "x")}


def test_which_name_is_the_link_makes_no_difference() -> None:
    assert told({"x": b"1", "y": Link("x")}, {"y": b"1", "x": Link("y")}) == {}


def test_another_link_is_news_of_its_own_name_only() -> None:
    assert told({"x": b"1"}, {"x": b"1", "a": Link("x")}) == {"a": ("added",)}
    # Both trees have x, so it carries the inode although a comes first.
    assert links({"x": b"1"}, {"x": b"1", "a": Link("x")}) == {"a": (None, "x")}


def test_names_that_change_partners() -> None:
    a = {"p": b"1", "q": Link("p"), "r": b"1", "s": Link("r")}
    b = {"p": b"1", "r": Link("p"), "q": b"1", "s": Link("q")}
    assert set(told(a, b).values()) == {("metadata", "links")}
    assert links(a, b) == {"p": ("p", "p"), "q": ("p", "q"), "r": ("r", "p"), "s": ("r", "q")}


def test_one_of_three_names_leaves_the_others() -> None:
    a = {"x": b"1", "y": Link("x"), "z": Link("x")}
    assert set(told(a, {"x": b"1", "y": Link("x"), "z": b"1"})) == {"x", "y", "z"}
    assert told(a, {"x": b"1", "y": Link("x")}) == {"z": ("removed",)}


def test_links_to_symbolic_links_count_too() -> None:
    a, b = {"s": Symlink("t"), "h": Link("s")}, {"s": Symlink("t"), "h": Symlink("t")}
    assert told(a, b) == {"s": ("metadata", "links"), "h": ("metadata", "links")}


def test_bytes_count_once_at_the_name_that_carries_them() -> None:
    found = changes([{"k": b""}], [{"k": b"", "b": b"12345", "a": Link("b"), "c": Link("b")}])
    assert [(change.path, change.new_bytes) for change in found] == [
        (b"a", 5),
        (b"b", 0),
        (b"c", 0),
    ]
    (gone,) = changes([{"x": b"123", "a": Link("x")}], [{"x": b"123"}])
    assert (gone.path, gone.how, gone.old_bytes) == (b"a", How.REMOVED, 0)


# What is shared costs nothing.


class Counting(FileTree, frozen=True):
    """A tree that says which names it is asked about."""

    asked: list[bytes] = field(default_factory=list)

    def entry(self, path: bytes, record: int) -> TreeEntry:
        self.asked.append(path)
        return super().entry(path, record)


def counting(tree: FileTree) -> Counting:
    fields = {name: getattr(tree, name) for name in FileTree.__struct_fields__}
    return Counting(**fields, asked=[])


def test_names_of_shared_layers_are_not_looked_at() -> None:
    base: Layer = {f"usr/{n}": b"%d" % n for n in range(50)} | {"usr": Dir(), "l": Link("usr/1")}
    top: Layer = {"app": b"1", "usr/7": b"new"}
    a, b = map(counting, trees_of([base], [base, top]))
    assert [change.path for change in diff(a, b)] == [b"app", b"usr/7"]
    assert set(a.asked) | set(b.asked) <= {b"app", b"usr/7"}


def test_a_shared_layer_under_another_one_is_not_looked_at_either() -> None:
    shared: Layer = {f"usr/{n}": b"%d" % n for n in range(50)} | {"usr": Dir()}
    a, b = map(counting, trees_of([{"a": b"1"}, shared], [{"b": b"1"}, shared]))
    assert [change.path for change in diff(a, b)] == [b"a", b"b"]
    assert a.asked == [b"a"]
    assert b.asked == [b"b"]
