from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from lightship.rules.discovery import image_rules, lint_rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Answer

    Lightship = Callable[..., Answer]

RULES = sorted((*(one.name for one in image_rules()), *(one.name for one in lint_rules())))
SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "schemas" / "rules-1.json"


def valid(text: str) -> list[str]:
    document = json.loads(text)
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    return [rule["name"] for rule in document["rules"]]


def test_a_page(lightship: Lightship) -> None:
    answer = lightship("explain", "deleted")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("Deleted in a later layer (deleted)\n")
    assert "\nWhy it matters\n" in answer.out
    assert '    rule = "deleted"\n' in answer.out


@pytest.mark.parametrize("arguments", [(), ("--list",), ("deleted", "--list")])
def test_all_rules(lightship: Lightship, arguments: tuple[str, ...]) -> None:
    answer = lightship("explain", *arguments)
    assert (answer.code, answer.err) == (0, "")
    assert [line.split()[0] for line in answer.out.splitlines()[1:-2]] == RULES


def test_json(lightship: Lightship) -> None:
    assert valid(lightship("explain", "--format", "json").out) == RULES
    assert valid(lightship("explain", "duplicates", "--format", "json").out) == ["duplicates"]


def test_to_a_file(lightship: Lightship, tmp_path: Path) -> None:
    answer = lightship("explain", "duplicates", "-o", str(tmp_path / "page.json"))
    assert (answer.code, answer.out) == (0, "")
    assert valid((tmp_path / "page.json").read_text(encoding="utf-8")) == ["duplicates"]


def test_a_code_of_hadolint(lightship: Lightship) -> None:
    answer = lightship("explain", "dl3009", "--format", "json")
    assert "package-lists" in valid(answer.out)
    assert "(package-lists)\n" in lightship("explain", "DL3009").out


def test_a_rule_for_dockerfiles(lightship: Lightship) -> None:
    out = lightship("explain", "unused-stage").out
    assert "\n    # lightship: ignore[unused-stage] why it may stay\n" in out
    assert '    rule = "unused-stage"\n' in out


def test_a_slip(lightship: Lightship) -> None:
    answer = lightship("explain", "delted")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "lightship: error: no rule 'delted'. Did you mean 'deleted'?\n"


def test_no_rule_and_a_hostile_name(lightship: Lightship) -> None:
    answer = lightship("explain", "\x1b[31mxyzzy")
    assert (answer.code, answer.out) == (2, "")
    assert "\x1b" not in answer.err
    assert answer.err.endswith("lightship explain lists all rules.\n")


def test_it_asks_for_no_image(lightship: Lightship) -> None:
    assert lightship("explain", "deleted", "--show-settings").code == 0
    assert lightship("explain", "deleted", "another").code == 2
