"""A build context on disk, looked at without following links."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from lightship.context.folder import Folder, Found

if TYPE_CHECKING:
    from pathlib import Path


def test_files_by_path_with_their_sizes(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").write_bytes(b"123")
    (tmp_path / "a").write_bytes(b"1")
    assert Folder.open(tmp_path).files == (Found("a", 1), Found("b/c", 3))


def test_links_devices_and_fifos_are_passed_over(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("x")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "folder").symlink_to(outside)
    (inside / "file").symlink_to(outside / "secret")
    (inside / "loop").symlink_to(".")
    os.mkfifo(inside / "fifo")
    folder = Folder.open(inside)
    assert folder.files == ()
    assert folder.text("file") is None
    assert folder.text("fifo") is None


def test_names_that_are_no_utf8(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.txt")).write_bytes(b"1")
    (found,) = Folder.open(tmp_path).files
    assert os.fsencode(found.path) == b"\xff.txt"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    folder = Folder.open(tmp_path / "none")
    assert folder.files == ()
    assert folder.ignore_file("Dockerfile") is None
    assert folder.text("a\0b") is None


def test_more_files_than_anyone_wants_to_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lightship.context.folder._MOST_FILES", 3)
    for number in range(5):
        (tmp_path / str(number)).touch()
    assert len(Folder.open(tmp_path).files) == 3


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        (".", ["a", "b/c", "bc"]),
        ("./", ["a", "b/c", "bc"]),
        ("/", ["a", "b/c", "bc"]),
        ("b", ["b/c"]),
        ("./b/", ["b/c"]),
        ("/a", ["a"]),
        ("b/../a", ["a"]),
        ("../a", []),
        ("none", []),
    ],
)
def test_what_copy_takes(tmp_path: Path, source: str, paths: list[str]) -> None:
    (tmp_path / "b").mkdir()
    for name in ("a", "b/c", "bc"):
        (tmp_path / name).touch()
    assert [one.path for one in Folder.open(tmp_path).below(source)] == paths


def test_the_ignore_file_of_this_dockerfile_comes_first(tmp_path: Path) -> None:
    (tmp_path / ".dockerignore").touch()
    assert Folder.open(tmp_path).ignore_file("api.Dockerfile") == ".dockerignore"
    (tmp_path / "api.Dockerfile.dockerignore").touch()
    assert Folder.open(tmp_path).ignore_file("api.Dockerfile") == "api.Dockerfile.dockerignore"


def test_text_is_small_and_utf8(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("ä", encoding="utf-8")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with (tmp_path / "big").open("wb") as file:
        file.truncate(5 * 1024 * 1024)
    folder = Folder.open(tmp_path)
    assert (folder.text("text"), folder.text("binary"), folder.text("big")) == ("ä", None, None)
