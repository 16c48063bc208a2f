from __future__ import annotations

from analysis.asked import largest
from lightship.testing import Link, Symlink


def test_the_largest_visible_files_of_all_layers() -> None:
    layers = (
        {"a": b"x" * 5, "b": b"x" * 50, "gone": b"x" * 99, "old": b"x" * 70},
        {"c": b"x" * 20, ".wh.gone": b"", "old": b"x"},
    )
    assert largest(*layers) == [("b", 50), ("c", 20), ("a", 5), ("old", 1)]
    assert largest(*layers, count=2) == [("b", 50), ("c", 20)]


def test_a_hard_link_is_told_once_and_empty_files_are_not() -> None:
    assert largest({"a": b"xx", "b": Link("a"), "c": Symlink("a"), "e": b""}) == [("a", 2)]


def test_equal_sizes_are_in_the_order_of_the_layers() -> None:
    assert largest({"b": b"x", "a": b"y"}, {"c": b"z"}) == [("b", 1), ("a", 1), ("c", 1)]


def test_none_of_none() -> None:
    assert largest() == largest({}) == largest({"a": b""}) == []
