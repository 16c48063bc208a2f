"""docs/reference/budgets.md and docs/how-to/check.md say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

from lightship.policy.budgets import BUDGETS
from lightship.policy.profiles import RAHTI

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "reference" / "budgets.md").read_text()
HOW_TO = (DOCS / "how-to" / "check.md").read_text()


def cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_the_table_lists_every_budget_in_order() -> None:
    table = REFERENCE.partition("## All of them")[2].partition("\n## ")[0]
    rows = [cells(line) for line in table.splitlines() if line.startswith("| ")][1:]
    assert rows == [
        [
            f"`--{budget.fail_name}`" if budget.fail_name else "",
            f"`--{budget.warn_name}`" if budget.warn_name else "",
            budget.metavar,
            budget.doc,
            "yes" if budget.needs_layers else "no",
        ]
        for budget in BUDGETS
    ]


def test_what_the_manifest_tells_is_listed() -> None:
    sentence = re.search(r"It judges (.*?)\. Asking", HOW_TO, re.DOTALL)
    assert sentence is not None
    named = re.findall(r"`([a-z-]+)`", sentence[1])
    assert named == [budget.name for budget in BUDGETS if not budget.needs_layers]


def test_the_table_of_rahti_is_the_profile() -> None:
    table = HOW_TO.partition("## Profiles")[2]
    rows = {cells(line)[0].strip("`"): cells(line)[1] for line in table.splitlines() if "|" in line}
    for name, value in RAHTI.limits.items():
        assert rows[name].replace(" ", "").startswith(str(value))
    assert rows["platform"] == str(RAHTI.platform)
