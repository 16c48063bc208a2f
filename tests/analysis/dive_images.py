"""Images on which dive does what one would not guess, each with its figures worked out by hand.

tests/analysis/test_dive.py asks lightship for them, tests/e2e/test_dive_verdict.py the real dive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lightship.testing import Dir, Link, Symlink

if TYPE_CHECKING:
    from lightship.testing import Layer


@dataclass(frozen=True)
class DiveImage:
    """Layers, and what dive makes of them."""

    name: str
    layers: list[Layer]
    smallest: int
    """Sum of each path's smallest mention; the efficiency is `smallest / mentioned`."""
    mentioned: int
    wasted: int
    layer_sizes: list[int]


def _file(count: int) -> bytes:
    return b"x" * count


D: dict[str, object] = {"d": Dir(), "d/a": _file(100)}
"""A directory that has a record, and a file of 100 bytes in it."""

IMAGES = [
    DiveImage("one layer", [{"a": _file(100)}], 100, 100, 0, [100]),
    DiveImage(
        "removed file", [{"a": _file(100), "k": _file(9)}, {".wh.a": b""}], 9, 109, 100, [109, 0]
    ),
    DiveImage("overwritten", [{"a": _file(100)}, {"a": _file(40)}], 40, 140, 140, [100, 40]),
    DiveImage(
        "./ is the same path", [{"a": _file(100)}, {"./a": _file(40)}], 40, 140, 140, [100, 40]
    ),
    DiveImage(
        "the whiteout of a directory weighs what is in it, and is no second mention",
        [{**D, "d/b": _file(50)}, {".wh.d": b"", "n": _file(10)}],
        310,
        310,
        0,
        [150, 10],
    ),
    DiveImage(
        "a directory removed twice",
        [D, {".wh.d": b""}, {"d": Dir(), "d/a": _file(60)}, {".wh.d": b""}],
        120,
        320,
        320,
        [100, 0, 60, 0],
    ),
    DiveImage(
        "a directory without a record weighs nothing",
        [{"d/a": _file(100)}, {".wh.d": b""}],
        100,
        100,
        0,
        [100, 0],
    ),
    DiveImage(
        "a layer that only names a directory takes its record away",
        [D, {"d/b": _file(50)}, {".wh.d": b""}],
        150,
        150,
        0,
        [100, 50, 0],
    ),
    DiveImage(
        "a later record brings it back",
        [D, {"d/b": _file(50)}, {"d": Dir()}, {".wh.d": b""}],
        150,
        300,
        150,
        [100, 50, 0, 0],
    ),
    DiveImage(
        "a file over a directory hides its weight",
        [D, {"d": _file(7)}, {".wh.d": b""}],
        100,
        107,
        7,
        [100, 7, 0],
    ),
    DiveImage(
        "what was below a file comes back with a directory",
        [D, {"d": _file(7)}, {"d": Dir()}, {".wh.d": b""}],
        100,
        207,
        107,
        [100, 7, 0, 0],
    ),
    DiveImage(
        "a whiteout of nothing ends the look at its layer and counts -1",
        [{"a": _file(100)}, {".wh.b": b"", "a": _file(1)}],
        99,
        100,
        0,
        [100, 1],
    ),
    DiveImage(
        "what stands before it counts",
        [{"a": _file(100)}, {"-a": _file(5), ".wh.b": b"", "a": _file(1)}],
        104,
        105,
        0,
        [100, 6],
    ),
    DiveImage(
        "no -1 for a path that is mentioned elsewhere",
        [{"a": _file(100)}, {".wh.b": b""}, {"b": _file(10)}],
        110,
        110,
        0,
        [100, 0, 10],
    ),
    DiveImage(
        "efficiency below zero",
        [{"k": b"k"}, {".wh.a": b""}, {".wh.b": b""}, {".wh.c": b""}],
        -2,
        1,
        0,
        [1, 0, 0, 0],
    ),
    DiveImage("a failed whiteout and nothing else", [{}, {".wh.a": b""}], 1, 1, 0, [0, 0]),
    DiveImage(
        "a whiteout in the lowest layer looks in its own layer",
        [{".wh.a": b"", "a": _file(100)}, {"k": b"k"}],
        1,
        101,
        100,
        [100, 1],
    ),
    DiveImage(
        "removed once, missing the second time",
        [{"a": _file(100)}, {".wh.a": b""}, {".wh.a": b"", "z": _file(5)}],
        0,
        100,
        100,
        [100, 0, 5],
    ),
    DiveImage(
        "-a stands before its whiteout, a behind it",
        [
            {"-a": _file(30), "a": _file(30)},
            {"-a": _file(50), ".wh.-a": b"", "a": _file(50), ".wh.a": b""},
            {".wh.-a": b"", "z": _file(7)},
            {".wh.a": b"", "y": _file(9)},
        ],
        9,
        169,
        160,
        [60, 100, 7, 9],
    ),
    DiveImage(
        "an opaque whiteout is not there",
        [D, {"d/.wh..wh..opq": b"", "d/b": _file(5)}],
        105,
        105,
        0,
        [100, 5],
    ),
    DiveImage(
        "its directory alone is a mention",
        [{"d": _file(100)}, {"d/.wh..wh..opq": b""}],
        0,
        100,
        100,
        [100, 0],
    ),
    DiveImage(
        "a path twice in a layer: once in the tree, twice in the size",
        [[("a", _file(100)), ("a", _file(50))]],
        50,
        50,
        0,
        [150],
    ),
    DiveImage("a file with names below", [{"d": _file(100), "d/a": _file(5)}], 5, 5, 0, [105]),
    DiveImage(
        "links weigh nothing",
        [{"a": _file(100), "f": Link("a"), "s": Symlink("a")}, {"f": _file(100), "s": b"s"}],
        100,
        201,
        101,
        [100, 101],
    ),
    DiveImage(
        "AUFS's own records end the look at a layer",
        [{".wh..wh.aufs": b"", ".wh..wh.plnk": Dir(), "a": _file(100)}, {"a": _file(50)}],
        49,
        50,
        0,
        [100, 50],
    ),
    DiveImage(
        ".wh. alone weighs and removes its own directory",
        [D, {"d/.wh.": b""}, {"d/.wh.a": b"", "z": _file(3)}],
        200,
        200,
        0,
        [100, 0, 3],
    ),
    DiveImage(
        "a marker's content counts in the size alone",
        [{"a": _file(100)}, {".wh.a": _file(10)}],
        0,
        100,
        100,
        [100, 10],
    ),
    DiveImage(
        "but in the lowest layer it is in the directory",
        [{"d": Dir(), "d/.wh.x": _file(10), "d/x": _file(20)}, {".wh.d": b""}],
        30,
        50,
        20,
        [30, 0],
    ),
    DiveImage(
        "names below a whiteout",
        [D, {".wh.d/c": _file(5)}, {".wh.d": b"", "z": b"z"}],
        104,
        105,
        0,
        [100, 5, 1],
    ),
]
