"""Which files are taken for Dockerfiles."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lightship.api.dockerfile_paths import MOST_BYTES, Named, is_dockerfile, named_files


def shown(*paths: str | Path) -> list[str]:
    return [one.shown for one in named_files(paths)]


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("FROM a\n", encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile",
        "Containerfile",
        "dockerfile",
        "DOCKERFILE",
        "Dockerfile.dev",
        "Dockerfile.go",
        "Dockerfile-alpine",
        "Dockerfile_gpu",
        "api.Dockerfile",
        "api.dockerfile",
        "app.v2.dockerfile",
        "Containerfile.ubi9",
        "Dockerfile.template",
        "Dockerfile.j2",
    ],
)
def test_names_of_dockerfiles(name: str) -> None:
    assert is_dockerfile(name)


@pytest.mark.parametrize(
    "name",
    [
        ".dockerignore",
        "Dockerfile.dockerignore",
        "Dockerfile.dev.dockerignore",
        ".containerignore",
        "Dockerfile.md",
        "Dockerfile~",
        "Dockerfile.swp",
        "dockerfile.go",
        "dockerfile.py",
        "dockerfile-parser.js",
        "dockerfile.yaml",
        "Dockerfiles",
        "MyDockerfile",
        "docker-compose.yml",
        "Makefile",
        "",
    ],
)
def test_names_of_other_files(name: str) -> None:
    assert not is_dockerfile(name)


def test_a_folder_is_walked_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "b/Dockerfile", "a/x/Dockerfile", "a/Dockerfile.dev", "Dockerfile", "README.md")
    make(tmp_path, ".devcontainer/Dockerfile", ".git/Dockerfile", "node_modules/x/Dockerfile")
    monkeypatch.chdir(tmp_path)
    assert shown(".") == [
        "Dockerfile",
        ".devcontainer/Dockerfile",
        "a/Dockerfile.dev",
        "a/x/Dockerfile",
        "b/Dockerfile",
    ]


def test_what_is_named_is_taken_whatever_its_name(tmp_path: Path) -> None:
    make(tmp_path, "build.txt", "node_modules/Dockerfile")
    assert shown(tmp_path / "build.txt") == [str(tmp_path / "build.txt")]
    assert shown(tmp_path / "node_modules") == [str(tmp_path / "node_modules/Dockerfile")]


def test_each_file_once(tmp_path: Path) -> None:
    make(tmp_path, "Dockerfile", "a/Dockerfile")
    (tmp_path / "link.dockerfile").symlink_to("Dockerfile")
    assert shown(tmp_path / "a", tmp_path, tmp_path / "a" / "Dockerfile") == [
        str(tmp_path / "a/Dockerfile"),
        str(tmp_path / "Dockerfile"),
    ]


def test_no_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    make(tmp_path, "out/Dockerfile", "in/Dockerfile")
    (tmp_path / "in/folder").symlink_to(tmp_path / "out")
    (tmp_path / "in/x.dockerfile").symlink_to(tmp_path / "out/Dockerfile")
    (tmp_path / "in/broken.dockerfile").symlink_to("nowhere")
    (tmp_path / "in/loop").symlink_to(tmp_path / "in")
    assert shown(tmp_path / "in") == [str(tmp_path / "in/Dockerfile")]


def test_a_link_that_is_named_is_followed(tmp_path: Path) -> None:
    make(tmp_path, "out/Dockerfile")
    (tmp_path / "link").symlink_to("out/Dockerfile")
    assert shown(tmp_path / "link") == [str(tmp_path / "link")]


@pytest.mark.parametrize("name", ["nothing", "x\0y", "n" * 300])
def test_a_path_that_is_not_there(tmp_path: Path, name: str) -> None:
    (found,) = named_files([tmp_path / name])
    assert found.problem


def test_a_folder_without_any(tmp_path: Path) -> None:
    (found,) = named_files([tmp_path])
    assert found.problem == "no Dockerfile or Containerfile below this folder"


def test_a_folder_that_is_called_dockerfile(tmp_path: Path) -> None:
    make(tmp_path, "Dockerfile/Dockerfile")
    os.mkfifo(tmp_path / "x.dockerfile")
    assert shown(tmp_path) == [str(tmp_path / "Dockerfile/Dockerfile")]


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9.dockerfile"
    Path(os.fsdecode(raw)).write_text("FROM a\n", encoding="utf-8")
    (found,) = named_files([tmp_path])
    assert found.shown.endswith("caf\ufffd.dockerfile")
    assert found.base64
    assert found.read() == b"FROM a\n"


def test_pipes_and_devices_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(OSError, match="no regular file"):
            Named.of(path).read()


def test_no_more_is_read_than_a_dockerfile_can_have(tmp_path: Path) -> None:
    with (tmp_path / "Dockerfile").open("wb") as file:
        file.truncate(10 * MOST_BYTES)
    assert len(Named.of(tmp_path / "Dockerfile").read()) == MOST_BYTES + 1


def test_a_deep_folder(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(300):
        folder = folder / "d"
    make(folder, "Dockerfile")
    assert len(shown(tmp_path)) == 1
