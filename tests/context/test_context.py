"""A context is opened with what its builder reads, and says in one line what is wrong."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, get_args

import pytest

from lightship.context.builders import Builder
from lightship.context.context import Context
from lightship.context.deciding import decided
from lightship.context.needs import missing_sources, needs_of
from lightship.context.survey import survey
from lightship.context.uses import uses_of
from lightship.dockerfile.build import Build
from lightship.errors import CorruptInputError, LightshipError, UnreachableError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

BUILDERS: tuple[Builder, ...] = get_args(Builder)


def fill(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("builder", "names", "expected"),
    [
        ("buildkit", ("Dockerfile", "Containerfile"), "Dockerfile"),
        ("buildkit", ("dockerfile",), "dockerfile"),
        ("legacy", ("dockerfile",), "dockerfile"),
        ("buildah", ("Dockerfile", "Containerfile"), "Containerfile"),
        ("buildah", ("Dockerfile",), "Dockerfile"),
        ("buildah", ("dockerfile",), None),
        ("buildkit", ("Containerfile",), None),
    ],
)
def test_each_builder_finds_its_own(
    builder: Builder, names: tuple[str, ...], expected: str | None, tmp_path: Path
) -> None:
    fill(tmp_path, **dict.fromkeys(names, "FROM a\n"))
    assert Context.open(tmp_path, builder=builder).dockerfile == expected


def test_without_a_dockerfile_nothing_is_known_of_uses(tmp_path: Path) -> None:
    context = Context.open(tmp_path)
    assert (context.build, context.wanted, context.ignore_name) == (None, None, None)
    assert context.ignore.patterns == ()


def test_a_dockerfile_elsewhere_has_its_ignore_file_beside_it(tmp_path: Path) -> None:
    root = fill(tmp_path / "root", x="")
    (root / ".dockerignore").write_text("a\n")
    other = fill(tmp_path / "other", Build="FROM a\n")
    context = Context.open(root, dockerfile=other / "Build")
    assert (context.dockerfile, context.outside) == (None, other / "Build")
    assert context.ignore_name == ".dockerignore"
    (other / "Build.dockerignore").write_text("b\n")
    context = Context.open(root, dockerfile=other / "Build")
    assert [one.glob for one in context.ignore.patterns] == ["b"]


def test_a_named_dockerfile_inside_has_its_own_ignore_file(tmp_path: Path) -> None:
    fill(tmp_path, sub__Build="FROM a\n")
    (tmp_path / ".dockerignore").write_text("a\n")
    (tmp_path / "sub" / "Build.dockerignore").write_text("b\n")
    context = Context.open(tmp_path, dockerfile=tmp_path / "sub" / "Build")
    assert context.dockerfile == "sub/Build"
    assert context.ignore_name == "sub/Build.dockerignore"


def test_bytes_are_a_dockerfile_of_no_place(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile.dockerignore").write_text("a\n")
    context = Context.open(tmp_path, dockerfile=b"FROM a\nCOPY b /\n")
    assert context.ignore_name is None
    assert context.wanted is not None
    assert context.wanted.takes("b")
    assert not context.wanted.takes("c")


def test_a_named_ignore_file_counts(tmp_path: Path) -> None:
    fill(tmp_path, conf__mine="b\n")
    (tmp_path / ".dockerignore").write_text("a\n")
    context = Context.open(tmp_path, ignore_file=tmp_path / "conf" / "mine")
    assert context.ignore_name == "conf/mine"
    assert [one.glob for one in context.ignore.patterns] == ["b"]


def test_an_ignore_file_behind_a_link_is_read_inside_alone(tmp_path: Path) -> None:
    root = fill(tmp_path / "root", conf__ignore="a\n")
    (tmp_path / "ignore").write_text("outside\n")
    (root / ".dockerignore").symlink_to("/conf/ignore")
    assert [one.glob for one in Context.open(root).ignore.patterns] == ["a"]
    (root / ".dockerignore").unlink()
    (root / ".dockerignore").symlink_to("../ignore")
    assert Context.open(root).ignore_name is None


def test_buildkit_passes_over_a_directory_and_others_fail(tmp_path: Path) -> None:
    (tmp_path / ".dockerignore").mkdir()
    assert Context.open(tmp_path).ignore_name is None
    with pytest.raises(CorruptInputError):
        Context.open(tmp_path, builder="legacy")


def test_a_fifo_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "Dockerfile")
    assert Context.open(tmp_path).build is None


@pytest.mark.parametrize("builder", ["buildkit", "legacy", "buildah"])
def test_a_fifo_for_an_ignore_file_is_refused(tmp_path: Path, builder: Builder) -> None:
    """Every builder waits for somebody to write into it."""
    os.mkfifo(tmp_path / ".dockerignore")
    with pytest.raises(CorruptInputError, match="is no regular file"):
        Context.open(tmp_path, builder=builder)


def test_buildkit_is_sent_marks_for_bytes_that_are_no_utf_8(tmp_path: Path) -> None:
    (tmp_path / ".dockerignore").write_bytes(b"\xff\nc?")
    ignored = {
        builder: [
            name
            for name in ("\udcff", "\ufffd", "c\udcff", "c\ufffd")
            if Context.open(tmp_path, builder=builder).matcher.test(name).ignored
        ]
        for builder in BUILDERS
    }
    assert ignored == {
        "buildkit": ["\ufffd", "c\udcff", "c\ufffd"],
        "legacy": ["\udcff", "c\udcff", "c\ufffd"],
        "buildah": ["\udcff", "c\udcff", "c\ufffd"],
    }


def test_the_legacy_builder_looks_where_its_ignored_dockerfile_is(tmp_path: Path) -> None:
    for folder in ("sub", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").touch()
    (tmp_path / "sub" / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / ".dockerignore").write_text("*\n!**/*.py\n")
    dockerfile = tmp_path / "sub" / "Dockerfile"
    context = Context.open(tmp_path, builder="legacy", dockerfile=dockerfile)
    assert [one.path for one in survey(context).files()] == ["sub/a.py"]
    for path, ignored in {"sub/a.py": False, "other/a.py": True, "sub/Dockerfile": True}.items():
        assert decided(context.matcher, "legacy", path).ignored is ignored


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("no root", UnreachableError),
        ("root is a file", UnreachableError),
        ("no Dockerfile", UnreachableError),
        ("Dockerfile is a folder", UnreachableError),
        ("no ignore file", UnreachableError),
        ("ignore file is a folder", CorruptInputError),
        ("ignore file is too big", CorruptInputError),
        ("Dockerfile is too big", CorruptInputError),
        ("Dockerfile is binary", CorruptInputError),
        ("no such stage", UsageError),
        ("no stages", UsageError),
    ],
)
def test_what_is_wrong_is_one_line(kind: str, error: type[LightshipError], tmp_path: Path) -> None:
    fill(tmp_path, Dockerfile="FROM a AS b\n", big="a\n" * 3_000_000, binary="\0")
    known: dict[str, dict[str, object]] = {
        "no root": {"root": tmp_path / "none"},
        "root is a file": {"root": tmp_path / "Dockerfile"},
        "no Dockerfile": {"dockerfile": tmp_path / "none"},
        "Dockerfile is a folder": {"dockerfile": tmp_path},
        "no ignore file": {"ignore_file": tmp_path / "none"},
        "ignore file is a folder": {"ignore_file": tmp_path},
        "ignore file is too big": {"ignore_file": tmp_path / "big"},
        "Dockerfile is too big": {"dockerfile": tmp_path / "big"},
        "Dockerfile is binary": {"dockerfile": tmp_path / "binary"},
        "no such stage": {"target": "none"},
        "no stages": {"target": "b", "dockerfile": b""},
    }
    arguments = {"root": tmp_path, **known[kind]}
    with pytest.raises(error) as raised:
        Context.open(**arguments)  # type: ignore[arg-type]  # each case has its own
    assert "\n" not in str(raised.value)


def missing(root: Path, ignored: str, *lines: str) -> list[tuple[int, str, str, str]]:
    (root / ".dockerignore").write_text(ignored)
    context = Context.open(root, dockerfile="\n".join(("FROM a", *lines, "")).encode())
    return [
        (one.use.step.line, one.source, one.path, one.pattern.glob)
        for one in missing_sources(context)
    ]


def test_a_source_that_is_ignored_is_missing(tmp_path: Path) -> None:
    fill(tmp_path, a="", src__x="", src__y="", doc__z="")
    assert missing(tmp_path, "a\nsrc\n", "COPY a /", "COPY src/x doc /") == [
        (2, "a", "a", "a"),
        (3, "src/x", "src/x", "src"),
    ]


@pytest.mark.parametrize(
    ("ignored", "line"),
    [
        ("a\n", "COPY . /"),
        ("a\n", "COPY none /"),
        ("none\n", "COPY none /"),
        ("src/x\n", "COPY src /"),
        ("src\n!src/x\n", "COPY src /"),
        ("src/x\n", "COPY src/* /"),
        ("a\n", "COPY --from=b a /"),
        ("a\n", "COPY $UNKNOWN/a /"),
        ("a\n", "RUN --mount=type=tmpfs,target=/a make"),
    ],
)
def test_nothing_is_missing(ignored: str, line: str, tmp_path: Path) -> None:
    fill(tmp_path, a="", src__x="", src__y="")
    assert missing(tmp_path, ignored, line) == []


def test_a_wildcard_of_which_nothing_is_left_is_missing(tmp_path: Path) -> None:
    fill(tmp_path, src__x="", src__y="")
    assert missing(tmp_path, "src/x\nsrc/y\n", "COPY src/* /") == [(2, "src/*", "src/x", "src/x")]


def test_a_link_needs_where_it_leads(tmp_path: Path) -> None:
    fill(tmp_path, real__x="")
    (tmp_path / "link").symlink_to("real")
    assert missing(tmp_path, "real\n", "COPY link /") == [(2, "link", "real", "real")]


def test_needs_are_what_is_there(tmp_path: Path) -> None:
    fill(tmp_path, a="", src__x="", src__in__x="")
    text = b"FROM a\nCOPY a none src/x* s* . /\n"
    needs = needs_of(tmp_path, uses_of(Build.read(text)))
    assert [(need.source, need.paths) for need in needs] == [
        ("a", ("a",)),
        ("none", ()),
        ("src/x*", ("src/x",)),
        ("s*", ("src",)),
        (".", (".",)),
    ]
