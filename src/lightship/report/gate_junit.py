"""The gate as JUnit XML: a test for each budget.

Kept within what both schemas of Jenkins allow (junit-4.xsd and junit-10.xsd). GitLab shows
`classname` as the suite and the text of a failure, and drops a second test of one name. There is
no time in it: a report of the same image is the same report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.printable import printable
from lightship.report.gate_items import Item, image_name, items, subject

if TYPE_CHECKING:
    from lightship.model.results.check import CheckResult

_SKIPPED = {"unjudged", "off"}
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})


def to_junit(result: CheckResult) -> str:
    """One suite: failures for what fails, passing tests that say so for what only warns.

    What was not judged and what was switched off are skipped tests.
    """
    judged = items(result)
    failures = sum(item.verdict == "fail" for item in judged)
    skipped = sum(item.verdict in _SKIPPED for item in judged)
    counts = f'tests="{len(judged)}" failures="{failures}" errors="0"'
    # Jenkins takes what stands before the last dot for a package.
    suite = f"lightship.{image_name(result).replace('.', '_')}"
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="lightship" {counts}>',
        f'  <testsuite name="lightship" {counts} skipped="{skipped}">',
        "    <properties>",
        f'      <property name="verdict" value="{result.verdict}"/>',
        f'      <property name="image" value="{_escaped(subject(result))}"/>',
        "    </properties>",
        *(line for item in judged for line in _test(item, suite)),
        *_warnings(result),
        "  </testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _test(item: Item, suite: str) -> list[str]:
    head = f'    <testcase classname="{_escaped(suite)}" name="{_escaped(item.name)}"'
    return [f"{head}>", f"      {_outcome(item)}", "    </testcase>"]


def _outcome(item: Item) -> str:
    text = _escaped(item.text)
    if item.verdict == "fail":
        return f'<failure type="{item.rule}" message="{_escaped(item.message)}">{text}</failure>'
    if item.verdict in _SKIPPED:
        return f"<skipped>{text}</skipped>"
    prefix = "warning: " if item.verdict == "warn" else ""
    return f"<system-out>{prefix}{text}</system-out>"


def _warnings(result: CheckResult) -> list[str]:
    if not result.warnings:
        return []
    said = "\n".join(map(printable, result.warnings))
    return [f"    <system-out>{_escaped(said)}</system-out>"]


def _escaped(text: str) -> str:
    # The texts are printable: nothing that XML 1.0 forbids is left in them.
    return text.translate(_ESCAPES)
