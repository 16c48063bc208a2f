"""The walk through a build context, as BuildKit's own walk answers, and the other builders' ways.

`data/walks.json.gz` has trees and ignore files made at random, each with the paths that
tonistiigi/fsutil's `filterFS.Walk` sends (6d9dc2e with moby/patternmatcher 5a6d842, Go 1.27).
"""

from __future__ import annotations

import gzip
import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightship.context.deciding import decided
from lightship.context.ignore_file import read_ignore_file
from lightship.context.matching import Matcher
from lightship.context.walking import Kind, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.context.builders import Builder
    from lightship.context.walking import Listing

Tree: TypeAlias = "Sequence[tuple[str, str, int | str]]"
"""Paths, with what is there (directory, file, link, pipe, hard link), and a size or a target."""

_WALKS = Path(__file__).parent / "data" / "walks.json.gz"


def _make(root: Path, tree: Tree) -> None:
    root.mkdir()
    for path, kind, value in tree:
        at = root / path
        if kind == "d":
            at.mkdir()
        elif kind == "f":
            at.write_bytes(b"x" * int(value))
        elif kind == "l":
            at.symlink_to("..")
        elif kind == "p":
            os.mkfifo(at)
        else:
            os.link(root / str(value), at)


def _matcher(text: str) -> Matcher:
    return Matcher(read_ignore_file(text.encode("utf-8", "surrogateescape")).patterns)


def _walked(root: Path, text: str, builder: Builder = "buildkit") -> list[Listing]:
    return list(walk(root, _matcher(text), builder))


def _within(listing: Listing, names: Sequence[str]) -> list[str]:
    return [f"{listing.path}/{name}" if listing.path else name for name in names]


def _sent(listings: list[Listing]) -> set[str]:
    """Everything that is sent; an ignored directory only for what it holds."""
    found = set()
    for one in listings:
        found.update(_within(one, [*one.names, *one.links, *one.others, *one.directories]))
    for path in list(found):
        found.update(path[:end] for end, letter in enumerate(path) if letter == "/")
    return found


def test_random_trees_as_fsutil_walks_them(tmp_path: Path) -> None:
    walks = json.loads(gzip.decompress(_WALKS.read_bytes()))
    tried = 0
    for number, one in enumerate(walks):
        root = tmp_path / str(number)
        _make(root, one["tree"])
        for text, sent in one["files"]:
            assert sorted(_sent(_walked(root, text))) == sent, (root, text)
            tried += 1
    assert tried > 400


_NAMES = st.sampled_from(["a", "b", "c", "a.md", "src", "a\nb", ".git"])
_PARTS = st.sampled_from(["a", "b", "*", "**", "*.md", "src", "?", "[ab]", "a*", ".git", "[^a]"])
_PATHS = st.lists(_NAMES, min_size=1, max_size=4).map("/".join)
_PATTERNS = st.builds(
    lambda sign, parts: sign + "/".join(parts),
    st.sampled_from(["", "", "!"]),
    st.lists(_PARTS, min_size=1, max_size=3),
)


