from __future__ import annotations

import tomllib
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.errors import UsageError
from lightship.rules.discovery import image_rules
from lightship.rules.suppressing import SECTION, Ignore, read_ignores
from lightship.settings import SECTIONS, Section, load_settings

if TYPE_CHECKING:
    from pathlib import Path

RULES = [rule.name for rule in image_rules()]


def read(text: str) -> tuple[Ignore, ...]:
    return read_ignores([Section(tomllib.loads(text), "x.toml [rules]")], RULES)


def test_none() -> None:
    assert read("") == ()
    assert read_ignores([], RULES) == ()


def test_the_whole_rule_and_some_paths() -> None:
    one, other, third = read(
        """
        [[ignore]]
        rule = "deleted"
        reason = "the base's "
        [[ignore]]
        rule = "duplicates"
        paths = ["/srv/**", "*.ttf"]
        reason = "licensed\tso\\nthat both stay"
        [[ignore]]
        rule = "duplicates"
        paths = "srv"
        reason = "one may stand alone"
        """
    )
    assert one == Ignore(rule="deleted", reason="the base's", origin="x.toml [rules], ignore 1")
    assert other.reason == "licensed so that both stay"
    assert [pattern.written for pattern in other.patterns] == ["/srv/**", "*.ttf"]
    assert [pattern.written for pattern in third.patterns] == ["srv"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ignore = 3", "x.toml [rules]: ignore is no list of at most 1000. Write [[rules.ignore]]"),
        ("ignore = [3]", "x.toml [rules], ignore 1 is no table. Write [[rules.ignore]]"),
        ("ignored = []", "x.toml [rules]: no setting 'ignored'. Did you mean 'ignore'?"),
        ("xyz = []", "x.toml [rules]: no setting 'xyz'. Known: ignore."),
        (
            '[[ignore]]\nrule = "deleted"',
            'x.toml [rules], ignore 1: no reason. Write rule = "apt-lists" and reason',
        ),
        ('[[ignore]]\nreason = "x"', "x.toml [rules], ignore 1: no rule. Write"),
        ('[[ignore]]\nrule = 1\nreason = "x"', "x.toml [rules], ignore 1: rule is no text. Write"),
        ('[[ignore]]\nrule = "deleted"\nreason = " "', "ignore 1: reason is no text. Write"),
        (
            '[[ignore]]\nrule = "deletd"\nreason = "x"',
            "x.toml [rules], ignore 1: no rule 'deletd'. Did you mean 'deleted'?",
        ),
        (
            '[[ignore]]\nrule = "qqqqq"\nreason = "x"',
            "ignore 1: no rule 'qqqqq'. lightship explain lists all rules.",
        ),
        (
            '[[ignore]]\nrule = "deleted"\nreason = "x"\npath = "y"',
            "x.toml [rules], ignore 1: no setting 'path'. Did you mean 'paths'?",
        ),
        (
            '[[ignore]]\nrule = "deleted"\nreason = "x"\npaths = []',
            "ignore 1: paths is no list of 1 to 100 patterns. Leave it out",
        ),
        (
            '[[ignore]]\nrule = "deleted"\nreason = "x"\npaths = ["../x"]',
            "x.toml [rules], ignore 1: paths: '../x' is no pattern for paths.",
        ),
        (
            '[[ignore]]\nrule = "deleted"\nreason = "x"\npaths = [3]',
            "x.toml [rules], ignore 1: paths: '' is no pattern for paths.",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(text)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.exit_code == 2


def test_a_second_entry_is_named_by_its_number() -> None:
    with pytest.raises(UsageError, match=r"ignore 2: no reason"):
        read('[[ignore]]\nrule="deleted"\nreason="x"\n[[ignore]]\nrule="deleted"')


def test_a_project_may_suppress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    file = tmp_path / "lightship.toml"
    file.write_text('[[rules.ignore]]\nrule = "deleted"\nreason = "x"\n')
    settings = load_settings({}, environment={}, directory=tmp_path)
    assert SECTION in SECTIONS
    (one,) = read_ignores(settings.sections[SECTION], RULES)
    assert one.origin == f"{file} [rules], ignore 1"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(RULES),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["ignore", "rule", "paths", "reason", "x"]), inner)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["ignore", "x"]), VALUES))
def test_any_table_is_read_or_a_usage_error(table: dict[str, object]) -> None:
    found: tuple[Ignore, ...] = ()
    with suppress(UsageError):
        found = read_ignores([Section(table, "x")], RULES)
    assert all(one.reason and one.rule in RULES for one in found)
