"""Every case of tests/rules/cases/*.yml: a Dockerfile, what its rule says, what its fix makes.

A file is named after its rule, with underscores, and holds `rule` and `cases`. Each case has a
`name` (the situation), a `dockerfile`, and
- nothing else: the rule is silent;
- `finds`: the lines it points at, in order;
- `fixed`: the file after its safe fixes, or `unsafe` after its unsafe ones too; without either
  nothing is changed;
- `says`: a part of the first message; `unfixed`: a part of why there is no fix;
- `today`: the day by which support has ended; else this day;
- `selected: true`: the rule was asked for by name;
- `context`: files of the build context, name to content; without it there is no context.
`@home@` stands for root's home.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from lightship.catalogue.patterns import ROOT_HOME
from lightship.context.folder import Folder
from lightship.dockerfile.build import Build
from lightship.rules.discovery import dockerfile_rules
from lightship.rules.fixing import fix_file
from lightship.rules.linting import smells_of
from lightship.rules.smell import Matter, Tier

CASES = Path(__file__).parent.parent / "cases"
RULES = {rule.name: rule for rule in dockerfile_rules()}
BOTH: frozenset[Tier] = frozenset(("safe", "unsafe"))
KEYS = {
    "name",
    "dockerfile",
    "finds",
    "fixed",
    "unsafe",
    "says",
    "severity",
    "unfixed",
    "selected",
    "context",
    "file",
    "today",
}


def _all() -> list[Any]:
    found: list[Any] = []
    for path in sorted(CASES.glob("*.yml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8").replace("@home@", ROOT_HOME))
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
    rule = RULES[name]
    data = case["dockerfile"].encode()
    folder = None
    if "context" in case:
        for path, content in case["context"].items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(content, encoding="utf-8")
        folder = Folder.open(tmp_path)
    selected = frozenset((name,)) if case.get("selected") else frozenset[str]()
    file = case.get("file", "Dockerfile")
    build = Build.read(data)
    matter = Matter(build=build, folder=folder, name=file, selected=selected)
    matter = replace(matter, today=case.get("today", matter.today))
    smells = [smell for _, smell in smells_of(matter, [rule])]
    lines = [1 if one.position is None else build.steps[one.position].line for one in smells]
    assert lines == case.get("finds", [])
    if "says" in case:
        assert case["says"] in smells[0].message
    if "severity" in case:
        assert {smell.severity or rule.severity for smell in smells} == {case["severity"]}
    if "unfixed" in case:
        assert case["unfixed"] in (smells[0].unfixed or "")
        assert smells[0].fix is None
    safe = fix_file(matter, [rule])
    assert not safe.refused
    assert safe.after.decode() == case.get("fixed", case["dockerfile"])
    unsafe = fix_file(matter, [rule], BOTH)
    assert not unsafe.refused
    assert unsafe.after.decode() == case.get("unsafe", case.get("fixed", case["dockerfile"]))
    again = fix_file(replace(matter, build=Build.read(unsafe.after)), [rule], BOTH)
    assert again.after == unsafe.after
    assert all(smell.fix is None or smell.fix.tier in rule.fixes for smell in smells)
