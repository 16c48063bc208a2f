"""What settings files and the environment say of `lint`."""

from __future__ import annotations

import pytest

from lightship.errors import UsageError
from lightship.rules.lint_settings import lint_settings
from lightship.settings import Section

NEAR = Section({"select": ["a", "b,c"], "fail-on": "error"}, "near")
FAR = Section({"select": "x", "ignore": "y", "fail_on": "info"}, "far")


def test_the_first_place_wins_key_by_key() -> None:
    settings = lint_settings({"select": ("q",), "ignore": ()}, {}, [NEAR, FAR])
    assert (settings.select, settings.ignore, settings.fail_on) == (("q",), ("y",), "error")
    assert dict(settings.origins) == {
        "select": "command line",
        "ignore": "far",
        "fail-on": "near",
    }
    assert lint_settings({}, {}, [NEAR]).select == ("a", "b", "c")


def test_defaults() -> None:
    settings = lint_settings({"select": (), "ignore": (), "fail-on": None}, {"HOME": "/"}, ())
    assert (settings.select, settings.ignore, settings.fail_on) == ((), (), "warning")
    assert set(settings.origins.values()) == {"default"}


def test_the_environment_stands_between() -> None:
    environment = {"LIGHTSHIP_LINT_SELECT": "e,f", "LIGHTSHIP_LINT_FAIL_ON": "", "OTHER": "x"}
    settings = lint_settings({}, environment, [NEAR])
    assert (settings.select, settings.fail_on) == (("e", "f"), "error")
    assert settings.origins["select"] == "environment, LIGHTSHIP_LINT_SELECT"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"selct": []}, "far: no setting 'selct'. Did you mean 'select'?"),
        ({"unsafe": True}, "far: no setting 'unsafe'. Known: select, ignore, fail-on."),
        ({"select": 1}, "far: select is no text and no list of texts"),
        ({"ignore": [1]}, "far: ignore is no text and no list of texts"),
        ({"fail-on": "never"}, "far: fail-on is none of error, warning, info"),
        ({"fail-on": []}, "far: fail-on is none of error, warning, info"),
    ],
)
def test_mistakes_are_told_also_further_down(table: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        lint_settings({}, {}, [NEAR, Section(table, "far")])
    assert str(raised.value).startswith(said)
