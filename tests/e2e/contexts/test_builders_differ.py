"""Which ignore file each builder reads, and where they differ, by real builds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lightship.context.context import Context
from lightship.context.deciding import decided

from .builds import DOCKERFILE, PACKAGES, builds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lightship.context.builders import Builder

    from .builds import Builds

pytestmark = [pytest.mark.slow, pytest.mark.system(*PACKAGES)]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builds]:
    with builds(tmp_path_factory.mktemp("builds")) as started:
        yield started


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in {"Dockerfile": DOCKERFILE, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


NAMES: list[tuple[Builder, tuple[str, ...], str]] = [
    ("buildkit", (".dockerignore", ".containerignore"), ".dockerignore"),
    ("buildkit", (".dockerignore", "Dockerfile.dockerignore"), "Dockerfile.dockerignore"),
    ("legacy", (".dockerignore", "Dockerfile.dockerignore"), ".dockerignore"),
    ("buildah", (".dockerignore", ".containerignore"), ".containerignore"),
    ("buildah", (".dockerignore", "Dockerfile.dockerignore"), "Dockerfile.dockerignore"),
    ("buildah", (".dockerignore", "Dockerfile.containerignore"), "Dockerfile.containerignore"),
    (
        "buildah",
        ("Dockerfile.dockerignore", "Dockerfile.containerignore"),
        "Dockerfile.dockerignore",
    ),
]
"""Who builds, which ignore files stand there, and which one counts."""


@pytest.mark.parametrize(("builder", "names", "counts"), NAMES)
def test_which_ignore_file_counts(
    engine: Builds, tmp_path: Path, builder: Builder, names: tuple[str, ...], counts: str
) -> None:
    lines = {name: f"of{name}\n" for name in names}
    folder = written(tmp_path / "context", {**lines, **{f"of{name}": "" for name in names}})
    missing = {name for name in names if f"of{name}" not in engine.entries(builder, folder)}
    assert missing == {counts}
    assert Context.open(folder, builder=builder).ignore_name == counts


def test_a_named_ignore_file_replaces_the_others(engine: Builds, tmp_path: Path) -> None:
    folder = written(
        tmp_path / "context", {".dockerignore": "a\n", "other": "b\n", "a": "", "b": ""}
    )
    real = engine.entries("buildah", folder, "--ignorefile", str(folder / "other"))
    assert "a" in real
    assert "b" not in real
    context = Context.open(folder, builder="buildah", ignore_file=folder / "other")
    assert [one.glob for one in context.ignore.patterns] == ["b"]


@pytest.mark.parametrize("builder", ["buildkit", "legacy", "buildah"])
def test_everything_but_one_name(engine: Builds, tmp_path: Path, builder: Builder) -> None:
    folder = written(tmp_path / "context", {".dockerignore": "*\n!a\n", "a": "", "b": ""})
    assert set(engine.entries(builder, folder)) == {"a"}
    matcher = Context.open(folder, builder=builder).matcher
    for name, ignored in {"a": False, "b": True, "Dockerfile": True, ".dockerignore": True}.items():
        assert decided(matcher, builder, name).ignored is ignored


@pytest.mark.parametrize("builder", ["legacy", "buildah"])
def test_a_wildcard_exception_is_lost_below_an_ignored_directory(
    engine: Builds, tmp_path: Path, builder: Builder
) -> None:
    files = {".dockerignore": "*\n!**/*.py\n", "a.py": "", "src/b.py": ""}
    folder = written(tmp_path / "context", files)
    assert set(engine.entries(builder, folder)) == {"a.py"}
    matcher = Context.open(folder, builder=builder).matcher
    assert decided(matcher, builder, "src/b.py").ignored
    assert not decided(matcher, "buildkit", "src/b.py").ignored


def test_buildkit_20_loses_it_as_well(engine: Builds, tmp_path: Path) -> None:
    """tonistiigi/fsutil as of 2020; today's looks into every directory then."""
    files = {".dockerignore": "*\n!**/*.py\n", "a.py": "", "src/b.py": ""}
    folder = written(tmp_path / "context", files)
    assert set(engine.entries("buildkit", folder)) == {"a.py"}


@pytest.mark.parametrize("builder", ["buildkit", "legacy"])
def test_docker_20_asks_by_the_path_alone(engine: Builds, tmp_path: Path, builder: Builder) -> None:
    """Today's remembers that `!src` decided nothing where `src` was not ignored."""
    files = {".dockerignore": "src/*\n!src\n", "src/a": ""}
    folder = written(tmp_path / "context", files)
    assert "src/a" in engine.entries(builder, folder)
    matcher = Context.open(folder, builder=builder).matcher
    assert decided(matcher, builder, "src/a").ignored
    assert not matcher.test("src/a").ignored
