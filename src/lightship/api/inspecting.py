"""`inspect`: where an image's bytes go."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Unpack

from msgspec import Struct
from msgspec.structs import replace

from lightship.analysis.dead import dead_groups, dead_records
from lightship.analysis.duplicates import find_duplicates
from lightship.analysis.moves import find_moves
from lightship.analysis.node import node_effect
from lightship.analysis.oddities import warnings_about
from lightship.analysis.payload import base_image
from lightship.analysis.pulling import DEFAULT_BANDWIDTH, pull_time
from lightship.analysis.wins import biggest_wins
from lightship.analysis.wire import image_wire
from lightship.api import inspected_rows as rows
from lightship.api.bases import diff_ids_of, find_base, remember_layers
from lightship.api.measuring import Measured, measure, measure_all
from lightship.api.nodes import read_node
from lightship.api.options import ReadKeywords, ReadOptions
from lightship.model.results.inspect import LISTED, ImageFigures, InspectResult

if TYPE_CHECKING:
    from lightship.analysis.base_end import BaseEnd
    from lightship.model.node import Node


def inspect(
    reference: str,
    *,
    platform: str | None = None,
    bandwidth: int = DEFAULT_BANDWIDTH,
    listed: int = LISTED,
    base: str | None = None,
    node: str | None = None,
    **reading: Unpack[ReadKeywords],
) -> InspectResult:
    """Say where an image's bytes go.

    Args:
        reference: `docker-archive:FILE`, `oci:DIR:TAG`, `rootfs:DIR`, `-`, a path...
        platform: `linux/arm64`...; None for this machine's where there is a choice.
        bandwidth: bytes a second, for the estimated pull time.
        listed: rows of each list of files, at most.
        base: a reference of the image that this one was built on, or `auto` for the one that its
            annotations name. Without, an image seen before or the history may tell.
        node: a node's disk, as `--node` has it: `disk=100GB,used=70GB`.
        reading: as the fields of `lightship.ReadOptions`.

    Raises:
        UsageError: the reference, platform or node is none, or the base is another image's.
        UnreachableError: the image is not there, or not for the platform.
        CorruptInputError: the image is damaged, contradicts itself, or exceeds a limit.
    """
    options = ReadOptions(**reading)
    asked = _Asked(options, bandwidth, listed, base, read_node(node) if node is not None else None)
    return asked.answer(measure(reference, platform, options))


def inspect_all_platforms(
    reference: str,
    *,
    bandwidth: int = DEFAULT_BANDWIDTH,
    listed: int = LISTED,
    base: str | None = None,
    node: str | None = None,
    **reading: Unpack[ReadKeywords],
) -> tuple[InspectResult, ...]:
    """As `inspect`, for every platform that is stored, in the order of the index."""
    options = ReadOptions(**reading)
    asked = _Asked(options, bandwidth, listed, base, read_node(node) if node is not None else None)
    return tuple(asked.answer(one) for one in measure_all(reference, options))


class _Asked(Struct, frozen=True):
    """What is asked of each image."""

    options: ReadOptions
    bandwidth: int
    listed: int
    base: str | None
    node: Node | None

    def answer(self, measured: Measured) -> InspectResult:
        diff_ids = [str(scan.diff_id) for scan in measured.scans]
        end = find_base(measured.image, diff_ids, measured.instructions, self.base, self.options)
        remember_layers(measured, self.options)
        result = inspect_measured(measured, self.bandwidth, self.listed, end)
        if self.node is None:
            return result
        effect = node_effect(
            self.node,
            result.layers,
            len(measured.image.config_bytes or b""),
            [
                diff_ids_of(has, str(measured.image.platform), self.options).diff_ids
                for has in self.node.has
            ],
            bandwidth=self.bandwidth,
            now=datetime.now(UTC),
        )
        return replace(result, node=effect)


def inspect_measured(
    measured: Measured, bandwidth: int, listed: int = LISTED, end: BaseEnd | None = None
) -> InspectResult:
    """The answer for an image that was read.

    Args:
        measured: the image.
        bandwidth: bytes a second.
        listed: rows of each list of files, at most.
        end: where its base ends; None if nobody knows.
    """
    tree = measured.tree
    dead = dead_records(tree)
    groups = dead_groups(tree, dead)
    duplicates = find_duplicates(tree, listed)
    moves = find_moves(tree, dead)
    dead_bytes = sum(group.content_bytes for group in groups)
    unpacked = sum(scan.index.unpacked_bytes for scan in measured.scans)
    wire = image_wire(measured.image.config_bytes, measured.scans)
    records = sum(scan.index.files for scan in measured.scans)
    shown = tuple(rows.duplicate_row(measured, one) for one in duplicates.largest)
    image = measured.image
    layers = rows.layer_rows(measured, groups, end)
    return InspectResult(
        verified="cached" if any(s.verified == "cached" for s in measured.scans) else "read",
        image=ImageFigures(
            reference=str(image.reference),
            digest=str(image.digest) if image.digest else None,
            image_id=rows.image_id_of(measured),
            platform=str(image.platform),
            wire_bytes=wire.wire_bytes,
            wire_bytes_estimated=wire.estimated,
            wire_bytes_error=wire.error_bytes,
            unpacked_bytes=unpacked,
            visible_bytes=unpacked - dead_bytes,
            dead_bytes=dead_bytes,
            duplicate_bytes=duplicates.wasted_bytes,
            efficiency=(unpacked - dead_bytes) / unpacked if unpacked else 1.0,
            files=tree.files,
            layers=len(measured.scans),
        ),
        layers=layers,
        dead=rows.dead_by_kind(groups),
        largest_dead=rows.largest_dead_files(tree, dead, listed),
        largest_dead_directories=rows.largest_dead_directories(groups, listed),
        largest_files=rows.largest_visible_files(tree, listed),
        moves=rows.move_rows(moves[:listed]),
        duplicates=shown,
        wins=biggest_wins(groups, moves, duplicates, (one.paths[0] for one in shown)),
        pull=pull_time(wire.wire_bytes, unpacked, records, bandwidth=bandwidth),
        warnings=(
            *image.notes,
            *warnings_about(tree, measured.scans, measured.history, measured.instructions),
        ),
        base=base_image(end, layers, len(image.config_bytes or b"")) if end else None,
    )
