"""What a pull does to a node, figured by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from lightship.analysis.node import node_effect
from lightship.model.node import Node, NodeImage
from lightship.model.results.inspect import LayerFigures

if TYPE_CHECKING:
    from lightship.model.results.node import NodeEffect

MB, GB = 10**6, 10**9
NOW = datetime(2026, 11, 24, tzinfo=UTC)
CONFIG = 5000


def layer(index: int, name: str, wire: int, unpacked: int) -> LayerFigures:
    return LayerFigures(
        index=index,
        digest=f"blob {name}",
        diff_id=name,
        media_type=None,
        wire_bytes=wire,
        wire_bytes_estimated=False,
        wire_bytes_error=0,
        unpacked_bytes=unpacked,
        dead_bytes=0,
        files=1,
        created_by=None,
        created_by_guessed=False,
        base=None,
        same_as=None,
        killed=(),
    )


LAYERS = (
    layer(1, "root", 40 * MB, 100 * MB),
    layer(2, "tools", 60 * MB, 200 * MB),
    layer(3, "root", 40 * MB, 100 * MB),  # the same blob, on another chain
    layer(4, "app", 10 * MB, 30 * MB),
)
NODE = Node(disk_bytes=100 * GB, used_bytes=70 * GB, evict_below_bytes=15 * GB)


def effect(node: Node, *had: tuple[str, ...], bandwidth: int = 10 * MB) -> NodeEffect:
    return node_effect(node, LAYERS, CONFIG, had, bandwidth=bandwidth, now=NOW)


def test_a_node_that_has_nothing_pulls_each_blob_once_and_unpacks_each_position() -> None:
    found = effect(NODE)
    assert found.pull_bytes == found.repull_bytes == CONFIG + 110 * MB
    assert found.added_unpacked_bytes == 430 * MB
    assert found.added_wire_bytes == found.pull_bytes  # containerd keeps the blobs
    assert found.used_after_bytes == 70 * GB + 540 * MB + CONFIG
    assert found.pull_seconds == (CONFIG + 110 * MB) / (10 * MB)
    assert (found.reaction, found.images, found.enough, found.to_free_bytes) == (
        "none",
        None,
        None,
        0,
    )
    assert found.room_bytes == 84 * GB + 1 - found.used_after_bytes
    assert found.pressure_room_bytes == 85 * GB - found.used_after_bytes
    assert (found.used_before_percent, found.used_after_percent) == (70, 71)


def test_cri_o_keeps_what_it_unpacks_alone() -> None:
    found = effect(replace(NODE, runtime="cri-o"))
    assert (found.added_wire_bytes, found.added_bytes) == (0, 430 * MB)


@pytest.mark.parametrize(
    ("had", "pull", "unpacked"),
    [
        ([("root",)], 70 * MB, 330 * MB),
        ([("root", "tools")], 10 * MB, 130 * MB),
        # The blob is there, but on another chain: nothing to pull, all to unpack.
        ([("other", "tools")], 50 * MB, 430 * MB),
        ([("root",), ("other", "app")], 60 * MB, 330 * MB),
        ([("root", "tools", "root", "app", "more")], 0, 0),
    ],
)
def test_what_the_node_has(had: list[tuple[str, ...]], pull: int, unpacked: int) -> None:
    found = effect(NODE, *had)
    assert found.pull_bytes == CONFIG + pull
    assert found.added_unpacked_bytes == unpacked
    assert found.already_wire_bytes == 110 * MB - pull
    assert found.repull_bytes == CONFIG + 110 * MB


def test_a_pull_that_passes_the_threshold() -> None:
    # 83.9 GB and 540 MB are 84.44: with 15.56 GB free the kubelet says 85 %, and wants 20 free.
    images = (
        NodeImage(name="a", reported_bytes=4 * GB),
        NodeImage(name="b", reported_bytes=1 * GB, last_used=datetime(2026, 11, 1, tzinfo=UTC)),
        NodeImage(name="c", reported_bytes=9 * GB, last_used=datetime(2026, 11, 2, tzinfo=UTC)),
    )
    found = effect(replace(NODE, used_bytes=83_900 * MB, images=images))
    assert (found.reaction_before, found.reaction) == ("none", "collects")
    assert found.to_free_bytes == 20 * GB - (100 * GB - 83_900 * MB - 540 * MB - CONFIG)
    assert [one.fate for one in found.images or ()] == ["collected", "collected", "kept"]
    assert (found.freed_bytes, found.enough) == (5 * GB, True)


def test_what_cannot_be_freed_is_said() -> None:
    images = (NodeImage(name="a", reported_bytes=9 * GB, in_use=True),)
    found = effect(replace(NODE, used_bytes=84_500 * MB, images=images))
    assert found.reaction == "disk_pressure"
    assert found.to_free_bytes == 40 * MB + CONFIG
    assert (found.freed_bytes, found.enough) == (0, False)


def test_an_image_that_does_not_fit() -> None:
    found = effect(replace(NODE, used_bytes=99_900 * MB))
    assert not found.fits
    assert found.used_after_percent == 100
    assert found.used_after_bytes > found.disk_bytes
