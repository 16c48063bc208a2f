"""Reports for GitLab: Code Quality.

Fields: GitLab's "Code Quality report format". Findings with equal fingerprints collapse into one,
and a merge request compares them between branches: `Item.fingerprint` is made for both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from lightship.report.ci_report import Item, Report

_SEVERITIES = {"fail": "major", "warn": "minor", "note": "info", "unjudged": "info"}


def to_gitlab(report: Report) -> str:
    """A JSON array: an object for each item that does not simply pass, or `[]`."""
    found = [_issue(one, report) for one in report.items if one.verdict in _SEVERITIES]
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"


def _issue(item: Item, report: Report) -> dict[str, Any]:
    text = " ".join(item.text.splitlines())
    lines = {"begin": item.place.line}
    if item.place.end_line is not None:
        lines["end"] = item.place.end_line
    return {
        "description": f"{report.subject}: {text}" if report.subject else text,
        "check_name": item.rule,
        "fingerprint": item.fingerprint,
        "severity": _SEVERITIES[item.verdict],
        "location": {"path": item.place.file, "lines": lines},
    }
