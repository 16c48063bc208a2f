"""What `inspect` says of contents and findings, in every format, of images that are really read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lightship.testing import build_image

from .test_inspect_options import check

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Answer

    Lightship = Callable[..., Answer]

LAYERS: list[dict[str, object]] = [
    {"usr/lib/libx.so.1": b"s" * 5_000_000, "usr/share/x/data": b"d" * 400},
    {"srv/big.bin": bytes(range(256)) * 12_000},
    {"srv/.wh.big.bin": b"", "srv/app.py": b"print()\n" * 100},
]
DIMENSIONS = ("package", "category", "instruction", "directory", "type")


@pytest.fixture
def image(tmp_path: Path) -> str:
    return build_image(LAYERS, directory=tmp_path)


def test_the_screen_says_what_the_bytes_are_and_what_to_act_on(
    image: str, lightship: Lightship
) -> None:
    answer = lightship(image)
    assert answer.code == 0
    assert "What the bytes are (visible bytes" in answer.out
    assert "What to act on (" in answer.out
    line = next(line for line in answer.out.splitlines() if line.startswith("warn "))
    assert "3.07 MB  deleted " in line
    assert "/srv" in line
    assert "What would win most" not in answer.out
    assert "removable    3.07 MB" in answer.out


@pytest.mark.parametrize("by", DIMENSIONS)
def test_a_dimension_is_a_table(by: str, image: str, lightship: Lightship) -> None:
    answer = lightship("inspect", image, "--by", by)
    assert answer.code == 0
    assert f"  {by.upper()}\n" in answer.out
    assert "(5.00 MB visible, ≈ " in answer.out
    assert "WIRE  UNPACKED" not in answer.out


def test_a_dimension_has_as_many_rows_as_asked_for(image: str, lightship: Lightship) -> None:
    answer = lightship("inspect", image, "--by", "directory", "--top", "1")
    assert answer.out.splitlines()[-1].endswith("2 more: --top N")
    assert "unknown" not in answer.out


def test_an_unknown_dimension_is_refused(image: str, lightship: Lightship) -> None:
    assert lightship("inspect", image, "--by", "colour").code == 2


def test_all_findings_are_told_with_their_evidence(image: str, lightship: Lightship) -> None:
    out = lightship("inspect", image, "--all").out
    assert "Findings (" in out
    assert "deleted  " in out
    assert "3.07 MB  layer 2  /srv" in out
    assert "lightship explain RULE" in out


def test_the_json_has_contents_and_findings_and_keeps_to_its_schema(
    image: str, lightship: Lightship
) -> None:
    document = check(lightship("inspect", image, "--format", "json").out)
    visible = document["image"]["visible_bytes"]
    live = document["contents"]["wire"]["live_bytes"]
    for rows in ("packages", "categories", "instructions", "directories", "types"):
        found = document["contents"][rows]
        assert sum(row["visible_bytes"] for row in found) == visible
        assert sum(row["wire_bytes"] for row in found) == live
    wire = document["contents"]["wire"]
    parts = ("live_bytes", "dead_bytes", "overhead_bytes", "config_bytes")
    assert sum(wire[part] for part in parts) == document["image"]["wire_bytes"]
    deleted = next(one for one in document["findings"] if one["rule"] == "deleted")
    assert deleted["removable_bytes"] == document["removable_bytes"] == 256 * 12_000


def test_a_finding_that_is_suppressed_says_why(
    image: str, lightship: Lightship, tmp_path: Path
) -> None:
    (tmp_path / "lightship.toml").write_text(
        '[[rules.ignore]]\nrule = "deleted"\nreason = "the base is not ours"\n'
    )
    answer = lightship("inspect", image)
    assert "  deleted  " not in answer.out
    assert "1 suppressed more" in answer.out
    assert "suppressed: the base is not ours" in lightship("inspect", image, "--all").out
    document = check(lightship("inspect", image, "--format", "json").out)
    assert document["removable_bytes"] == 0


def test_a_suppression_of_no_rule_is_an_error(
    image: str, lightship: Lightship, tmp_path: Path
) -> None:
    (tmp_path / "lightship.toml").write_text('[[rules.ignore]]\nrule = "delted"\nreason = "x"\n')
    answer = lightship("inspect", image)
    assert answer.code == 2
    assert "Did you mean 'deleted'?" in answer.err


def test_a_report_is_markdown_by_its_name_or_by_its_format(
    image: str, lightship: Lightship, tmp_path: Path
) -> None:
    answer = lightship("inspect", image, "-o", "report.md")
    assert (answer.code, answer.out) == (0, "")
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert text.startswith("### lightship inspect\n")
    assert "| ⚠️ warning | <code>deleted</code> | 3.07 MB |" in text
    assert lightship("inspect", image, "--format", "markdown").out.startswith("### lightship")


def test_growth_is_markdown_too(image: str, lightship: Lightship, tmp_path: Path) -> None:
    other = build_image(LAYERS[:1], directory=tmp_path)
    answer = lightship("diff", image, other, "-o", "grown.md")
    assert answer.code == 0
    text = (tmp_path / "grown.md").read_text(encoding="utf-8")
    assert text.startswith("### lightship diff\n")
    assert "| unpacked | 8.07 MB | 5.00 MB | -3.07 MB |" in text


def test_a_report_is_a_page_by_its_name_or_by_its_format(
    image: str, lightship: Lightship, tmp_path: Path
) -> None:
    answer = lightship("inspect", image, "-o", "report.html")
    assert (answer.code, answer.out) == (0, "")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "big.bin" in text
    assert lightship("inspect", image, "--format", "html").out == text


def test_growth_is_a_page_too(image: str, lightship: Lightship, tmp_path: Path) -> None:
    other = build_image(LAYERS[:1], directory=tmp_path)
    assert lightship("diff", image, other, "-o", "grown.html").code == 0
    text = (tmp_path / "grown.html").read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "-3.07 MB" in text


@pytest.mark.parametrize("option", ["--all", "--by=type"])
def test_the_manifest_alone_tells_nothing_of_files(
    option: str, image: str, lightship: Lightship
) -> None:
    answer = lightship("inspect", image, "--manifest-only", option)
    assert answer.code == 2
    assert "needs the layers" in answer.err


@pytest.mark.parametrize("arguments", [("--format", "html"), ("-o", "x.html"), ("-o", "x.md")])
def test_the_manifest_alone_makes_no_picture(
    arguments: tuple[str, str], image: str, lightship: Lightship, tmp_path: Path
) -> None:
    answer = lightship("inspect", image, "--manifest-only", *arguments)
    assert answer.code == 2
    assert not list(tmp_path.glob("x.*"))


def test_a_picture_is_of_one_platform(image: str, lightship: Lightship) -> None:
    answer = lightship("inspect", image, "--all-platforms", "--format", "html")
    assert answer.code == 2
    assert "--platform" in answer.err


def test_what_was_explained_once_is_explained_from_the_cache(
    image: str, lightship: Lightship
) -> None:
    first = json.loads(lightship("inspect", image, "--format", "json").out)
    again = json.loads(lightship("inspect", image, "--format", "json").out)
    assert again["contents"] == first["contents"]
    assert again["findings"] == first["findings"]
