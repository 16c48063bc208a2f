"""What a Dockerfile takes from its context."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.context.selecting import Some
from lightship.context.uses import Wanted, all_uses, uses_of
from lightship.dockerfile.build import Build

if TYPE_CHECKING:
    from pathlib import Path


def sources(text: str, target: str | None = None) -> list[tuple[str, ...]]:
    return [use.sources for use in uses_of(Build.read(text.encode()), target)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("COPY a b /c/", [("a", "b")]),
        ("COPY ./a/ /b//c ../d e/../f /x/", [("a", "b/c", "d", "f")]),
        ("COPY . /", [(".",)]),
        ("COPY / /", [(".",)]),
        ("COPY a/.. /", [(".",)]),
        ("COPY * /", [("*",)]),
        ('COPY ["a b", "c", "/d/"]', [("a b", "c")]),
        # In the JSON form quotes and escapes are read as well.
        (r'COPY ["a\\ b", "/d/"]', [("a b",)]),
        (r"COPY a\$b /", [("a$b",)]),
        ("COPY 'a' \"b\" /", [("a", "b")]),
        ("COPY --parents a/./b/c /", [("a/b/c",)]),
        ("ADD a.tar.gz /", [("a.tar.gz",)]),
        ("ADD https://example.org/a /", []),
        ('ADD "https://example.org/$A" /', []),
        ("ADD git@github.com:a/b.git /", []),
        ("ADD https://example.org/a b /", [("b",)]),
        ("COPY --from=other a /", []),
        ("COPY <<END /a\nx\nEND", []),
        ("COPY <<END b /a/\nx\nEND", [("b",)]),
        ("RUN --mount=type=bind,target=/src make", [(".",)]),
        ("RUN --mount=source=go.mod,target=go.mod make", [("go.mod",)]),
        ("RUN --mount=from=other,source=a,target=/a make", []),
        ("RUN --mount=type=cache,target=/a make", []),
        ("RUN --mount=type=secret,id=a make", []),
        ("RUN --mount=type=ssh make", []),
    ],
)
def test_sources(line: str, expected: list[tuple[str, ...]]) -> None:
    assert sources(f"FROM a\n{line}\n") == expected


def test_excludes_are_told() -> None:
    (use,) = uses_of(Build.read(b"FROM a\nCOPY --exclude=*.md --exclude=x a /\n"))
    assert use.excludes == ("*.md", "x")


def test_variables_have_the_values_of_the_file() -> None:
    text = "ARG V=1\nFROM a\nARG V\nARG W=w$V\nENV E=e-$W\nCOPY $V ${W}/x $E ${W:-no}a /\n"
    assert sources(text) == [("1", "w1/x", "e-w1", "w1a")]


@pytest.mark.parametrize(
    "line",
    ["ARG D\nCOPY $D/a /", "ARG TARGETARCH\nCOPY bin-$TARGETARCH /", "COPY $OF_THE_BASE /",
     "COPY ${A /", "COPY 'a /", "ARG D\nRUN --mount=source=$D,target=/d make"],
)  # fmt: skip
def test_what_is_not_known_may_be_anything(line: str, tmp_path: Path) -> None:
    uses = uses_of(Build.read(f"FROM a\n{line}\n".encode()))
    assert [use.is_known for use in uses] == [False]
    wanted = Wanted(tmp_path, uses)
    assert not wanted.is_known
    assert wanted.takes("any/thing")
    assert wanted.users("any/thing") == uses


STAGES = """\
FROM a AS Base
COPY base /
ONBUILD COPY trigger /
FROM base AS one
COPY one /
FROM one AS two
COPY two /
FROM a AS lone
COPY lone /
FROM a AS mounted
COPY mounted /
FROM a
COPY --from=TWO /two /
RUN --mount=from=mounted,target=/m make
COPY last /
"""


def test_only_stages_that_are_needed_count() -> None:
    assert sources(STAGES) == [
        ("base",), ("trigger",), ("one",), ("two",), ("mounted",), ("last",)
    ]  # fmt: skip


@pytest.mark.parametrize("target", ["ONE", "one", "1"])
def test_a_target_has_a_name_in_any_case_or_a_number(target: str) -> None:
    assert sources(STAGES, target) == [("base",), ("trigger",), ("one",)]


def test_a_target_that_is_not_there_uses_nothing() -> None:
    assert sources(STAGES, "none") == []


def test_all_stages_can_be_asked_for() -> None:
    assert ("lone",) in [use.sources for use in all_uses(Build.read(STAGES.encode()))]


def test_a_trigger_runs_in_the_next_stage_alone_with_what_holds_there() -> None:
    text = (
        "FROM x AS a\nENV D=d\nONBUILD COPY $D/t /\nFROM a AS b\nENV D=e\nFROM b AS c\nCOPY c /\n"
    )
    assert sources(text) == [("d/t",), ("c",)]


def test_each_stage_that_a_platform_may_mean_counts() -> None:
    text = (
        "FROM a AS base-amd64\nCOPY amd64 /\nFROM a AS base-arm64\nCOPY arm64 /\n"
        "FROM a AS other\nCOPY other /\nFROM base-$TARGETARCH\n"
    )
    assert sources(text) == [("amd64",), ("arm64",)]


def test_a_stage_named_by_a_default_is_the_one() -> None:
    text = "ARG V=x\nFROM a AS base-x\nCOPY x /\nFROM a AS base-y\nCOPY y /\nFROM base-${V}\n"
    assert sources(text) == [("x",)]


def test_numbers_name_stages_in_copies_and_not_in_mounts() -> None:
    text = "FROM a\nCOPY zero /\nFROM a\nCOPY one /\nFROM a\nCOPY --from=0 / /\n"
    assert sources(text + "RUN --mount=from=1,target=/m make\n") == [("zero",)]


def test_nothing_is_wanted_where_nothing_is_copied(tmp_path: Path) -> None:
    wanted = Wanted(tmp_path, uses_of(Build.read(b"FROM a\nRUN make\n")))
    assert not wanted.takes("a")
    assert wanted.below("") == "none"


def test_a_tmpfs_mount_asks_for_everything_but_takes_nothing(tmp_path: Path) -> None:
    alone = "FROM a\nRUN --mount=type=tmpfs,target=/tmp make\n"
    wanted = Wanted(tmp_path, uses_of(Build.read(alone.encode())))
    assert not wanted.takes("b")
    wanted = Wanted(tmp_path, uses_of(Build.read((alone + "COPY a /\n").encode())))
    assert wanted.takes("b")
    assert wanted.users("b") == ()
    assert [use.sources for use in wanted.users("a")] == [("a",)]


def wanted_of(root: Path, *lines: str) -> Wanted:
    return Wanted(root, uses_of(Build.read("\n".join(("FROM a", *lines, "")).encode())))


def test_a_walk_asks_once_a_directory(tmp_path: Path) -> None:
    wanted = wanted_of(tmp_path, "COPY src/app src/*.txt top /", "COPY deep/er/x /")
    assert wanted.below("src/app") == "all"
    assert wanted.below("src/app/in") == "all"
    assert wanted.below("other") == "none"
    assert wanted.below("src/other") == "none"
    some = wanted.below("src")
    assert isinstance(some, Some)
    assert [some.takes(name) for name in ("app", "a.txt", "b.md")] == [True, True, False]
    assert isinstance(wanted.below("deep"), Some)
    assert [wanted.takes(path) for path in ("top", "src/app/a/b", "src/x", "deep/er")] == [
        True, True, False, False
    ]  # fmt: skip


def test_users_are_those_that_take_a_path(tmp_path: Path) -> None:
    wanted = wanted_of(tmp_path, "COPY a /", "COPY a/b /", "COPY . /", "COPY c /")
    assert [use.step.line for use in wanted.users("a/b")] == [2, 3, 4]


def test_a_thousand_sources_are_looked_up(tmp_path: Path) -> None:
    lines = [f"COPY dir{number}/file{number} src/p{number}*.txt /" for number in range(1000)]
    wanted = wanted_of(tmp_path, *lines)
    assert wanted.takes("dir999/file999")
    assert wanted.takes("src/p500b.txt")
    assert not wanted.takes("dir999/file998")


def test_what_is_no_pattern_is_told(tmp_path: Path) -> None:
    assert wanted_of(tmp_path, "COPY a[ /").trouble == "a[ is no pattern"


@given(st.binary(max_size=200))
def test_any_bytes_are_read(data: bytes) -> None:
    uses_of(Build.read(b"FROM a\nARG A=b\nCOPY " + data + b" /\nADD [" + data))


@given(st.text("a$'\"\\{}:-+/*[]<= ,\n", max_size=40))
def test_any_words_are_read(text: str) -> None:
    build = Build.read(f"FROM a\nARG a=b\nCOPY {text} /\nRUN --mount=source={text} x\n".encode())
    for use in all_uses(build):
        for source in use.sources:
            assert source == "." or not source.startswith(("/", "../"))
