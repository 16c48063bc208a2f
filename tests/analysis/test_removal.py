from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from analysis.whiteouts import visible_bytes, whiteouts
from filetree.merged import tree_of
from lightship.analysis.removal import Freed, Removals, freed
from lightship.errors import CorruptInputError
from lightship.testing import Dir, Link, Symlink
from rules.subjects import subject_of

if TYPE_CHECKING:
    from lightship.analysis.ledger import Ledger
    from lightship.testing import Layer

Figures = tuple[int, int, int]


def ledger_of(*layers: Layer) -> Ledger:
    return subject_of(*layers).ledger


def figures(removal: Freed) -> Figures:
    return removal.content_bytes, removal.wire_bytes, removal.files


def frees(ledger: Ledger, *paths: bytes) -> Figures:
    return figures(freed(ledger, paths))


TREE = ledger_of(
    {
        "a/one": b"1" * 100,
        "a/b/two": b"2" * 20,
        "a-b": b"3" * 6,
        "empty": b"",
        "dir/none": Dir(),
        "link": Symlink("a"),
        "a/up": Symlink("../a-b"),
    }
)


def test_a_file_and_a_directory_with_everything_below() -> None:
    assert frees(TREE, b"a/one") == (100, 50, 1)
    assert frees(TREE, b"a") == (120, 60, 2)
    assert frees(TREE, b"a", b"a/one", b"a/b", b"a-b") == (126, 63, 3)
    assert frees(TREE, b"empty") == (0, 0, 1)
    assert frees(TREE, b"") == (126, 63, 4)


def test_what_is_not_there_frees_nothing() -> None:
    assert frees(TREE, b"nowhere", b"a/one/below", b"a/b/two/x", b"dir/none") == (0, 0, 0)
    assert frees(TREE) == (0, 0, 0)


def test_no_link_is_followed() -> None:
    assert frees(TREE, b"link", b"a/up") == (0, 0, 0)
    assert frees(TREE, b"link/one") == (0, 0, 0)


LINKED = ledger_of(
    {"x/f": b"f" * 10, "x/alone": b"l" * 3},
    {"y/g": Link("x/f"), "z/h": Link("x/f"), "z/sym": Symlink("h"), "z/symlink": Link("z/sym")},
)


def test_an_inode_goes_with_the_last_of_its_names() -> None:
    assert frees(LINKED, b"x") == (3, 1, 1)
    assert frees(LINKED, b"x", b"y/g") == (3, 1, 1)
    assert frees(LINKED, b"x/f", b"y", b"z") == (10, 5, 1)
    assert frees(LINKED, b"z") == (0, 0, 0)


def test_several_removals_together_count_nothing_twice_and_see_all_names() -> None:
    removals = Removals(LINKED)
    x, y, z = (removals.freed([path]) for path in (b"x", b"y", b"z"))
    assert figures(removals.together([x, y, z])) == (13, 6, 2)
    assert figures(removals.together([x, x, z])) == (3, 1, 1)
    assert removals.together([]) == Freed()
    assert removals.together([x, y, z]) == removals.freed([b""])


def test_a_name_that_a_layer_took_away_holds_nothing_back() -> None:
    ledger = ledger_of({"f": b"f" * 10, "g": Link("f"), "h": b"h"}, {".wh.g": b""}, {"h": b"H"})
    assert frees(ledger, b"f") == (10, 5, 1)
    assert frees(ledger, b"h", b"g") == (1, 0, 1)


def test_parts_say_path_by_path_what_goes_and_from_where() -> None:
    ledger = ledger_of(
        {"a/one": b"1" * 10, "a/f": b"f" * 8, "b/own": b"2" * 2},
        {"a/two": b"2" * 30, "b/g": Link("a/f"), "c/h": Link("a/f"), "d/x": b"", "e/y": b"yy"},
    )
    paths = [b"e", b"c", b"b", b"a", b"a/two", b"d", b"gone"]
    whole, parts = Removals(ledger).parts(paths)
    assert [(p.path, p.content_bytes, p.files, p.layer) for p in parts] == [
        (b"a", 48, 3, 2),
        (b"b", 2, 1, 1),
        (b"c", 0, 0, 1),
        (b"d", 0, 1, 2),
        (b"e", 2, 1, 2),
    ]
    assert whole == freed(ledger, paths)
    assert sum(part.content_bytes for part in parts) == whole.content_bytes
    assert sum(part.wire_bytes for part in parts) == whole.wire_bytes
    assert sum(part.files for part in parts) == whole.files


# What a container would have lost: a layer of whiteouts is laid on the image.

NAMES = st.sampled_from(["a", "b", "c", "d.e", "d", "f-1", "f"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
ENTRIES = st.one_of(
    st.binary(max_size=9),
    PATHS.map(Link),
    PATHS.map(Symlink),
    st.just(Dir()),
)
LAYERS = st.lists(st.lists(st.tuples(PATHS, ENTRIES), max_size=12), min_size=1, max_size=3)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(layers=LAYERS, paths=st.sets(PATHS.map(str.encode), max_size=6), cut=st.integers(0, 6))
def test_what_is_freed_is_what_whiteouts_take(
    layers: list[list[tuple[str, object]]], paths: set[bytes], cut: int
) -> None:
    made: list[Layer] = [*layers]
    try:
        tree = tree_of(*made)
    except CorruptInputError:  # a loop of links: no image
        reject()
    after = tree_of(*made, whiteouts(tree, paths))
    expected = visible_bytes(tree) - visible_bytes(after)
    removals = Removals(ledger_of(*made))
    whole = removals.freed(paths)
    assert whole.content_bytes == expected
    ordered = sorted(paths)
    pieces = [removals.freed(ordered[:cut]), removals.freed(ordered[cut:])]
    assert removals.together(pieces) == whole
    again, parts = removals.parts(paths)
    assert again == whole
    assert sum(part.content_bytes for part in parts) == expected
    assert sum(part.files for part in parts) == whole.files
