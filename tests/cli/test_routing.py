from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.cli.routing import edits, nearest, route
from lightship.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = ("inspect", "history", "cache", "demo")


@pytest.mark.parametrize(
    "arguments",
    [
        ["app.tar"],
        ["-"],
        ["docker-archive:app.tar"],
        ["ubuntu"],
        ["ubuntu:24.04", "--format", "json"],
        ["--format", "json", "app.tar"],
        ["-q", "app.tar"],
        ["./demo"],
        [""],
        ["\udcff"],
    ],
)
def test_bare_image_means_inspect(arguments: list[str]) -> None:
    assert route(arguments, COMMANDS) == ["inspect", *arguments]


@pytest.mark.parametrize(
    "arguments", [[], ["demo"], ["cache", "info"], ["--help"], ["--version"], ["--show-settings"]]
)
def test_commands_and_own_options_stay(arguments: list[str]) -> None:
    assert route(arguments, COMMANDS) == arguments


@pytest.mark.parametrize("word", ["help", "version"])
def test_what_is_an_option_here_is_said_to_be_one(word: str) -> None:
    with pytest.raises(UsageError, match=f"lightship --{word}"):
        route([word], COMMANDS)


def test_a_word_in_front_of_an_image_is_no_image() -> None:
    with pytest.raises(UsageError, match="no command 'squash'"):
        route(["squash", "app.tar"], COMMANDS)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("inspct", "inspect"),
        ("isnpect", "inspect"),
        ("Inspect", "inspect"),
        ("histroy", "history"),
        ("cach", "cache"),
        ("memo", "demo"),
    ],
)
def test_word_near_a_command_is_no_image(word: str, meant: str) -> None:
    with pytest.raises(UsageError, match=f"Did you mean '{meant}'") as raised:
        route([word], COMMANDS)
    assert f"lightship inspect {word}" in str(raised.value)


def test_word_near_a_command_that_names_a_path_is_that_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cach").touch()
    assert route(["cach"], COMMANDS) == ["inspect", "cach"]


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("", "", 0), ("", "ab", 2), ("ab", "ba", 1), ("ca", "abc", 3), ("kitten", "sitting", 3)],
)
def test_edits(one: str, other: str, count: int) -> None:
    assert edits(one, other) == edits(other, one) == count


@given(st.text("abcd", max_size=6), st.text("abcd", max_size=6))
def test_edits_are_a_distance(one: str, other: str) -> None:
    count = edits(one, other)
    assert (count == 0) == (one == other)
    assert abs(len(one) - len(other)) <= count <= max(len(one), len(other))
    assert count == edits(other, one)


def test_far_words_are_near_nothing() -> None:
    assert nearest("alpine", COMMANDS) is None
    assert nearest("alpine", ()) is None
