"""Which ignore file each builder reads, and where they differ, by real builds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lightship.context.context import Context
from lightship.context.deciding import decided
from lightship.context.survey import survey
from lightship.context.walking import walk

from .builds import DOCKERFILE, PACKAGES, FailedBuildError, builds

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


OUTSIDE: list[tuple[Builder, tuple[str, ...], str]] = [
    ("buildkit", ("../.dockerignore", "Dockerfile.dockerignore", ".dockerignore"), ".dockerignore"),
    ("buildkit", ("../Dockerfile.dockerignore", ".dockerignore"), "../Dockerfile.dockerignore"),
    ("legacy", ("../Dockerfile.dockerignore", ".dockerignore"), ".dockerignore"),
    ("buildah", ("../.dockerignore", "Dockerfile.dockerignore", ".dockerignore"), ".dockerignore"),
    ("buildah", ("../Dockerfile.dockerignore", ".dockerignore"), "../Dockerfile.dockerignore"),
    (
        "buildah",
        ("../Dockerfile.containerignore", ".containerignore"),
        "../Dockerfile.containerignore",
    ),
]
"""Likewise, where the Dockerfile stands above the context."""


@pytest.mark.parametrize(("builder", "names", "counts"), OUTSIDE)
def test_which_ignore_file_counts_for_a_dockerfile_elsewhere(
    engine: Builds, tmp_path: Path, builder: Builder, names: tuple[str, ...], counts: str
) -> None:
    left = {name: name.replace("/", "-") for name in names}
    files = {name: f"of{one}\n" for name, one in left.items()}
    folder = written(tmp_path / "context", {**files, **{f"of{one}": "" for one in left.values()}})
    (folder / "Dockerfile").rename(tmp_path / "Dockerfile")
    real = engine.entries(builder, folder, "-f", str(tmp_path / "Dockerfile"))
    assert {name for name, one in left.items() if f"of{one}" not in real} == {counts}
    context = Context.open(folder, builder=builder, dockerfile=tmp_path / "Dockerfile")
    assert [one.glob for one in context.ignore.patterns] == [f"of{left[counts]}"]


@pytest.mark.parametrize("builder", ["buildkit", "legacy", "buildah"])
def test_a_dockerfile_without_a_name_has_no_ignore_file_of_its_own(
    engine: Builds, tmp_path: Path, builder: Builder
) -> None:
    files = {".dockerignore": "a\n", "Dockerfile.dockerignore": "b\n", "a": "", "b": ""}
    folder = written(tmp_path / "context", files)
    real = engine.entries(builder, folder, "-f", "-", given=DOCKERFILE.encode())
    assert ("a" in real, "b" in real) == (False, True)
    context = Context.open(folder, builder=builder, dockerfile=DOCKERFILE.encode())
    assert context.ignore_name == ".dockerignore"


LOWER: list[tuple[Builder, str, str]] = [
    # Docker 20.10 goes by the name that it looked for first; today's client by what it found
    # (docker/buildx, `handleLowercaseDockerfile`).
    ("buildkit", "Dockerfile.dockerignore", "dockerfile.dockerignore"),
    ("legacy", ".dockerignore", ".dockerignore"),
]


@pytest.mark.parametrize(("builder", "real", "told"), LOWER)
def test_a_dockerfile_in_lower_case(
    engine: Builds, tmp_path: Path, builder: Builder, real: str, told: str
) -> None:
    names = (".dockerignore", "Dockerfile.dockerignore", "dockerfile.dockerignore")
    files = {name: f"of{name}\n" for name in names}
    folder = written(tmp_path / "context", {**files, **{f"of{name}": "" for name in names}})
    (folder / "Dockerfile").rename(folder / "dockerfile")
    copied = engine.entries(builder, folder)
    assert {name for name in names if f"of{name}" not in copied} == {real}
    assert Context.open(folder, builder=builder).ignore_name == told


def test_buildah_knows_no_dockerfile_in_lower_case(engine: Builds, tmp_path: Path) -> None:
    folder = written(tmp_path / "context", {})
    (folder / "Dockerfile").rename(folder / "dockerfile")
    with pytest.raises(FailedBuildError, match="cannot find Containerfile or Dockerfile"):
        engine.entries("buildah", folder)
    assert Context.open(folder, builder="buildah").build is None


def test_the_legacy_builder_looks_where_its_ignored_dockerfile_is(
    engine: Builds, tmp_path: Path
) -> None:
    files = {".dockerignore": "*\n!**/*.py\n", "sub/a.py": "", "sub/b": "", "other/a.py": ""}
    folder = written(tmp_path / "context", files)
    (folder / "Dockerfile").rename(folder / "sub" / "Dockerfile")
    real = engine.entries("legacy", folder, "-f", str(folder / "sub" / "Dockerfile"))
    assert set(real) == {"sub", "sub/a.py"}
    context = Context.open(folder, builder="legacy", dockerfile=folder / "sub" / "Dockerfile")
    paths = ("sub/a.py", "sub/b", "sub/Dockerfile", "other/a.py")
    kept = {path for path in paths if not decided(context.matcher, "legacy", path).ignored}
    assert kept == {"sub/a.py"}
    sent = [one.path for one in survey(context).files()]
    assert sent == ["sub/a.py"]


@pytest.mark.parametrize("builder", ["buildkit", "legacy", "buildah"])
def test_what_a_link_leads_to_outside_is_not_copied(
    engine: Builds, tmp_path: Path, builder: Builder
) -> None:
    (tmp_path / "secret").write_text("secret")
    folder = written(tmp_path / "context", {"Dockerfile": "FROM scratch\nCOPY link /ctx/link\n"})
    (folder / "link").symlink_to("../secret")
    with pytest.raises(FailedBuildError):
        engine.entries(builder, folder)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    assert engine.entries(builder, folder)["link"] == "l"
    assert [one.links for one in walk(folder, Context.open(folder).matcher, builder)] == [["link"]]


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
