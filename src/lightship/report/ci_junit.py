"""Reports as JUnit XML: a test for each item.

Kept within what both schemas of Jenkins allow (junit-4.xsd and junit-10.xsd). GitLab shows
`classname` as the suite and the text of a failure, and drops a second test of one name. There is
no time in it: a report of the same image is the same report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lightship.report.ci_report import Item, Report

_SKIPPED = {"unjudged", "off"}
_QUIET = {"pass", "note"}
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})


def to_junit(report: Report) -> str:
    """One suite: failures for what fails, passing tests that say so for what only warns.

    What was not judged and what was switched off are skipped tests.
    """
    failures = sum(item.fails for item in report.items)
    skipped = sum(item.verdict in _SKIPPED for item in report.items)
    counts = f'tests="{len(report.items)}" failures="{failures}" errors="0"'
    # Jenkins takes what stands before the last dot for a package.
    suite = f"lightship.{report.suite.replace('.', '_')}"
    facts = (("verdict", report.verdict), *report.facts)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="lightship" {counts}>',
        f'  <testsuite name="lightship" {counts} skipped="{skipped}">',
        "    <properties>",
        *(f'      <property name="{name}" value="{_escaped(value)}"/>' for name, value in facts),
        "    </properties>",
        *(line for item in report.items for line in _test(item, suite)),
        *_notes(report),
        "  </testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _test(item: Item, suite: str) -> list[str]:
    head = f'    <testcase classname="{_escaped(suite)}" name="{_escaped(item.key)}"'
    return [f"{head}>", f"      {_outcome(item)}", "    </testcase>"]


def _outcome(item: Item) -> str:
    text = _escaped(item.text)
    if item.fails:
        return f'<failure type="{item.rule}" message="{_escaped(item.message)}">{text}</failure>'
    if item.verdict in _SKIPPED:
        return f"<skipped>{text}</skipped>"
    prefix = "" if item.verdict in _QUIET else "warning: "
    return f"<system-out>{prefix}{text}</system-out>"


def _notes(report: Report) -> list[str]:
    if not report.notes:
        return []
    said = "\n".join(report.notes)
    return [f"    <system-out>{_escaped(said)}</system-out>"]


def _escaped(text: str) -> str:
    # The texts are printable: nothing that XML 1.0 forbids is left in them.
    return text.translate(_ESCAPES)
