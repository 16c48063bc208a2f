"""Removable paths: each row has a case, what stays stays, and what goes goes exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.cases_read import read_cases
from lightship.analysis.removal import freed
from lightship.catalogue.removable import locales, row_matcher, rows
from lightship.model.documents import Config, Execution
from lightship.rules.discovery import image_rules
from lightship.rules.removable_paths import RULES
from lightship.testing import Dir, Link, Symlink
from rules.subjects import found, subject_of

if TYPE_CHECKING:
    from lightship.rules.rule import Rule
    from lightship.testing import Layer

_CASES = read_cases("removable")
_BY_NAME = {rule.name: rule for rule in RULES}


def _config(variables: dict[str, str]) -> Config:
    env = [f"{name}={value}" for name, value in variables.items()]
    return Config(config=Execution(env=env))


def _gone(layer: dict[str, bytes], paths: list[bytes]) -> set[str]:
    tops = tuple(path.decode() for path in paths)
    return {name for name in layer if any(name == t or name.startswith(t + "/") for t in tops)}


@pytest.mark.parametrize("name", sorted(_CASES))
def test_what_goes_and_what_stays(name: str) -> None:
    case = _CASES[name]
    layer = dict.fromkeys(case["goes"] + case["stays"], b"some")
    subject = subject_of(layer, config=_config(case.get("env", {})))
    (claim,) = _BY_NAME[name].check(subject)
    paths = list(claim.paths)
    assert _gone(layer, paths) == set(case["goes"])
    assert freed(subject.ledger, paths).content_bytes == 4 * len(case["goes"])
    # No path is told twice, in whole or in part.
    assert len({p for p in paths if not any(p.startswith(q + b"/") for q in paths)}) == len(paths)


def test_every_row_has_a_case() -> None:
    assert {row.name for row in rows()} == set(_CASES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_pages_say_what_to_know(rule: Rule) -> None:
    page = rule.page
    for heading in ("## Why it matters", "## What to do", "## What it cannot see"):
        assert heading in page
    assert "```dockerfile" in page


def test_rows_are_rules_for_images() -> None:
    assert all(rule in image_rules() for rule in RULES)


def test_an_image_without_any_of_it_has_no_claim() -> None:
    subject = subject_of({"app/main.py": b"x", "usr/lib/os-release": b"y"})
    assert [claim for rule in RULES for claim in rule.check(subject)] == []


def test_empty_directories_and_links_alone_are_no_finding() -> None:
    layer: Layer = {
        "var/log/nginx": Dir(),
        "var/log/x.log": Symlink("/dev/stdout"),
        "tmp/a": Dir(),
        "usr/share/doc/a": Symlink("b"),
    }
    assert [one for rule in RULES for one in found(rule, layer)] == []


def test_a_directory_that_keeps_nothing_goes_as_a_whole() -> None:
    layer = {f"usr/share/doc/a/{n}": b"x" for n in range(9)} | {"usr/share/doc/b/copyright": b"x"}
    subject = subject_of(layer | {"usr/share/doc/b/NEWS": b"x"})
    (claim,) = _BY_NAME["documentation"].check(subject)
    assert claim.paths == [b"usr/share/doc/a", b"usr/share/doc/b/NEWS"]


def test_a_link_to_where_the_licence_is_stays() -> None:
    layer: Layer = {
        "usr/share/doc/base/copyright": b"x",
        "usr/share/doc/base/README": b"x",
        "usr/share/doc/lib": Symlink("base"),
    }
    (claim,) = _BY_NAME["documentation"].check(subject_of(layer))
    assert claim.paths == [b"usr/share/doc/base/README"]


def test_logs_go_and_the_links_that_services_write_to_stay() -> None:
    layer = {"var/log/nginx/access.log": Symlink("/dev/stdout"), "var/log/nginx/old.log": b"x"}
    (claim,) = _BY_NAME["log-files"].check(subject_of(layer))
    assert claim.paths == [b"var/log/nginx/old.log"]


def test_what_an_environment_has_by_hard_links_is_not_counted() -> None:
    layer = {
        "opt/conda/pkgs/numpy/lib/a.so": b"x" * 100,
        "opt/conda/pkgs/numpy.tar.bz2": b"y" * 10,
        "opt/conda/lib/a.so": Link("opt/conda/pkgs/numpy/lib/a.so"),
    }
    subject = subject_of(layer)
    (claim,) = _BY_NAME["conda-cache"].check(subject)
    assert freed(subject.ledger, claim.paths).content_bytes == 10


def test_a_little_is_for_information_only() -> None:
    little = found(_BY_NAME["temporary-files"], {"tmp/a": b"x" * 10})
    much = found(_BY_NAME["temporary-files"], {"tmp/a": b"x" * 1_000_000})
    git = found(_BY_NAME["version-control"], {"app/.git/HEAD": b"x"})
    assert [one[0].severity for one in (little, much, git)] == ["info", "warning", "warning"]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "relative",
        "/",
        "/..",
        "/../etc",
        "/a/../b",
        "/" + "x" * 400,
        "/a\0b",
        "//",
        "/{usr,etc}",
        "/*",
        "/usr",
        "/home/a",
        "//usr/bin/.",
    ],
)
def test_a_variable_that_names_no_place_of_its_own_matches_nothing(value: str) -> None:
    variables = dict.fromkeys(["HOME", "PIP_CACHE_DIR", "GOCACHE", "LANG", "CARGO_HOME"], value)
    layer = {"etc/passwd": b"x", "usr/bin/ls": b"x", "a": b"x", "home/a/b": b"x"}
    subject = subject_of(layer, config=_config(variables))
    assert [claim.paths for rule in RULES for claim in rule.check(subject)] == []


_LANGUAGES = st.text(alphabet="deDEU.tf8_-@*[]{},:/C \u00e9", max_size=30)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=30)
@given(lang=_LANGUAGES, home=st.text(max_size=40))
def test_any_variables_are_read(lang: str, home: str) -> None:
    for name in locales({"LANG": lang}):
        assert not set(name.removesuffix("@*")) & set("*[]{},/ ")
    assert row_matcher({"LANG": lang, "LANGUAGE": lang, "HOME": home}).row_of


def test_a_locale_is_kept_by_all_its_names() -> None:
    names = locales({"LANG": "C.UTF-8", "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "fr:en_GB"})
    assert {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "de", "fr", "en_GB", "en"} <= set(names)
    assert locales({"LANG": "C.UTF-8", "LC_ALL": "POSIX"}) == ()