@pytest.mark.parametrize("builder", ["buildkit", "legacy", "buildah"])
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(paths=st.lists(_PATHS, max_size=8), patterns=st.lists(_PATTERNS, max_size=5))
def test_a_walk_says_what_why_says(
    builder: Builder,
    paths: list[str],
    patterns: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = tmp_path_factory.mktemp("walk")
    for path in paths:
        (root / path).mkdir(parents=True, exist_ok=True)
        (root / path / "file").touch()
    matcher = _matcher("\n".join(patterns))
    for one in walk(root, matcher, builder):
        for path in _within(one, [*one.names, *one.directories]):
            assert not decided(matcher, builder, path).ignored, path
        left = [(path, out.pattern) for out in one.left_out for path in _within(one, [out.name])]
        for number, names in one.left_files.items():
            left += [(path, matcher.patterns[number]) for path in _within(one, names)]
        for path, pattern in left:
            decision = decided(matcher, builder, path)
            assert (decision.ignored, decision.pattern) == (True, pattern), path


def test_directories_come_depth_first_and_names_in_order(tmp_path: Path) -> None:
    _make(tmp_path / "r", [("b", "d", 0), ("a", "d", 0), ("a/z", "f", 3), ("a/c", "d", 0)])
    (tmp_path / "r" / "a" / "y").write_bytes(b"12")
    listings = _walked(tmp_path / "r", "")
    assert [one.path for one in listings] == ["", "a", "a/c", "b"]
    assert (listings[1].names, listings[1].sizes) == (["y", "z"], [2, 3])
    assert listings[0].directories == ["a", "b"]


def test_a_directory_that_is_ignored_is_walked_for_an_exception_alone(tmp_path: Path) -> None:
    tree = [("d", "d", 0), ("d/a", "f", 1), ("d/b", "f", 1), ("e", "d", 0), ("e/a", "f", 1)]
    _make(tmp_path / "r", tree)
    plain = _walked(tmp_path / "r", "d\ne\n!d/a\n")
    assert [(one.path, one.is_ignored, one.names) for one in plain] == [
        ("", False, []),
        ("d", True, ["a"]),
    ]
    assert plain[1].left_files == {0: ["b"]}
    assert [(one.name, one.kind, one.pattern.line) for one in plain[0].left_out] == [
        ("e", Kind.DIRECTORY, 2)
    ]
    wild = _walked(tmp_path / "r", "d\ne\n!*/a\n")
    assert [one.path for one in wild] == ["", "d", "e"]


def test_the_legacy_builder_does_not_look_for_a_wildcard(tmp_path: Path) -> None:
    _make(tmp_path / "r", [("d", "d", 0), ("d/a.py", "f", 1), ("b.py", "f", 1)])
    assert _sent(_walked(tmp_path / "r", "*\n!**/*.py\n")) == {"b.py", "d", "d/a.py"}
    assert _sent(_walked(tmp_path / "r", "*\n!**/*.py\n", "legacy")) == {"b.py"}


def test_a_pattern_not_tried_on_a_directory_may_match_below_it(tmp_path: Path) -> None:
    """The walk drops what the path test keeps: the exception was not tried on the directory."""
    tree = [("node_modules", "d", 0), ("node_modules/a", "d", 0), ("node_modules/a/a.js", "f", 1)]
    _make(tmp_path / "r", tree)
    text = "node_modules/*\n!node_modules\n!node_modules/package\n"
    assert _sent(_walked(tmp_path / "r", text)) == {"node_modules"}
    assert "node_modules/a/a.js" in _sent(_walked(tmp_path / "r", text, "buildah"))


def test_kinds(tmp_path: Path) -> None:
    root = tmp_path / "r"
    _make(root, [("f", "f", 5), ("h", "h", "f"), ("l", "l", 0), ("p", "p", 0)])
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(os.path.relpath(root / "s"))
        (listing,) = _walked(root, "")
    assert listing.names == ["f", "h"]
    assert listing.linked[0] == listing.linked[1]
    assert (listing.links, listing.others) == (["l"], ["p", "s"])
    (listing,) = _walked(root, "l\np\n")
    assert [(one.name, one.kind) for one in listing.left_out] == [
        ("l", Kind.LINK),
        ("p", Kind.OTHER),
    ]


def test_the_root_may_be_a_link_and_nothing_else_is_followed(tmp_path: Path) -> None:
    _make(tmp_path / "r", [("d", "d", 0), ("d/up", "l", 0), ("f", "f", 1)])
    (tmp_path / "link").symlink_to("r")
    assert _sent(_walked(tmp_path / "link", "")) == {"d", "d/up", "f"}


def _first(listings: Iterator[Listing]) -> Listing:
    return next(listings)


def test_the_descriptor_is_of_the_directory(tmp_path: Path) -> None:
    _make(tmp_path / "r", [("d", "d", 0), ("d/f", "f", 1)])
    listings = walk(tmp_path / "r", Matcher(()))
    seen = [os.listdir(one.descriptor) for one in listings]  # noqa: PTH208 - of a descriptor
    assert seen == [["d"], ["f"]]


@pytest.mark.parametrize("what", ["none", "file"])
def test_no_root(tmp_path: Path, what: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=what):
        _first(walk(tmp_path / what, Matcher(())))
