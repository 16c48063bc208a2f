"""Wire bytes by directory: shares of the files, which add up."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from layers.scanned import read
from lightship.analysis.growth_wire import WireShares, wire_shares
from lightship.filetree.merging import merge
from lightship.testing import Dir, Link, Symlink

if TYPE_CHECKING:
    from lightship.testing import Layer

CONFIG = b"{}"
_CHANCE = random.Random(8)  # noqa: S311 # filling, no secret


def noise(count: int) -> bytes:
    return _CHANCE.randbytes(count)


def shares(*layers: Layer) -> tuple[WireShares, list[int]]:
    """The shares, and the wire bytes of each layer."""
    scans = {id(layer): read(layer) for layer in layers}
    stack = [scans[id(layer)] for layer in layers]
    found = wire_shares(merge([scan.index for scan in stack]), stack, CONFIG)
    assert sum(found.directories.values()) + found.dead + found.overhead == len(CONFIG) + sum(
        scan.wire.wire_bytes for scan in scans.values()
    )
    return found, [scan.wire.wire_bytes for scan in stack]


def test_shares_go_by_where_the_content_lies() -> None:
    found, (wire,) = shares({"a/x": noise(30_000), "b/y": noise(10_000), "b/z": noise(20_000)})
    assert set(found.directories) == {b"a", b"b"}
    assert abs(found.directories[b"a"] - wire / 2) < wire / 50
    assert found.dead == 0
    assert len(CONFIG) < found.overhead < len(CONFIG) + wire / 20


def test_what_a_later_layer_replaced_is_dead() -> None:
    found, (first, second) = shares({"a/x": noise(30_000)}, {"a/x": noise(10_000)})
    assert first * 0.8 < found.dead <= first
    assert found.directories.keys() == {b"a"}
    assert second * 0.8 < found.directories[b"a"] <= second


def test_an_inode_that_keeps_another_name_is_alive_there() -> None:
    found, (first, _) = shares({"a/x": noise(30_000), "b/y": Link("a/x")}, {"a/x": b"new"})
    assert found.dead == 0
    assert found.directories[b"b"] > first * 0.9


def test_a_name_that_is_gone_leaves_its_records_dead() -> None:
    gone: Layer = {"d": Dir(), "d/l": Symlink("x"), "d/x": noise(5_000), "k": b"1"}
    found, (first, _) = shares(gone, {".wh.d": b""})
    assert found.directories.keys() == {b""}
    assert first * 0.5 < found.dead < first


def test_layers_without_a_record_are_overhead() -> None:
    found, (wire,) = shares({})
    assert found == WireShares({}, 0, len(CONFIG) + wire)


def test_a_layer_that_stands_twice_is_alive_if_it_is_once() -> None:
    layer: Layer = {"a/x": noise(5_000)}
    found, (wire, _, _) = shares(layer, {"a/.wh.x": b""}, layer)
    assert wire * 0.5 < found.directories[b"a"] <= wire
    assert found.dead == 0
