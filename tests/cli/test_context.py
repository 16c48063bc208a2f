"""`lightship context` as it is typed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Answer

    Lightship = Callable[..., Answer]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/app.js").write_text("x" * 3000, encoding="utf-8")
    (tmp_path / "old.log").write_text("x" * 40, encoding="utf-8")
    (tmp_path / ".dockerignore").write_text("*.log\n", encoding="utf-8")
    (tmp_path / "Dockerfile").write_text("FROM x\nCOPY src /app\n", encoding="utf-8")
    return tmp_path


def test_show(lightship: Lightship, shop: Path) -> None:
    answer = lightship("context", "show", str(shop))
    assert (answer.code, answer.err) == (0, "")
    assert "3.00 kB   1 file  what instructions of the Dockerfile take\n" in answer.out
    assert "ignored by line 1: *.log" in answer.out


def test_show_as_json(lightship: Lightship, shop: Path) -> None:
    answer = lightship("context", "show", str(shop), "--builder", "legacy", "--format", "json")
    told = json.loads(answer.out)
    assert (told["schema"], told["builder"]) == ("lightship.context-show/1", "legacy")
    assert told["used"] == {"files": 1, "content_bytes": 3000}


def test_the_builder_is_a_setting(
    lightship: Lightship, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIGHTSHIP_CONTEXT_BUILDER", "buildah")
    told = json.loads(lightship("context", "show", str(shop), "--format", "json").out)
    assert told["builder"] == "buildah"
    monkeypatch.setenv("LIGHTSHIP_CONTEXT_BUILDER", "kaniko")
    assert lightship("context", "show", str(shop)).code == 2


def test_why_is_exactly_this_in_json(lightship: Lightship, shop: Path) -> None:
    answer = lightship("context", "why", "-C", str(shop), "--format", "json", "b.log", "src")
    assert json.loads(answer.out) == {
        "schema": "lightship.context/1",
        "paths": [
            {"path": "b.log", "ignored": True, "pattern": "*.log", "line": 1},
            {"path": "src", "ignored": False, "pattern": None, "line": None},
        ],
    }


def test_why_says_who_takes_it(lightship: Lightship, shop: Path) -> None:
    answer = lightship("context", "why", "-C", str(shop), "b.log", "src", "data")
    assert answer.out == (
        "ignored    b.log  .dockerignore:1  *.log\n"
        "sent       src    no line matches  COPY in line 2\n"
        "not taken  data   no line matches  no COPY or ADD takes it\n"
    )


@pytest.mark.parametrize(
    ("builder", "words"),
    [
        ("buildkit", "the builder reads it all the same, COPY does not"),
        ("buildah", "the builder reads it all the same, COPY does not"),
        ("legacy", "sent all the same, and taken out before COPY"),
    ],
)
def test_why_of_the_files_that_a_builder_reads_anyway(
    lightship: Lightship, shop: Path, builder: str, words: str
) -> None:
    (shop / ".dockerignore").write_text("*\n", encoding="utf-8")
    answer = lightship(
        "context", "why", "-C", str(shop), "--builder", builder, "Dockerfile", ".dockerignore", "a"
    )
    assert answer.out == (
        f"ignored  Dockerfile     .dockerignore:1  *; {words}\n"
        f"ignored  .dockerignore  .dockerignore:1  *; {words}\n"
        "ignored  a              .dockerignore:1  *\n"
    )


def test_why_of_directories(lightship: Lightship, shop: Path) -> None:
    (shop / ".dockerignore").write_text("src\n", encoding="utf-8")
    answer = lightship("context", "why", "-C", str(shop), ".", "src/", "src/app.js", "none/")
    assert answer.out == (
        "sent       .           no line matches  COPY in line 2; the folder itself\n"
        "ignored    src/        .dockerignore:1  src\n"
        "ignored    src/app.js  .dockerignore:1  src\n"
        "not taken  none/       no line matches  no COPY or ADD takes it\n"
    )


def test_why_of_a_dockerfile_that_is_let_in_says_nothing_more(
    lightship: Lightship, shop: Path
) -> None:
    (shop / ".dockerignore").write_text("*\n!Dockerfile\n", encoding="utf-8")
    answer = lightship("context", "why", "-C", str(shop), "--builder", "legacy", "Dockerfile")
    assert answer.out == "sent  Dockerfile  .dockerignore:2  !Dockerfile\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("context", "why"), 2),
        (("context", "why", "../a"), 2),
        (("context", "show", "none"), 3),
        (("context", "show", "-f", "none"), 3),
        (("context", "show", "--target", "none"), 2),
        (("context", "show", "--builder", "kaniko"), 2),
    ],
)
def test_what_goes_wrong_is_one_line(
    lightship: Lightship,
    shop: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
) -> None:
    monkeypatch.chdir(shop)
    answer = lightship(*arguments)
    assert (answer.code, answer.out) == (code, "")
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"[", "has a [ without its ]. Write \\[ for a bracket that means itself."),
        (b"!", "is a lone !. Remove the line, or write after ! what is let in."),
        (
            b"[a-]",
            "has ] where [...] needs a character. Write \\] for a bracket that means itself.",
        ),
        (b"[-a]", "has - where [...] needs a character. Write \\- for a hyphen that means itself."),
        (b"[\xff]", "has a byte in [...] that is no UTF-8. Write ? for such a byte."),
        (b"[z-a]", "is no valid pattern once it is a regexp. Write ? in place of a [, { or \\."),
        (b"a\x1bb", "has a control character, which BuildKit cannot send. Write ? for it."),
        (b"a" * 65_536, "has 65536 bytes: 65535 are the most. Shorten or remove the line."),
    ],
)
def test_an_ignore_file_that_builds_refuse(
    lightship: Lightship, shop: Path, line: bytes, told: str
) -> None:
    (shop / ".dockerignore").write_bytes(b"a\n" + line + b"\n")
    reason, _, hint = told.partition(". ")
    for command in (("show",), ("why", "b", "-C")):
        answer = lightship("context", *command, str(shop))
        assert (answer.code, answer.out) == (4, "")
        said = f"lightship: error: .dockerignore:2: {reason}: a build fails. {hint}\n"
        assert answer.err == said
