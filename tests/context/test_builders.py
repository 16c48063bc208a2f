"""What becomes of a path with each builder, and the ignore files that each looks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lightship.context.builders import ignore_names
from lightship.context.deciding import decided, ways_of
from lightship.context.ignore_file import read_ignore_file
from lightship.context.matching import Matcher

if TYPE_CHECKING:
    from lightship.context.builders import Builder


def matcher(*lines: str) -> Matcher:
    return Matcher(read_ignore_file("\n".join(lines).encode()).patterns)


@pytest.mark.parametrize(
    ("builder", "lines", "path", "line"),
    [
        ("buildkit", ("*", "!**/*.py"), "src/a.py", None),
        ("legacy", ("*", "!**/*.py"), "src/a.py", 1),
        ("buildah", ("*", "!**/*.py"), "src/a.py", 1),
        ("legacy", ("*", "!**/*.py"), "a.py", None),
        ("legacy", ("*", "!src/*.py"), "src/a.py", None),
        ("legacy", ("*", "!src/x/*.py"), "src/y/a.py", 1),
        ("buildah", ("*", "!src/a", "!**/*.py"), "s/b.py", None),
        ("legacy", ("*", "!src/a", "!**/*.py"), "s/b.py", 1),
        ("buildkit", ("src/*", "!src"), "src/a", 1),
        ("buildah", ("src/*", "!src"), "src/a", None),
        ("legacy", ("src",), "src/not/there", 1),
        ("buildah", ("a/b",), "a", None),
    ],
)
def test_a_path_is_decided_where_the_builder_stops_looking(
    builder: Builder, lines: tuple[str, ...], path: str, line: int | None
) -> None:
    decision = decided(matcher(*lines), builder, path)
    assert decision.ignored is (line is not None)
    if line is not None:
        assert decision.pattern is not None
        assert decision.pattern.line == line


@pytest.mark.parametrize("builder", ["buildkit", "legacy", "buildah"])
def test_without_exceptions_nothing_ignored_is_looked_into(builder: Builder) -> None:
    assert ways_of(builder, matcher("*")).skips("src")


def test_the_names_of_ignore_files() -> None:
    assert list(ignore_names("buildkit", "d/Dockerfile")) == [
        "d/Dockerfile.dockerignore",
        ".dockerignore",
    ]
    assert list(ignore_names("legacy", "Dockerfile")) == [".dockerignore"]
    assert list(ignore_names("buildah", "Dockerfile")) == [
        "Dockerfile.dockerignore",
        "Dockerfile.containerignore",
        ".containerignore",
        ".dockerignore",
    ]
    assert list(ignore_names("buildah", None)) == [".containerignore", ".dockerignore"]


@pytest.mark.parametrize("builder", ["buildkit", "legacy", "buildah"])
def test_a_path_deeper_than_any_is_answered(builder: Builder) -> None:
    assert not decided(matcher("x", "!y"), builder, "a/" * 1_000 + "b").ignored
