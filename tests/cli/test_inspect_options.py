"""`inspect` with --base, --node and --manifest-only, on images that are really read."""

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
LAYERS: list[dict[str, object]] = [{"bin/sh": b"s" * 5000}, {"app": b"a" * 3000}]


def check(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    name = document["schema"].removeprefix("lightship.").replace("/", "-") + ".json"
    schema = json.loads((SCHEMAS / name).read_text())
    Draft202012Validator(schema, registry=REGISTRY).validate(document)
    return document


@pytest.fixture
def image(tmp_path: Path) -> str:
    return build_image(LAYERS, directory=tmp_path)


@pytest.fixture
def base(tmp_path: Path) -> str:
    return build_image(LAYERS[:1], directory=tmp_path, name="base:1")


def test_a_base_is_shown(image: str, base: str, lightship: Lightship) -> None:
    answer = lightship(image, "--base", base)
    assert answer.code == 0
    assert "\nbase       layer 1 of base:1, " in answer.out
    assert "(base) layer 1" in answer.out
    document = check(lightship(image, "--base", base, "--format", "json").out)
    assert document["base"]["payload"]["unpacked_bytes"] == 3000
    assert [layer["base"] for layer in document["layers"]] == [True, False]


def test_a_wrong_base_ends_the_run(image: str, base: str, lightship: Lightship) -> None:
    answer = lightship(base, "--base", image)
    assert (answer.code, answer.out) == (2, "")
    assert "is not the base of" in answer.err


def test_a_node_is_shown(image: str, base: str, lightship: Lightship) -> None:
    node = f"disk=100MB,used=80MB,has={base}"
    answer = lightship(image, "--node", node, "--details")
    assert answer.code == 0
    assert "\nnode       80.0 MB of 100 MB (80 %)" in answer.out
    document = check(lightship(image, "--node", node, "--format", "json").out)
    assert document["node"]["added_unpacked_bytes"] == 3000
    assert document["node"]["reaction"] == "none"


@pytest.mark.parametrize("node", ["", "disk=1GB", "disk=1GB,used=2GB", "x"])
def test_a_wrong_node_ends_the_run_before_anything_is_read(node: str, lightship: Lightship) -> None:
    answer = lightship("oci:nowhere", "--node", node)
    assert (answer.code, answer.out) == (2, "")
    assert "--node" in answer.err


def test_the_manifest_alone(image: str, base: str, lightship: Lightship) -> None:
    answer = lightship(image, "--manifest-only", "--base", base)
    assert answer.code == 0
    assert "no layer was read" in answer.out
    document = check(lightship(image, "--manifest-only", "--format", "json").out)
    assert document["schema"] == "lightship.manifest/1"
    read = check(lightship(image, "--format", "json").out)
    assert document["image"]["wire_bytes"] == read["image"]["wire_bytes"]


def test_the_manifests_of_every_platform(image: str, lightship: Lightship) -> None:
    options = ("--manifest-only", "--all-platforms", "--format", "json")
    document = check(lightship(image, *options).out)
    assert document["schema"] == "lightship.manifest-list/1"
    assert len(document["manifests"]) == 1


@pytest.mark.parametrize(
    "option", [("--exact",), ("--verify",), ("--details",), ("--node", "disk=1GB,used=0")]
)
def test_what_needs_layers_does_not_go_with_the_manifest_alone(
    image: str, option: tuple[str, ...], lightship: Lightship
) -> None:
    answer = lightship(image, "--manifest-only", *option)
    assert answer.code == 2
    assert option[0] in answer.err


def test_a_pipe_has_no_manifest_alone(tmp_path: Path) -> None:
    reference = build_image(LAYERS, directory=tmp_path, form="docker-archive-25")
    done = subprocess.run(
        [sys.executable, "-m", "lightship", "inspect", "-", "--manifest-only"],
        input=Path(reference.partition(":")[2]).read_bytes(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"pipe" in done.stderr
