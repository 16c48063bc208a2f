"""Comments that ask not to hear of something."""

from __future__ import annotations

import pytest

from lightship.dockerfile.parsing import parse
from lightship.dockerfile.pragmas import Pragmas, pragmas_of


def pragmas(text: str) -> Pragmas:
    return pragmas_of(parse(text.encode()))


def test_ours_holds_for_the_next_instruction_and_gives_a_reason() -> None:
    found = pragmas(
        "FROM a\n# lightship: ignore[package-lists, full-base] a mirror\nRUN b\nRUN c\n"
    )
    (pragma,) = found.by_position[1]
    assert (pragma.names, pragma.line, pragma.reason, pragma.foreign) == (
        frozenset(("package-lists", "full-base")),
        2,
        "a mirror",
        False,
    )
    assert found.found(1, frozenset(("full-base",))) is pragma
    assert found.found(2, frozenset(("full-base",))) is None
    assert found.found(None, frozenset(("full-base",))) is None


def test_other_comments_and_blank_lines_may_stand_between() -> None:
    found = pragmas("# lightship: ignore[x]\n# about it\n\nFROM a\n")
    assert found.found(0, frozenset(("x",))) is not None


def test_a_comment_between_continued_lines_holds_for_its_instruction() -> None:
    found = pragmas("FROM a\nRUN b && \\\n  # hadolint ignore=DL3009\n  c\n")
    (pragma,) = found.by_position[1]
    assert (pragma.names, pragma.line, pragma.foreign) == (frozenset(("dl3009",)), 3, True)


@pytest.mark.parametrize(
    "comment",
    [
        "# hadolint ignore=DL3009,DL3015",
        "#hadolint ignore = dl3009 , dl3015",
        "# hadolint  ignore=DL3015",
    ],
)
def test_hadolints_own_spellings(comment: str) -> None:
    assert pragmas(f"{comment}\nFROM a\n").found(0, frozenset(("DL3015",))) is not None


@pytest.mark.parametrize(
    "comment", ["# hadolint global ignore=DL3015", "# lightship: ignore-file[DL3015] all of it"]
)
def test_for_the_whole_file_wherever_it_stands(comment: str) -> None:
    found = pragmas(f"FROM a\n{comment}\nRUN b\n")
    assert found.found(0, frozenset(("DL3015",))) is not None
    assert found.found(None, frozenset(("DL3015",))) is not None


@pytest.mark.parametrize(
    "text",
    [
        "# ignore this\nFROM a\n",
        "# lightship: ignore\nFROM a\n",
        "FROM a\nRUN <<E\n# lightship: ignore[x]\nE\nRUN b\n",
        "FROM a\n# lightship: ignore[x]\n",
        "FROM a # lightship: ignore[x]\nRUN b\n",
    ],
)
def test_what_is_no_pragma_or_holds_for_nothing(text: str) -> None:
    found = pragmas(text)
    assert (found.file, found.by_position) == ((), {})
