"""The gate for GitLab: a Code Quality report.

Fields: GitLab's "Code Quality report format". Findings with equal fingerprints collapse into one,
and a merge request compares them between branches: `Item.fingerprint` is made for both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from lightship.report.gate_items import Item, file_of, items, subject

if TYPE_CHECKING:
    from lightship.model.results.check import CheckResult

_SEVERITIES = {"fail": "major", "warn": "minor", "unjudged": "info"}


def to_gitlab(result: CheckResult) -> str:
    """A JSON array: an object for each budget that fails, warns or was not judged, or `[]`."""
    image, file = subject(result), file_of(result)
    found = [_issue(item, image, file) for item in items(result) if item.verdict in _SEVERITIES]
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"


def _issue(item: Item, image: str, file: str) -> dict[str, Any]:
    return {
        "description": f"{image}: {' '.join(item.text.splitlines())}",
        "check_name": item.rule,
        "fingerprint": item.fingerprint,
        "severity": _SEVERITIES[item.verdict],
        "location": {"path": file, "lines": {"begin": 1}},
    }
