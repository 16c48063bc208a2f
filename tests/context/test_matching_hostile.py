from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.context.automaton import Automaton
from lightship.context.compiling import Compiled
from lightship.context.expression import Kind, translate
from lightship.context.go_categories import GoSyntaxError
from lightship.context.go_regexp import read

from .recorded import matcher_of

_PIECES = ["*", "**", "**/", "?", "/", "[ab]", "[^a]", "a", "b", ".", "^", "|", "{2}", "{0,1}"]
_PIECES += [r"\b", r"\B", r"\A", r"\z", r"\Q", r"\E", r"\d", r"\W", "é", "\udcff", "\n", "_"]

globs = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=6).map("".join)
paths = st.text(alphabet="ab./_1é\udcff\ufffd\n", min_size=1, max_size=12)


@given(globs, paths)
def test_both_ways_to_match_agree(glob: str, path: str) -> None:
    compiled = Compiled(glob)
    if compiled.expression is not None and compiled.kind is Kind.REGEXP:
        assert Automaton(read(compiled.regexp)).matches(path) == compiled.matches(path)


@given(globs, paths)
def test_expressions_can_be_joined(glob: str, path: str) -> None:
    compiled = Compiled(glob)
    if compiled.expression is not None:
        joined = re.compile(f"x\\Z|{compiled.expression}|y\\Z").match(path)
        assert (joined is not None) == (compiled.matches(path) or path in ("x", "y"))


@pytest.mark.parametrize(
    "glob",
    [
        "**/*a*a*a*a*a*a*b",
        "a*" * 3_000 + "b",
        "**/a/" * 1_000 + "b",
        "?" * 6_000 + "b*",
        "a|" * 3_000 + "*b",
        "[ab]{0,1000}" * 50 + "c*",
    ],
)
def test_a_hostile_pattern_takes_one_step_a_character(glob: str) -> None:
    compiled = Compiled(glob)
    assert compiled.expression is None
    path = "a" * 200 + "/a" * 100
    automaton = Automaton(read(compiled.regexp))
    assert automaton.matches(path) == compiled.matches(path)
    assert automaton.steps <= len(path)


def test_a_repetition_without_bounds_of_memory_is_none() -> None:
    with pytest.raises(GoSyntaxError):
        read(translate("a{1000}" * 9_000 + "*").regexp)


def test_many_patterns() -> None:
    matcher = matcher_of(*(f"**/*a{number}*b*c*d" for number in range(1_000)), "!x")
    assert not matcher.walked("x/y").ignored
    assert matcher.walked("x/ya77b-c-d").ignored


def test_nothing_is_compiled_before_it_is_needed() -> None:
    matcher = matcher_of("a*b", "[z-a]", "c")
    assert "compiled" not in vars(matcher)
    assert not matcher.test("x").ignored
    assert "compiled" in vars(matcher)


@given(st.text(max_size=40))
def test_any_pattern_compiles_or_is_broken(glob: str) -> None:
    compiled = Compiled(glob)
    assert compiled.matches("a/b") in (True, False)
