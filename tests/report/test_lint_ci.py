"""`lint` in the formats of systems for continuous integration, with real lines."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from msgspec.structs import replace

from lightship.printable import is_hidden
from lightship.report.ci_formats import SUFFIXES, formatter
from lightship.report.ci_github import SHOWN
from lightship.report.lint_items import report_of

from .gate_samples import HOSTILE
from .lint_samples import FOUND, LISTS, NOTHING, linted
from .test_ci_github import as_a_runner_reads
from .test_ci_junit import valid
from .test_ci_sarif import WRITTEN, closed

if TYPE_CHECKING:
    from lightship.model.results.lint import LintResult

FORMATS = sorted(set(SUFFIXES) - {"text"})
RULE = {"type": "string", "pattern": "^[a-z0-9-]+$"}
NUMBER = {"type": "integer", "minimum": 1}


def sarif_schema() -> dict[str, Any]:
    """That of `check`, but for what is different."""
    schema = deepcopy(WRITTEN)
    run = schema["properties"]["runs"]["items"]["properties"]
    rule = run["tool"]["properties"]["driver"]["properties"]["rules"]["items"]["properties"]
    rule["id"] = RULE
    rule["defaultConfiguration"]["properties"]["level"] = {"enum": ["error", "warning", "note"]}
    result = run["results"]["items"]["properties"]
    result["ruleId"] = RULE
    place = result["locations"]["items"]["properties"]["physicalLocation"]["properties"]
    absolute = closed(uri={"type": "string", "pattern": "^file:///[A-Za-z0-9._~%/-]*$"})
    place["artifactLocation"] = {"anyOf": [place["artifactLocation"], absolute]}
    region = place["region"]
    region["properties"] = {"startLine": NUMBER, "startColumn": NUMBER, "endLine": NUMBER}
    region["required"] = ["startLine"]
    prints = result["partialFingerprints"]
    prints["properties"] = {
        "lightshipFinding/v1": prints["properties"].pop("lightshipBudget/v1"),
    }
    prints["required"] = ["lightshipFinding/v1"]
    return schema


SARIF = Draft202012Validator(sarif_schema())


def run_of(result: LintResult) -> dict[str, Any]:
    document = json.loads(formatter("lint", "sarif")(result))
    SARIF.validate(document)
    run: dict[str, Any] = document["runs"][0]
    return run


def test_sarif_has_lines_levels_and_fingerprints() -> None:
    results = run_of(FOUND)["results"]
    places = [one["locations"][0]["physicalLocation"] for one in results]
    assert [(one["ruleId"], one["level"]) for one in results] == [
        ("full-base", "warning"),
        ("package-lists", "warning"),
        ("secrets-copied", "error"),
        ("unused-stage", "note"),
        ("dockerfile-problem", "error"),
        ("dockerfile-problem", "error"),
    ]
    assert places[1]["artifactLocation"]["uri"] == "shop/Dockerfile"
    assert places[1]["region"] == {"startLine": 4, "startColumn": 1, "endLine": 6}
    assert places[5]["region"] == {"startLine": 3}
    assert results[1]["partialFingerprints"] == {"lightshipFinding/v1": "a" * 64}


def test_a_path_from_the_root_is_a_file_of_this_machine() -> None:
    result = replace(FOUND, findings=(replace(LISTS, path="/srv/a b/Dockerfile"),), problems=())
    document = json.loads(formatter("lint", "sarif")(result))
    (found,) = document["runs"][0]["results"]
    place = found["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "file:///srv/a%20b/Dockerfile"}


def test_what_is_suppressed_is_in_no_report() -> None:
    for name in set(FORMATS) - {"json"}:
        assert "built with --target" not in formatter("lint", name)(FOUND)
        assert "FROM builder AS lint" not in formatter("lint", name)(FOUND)


def test_github_annotates_the_lines() -> None:
    commands = as_a_runner_reads(formatter("lint", "github")(FOUND))
    assert [(kind, p["title"], p.get("file"), p.get("line")) for kind, p, _ in commands] == [
        ("error", "lightship secrets-copied", "shop/Dockerfile", "9"),
        ("error", "lightship dockerfile-problem", "old/Dockerfile", "1"),
        ("error", "lightship dockerfile-problem", "tools/Containerfile", "3"),
        ("warning", "lightship full-base", "shop/Dockerfile", "1"),
        ("warning", "lightship package-lists", "shop/Dockerfile", "4"),
        ("notice", "lightship unused-stage", "tools/Containerfile", "12"),
        ("notice", "lightship lint: fail", None, None),
    ]
    assert commands[4][1]["endLine"] == "6"
    assert "col" not in commands[4][1]
    assert commands[0][1]["col"] == "12"


def test_github_shows_no_more_of_a_kind_than_it_would() -> None:
    infos = [replace(LISTS, line=at, severity="info") for at in range(1, 40)]
    warnings = [replace(LISTS, line=at) for at in range(1, 40)]
    result = replace(FOUND, findings=(*infos, *warnings), problems=())
    kinds = [kind for kind, _, _ in as_a_runner_reads(formatter("lint", "github")(result))]
    assert kinds.count("warning") == kinds.count("notice") == SHOWN
    text = formatter("lint", "github")(result)
    assert all(f"package-lists shop/Dockerfile:{at}:" in text for at in range(10, 40))


def test_gitlab_has_lines_too() -> None:
    issues = json.loads(formatter("lint", "gitlab")(FOUND))
    assert [(one["check_name"], one["severity"]) for one in issues[1:4]] == [
        ("package-lists", "minor"),
        ("secrets-copied", "major"),
        ("unused-stage", "info"),
    ]
    assert issues[1]["location"] == {"path": "shop/Dockerfile", "lines": {"begin": 4, "end": 6}}
    assert len({one["fingerprint"] for one in issues}) == len(issues)


@pytest.mark.parametrize(
    ("fail_on", "failures"), [("error", 3), ("warning", 5), ("info", 6)], ids=str
)
def test_junit_fails_where_the_command_does(fail_on: Any, failures: int) -> None:
    root = valid(formatter("lint", "junit")(replace(FOUND, fail_on=fail_on)))
    assert root.get("failures") == str(failures)
    names = [case.get("name") for case in root.iter("testcase")]
    assert len({*names}) == len(names)


def test_two_findings_of_a_line_are_two_tests() -> None:
    twice = replace(FOUND, findings=(LISTS, LISTS, LISTS), problems=())
    assert [one.key for one in report_of(twice).items] == [
        "package-lists shop/Dockerfile:4",
        "package-lists shop/Dockerfile:4 (2)",
        "package-lists shop/Dockerfile:4 (3)",
    ]


def test_files_without_findings_are_tests_that_pass() -> None:
    root = valid(formatter("lint", "junit")(NOTHING))
    assert root.get("tests") == "3"
    assert run_of(NOTHING)["results"] == []
    assert json.loads(formatter("lint", "gitlab")(NOTHING)) == []


def test_markdown_tells_file_by_file() -> None:
    text = formatter("lint", "markdown")(FOUND)
    assert text.startswith("### lightship lint: ❌ fail\n")
    assert text.count("| line |") == 2
    assert "≈ 21.0 MB" in text
    assert formatter("lint", "markdown")(NOTHING).startswith("### lightship lint: ✅ pass\n")


@pytest.mark.parametrize("foreign", HOSTILE, ids=range(len(HOSTILE)))
def test_foreign_text_breaks_nothing(foreign: str) -> None:
    check_all(linted(foreign))


@given(st.text(max_size=40))
def test_no_text_breaks_anything(text: str) -> None:
    check_all(linted(text))


def check_all(result: LintResult) -> None:
    as_a_runner_reads(formatter("lint", "github")(result))
    valid(formatter("lint", "junit")(result))
    SARIF.validate(json.loads(formatter("lint", "sarif")(result)))
    json.loads(formatter("lint", "gitlab")(result))
    for item in report_of(result).items:
        for word in (item.message, item.advice, *item.causes, item.place.file, item.key):
            assert not any(is_hidden(char) for char in word)
    markdown = formatter("lint", "markdown")(result)
    assert not any(is_hidden(char) for char in markdown.replace("\n", ""))
