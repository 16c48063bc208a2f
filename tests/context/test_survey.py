"""What became of each file of a context."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from lightship.context.context import Context
from lightship.context.survey import Survey, survey
from lightship.context.totals import Totals
from lightship.context.walking import Kind
from lightship.dockerfile.build import Build

if TYPE_CHECKING:
    from pathlib import Path


class _Told:
    """Progress that is written down."""

    def __init__(self) -> None:
        self.done_bytes = 0
        self.calls: list[str] = []

    def begin(self, what: str, total_bytes: int | None) -> None:
        self.calls.append(f"{what} {total_bytes}")

    def advance(self, done_bytes: int) -> None:
        self.done_bytes += done_bytes

    def end(self) -> None:
        self.calls.append("end")

    def note(self, text: str) -> None:
        self.calls.append(text)


def _write(root: Path, files: dict[str, int]) -> None:
    for path, size in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"x" * size)


def _survey(root: Path, ignore: str = "", dockerfile: str | None = None) -> Survey:
    (root.parent / "ignore").write_text(ignore)
    build = Build.read(dockerfile.encode()) if dockerfile is not None else None
    return survey(Context(root, build=build, ignore_file=root.parent / "ignore"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty context."""
    made = tmp_path / "context"
    made.mkdir()
    return made


def test_sent_ignored_and_by_line(root: Path) -> None:
    _write(root, {"a": 1, "d/b": 2, "d/c.pyc": 4, "n/x/y": 8, "n/z": 16})
    seen = _survey(root, "n\n**/*.pyc\n")
    assert (seen.sent, seen.used) == (Totals(2, 3), Totals(2, 3))
    assert seen.ignored == Totals(3, 28)
    assert seen.by_line == {1: Totals(2, 24), 2: Totals(1, 4)}
    assert [place.path for place in seen.places] == ["", "d"]
    (whole,) = seen.places[0].left_out
    assert (whole.name, whole.kind, whole.pattern.line) == ("n", Kind.DIRECTORY, 1)
    assert whole.totals == Totals(2, 24)
    (file,) = seen.places[1].left_out
    assert (file.name, file.kind, file.totals) == ("c.pyc", Kind.FILE, Totals(1, 4))
    assert [(one.path, one.content_bytes, one.used) for one in seen.files()] == [
        ("a", 1, True),
        ("d/b", 2, True),
    ]


def test_used_is_what_the_dockerfile_takes(root: Path) -> None:
    _write(root, {"a": 1, "d/b": 2, "e/c": 4})
    seen = _survey(root, "", "FROM x\nCOPY a /\nCOPY d /\n")
    assert (seen.sent, seen.used) == (Totals(3, 7), Totals(2, 3))
    assert [one.used for one in seen.files()] == [True, True, False]


def test_what_is_left_out_is_not_looked_at_if_nobody_asks(root: Path) -> None:
    _write(root, {"n/x": 8, "y": 4})
    (root.parent / "ignore").write_text("n\ny\n")
    context = Context(root, ignore_file=root.parent / "ignore")
    seen = survey(context, count_ignored=False)
    assert seen.ignored == Totals()
    assert seen.by_line == {1: Totals(), 2: Totals()}
    assert seen.shadowed is None


def test_what_each_line_matches_first(root: Path) -> None:
    _write(root, {"a/b.md": 1, "a/c.md": 1, "n/deep/q": 1, "n/x.md": 1})
    seen = _survey(root, "n\n*/*.md\n!a/c.md\n**/q\nnothing\n!n/deep/q\n")
    assert seen.matched == {
        1: "n",
        2: "a/b.md",
        3: "a/c.md",
        4: "n/deep/q",
        6: "n/deep/q",
    }
    assert seen.shadowed == {}


def test_a_line_that_matches_only_below_what_another_leaves_out(root: Path) -> None:
    _write(root, {"n/deep/q": 1, "n/x.md": 1})
    seen = _survey(root, "n\n**/q\nn/*.md\nnothing\n")
    assert seen.matched == {1: "n"}
    assert seen.shadowed == {2: "n/deep/q", 3: "n/x.md"}


def test_a_line_that_another_overrules_still_matches(root: Path) -> None:
    _write(root, {"a.md": 1})
    seen = _survey(root, "*.md\na.md\n")
    assert seen.matched == {1: "a.md", 2: "a.md"}
    assert seen.by_line == {2: Totals(1, 1)}


def test_the_bytes_of_a_file_with_several_names_count_once(root: Path) -> None:
    _write(root, {"a": 8, "n/b": 4})
    os.link(root / "a", root / "z")
    os.link(root / "n/b", root / "n/c")
    seen = _survey(root, "n\n")
    assert seen.sent == Totals(2, 8)
    assert seen.ignored == Totals(2, 4)
    assert [one.content_bytes for one in seen.files()] == [8, 0]


def test_and_for_the_name_that_is_taken(root: Path) -> None:
    _write(root, {"a": 8, "d/x": 0})
    os.link(root / "a", root / "b")
    os.link(root / "a", root / "d/c")
    seen = _survey(root, "", "FROM x\nCOPY d /\n")
    assert (seen.sent, seen.used) == (Totals(4, 8), Totals(2, 8))
    assert {one.path: one.content_bytes for one in seen.files() if one.used} == {"d/c": 8, "d/x": 0}
    assert sum(one.content_bytes for one in seen.files()) == 8


def test_links_and_pipes_are_counted_and_not_opened(root: Path) -> None:
    (root / "l").symlink_to("/etc")
    os.mkfifo(root / "p")
    seen = _survey(root, "p\n")
    assert seen.places[0].others == 1
    assert seen.ignored == Totals()
    assert [one.kind for one in seen.places[0].left_out] == [Kind.OTHER]


def test_progress(root: Path) -> None:
    _write(root, {"a": 1, "d/b": 2})
    told = _Told()
    survey(Context(root), progress=told)
    assert told.done_bytes == 3
    assert told.calls == ["walking the build context None", "end"]


def test_progress_ends_where_there_is_no_context(tmp_path: Path) -> None:
    told = _Told()
    with pytest.raises(FileNotFoundError):
        survey(Context(tmp_path / "none"), progress=told)
    assert told.calls[-1] == "end"
