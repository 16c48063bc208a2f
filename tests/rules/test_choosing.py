"""Which rules are asked."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lightship.errors import UsageError
from lightship.rules.choosing import choose
from lightship.rules.dockerfile.unused_stage import RULE

RULES = (
    replace(RULE, name="alpha", codes=("DL3009",)),
    replace(RULE, name="beta", codes=("DL3009", "DL3015")),
    replace(RULE, name="by-name", asked=False),
    replace(RULE, name="gamma"),
)


@pytest.mark.parametrize(
    ("select", "ignore", "names", "selected"),
    [
        ((), (), "alpha beta gamma", ""),
        (("alpha",), (), "alpha", "alpha"),
        (("gamma,alpha",), (), "alpha gamma", "alpha gamma"),
        ((" GAMMA , ", "Alpha"), (), "alpha gamma", "alpha gamma"),
        (("by_name",), (), "by-name", "by-name"),
        (("default", "by-name"), (), "alpha beta by-name gamma", "by-name"),
        (("DL3009",), (), "alpha beta", "alpha beta"),
        (("dl3015",), (), "beta", "beta"),
        ((), ("alpha",), "beta gamma", ""),
        ((), ("DL3009",), "gamma", ""),
        ((), ("DL4006", "SC2086"), "alpha beta gamma", ""),
        (("alpha", "beta"), ("beta",), "alpha", "alpha"),
        (("alpha",), ("alpha",), "", ""),
        ((), ("default",), "", ""),
        (("",), (",",), "alpha beta gamma", ""),
    ],
)
def test_choices(
    select: tuple[str, ...], ignore: tuple[str, ...], names: str, selected: str
) -> None:
    choice = choose(RULES, select, ignore)
    assert " ".join(rule.name for rule in choice.rules) == names
    assert " ".join(sorted(choice.selected)) == selected


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("alhpa", "Did you mean 'alpha'?"),
        ("defualt", "Did you mean 'default'?"),
        ("qqq", "lightship explain lists all rules."),
        ("x" * 100_000, "lightship explain lists all rules."),
        ("\x1b[31m", "lightship explain lists all rules."),
    ],
)
def test_a_name_that_no_rule_has(written: str, hint: str) -> None:
    for arguments in (((written,), ()), ((), (written,))):
        with pytest.raises(UsageError) as raised:
            choose(RULES, *arguments)
        assert raised.value.hint == hint
        assert len(str(raised.value)) < 200


def test_a_code_that_no_rule_answers_to_cannot_be_selected() -> None:
    with pytest.raises(UsageError):
        choose(RULES, ("DL4006",))
