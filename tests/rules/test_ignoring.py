from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lightship.context.folder import Folder
from lightship.dockerfile.build import Build
from lightship.rules.copied import copied_files
from lightship.rules.ignoring import ignored_by
from lightship.rules.smell import Matter

if TYPE_CHECKING:
    from pathlib import Path


def matter(folder: Path | None, text: str = "FROM scratch\nCOPY . /\n") -> Matter:
    opened = Folder.open(folder) if folder is not None else None
    return Matter(build=Build.read(text.encode()), folder=opened)


@pytest.mark.parametrize(
    ("text", "path", "is_ignored"),
    [
        ("a", "a/b", True),
        ("a", "b/a", False),
        ("**/*.md", "docs/a.md", True),
        ("*\n!a", "a", False),
        ("*\n!a", "b", True),
        ("", "a", False),
    ],
)
def test_the_ignore_file_decides(tmp_path: Path, text: str, path: str, *, is_ignored: bool) -> None:
    (tmp_path / ".dockerignore").write_text(text)
    ignored = ignored_by(matter(tmp_path))
    assert ignored is not None
    assert ignored(path) is is_ignored


def test_its_own_ignore_file_comes_first(tmp_path: Path) -> None:
    (tmp_path / ".dockerignore").write_text("a")
    (tmp_path / "Dockerfile.dockerignore").write_text("b")
    ignored = ignored_by(matter(tmp_path))
    assert ignored is not None
    assert (ignored("a"), ignored("b")) == (False, True)


def test_without_a_context_nobody_can_say() -> None:
    assert ignored_by(matter(None)) is None


def test_what_is_ignored_is_not_copied(tmp_path: Path) -> None:
    for name in (".env", "main.py", "gone.key"):
        (tmp_path / name).write_text("x")
    (tmp_path / ".dockerignore").write_text("*\n!main.py\n")
    assert [one.path for one in copied_files(matter(tmp_path), str)] == ["main.py"]
    named = matter(tmp_path, "FROM scratch\nCOPY gone.key absent.key /\n")
    assert list(copied_files(named, str)) == []
