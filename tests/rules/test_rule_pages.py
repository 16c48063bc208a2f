"""Every rule has a page with its parts, is tested somewhere, and is named as findings are."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from lightship.api.rule_pages import rule_pages
from lightship.errors import UsageError
from lightship.model.finding import Confidence, Remedy, Severity
from lightship.rules import context, dockerfile, image
from lightship.rules.discovery import context_rules, dockerfile_rules, image_rules

if TYPE_CHECKING:
    from lightship.rules.rule import Rule
    from lightship.rules.sending import ContextRule
    from lightship.rules.smell import DockerfileRule

RULES = image_rules()
OF_DOCKERFILES = dockerfile_rules()
OF_CONTEXTS = context_rules()
EVERY: tuple[Rule | DockerfileRule | ContextRule, ...] = (*RULES, *OF_DOCKERFILES, *OF_CONTEXTS)
CONTEXT_MODULES = sorted(
    path.stem for path in Path(context.__path__[0]).glob("*.py") if path.stem != "__init__"
)
DOCKERFILE_MODULES = sorted(
    path.stem for path in Path(dockerfile.__path__[0]).glob("*.py") if path.stem != "__init__"
)
MODULES = sorted(
    path.stem for path in Path(image.__path__[0]).glob("*.py") if path.stem != "__init__"
)
PARTS = ["Why it matters", "What to do", "What it cannot see"]
_FENCE = re.compile(r"^ *```[a-z]*\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)

each_rule = pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.name)


@each_rule
def test_a_page_has_its_parts(rule: Rule | DockerfileRule | ContextRule) -> None:
    prose = _FENCE.sub("", rule.page)
    assert "```" not in prose, "a fence is left open"
    said, *parts = re.split(r"^#+ .*$", prose, flags=re.MULTILINE)
    assert re.findall(r"^#+ (.*)$", prose, re.MULTILINE) == PARTS
    assert said.strip()
    assert all(part.strip() for part in parts)
    assert _FENCE.findall(rule.page.partition(PARTS[1])[2].partition(PARTS[2])[0])


@each_rule
def test_a_page_says_nothing_that_hurts_a_terminal(
    rule: Rule | DockerfileRule | ContextRule,
) -> None:
    assert all(char.isprintable() or char == "\n" for char in rule.page)


@each_rule
def test_a_rule_is_one_sentence_and_a_few_words(rule: Rule | DockerfileRule | ContextRule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    assert 0 < len(rule.title) <= 60
    assert not rule.title.endswith(".")
    assert rule.advice.endswith(".")
    assert "\n" not in rule.advice
    assert rule.severity in get_args(Severity)
    assert rule.confidence in get_args(Confidence)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_what_resolves_a_finding_is_known(rule: Rule) -> None:
    assert rule.remedy in get_args(Remedy)


@pytest.mark.parametrize("rule", OF_DOCKERFILES, ids=lambda rule: rule.name)
def test_codes_are_those_of_hadolint(rule: DockerfileRule) -> None:
    assert all(re.fullmatch("(DL|SC)[0-9]{4}", code) for code in rule.codes)
    assert set(rule.fixes) <= {"safe", "unsafe"}


@pytest.mark.parametrize("module", DOCKERFILE_MODULES)
def test_a_file_is_named_after_its_rule(module: str) -> None:
    imported = import_module(f"{dockerfile.__name__}.{module}")
    rule = getattr(imported, "RULE", None)
    # A module may instead have several, made from a table.
    assert rule is not None or imported.RULES
    assert rule is None or rule.name == module.replace("_", "-")
    assert rule is None or rule.page == imported.__doc__


@pytest.mark.parametrize("module", CONTEXT_MODULES)
def test_a_file_is_named_after_its_rule_for_contexts(module: str) -> None:
    imported = import_module(f"{context.__name__}.{module}")
    assert imported.RULE in OF_CONTEXTS
    assert imported.RULE.name == module.replace("_", "-")
    assert imported.RULE.page == imported.__doc__


@pytest.mark.parametrize("module", MODULES)
def test_a_rule_is_tested(module: str) -> None:
    files = (file for file in Path(__file__).parent.rglob("test_*.py"))
    imported = re.compile(
        rf"from lightship\.rules\.image(?:\.{module} import| import [^()]*\b{module}\b"
        rf"| import \([^()]*\b{module}\b)"
    )
    assert any(imported.search(file.read_text(encoding="utf-8")) for file in files)


def test_titles_tell_rules_apart() -> None:
    assert len({rule.title for rule in EVERY}) == len(EVERY)
    assert len({rule.name for rule in EVERY}) == len(EVERY)


def test_all_rules_or_one() -> None:
    names = sorted(rule.name for rule in EVERY)
    assert [page.name for page in rule_pages().rules] == names
    for name in ("too-many-layers", "too_many_layers", " Too-Many-Layers"):
        (page,) = rule_pages(name).rules
        assert page.name == "too-many-layers"
        assert page.page.startswith("The image has more than 40 layers")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("too-many-layer", "Did you mean 'too-many-layers'?"),
        ("qqq", "lightship explain lists all rules."),
        ("", "lightship explain lists all rules."),
        ("x" * 100_000, "lightship explain lists all rules."),
    ],
)
def test_a_name_that_no_rule_has(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        rule_pages(name)
    assert raised.value.hint == hint
    assert len(str(raised.value)) < 200
