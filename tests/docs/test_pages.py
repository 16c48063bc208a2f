"""Links lead somewhere, examples run, and what a page names exists."""

from __future__ import annotations

import doctest
import json
import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import lightship
from lightship.cli.app import app

from .conftest import ROOT
from .pages import PAGES, WRITTEN, anchors, blocks, links, name_of, prose

SOURCE = ROOT / "src" / "lightship"
# The house's own words; everything else in backticks with brackets is a function.
_FUNCTION = re.compile(r"`([a-z_]+)\(\)`")
_PYTHON_FILE = re.compile(r"`((?:src/lightship/|[a-z]+/)?(?:[a-z_]+/)*[a-z_]+\.py)`")
_DOCTESTED = [page for page in PAGES if any(">>>" in block for block in blocks(page, "python"))]


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if link.startswith(("https://", "http://")):
            continue
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


def test_every_page_can_be_reached_from_the_index() -> None:
    index = ROOT / "docs" / "index.md"
    reached = {(index.parent / link).resolve() for link in links(index)}
    rules = ROOT / "docs" / "reference" / "rules.md"
    reached |= (
        {(rules.parent / link).resolve() for link in links(rules)} if rules in reached else set()
    )
    assert {page for page in PAGES if page != index} <= reached


@pytest.mark.parametrize("page", _DOCTESTED, ids=name_of)
def test_python_examples_run(page: Path, examples: Path) -> None:
    assert Path.cwd() == examples
    text = "\n".join(block for block in blocks(page, "python") if ">>>" in block)
    test = doctest.DocTestParser().get_doctest(text, {}, name_of(page), str(page), 0)
    said: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)
    assert test.examples
    assert not said, "".join(said)


def test_python_examples_are_where_they_are_expected() -> None:
    assert {name_of(page) for page in _DOCTESTED} >= {
        "README.md",
        "docs/how-to/python-api.md",
        "docs/reference/vocabulary.md",
    }


def test_the_settings_shown_are_all_there_are() -> None:
    from lightship.settings import SETTINGS  # noqa: PLC0415

    (shown,) = (
        block
        for block in blocks(ROOT / "docs/how-to/use-in-ci-and-scripts.md", "console")
        if "--show-settings" in block
    )
    assert [line.split()[0] for line in shown.splitlines()[2:]] == [s.name for s in SETTINGS]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_settings_examples_are_settings(page: Path) -> None:
    from lightship.policy.gate import gate_from  # noqa: PLC0415
    from lightship.rules.choosing import choose  # noqa: PLC0415
    from lightship.rules.discovery import image_rules, lint_rules  # noqa: PLC0415
    from lightship.rules.lint_settings import lint_settings  # noqa: PLC0415
    from lightship.rules.suppressing import read_ignores  # noqa: PLC0415
    from lightship.settings import SECTIONS, SETTINGS, Section  # noqa: PLC0415

    rules = [rule.name for rule in image_rules()] + [rule.name for rule in lint_rules()]
    readers = {setting.name: setting.parse for setting in SETTINGS}
    for block in blocks(page, "toml"):
        table = tomllib.loads(block)
        sections = {name: Section(table.pop(name, {}), name) for name in SECTIONS}
        assert gate_from([sections["check"]], [sections["profiles"]]) or not sections["check"].table
        linted = lint_settings({}, {}, [sections["lint"]])
        choose(lint_rules(), linted.select, linted.ignore)
        assert read_ignores([sections["rules"]], rules) or not sections["rules"].table
        for name, value in table.items():
            readers[name](value)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_code_that_a_page_names_exists(page: Path) -> None:
    text = prose(page)
    for path in _PYTHON_FILE.findall(text):
        roots = (ROOT, SOURCE)
        assert any((root / path).is_file() for root in roots), path
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    for name in _FUNCTION.findall(text):
        assert re.search(rf"^ *def {name}\(", source, re.MULTILINE), name


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_commands_that_a_page_shows_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    shown = re.findall(r"(?:^    |^\$ |\| |`)lightship ([a-z]+)(?= |`|$)", text, re.MULTILINE)
    # A slip, shown for its error.
    assert set(shown) - {"inspekt"} <= set(app.names)
    goals = set(re.findall(r"`(?:SYSTEM=no )?make ([a-z-]+)`", text))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(f"\n{goal}: " in makefile for goal in goals)


def test_the_readme_names_every_command_of_a_newcomer() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in (
        "make demo",
        "make test",
        "python3 tools/setup.py demo",
        "python3 tools/setup.py test",
        "pip install .",
        "lightship inspect",
        "lightship history",
    ):
        assert command in text


def test_the_picture_is_there() -> None:
    assert "<svg" in (ROOT / "docs" / "images" / "inspect.svg").read_text(encoding="utf-8")


def test_every_folder_stands_in_the_house_as_it_says_of_itself() -> None:
    page = (ROOT / "docs" / "explanation" / "house.md").read_text(encoding="utf-8")
    folders = sorted(path.parent.name for path in SOURCE.glob("*/__init__.py"))
    assert folders
    for folder in folders:
        says = import_module(f"lightship.{folder}").__doc__
        assert f"| `{folder}/` | {says} |" in page


def test_the_changelog_has_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in text
    assert f"## [{lightship.__version__}]" in text


def test_dependencies_are_those_of_the_project() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    listed = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    for requirement in listed:
        name = re.split(r"[<>=;\[ ]", requirement)[0]
        assert re.search(rf"^\| \[?{name}\b", page, re.MULTILINE), name


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_a_page_holds_nothing_of_the_machine_it_was_written_on(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    # Pages of rules name places in images.
    places = "root|work" if page.parent.name == "rules" else "root|work|tmp"
    assert not re.search(rf"/(?:{places})/(?!\.cache)[a-z]", text)


def test_schemas_are_json() -> None:
    for path in (ROOT / "docs" / "reference" / "schemas").glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["$schema"]


def test_the_figures_of_the_tour_are_real(examples: Path) -> None:
    from lightship.api.explaining import captures  # noqa: PLC0415
    from lightship.api.measuring import measure  # noqa: PLC0415
    from lightship.api.options import ReadOptions  # noqa: PLC0415
    from lightship.layers.stored import to_bytes  # noqa: PLC0415

    page = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
    measured = measure("app.tar", None, ReadOptions(cache=None), captures())
    second, third = measured.scans[1:3]
    image = lightship.inspect("app.tar", cache=None).image
    figures = (
        (examples / "app.tar").stat().st_size,
        second.stored_bytes,
        second.wire.wire_bytes,
        second.wire.error_bytes,
        second.index.unpacked_bytes,
        image.unpacked_bytes,
        image.visible_bytes,
        image.dead_bytes,
    )
    for figure in figures:
        assert f"{figure:,}" in page
    # Readers that ask for contents come and go: exactly would be too exact.
    assert 1000 < len(to_bytes(second.index)) < 2000
    for words in (
        "between 1 and 2 kB for layer 2",
        f"the diff ID `{second.diff_id.removeprefix('sha256:')[:12]}`",
        f"compressed whole: {third.wire.wire_bytes}",
        f"All {len(measured.tree.kinds)} records",
        f"has {measured.tree.files} names of regular files",
    ):
        assert words in " ".join(page.split()), words
