from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lightship.report.ci_formats import formatter

from .gate_samples import ALL, FORBIDDEN, HOSTILE, NOTHING, PASSED, checked, holding, many

if TYPE_CHECKING:
    from lightship.model.results.check import CheckResult

to_junit = formatter("check", "junit")

# By element: attributes that must be there, that may be, and the children, in both of Jenkins's
# schemas (junit-4.xsd, junit-10.xsd).
ALLOWED: dict[str, tuple[set[str], set[str], list[str]]] = {
    "testsuites": ({"name", "tests", "failures", "errors"}, set(), ["testsuite"]),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"skipped"},
        ["properties", "testcase", "system-out", "system-err"],
    ),
    "properties": (set(), set(), ["property"]),
    "property": ({"name", "value"}, set(), []),
    "testcase": (
        {"name", "classname"},
        set(),
        ["skipped", "error", "failure", "system-out", "system-err"],
    ),
    "skipped": (set(), set(), []),
    "failure": ({"type", "message"}, set(), []),
    "system-out": (set(), set(), []),
}


def valid(text: str) -> ET.Element:
    # A document of XML 1.0 and no more of it: no document type, no entity of its own.
    assert "<!" not in text
    assert not re.search("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    root = ET.fromstring(text.encode("utf-8"))  # noqa: S314 - written here
    assert root.tag == "testsuites"
    for element in root.iter():
        needed, optional, children = ALLOWED[element.tag]
        assert needed <= set(element.attrib) <= needed | optional, element.tag
        found = [child.tag for child in element]
        assert found == sorted(found, key=children.index), element.tag
        assert not children or element.tag == "testcase" or found
    for suite in (root, *root):
        assert int(suite.get("tests", "")) == len(root.findall(".//testcase"))
        assert int(suite.get("failures", "")) == len(root.findall(".//failure"))
    assert int(root[0].get("skipped", "")) == len(root.findall(".//skipped"))
    return root


def test_a_test_for_each_limit() -> None:
    root = valid(to_junit(ALL))
    outcomes = [(case.get("name"), case[0].tag) for case in root.iter("testcase")]
    assert outcomes == [
        ("max-wire", "failure"),
        ("min-efficiency", "system-out"),
        ("max-layers", "system-out"),
        ("forbid", "failure"),
        ("max-growth", "skipped"),
        ("dive-lowestEfficiency", "failure"),
        ("dive-highestWastedBytes", "system-out"),
        ("dive-highestUserWastedPercent", "skipped"),
    ]
    assert root[0].get("name") == "lightship"
    suites = {case.get("classname") for case in root.iter("testcase")}
    assert suites == {"lightship.registry_example/team/shop"}


def test_a_failure_says_why_and_what_to_do() -> None:
    failure = valid(to_junit(checked(FORBIDDEN))).find(".//failure")
    assert failure is not None
    assert failure.attrib == {"type": "LS-CHECK-FORBID", "message": "1 path matches **/.git."}
    assert (failure.text or "").split("\n") == [
        "1 path matches **/.git.",
        "Keep it out of the build.",
        "512 B app/.git/config (layer 5: COPY . /app)",
    ]


def test_a_warning_is_a_passing_test_that_says_so() -> None:
    case = valid(to_junit(ALL)).find(".//testcase[@name='min-efficiency']")
    assert case is not None
    assert (case.findtext("system-out") or "").startswith("warning: The efficiency is 0.909")


def test_no_two_tests_have_one_name() -> None:
    root = valid(to_junit(checked(FORBIDDEN, FORBIDDEN)))
    assert [case.get("name") for case in root.iter("testcase")] == ["forbid", "forbid-2"]


@pytest.mark.parametrize("result", [PASSED, NOTHING, many(30)])
def test_any_number_of_limits(result: CheckResult) -> None:
    if result.judged:
        valid(to_junit(result))
    else:
        assert 'tests="0"' in to_junit(result)


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_is_text(text: str) -> None:
    root = valid(to_junit(holding(text)))
    assert [case[0].tag for case in root.iter("testcase")] == [
        "failure",
        "system-out",
        "skipped",
        "failure",
    ]


@given(st.text())
def test_any_text_is_read_back(text: str) -> None:
    result = replace(checked(FORBIDDEN), warnings=(f"<{text}>",))
    said = valid(to_junit(result)).findtext("testsuite/system-out")
    assert said is not None
    if text.isascii() and text.isprintable():
        assert said == f"<{text}>"
