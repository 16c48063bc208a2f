"""The gate as SARIF 2.1.0, for code scanning.

Source: the OASIS standard, and GitHub's "SARIF support for code scanning" for what it takes: at
most 25,000 rules and results a run, and fingerprints that survive a change of lines.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from lightship.report.gate_items import Item, file_of, items, subject

if TYPE_CHECKING:
    from lightship.model.results.check import CheckResult

MOST = 25_000
"""Rules, and results, of one run."""
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_LEVELS = {"fail": "error", "warn": "warning", "unjudged": "note"}


def to_sarif(result: CheckResult) -> str:
    """One run: a rule for each budget, a result for each that does not pass."""
    judged = items(result)
    rules: dict[str, Item] = {}
    for item in judged[:MOST]:
        rules.setdefault(item.rule, item)
    places = {rule: at for at, rule in enumerate(rules)}
    found = [item for item in judged if item.verdict in _LEVELS and item.rule in places][:MOST]
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
        "results": [_result(item, places[item.rule], result) for item in found],
        # Two images of one repository are two analyses; else the second upload would close the
        # alerts of the first.
        "automationDetails": {"id": f"lightship/{quote(file_of(result))}/"},
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _rule(item: Item) -> dict[str, Any]:
    about = f"The image is held against a limit on {item.what}."
    return {
        "id": item.rule,
        "name": "".join(word.capitalize() for word in item.rule.split("-")[2:]),
        "shortDescription": {"text": _message(f"Limit on {item.what}")},
        "fullDescription": {"text": _message(about)},
        "help": {"text": _message(f"{about}\n{item.advice}".rstrip())},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["container-image", "size"]},
    }


def _result(item: Item, rule_index: int, result: CheckResult) -> dict[str, Any]:
    location = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(file_of(result)), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 1},
        }
    }
    return {
        "ruleId": item.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS[item.verdict],
        "message": {"text": _message(f"{subject(result)}: {item.text}")},
        "locations": [location],
        "partialFingerprints": {"lightshipBudget/v1": item.fingerprint},
    }


def _message(text: str) -> str:
    # SARIF 3.11.5: braces are doubled. 3.11.6: `[text](target)` would be a link.
    return text.replace("{", "{{").replace("}", "}}").replace("](", "\\](")
