from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import msgspec
import pytest
import yaml

from lightship.dockerfile.build import Build
from lightship.errors import InternalError
from lightship.layers.captures import CaptureRequest
from lightship.rules import discovery, dockerfile, image
from lightship.rules.discovery import dockerfile_rules, image_rules, rule_requests
from lightship.rules.fixing import fix_file
from lightship.rules.image.unused_suppression import RULE
from lightship.rules.smell import Matter
from rules.subjects import found

MODULES = sorted(
    path.stem for path in Path(next(iter(image.__path__))).glob("*.py") if path.stem != "__init__"
)


def test_there_are_rules_and_each_is_named_once() -> None:
    names = [rule.name for rule in image_rules()]
    assert "deleted" in names
    assert names == sorted(set(names))


@pytest.mark.parametrize("module", MODULES)
def test_a_rule_is_named_like_its_module(module: str) -> None:
    rule = getattr(import_module(f"lightship.rules.image.{module}"), "RULE", None)
    assert rule is None or rule.name == module.replace("_", "-")
    assert rule is None or rule in image_rules()


def test_requests_are_gathered_once() -> None:
    names = [request.name for request in rule_requests()]
    assert names == sorted(set(names))
    assert {r.name for rule in image_rules() for r in rule.requests} == set(names)


def test_one_name_for_two_requests_is_a_bug() -> None:
    one, other = CaptureRequest(name="x", version=1), CaptureRequest(name="x", version=2)
    rules = [msgspec.structs.replace(RULE, requests=(request,)) for request in (one, one)]
    assert rule_requests(rules) == (one,)
    rules.append(msgspec.structs.replace(RULE, requests=(other,)))
    with pytest.raises(InternalError, match="two capture requests are named 'x'"):
        rule_requests(rules)


def test_one_name_for_two_rules_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "_rows", lambda: (RULE,))
    with pytest.raises(InternalError, match="two rules are named 'unused-suppression'"):
        image_rules.__wrapped__()


def test_a_module_that_breaks_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_rule.py").write_text("raise LookupError('broken')\n")
    monkeypatch.setattr(image, "__path__", [*image.__path__, str(tmp_path)])
    with pytest.raises(LookupError, match="broken"):
        image_rules.__wrapped__()


def test_a_new_file_is_a_new_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "aaa_new.py").write_text(
        "import msgspec\n"
        "from lightship.rules.image.unused_suppression import RULE as OTHER\n"
        "RULE = msgspec.structs.replace(OTHER, name='aaa-new')\n"
    )
    (tmp_path / "aab_no_rule.py").write_text("")
    monkeypatch.setattr(image, "__path__", [*image.__path__, str(tmp_path)])
    assert next(rule.name for rule in image_rules.__wrapped__()) == "aaa-new"


def blocks(language: str) -> list[str]:
    """The fences of the page on adding rules."""
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "add-a-rule.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


def test_the_rule_of_the_docs_is_a_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written, its_tests, _ = blocks("python")
    (tmp_path / "core_dumps.py").write_text(written)
    monkeypatch.setattr(image, "__path__", [*image.__path__, str(tmp_path)])
    (rule,) = (rule for rule in image_rules.__wrapped__() if rule.name == "core-dumps")
    names = {"found": found, "RULE": rule}
    exec(its_tests, names)  # noqa: S102 # our own page
    tests = [test for name, test in names.items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test()  # type: ignore[operator] # what begins with test_ is a function


def test_the_rule_for_dockerfiles_of_the_docs_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "maintainer.py").write_text(blocks("python")[2])
    monkeypatch.setattr(dockerfile, "__path__", [*dockerfile.__path__, str(tmp_path)])
    rules = dockerfile_rules.__wrapped__()
    (rule,) = (rule for rule in rules if rule.name == "maintainer")
    assert rule.page.startswith("MAINTAINER, which")
    document = yaml.safe_load(blocks("yaml")[0])
    assert document["rule"] == "maintainer"
    found = [list(rule.check(matter_of(case["dockerfile"]))) for case in document["cases"]]
    assert [[one.position for one in smells] for smells in found] == [[1], []]
    for case in document["cases"]:
        fixed = fix_file(matter_of(case["dockerfile"]), [rule], frozenset(("safe", "unsafe")))
        assert not fixed.refused
        assert fixed.after.decode() == case.get("unsafe", case["dockerfile"])


def matter_of(text: str) -> Matter:
    return Matter(build=Build.read(text.encode()))


def test_no_rule_is_imported_before_somebody_asks() -> None:
    program = (
        "import sys, lightship.rules.discovery\n"
        "print([m for m in sys.modules if m.startswith('lightship.rules.image')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"
