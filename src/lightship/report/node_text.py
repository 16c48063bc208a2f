"""What pulling an image does to a node, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.base_text import labelled
from lightship.report.paper import Column, table
from lightship.report.words import about
from lightship.units import format_bandwidth, format_bytes, format_seconds

if TYPE_CHECKING:
    from lightship.model.results.node import NodeEffect
    from lightship.report.paper import Line, Look

_LABEL = "node"
FACT = "Not size but last use decides which image goes; size decides how soon one must."
"""The answer to the claim that large images are deleted sooner (docs/explanation/node-cache.md)."""


def node_lines(node: NodeEffect, look: Look) -> list[Line]:
    """The disk before and after, what the kubelet does, and what pulling again costs."""
    sentences = [_disk(node), _reaction(node)]
    if node.images is not None and node.reaction != "none":
        sentences.append(_outcome(node))
    sentences += [_cost(node), FACT]
    lines: list[Line] = []
    for sentence in sentences:
        lines += labelled("" if lines else _LABEL, sentence, look)
    return lines


def node_table(node: NodeEffect, look: Look, top: int) -> list[Line]:
    """The node's images in the order in which they would go."""
    if not node.images:
        return []
    columns = [
        Column("#", right=True),
        Column("REPORTED", right=True),
        Column("FATE"),
        Column("WHY"),
        Column("IMAGE", flexible=True, keep_end=0.5),
    ]
    rows = [
        [
            look.ink(str(place)),
            look.ink(format_bytes(image.reported_bytes)),
            look.ink(image.fate, "dead" if image.fate == "collected" else "plain"),
            look.ink(image.why),
            look.ink(image.name),
        ]
        for place, image in enumerate(node.images[:top], 1)
    ]
    title = "Images of the node, in the order in which they would go"
    lines: list[Line] = [[], [look.ink(title, "title")], *table(columns, rows, look)]
    if len(node.images) > top:
        more = f"{len(node.images) - top} more: --top {len(node.images)}"
        lines.append([look.ink(more, "dim")])
    return lines


def _disk(node: NodeEffect) -> str:
    before, after = format_bytes(node.used_before_bytes), format_bytes(node.used_after_bytes)
    kept = "unpacked" if node.runtime == "cri-o" else "unpacked and blobs"
    more = about(node.added_bytes, estimated=node.estimated and bool(node.added_wire_bytes))
    full = "" if node.fits else "; the disk is full before the image is there"
    return (
        f"{before} of {format_bytes(node.disk_bytes)} ({node.used_before_percent} %), after it"
        f" {after} ({node.used_after_percent} %): {more} more, {kept}{full}"
    )


def _reaction(node: NodeEffect) -> str:
    already = ", with or without this image" if node.reaction_before == node.reaction else ""
    if node.reaction == "disk_pressure":
        return (
            f"disk pressure{already}: all unused images go, and pods too if that does not help"
            f" (less than {format_bytes(node.pressure_below_available_bytes)} available)"
        )
    if node.reaction == "collects":
        return (
            f"images are collected{already}: {format_bytes(node.to_free_bytes)} are wanted back,"
            f" down to {node.low_percent} %"
        )
    pressure = f"disk pressure after {format_bytes(node.pressure_room_bytes)}"
    if node.room_bytes is None:
        return f"nothing is collected, that is switched off; {pressure} more"
    return (
        f"nothing is collected; that begins after {format_bytes(node.room_bytes)} more, {pressure}"
    )


def _outcome(node: NodeEffect) -> str:
    gone = [image for image in node.images or () if image.fate == "collected"]
    if not gone:
        return "no image of the node can go: each is in use, pinned or too young"
    named = ", ".join(f"{one.name} ({format_bytes(one.reported_bytes)})" for one in gone[:3])
    more = f" and {len(gone) - 3} more" if len(gone) > 3 else ""
    verdict = "which is enough" if node.enough else "which is not enough"
    return f"first to go: {named}{more}; {format_bytes(node.freed_bytes or 0)}, {verdict}"


def _cost(node: NodeEffect) -> str:
    rate = format_bandwidth(node.bandwidth_bytes_per_second)
    has = ""
    if node.already_wire_bytes:
        has = f" (the node has {about(node.already_wire_bytes, estimated=node.estimated)} of it)"
    pull = about(node.pull_bytes, estimated=node.estimated)
    again = "the same again"
    if node.repull_bytes != node.pull_bytes:
        again = (
            f"{about(node.repull_bytes, estimated=node.estimated)},"
            f" ≈ {format_seconds(node.repull_seconds)}"
        )
    return (
        f"a pull is {pull}{has}, ≈ {format_seconds(node.pull_seconds)} at {rate};"
        f" after it was collected {again}"
    )
