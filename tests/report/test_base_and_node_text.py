from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from lightship.printable import is_hidden
from lightship.report.base_text import base_lines
from lightship.report.inspect_text import inspect_text
from lightship.report.manifest_text import manifest_all_text, manifest_text
from lightship.report.node_text import FACT, node_lines
from lightship.report.paper import Look

from .samples import BASE, GB, INSPECTED, LAYERS, MANIFEST, NODE

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.model.results.base import BaseImage
    from lightship.model.results.node import NodeEffect

PIPED = Look(width=100)


def base_text(base: BaseImage, look: Look = PIPED) -> str:
    return look.render(base_lines(base, look))


def node_text(node: NodeEffect, look: Look = PIPED) -> str:
    return " ".join(look.render(node_lines(node, look)).split())


@pytest.mark.parametrize(
    ("name", "look", "detailed"),
    [
        ("node-100.txt", Look(width=100, bars=True), False),
        ("node-details-80.txt", Look(width=80), True),
    ],
)
def test_a_node_looks_as_agreed(
    name: str, look: Look, detailed: bool, agrees: Callable[[str, str], None]
) -> None:
    agrees(name, inspect_text(replace(INSPECTED, node=NODE), look, detailed=detailed))


@pytest.mark.parametrize(
    ("name", "look"),
    [("manifest-100.txt", Look(width=100, bars=True)), ("manifest-80.txt", Look(width=80))],
)
def test_a_manifest_looks_as_agreed(
    name: str, look: Look, agrees: Callable[[str, str], None]
) -> None:
    agrees(name, manifest_text(MANIFEST, look, top=5))


def test_what_is_not_certain_is_likely_and_says_why() -> None:
    text = base_text(replace(BASE, certain=False, how="history", why="a day passed", layers=3))
    assert "likely layers 1 to 3 of docker.io/library/python:3.12-slim" in text
    assert "(a day passed)" in text
    assert "likely" not in base_text(BASE)
    assert "layer 1," in base_text(replace(BASE, name=None))


def test_layers_of_the_base_are_marked() -> None:
    text = inspect_text(INSPECTED, PIPED)
    assert text.count("(base) ") == 1
    assert "(base) ADD file" in text
    assert "(base)" not in inspect_text(
        replace(INSPECTED, layers=tuple(replace(one, base=None) for one in LAYERS)), PIPED
    )


def test_a_node_with_room() -> None:
    text = node_text(replace(NODE, reaction="none", room_bytes=3 * GB, pressure_room_bytes=4 * GB))
    assert (
        "nothing is collected; that begins after 3.00 GB more, disk pressure after 4.00 GB" in text
    )
    assert "first to go" not in text
    assert FACT in text


def test_a_node_that_never_collects() -> None:
    assert "switched off" in node_text(replace(NODE, reaction="none", room_bytes=None))


@pytest.mark.parametrize("reaction", ["collects", "disk_pressure"])
def test_a_node_that_is_past_it_already(reaction: str) -> None:
    already = "with or without this image"
    node = replace(NODE, reaction=reaction)
    assert already in node_text(replace(node, reaction_before=reaction))
    assert already not in node_text(replace(node, reaction_before="none"))


def test_what_goes_and_whether_that_is_enough() -> None:
    node = replace(NODE, reaction="collects")
    assert "first to go: registry.example/team/app:1.3 (900 MB)" in node_text(node)
    assert "2.90 GB, which is enough" in node_text(node)
    assert "which is not enough" in node_text(replace(node, enough=False))
    kept = tuple(one for one in NODE.images or () if one.fate == "kept")
    assert "no image of the node can go" in node_text(replace(node, images=kept))
    assert "to go" not in node_text(replace(node, images=None, freed_bytes=None, enough=None))


def test_an_image_that_does_not_fit_is_told() -> None:
    assert "the disk is full before" in node_text(replace(NODE, fits=False))
    assert "the disk is full" not in node_text(NODE)


def test_what_the_node_has_is_told() -> None:
    assert "after it was collected the same again" in node_text(NODE)
    node = replace(NODE, already_wire_bytes=5 * GB, repull_bytes=6 * GB, repull_seconds=480.0)
    text = node_text(node)
    assert "(the node has ≈ 5.00 GB of it)" in text
    assert "after it was collected ≈ 6.00 GB, ≈ 8 min" in text


@pytest.mark.parametrize("width", [60, 80, 99, 100, 160])
def test_nothing_is_wider_than_the_screen(width: int) -> None:
    look = Look(width=width, bars=True)
    result = replace(INSPECTED, node=NODE)
    for text in (inspect_text(result, look, detailed=True), manifest_text(MANIFEST, look)):
        assert max(map(cell_len, text.splitlines())) <= max(width, 80)
    for lines in (base_lines(BASE, look), node_lines(NODE, look)):
        assert max(map(cell_len, look.render(lines).splitlines())) <= width


@settings(deadline=None)
@given(st.text(max_size=40))
def test_foreign_names_do_nothing_to_a_screen(name: str) -> None:
    images = tuple(replace(one, name=name) for one in NODE.images or ())
    result = replace(
        INSPECTED,
        base=replace(BASE, name=name, why=name, certain=False),
        node=replace(NODE, images=images),
    )
    base = replace(MANIFEST.base, name=name, why=name) if MANIFEST.base else None
    layers = tuple(replace(one, created_by=name) for one in MANIFEST.layers)
    image = replace(MANIFEST.image, created=name, reference=name, platform=name)
    manifest = replace(MANIFEST, base=base, layers=layers, image=image, warnings=(name,))
    for text in (inspect_text(result, PIPED, detailed=True), manifest_text(manifest, PIPED)):
        assert not any(is_hidden(char) for char in text if char != "\n")


def test_many_layers_of_a_manifest_are_summed_up() -> None:
    text = manifest_text(MANIFEST, PIPED, top=3)
    rest = next(line for line in text.splitlines() if "7 smaller layers" in line)
    wire = [one.wire_bytes for one in MANIFEST.layers]
    assert sum(sorted(wire)[:7]) == 128_400_819
    assert " 128 MB" in rest


def test_platforms_follow_each_other() -> None:
    other = replace(MANIFEST, image=replace(MANIFEST.image, platform="linux/arm64"))
    text = manifest_all_text((MANIFEST, other), PIPED)
    assert text.index("linux/amd64") < text.index("linux/arm64")


def test_a_manifest_without_layers() -> None:
    assert "no layers" in manifest_text(replace(MANIFEST, layers=(), base=None), PIPED)
