"""Reports as SARIF 2.1.0, for code scanning.

Source: the OASIS standard, and GitHub's "SARIF support for code scanning" for what it takes: at
most 25,000 rules and results a run, and fingerprints that survive a change of lines.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

if TYPE_CHECKING:
    from lightship.report.ci_report import Item, Place, Report

MOST = 25_000
"""Rules, and results, of one run."""
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_LEVELS = {"fail": "error", "warn": "warning", "note": "note", "unjudged": "note"}


def to_sarif(report: Report) -> str:
    """One run: a rule for each that was asked, a result for each item that does not pass."""
    rules: dict[str, Item] = {}
    for item in report.items:
        if len(rules) < MOST:
            rules.setdefault(item.rule, item)
    places = {rule: at for at, rule in enumerate(rules)}
    found = [one for one in report.items if one.verdict in _LEVELS and one.rule in places][:MOST]
    # By name: the package re-exports the api, on which no report may stand.
    version = import_module("lightship").__version__
    run = {
        "tool": {
            "driver": {
                "name": "lightship",
                "version": version,
                "semanticVersion": version,
                "rules": [_rule(item) for item in rules.values()],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(item, places[item.rule], report) for item in found],
        # Two analyses of one repository; else the second upload would close the alerts of the
        # first.
        "automationDetails": {"id": f"lightship/{quote(report.category)}/"},
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _rule(item: Item) -> dict[str, Any]:
    words = re.sub("^LS-CHECK-", "", item.rule).split("-")
    return {
        "id": item.rule,
        "name": "".join(word.capitalize() for word in words),
        "shortDescription": {"text": _message(item.title)},
        "fullDescription": {"text": _message(item.about)},
        "help": {"text": _message(f"{item.about}\n{item.advice}".rstrip())},
        "defaultConfiguration": {"level": _LEVELS[item.level]},
        "properties": {"tags": ["container-image", "size"]},
    }


def _result(item: Item, rule_index: int, report: Report) -> dict[str, Any]:
    location = {
        "physicalLocation": {
            "artifactLocation": _artifact(item.place.file),
            "region": _region(item.place),
        }
    }
    said = f"{report.subject}: {item.text}" if report.subject else item.text
    return {
        "ruleId": item.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS[item.verdict],
        "message": {"text": _message(said)},
        "locations": [location],
        "partialFingerprints": {report.fingerprints: item.fingerprint},
    }


def _artifact(file: str) -> dict[str, str]:
    if file.startswith("/"):
        return {"uri": f"file://{quote(file)}"}
    return {"uri": quote(file), "uriBaseId": "%SRCROOT%"}


def _region(place: Place) -> dict[str, int]:
    region = {"startLine": place.line}
    if place.column is not None:
        region["startColumn"] = place.column
    if place.end_line is not None:
        region["endLine"] = place.end_line
    return region


def _message(text: str) -> str:
    # SARIF 3.11.5: braces are doubled. 3.11.6: `[text](target)` would be a link.
    return text.replace("{", "{{").replace("}", "}}").replace("](", "\\](")
