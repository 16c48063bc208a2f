"""The figures of an image that was read: what `inspect` says of bytes, layers and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.dead import dead_groups, dead_records
from lightship.analysis.duplicates import find_duplicates
from lightship.analysis.moves import find_moves
from lightship.analysis.oddities import warnings_about
from lightship.analysis.payload import base_image
from lightship.analysis.pulling import pull_time
from lightship.analysis.wins import biggest_wins
from lightship.analysis.wire import image_wire
from lightship.api import inspected_rows as rows
from lightship.model.results.inspect import LISTED, ImageFigures, InspectResult

if TYPE_CHECKING:
    from lightship.analysis.base_end import BaseEnd
    from lightship.api.measuring import Measured

EVERY_CLASS = 1_000_000_000
"""So many classes of duplicates by name are all of them."""


class Facts:
    """What several parts of the answer are made of; `classes` of duplicates by name."""

    def __init__(self, measured: Measured, classes: int) -> None:
        self.dead = dead_records(measured.tree)
        self.groups = dead_groups(measured.tree, self.dead)
        self.duplicates = find_duplicates(measured.tree, classes)
        self.moves = find_moves(measured.tree, self.dead)


def inspect_measured(
    measured: Measured, bandwidth: int, listed: int = LISTED, end: BaseEnd | None = None
) -> InspectResult:
    """The figures of an image that was read, without what its bytes are and what was found.

    Args:
        measured: the image.
        bandwidth: bytes a second.
        listed: rows of each list of files, at most.
        end: where its base ends; None if nobody knows.
    """
    return figures(measured, Facts(measured, listed), bandwidth, listed, end)


def figures(
    measured: Measured, facts: Facts, bandwidth: int, listed: int, end: BaseEnd | None
) -> InspectResult:
    """As `inspect_measured`, of an image whose facts are known."""
    tree = measured.tree
    groups, duplicates = facts.groups, facts.duplicates
    dead_bytes = sum(group.content_bytes for group in groups)
    unpacked = sum(scan.index.unpacked_bytes for scan in measured.scans)
    wire = image_wire(measured.image.config_bytes, measured.scans)
    records = sum(scan.index.files for scan in measured.scans)
    shown = tuple(rows.duplicate_row(measured, one) for one in duplicates.largest[:listed])
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
        largest_dead=rows.largest_dead_files(tree, facts.dead, listed),
        largest_dead_directories=rows.largest_dead_directories(groups, listed),
        largest_files=rows.largest_visible_files(tree, listed),
        moves=rows.move_rows(facts.moves[:listed]),
        duplicates=shown,
        wins=biggest_wins(groups, facts.moves, duplicates, (one.paths[0] for one in shown)),
        pull=pull_time(wire.wire_bytes, unpacked, records, bandwidth=bandwidth),
        warnings=(
            *image.notes,
            *warnings_about(tree, measured.scans, measured.history, measured.instructions),
        ),
        base=base_image(end, layers, len(image.config_bytes or b"")) if end else None,
    )
