"""Every case of tests/rules/cases/context/*.yml: a build context, and what its rule says of it.

A file is named after its rule, with underscores, and holds `rule` and `cases`. Each case has a
`name` (the situation) and
- `files`: of the context, path to content; a number is that many zero bytes;
- `dockerfile` and `ignore`: `Dockerfile` and `.dockerignore`; without them there is none;
- nothing else: the rule is silent;
- `finds`: where it points at, in order: `Dockerfile:2`, `.dockerignore:1`, or `.` for the whole;
- `says`: a part of the first message; `severity`: of the first;
- `builder`: buildkit, if it is not said; `target`: a stage; `file`: another name than `Dockerfile`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from lightship.api.context_findings import context_findings
from lightship.context.context import Context
from lightship.context.survey import survey
from lightship.rules.discovery import context_rules
from lightship.rules.sending import Sending

CASES = Path(__file__).parent.parent / "cases" / "context"
RULES = {rule.name: rule for rule in context_rules()}
KEYS = {
    "name",
    "files",
    "dockerfile",
    "ignore",
    "finds",
    "says",
    "severity",
    "builder",
    "target",
    "file",
}


def _all() -> list[Any]:
    found: list[Any] = []
    for path in sorted(CASES.glob("*.yml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        found += [
            pytest.param(document["rule"], case, id=f"{path.stem}: {case['name']}")
            for case in document["cases"]
        ]
    return found


def test_every_rule_has_cases_and_every_file_a_rule() -> None:
    assert {path.stem for path in CASES.glob("*.yml")} == {name.replace("-", "_") for name in RULES}


@pytest.mark.parametrize(("name", "case"), _all())
def test_case(name: str, case: dict[str, Any], tmp_path: Path) -> None:
    assert set(case) <= KEYS
    dockerfile = case.get("file", "Dockerfile")
    files = dict(case.get("files", {}))
    if "dockerfile" in case:
        files[dockerfile] = case["dockerfile"]
    if "ignore" in case:
        files[".dockerignore"] = case["ignore"]
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        data = bytes(content) if isinstance(content, int) else content.encode()
        (tmp_path / path).write_bytes(data)
    context = Context.open(
        tmp_path,
        builder=case.get("builder", "buildkit"),
        dockerfile=tmp_path / dockerfile if "dockerfile" in case else None,
        target=case.get("target"),
    )
    sending = Sending(context=context, survey=survey(context))
    found = [one for one in context_findings(sending) if one.rule == name]
    assert [f"{one.file}:{one.line}" if one.file else "." for one in found] == case.get("finds", [])
    if "says" in case:
        assert case["says"] in found[0].message
    if "severity" in case:
        assert found[0].severity == case["severity"]
