from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from lightship.report.ci_formats import formatter

from .gate_samples import ALL, FORBIDDEN, HOSTILE, NOTHING, PASSED, checked, holding, many

if TYPE_CHECKING:
    from lightship.model.results.check import CheckResult

to_gitlab = formatter("check", "gitlab")

SEVERITIES = {"info", "minor", "major", "critical", "blocker"}


def test_an_issue_for_each_limit_that_is_not_kept() -> None:
    issues = json.loads(to_gitlab(ALL))
    assert [(issue["check_name"], issue["severity"]) for issue in issues] == [
        ("LS-CHECK-MAX-WIRE", "major"),
        ("LS-CHECK-MIN-EFFICIENCY", "minor"),
        ("LS-CHECK-FORBID", "major"),
        ("LS-CHECK-MAX-GROWTH", "info"),
        ("LS-CHECK-DIVE-LOWEST-EFFICIENCY", "major"),
    ]
    assert "shop:1.4.2, linux/amd64: 1 path matches **/.git. Keep" in issues[2]["description"]


@pytest.mark.parametrize("result", [PASSED, NOTHING])
def test_a_pass_is_an_empty_array(result: CheckResult) -> None:
    assert to_gitlab(result) == "[]\n"


@pytest.mark.parametrize("result", [ALL, many(50), *map(holding, HOSTILE)])
def test_issues_are_as_gitlab_reads_them(result: CheckResult) -> None:
    issues = json.loads(to_gitlab(result).encode("utf-8"))
    assert issues
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in SEVERITIES
        assert re.fullmatch("[0-9a-f]{64}", issue["fingerprint"])
        assert issue["location"] == {"path": "Dockerfile", "lines": {"begin": 1}}
        assert "\n" not in issue["description"]
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)


def test_equal_findings_do_not_collapse() -> None:
    issues = json.loads(to_gitlab(checked(FORBIDDEN, FORBIDDEN)))
    assert len({issue["fingerprint"] for issue in issues}) == 2


def test_paths_are_relative_as_gitlab_wants_them() -> None:
    (issue,) = json.loads(to_gitlab(replace(checked(FORBIDDEN), file="./web/Dockerfile")))
    assert issue["location"]["path"] == "web/Dockerfile"
