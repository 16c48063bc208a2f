"""The command line on images that are really read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry, Resource

from lightship.testing import build_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Answer

    Lightship = Callable[..., Answer]

SCHEMAS = Path(__file__).parents[2] / "docs" / "reference" / "schemas"
REGISTRY: Registry[Any] = Registry().with_resources(
    (file.name, Resource.from_contents(json.loads(file.read_text())))
    for file in SCHEMAS.glob("*.json")
)
MOVED = b"m" * 40_000
LAYERS: list[dict[bytes, object]] = [
    {b"bin/sh": b"s" * 5000, b"srv/big": MOVED, b"lib/a": b"a" * 3000},
    {b"srv/.wh.big": b"", b"opt/big": MOVED, b"lib/b": b"a" * 3000},
    {b"lib/\xff\x1b[31m[bold]\n": b"x" * 9000, b"bin/sh": b"t" * 6000},
    {b"lib/.wh.\xff\x1b[31m[bold]\n": b"", b"lib/c\xfe": b"a" * 3000},
]


def check(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    name = document["schema"].removeprefix("lightship.").replace("/", "-") + ".json"
    schema = json.loads((SCHEMAS / name).read_text())
    Draft202012Validator(schema, registry=REGISTRY).validate(document)
    return document


@pytest.fixture(params=["oci", "oci-archive", "docker-archive", "docker-archive-25"])
def reference(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    (tmp_path / "made").mkdir()
    return build_image(LAYERS, directory=tmp_path / "made", form=request.param)


def test_reports_keep_to_their_schema(reference: str, lightship: Lightship) -> None:
    answer = lightship(reference, "--format", "json")
    assert (answer.code, answer.err) == (0, "")
    document = check(answer.out)
    assert document["image"]["dead_bytes"] == 40_000 + 9000 + 5000
    assert document["moves"][0]["source"].startswith("srv")
    odd = next(file for file in document["largest_dead"] if "[bold]" in file["path"])
    assert odd["path"] == "lib/\ufffd\x1b[31m[bold]\n"
    assert odd["path_base64"]
    assert "\x1b" not in answer.out


def test_history_keeps_to_its_schema(reference: str, lightship: Lightship) -> None:
    document = check(lightship("history", reference, "--format", "json").out)
    assert [row["layer"] for row in document["rows"]] == [4, 3, 2, 1]


def test_text_names_what_the_figures_mean(reference: str, lightship: Lightship) -> None:
    out = lightship(reference, "--details").out
    assert "/lib/\ufffd\\x1b[31m[bold]\\x0a" in out
    assert "\x1b" not in out
    assert "dead         54.0 kB" in out
    assert "/srv/big → /opt/big" in out
    assert "What the bytes are" in out
    assert "worth acting on" in out


def test_all_platforms_keep_to_their_schema(reference: str, lightship: Lightship) -> None:
    document = check(lightship(reference, "--all-platforms", "--format", "json").out)
    assert [report["image"]["platform"] for report in document["reports"]] == ["linux/amd64"]


def test_another_platform_is_exit_code_3(reference: str, lightship: Lightship) -> None:
    answer = lightship(reference, "--platform", "linux/arm64")
    assert (answer.code, answer.out) == (3, "")
    assert "linux/amd64" in answer.err


def test_a_cache_is_told_filled_and_emptied(reference: str, lightship: Lightship) -> None:
    def entries(*arguments: str) -> int:
        return int(check(lightship("cache", *arguments, "--format", "json").out)["entries"])

    assert lightship(reference, "--no-cache").code == 0
    assert entries("info") == 0
    lightship(reference)
    assert entries("info") == len(LAYERS)
    assert entries("prune", "--max", "0") == 0
    lightship(reference)
    assert entries("clear") == 0


def test_standard_input(reference: str, tmp_path: Path) -> None:
    if reference.startswith("oci:"):
        pytest.skip("a folder cannot be piped")
    done = subprocess.run(
        [sys.executable, "-m", "lightship", "-", "--no-cache", "--format", "json"],
        input=Path(reference.partition(":")[2]).read_bytes(),
        capture_output=True,
        check=True,
        cwd=tmp_path,
    )
    assert check(done.stdout.decode())["image"]["layers"] == len(LAYERS)


def test_a_cut_archive_is_exit_code_4_and_no_output_file(
    lightship: Lightship, tmp_path: Path
) -> None:
    made = build_image(LAYERS, directory=tmp_path, form="docker-archive")
    file = Path(made.partition(":")[2])
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    answer = lightship(made, "-o", "report.json")
    assert answer.code == 4
    assert answer.err.count("\n") == 1
    assert not (tmp_path / "report.json").exists()


def test_a_limit_names_its_flag(lightship: Lightship, tmp_path: Path) -> None:
    made = build_image(LAYERS, directory=tmp_path)
    answer = lightship(made, "--max-unpacked", "10kB")
    assert answer.code == 4
    assert "--max-unpacked" in answer.err


def test_a_missing_image_is_exit_code_3(lightship: Lightship) -> None:
    answer = lightship("absent.tar")
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.count("\n") == 1
