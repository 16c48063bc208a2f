"""Links that sources are or lead through, as BuildKit follows them; what is then asked for."""

from __future__ import annotations

import gzip
import json
import os
import posixpath
import re
from pathlib import Path

import pytest

from lightship.context.following import follow
from lightship.context.reading import NoFileError, read_inside
from lightship.context.selecting import Selection, Some
from lightship.context.wildcards import component

CASES = json.loads(gzip.decompress(Path(__file__).with_name("followed.json.gz").read_bytes()))


@pytest.mark.parametrize("number", range(len(CASES["cases"])))
def test_as_fsutil_does(number: int, tmp_path: Path) -> None:
    case = CASES["cases"][number]
    for path, kind, target in case["tree"]:
        if kind == "d":
            (tmp_path / path).mkdir()
        elif kind == "f":
            (tmp_path / path).write_text("x")
        else:
            (tmp_path / path).symlink_to(target)
    found = follow(tmp_path, case["sources"])
    if case["error"]:
        return
    assert found.patterns == (None if case["patterns"] is None else tuple(case["patterns"]))
    taken = {path for path, kind, _ in case["tree"] if kind != "d"}
    if found.patterns is not None:
        selection = Selection(found.patterns)
        assert {path for path in taken if selection.takes(path)} == set(case["files"] or ())
        assert walked(tmp_path, selection, "") == set(case["files"] or ())


def walked(root: Path, selection: Selection, directory: str) -> set[str]:
    """As the survey walks: what is `none` is not looked into, `all` is taken without asking."""
    below = selection.below(directory)
    if below == "none":
        return set()
    found: set[str] = set()
    for entry in os.scandir(root / directory):
        path = posixpath.join(directory, entry.name)
        if entry.is_dir(follow_symlinks=False):
            found |= walked(root, selection, path)
        elif below == "all" or (isinstance(below, Some) and below.takes(entry.name)):
            found.add(path)
    return found


def test_only_the_first_source_is_followed_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert follow(tmp_path, ("link/a", "link/b")).patterns == ("link", "real/a")


def test_no_link_leads_out(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_text("x")
    (root / "up").symlink_to("../secret")
    (root / "abs").symlink_to(tmp_path / "secret")
    (root / "through").symlink_to("../../..")
    assert follow(root, ("up",)).patterns == ("secret", "up")
    assert follow(root, ("abs",)).patterns == ("abs", str(tmp_path / "secret")[1:])
    assert follow(root, ("through",)).patterns is None


def test_loops_end(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b/x")
    (tmp_path / "b").symlink_to("a/y")
    (tmp_path / "self").symlink_to("self")
    assert follow(tmp_path, ("a", "self/b")).patterns == ("a", "b", "self")


def test_a_chain_of_links_that_grow_ends(tmp_path: Path) -> None:
    for number in range(2000):
        (tmp_path / f"l{number}").symlink_to(f"l{number + 1}/" + "x/" * 1000)
    found = follow(tmp_path, ("l0",))
    assert found.patterns is not None or found.trouble is not None


def test_a_very_long_source_is_looked_at_once(tmp_path: Path) -> None:
    source = "a/" * 500_000 + "b"
    assert follow(tmp_path, (source,)).patterns == (source,)


@pytest.mark.parametrize("source", ["nul\0nul", "\udcff", "a/nul\0/b"])
def test_names_that_cannot_be_are_not_there(source: str, tmp_path: Path) -> None:
    assert follow(tmp_path, (source,)).patterns == (source,)


def test_a_name_that_is_too_long_fails_a_build(tmp_path: Path) -> None:
    found = follow(tmp_path, ("n" * 300,))
    assert found.trouble is not None
    assert found.patterns is None


def test_a_root_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert follow(tmp_path / "none", ("a",)).trouble is not None


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*", "a", True),
        ("a*c", "abbc", True),
        ("a*c", "abcd", False),
        ("?", "é", True),
        ("[a-c]", "b", True),
        ("[^a-c]", "b", False),
        ("[z-a]", "b", False),
        ("[^z-a]", "b", True),
        (r"\*", "*", True),
        (r"[\]]", "]", True),
        ("a.b", "axb", False),
    ],
)
def test_components(pattern: str, name: str, *, expected: bool) -> None:
    found = component(pattern)
    assert isinstance(found, re.Pattern)
    assert bool(found.match(name)) is expected


@pytest.mark.parametrize("pattern", ["[", "[]", "[]a]", "[a", "[-a]", "[a-]", "a\\", "[a\\", "[^"])
def test_what_go_refuses(pattern: str) -> None:
    assert component(pattern) is None


def test_many_stars_take_no_time() -> None:
    found = component("*a" * 60 + "b")
    assert found is not None
    assert not found.match("a" * 250)


def test_files_are_read_inside_alone(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "in").mkdir(parents=True)
    (tmp_path / "outside").write_text("secret")
    (root / "outside").write_text("inside")
    (root / "in" / "file").write_text("text")
    for name, target in (
        ("rel", "in/../in/file"), ("abs", "/in/file"), ("up", "../../outside"),
        ("gone", "nothing"), ("loop", "loop"), ("dir", "in"),
    ):  # fmt: skip
        (root / name).symlink_to(target)
    os.mkfifo(root / "fifo")
    assert read_inside(root, "rel", 9) == b"text"
    assert read_inside(root, "abs", 2) == b"te"
    assert read_inside(root, "up", 9) == b"inside"
    for name in ("gone", "loop", "none", "rel/x", "nul\0"):
        assert read_inside(root, name, 9) is None
    for name in ("dir", "fifo", "in", ".."):
        with pytest.raises(NoFileError):
            read_inside(root, name, 9)
