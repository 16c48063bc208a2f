"""`inspect`: where an image's bytes go."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Unpack

from lightship.analysis.dead import dead_groups, dead_records, largest_dead, largest_places
from lightship.analysis.duplicates import DuplicateClass, find_duplicates
from lightship.analysis.largest import largest_visible
from lightship.analysis.moves import find_moves
from lightship.analysis.oddities import warnings_about
from lightship.analysis.pulling import DEFAULT_BANDWIDTH, pull_time
from lightship.analysis.wins import biggest_wins
from lightship.analysis.wire import image_wire
from lightship.api.measuring import Measured, ReadKeywords, ReadOptions, measure, measure_all
from lightship.filetree.tree import Death
from lightship.layers.scan import Codec
from lightship.model.digest import Digest
from lightship.model.results.inspect import (
    LISTED,
    DeadByKind,
    DeadDirectory,
    DeadFile,
    Duplicate,
    ImageFigures,
    InspectResult,
    KilledBy,
    LayerFigures,
    Move,
    VisibleFile,
)
from lightship.printable import decode_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.analysis.dead import DeadGroup, DeadRecord
    from lightship.filetree.tree import FileTree
    from lightship.model.results.inspect import DeadKind

_SHOWN_COPIES = 5
_KINDS: dict[Death, DeadKind] = {
    Death.DELETED: "deleted",
    Death.OVERWRITTEN: "overwritten",
    Death.METADATA_COPY: "metadata_copy",
    Death.IN_LAYER_DUPLICATE: "in_layer_duplicate",
}


def inspect(
    reference: str,
    *,
    platform: str | None = None,
    bandwidth: int = DEFAULT_BANDWIDTH,
    listed: int = LISTED,
    **reading: Unpack[ReadKeywords],
) -> InspectResult:
    """Say where an image's bytes go.

    Args:
        reference: `docker-archive:FILE`, `oci:DIR:TAG`, `rootfs:DIR`, `-`, a path...
        platform: `linux/arm64`...; None for this machine's where there is a choice.
        bandwidth: bytes a second, for the estimated pull time.
        listed: rows of each list of files, at most.
        reading: as the fields of `lightship.ReadOptions`.

    Raises:
        UsageError: the reference or platform is none.
        UnreachableError: the image is not there, or not for the platform.
        CorruptInputError: the image is damaged, contradicts itself, or exceeds a limit.
    """
    options = ReadOptions(**reading)
    return inspect_measured(measure(reference, platform, options), bandwidth, listed)


def inspect_all_platforms(
    reference: str,
    *,
    bandwidth: int = DEFAULT_BANDWIDTH,
    listed: int = LISTED,
    **reading: Unpack[ReadKeywords],
) -> tuple[InspectResult, ...]:
    """As `inspect`, for every platform that is stored, in the order of the index."""
    options = ReadOptions(**reading)
    return tuple(
        inspect_measured(one, bandwidth, listed) for one in measure_all(reference, options)
    )


def inspect_measured(measured: Measured, bandwidth: int, listed: int = LISTED) -> InspectResult:
    """The answer for an image that was read; `listed` bounds each list of files."""
    tree = measured.tree
    dead = dead_records(tree)
    groups = dead_groups(tree, dead)
    duplicates = find_duplicates(tree, listed)
    moves = find_moves(tree, dead)
    dead_bytes = sum(group.content_bytes for group in groups)
    unpacked = sum(scan.index.unpacked_bytes for scan in measured.scans)
    wire = image_wire(measured.image.config_bytes, measured.scans)
    records = sum(scan.index.files for scan in measured.scans)
    shown = tuple(_duplicate(measured, one) for one in duplicates.largest)
    image = measured.image
    return InspectResult(
        verified="cached" if any(s.verified == "cached" for s in measured.scans) else "read",
        image=ImageFigures(
            reference=str(image.reference),
            digest=str(image.digest) if image.digest else None,
            image_id=_image_id(measured),
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
        layers=_layers(measured, groups),
        dead=_by_kind(groups),
        largest_dead=_largest_dead(tree, dead, listed),
        largest_dead_directories=_largest_directories(groups, listed),
        largest_files=_largest_files(tree, listed),
        moves=tuple(
            Move(
                source=decode_path(move.source),
                target=decode_path(move.target),
                layer=move.born,
                moved_by=move.moved_by,
                bytes=move.content_bytes,
                files=move.files,
                source_base64=base64_of(move.source),
                target_base64=base64_of(move.target),
            )
            for move in moves[:listed]
        ),
        duplicates=shown,
        wins=biggest_wins(groups, moves, duplicates, (one.paths[0] for one in shown)),
        pull=pull_time(wire.wire_bytes, unpacked, records, bandwidth=bandwidth),
        warnings=(
            *image.notes,
            *warnings_about(tree, measured.scans, measured.history, measured.instructions),
        ),
    )


def base64_of(path: bytes) -> str | None:
    """A path's bytes in base64 if text cannot give them back, else None."""
    try:
        path.decode()
    except UnicodeDecodeError:
        return base64.b64encode(path).decode()
    return None


def _image_id(measured: Measured) -> str | None:
    config = measured.image.config_bytes
    return str(Digest.of(config)) if config is not None else None


def _by_kind(groups: Sequence[DeadGroup]) -> DeadByKind:
    totals = dict.fromkeys(_KINDS.values(), 0)
    for group in groups:
        totals[_KINDS[group.death]] += group.content_bytes
    return DeadByKind(**totals)


def _layers(measured: Measured, groups: Sequence[DeadGroup]) -> tuple[LayerFigures, ...]:
    first: dict[str, int] = {}
    rows = []
    for position, scan in enumerate(measured.scans, 1):
        layer = measured.image.layers[position - 1]
        entry = measured.instructions.entries[position - 1]
        history = measured.history[entry] if entry is not None else None
        own = [group for group in groups if group.born == position]
        same = first.setdefault(scan.diff_id, position)
        has_wire_blob = measured.image.stores_wire_blobs or scan.codec is not Codec.PLAIN
        rows.append(
            LayerFigures(
                index=position,
                digest=str(scan.digest) if has_wire_blob else None,
                diff_id=str(scan.diff_id),
                media_type=layer.media_type,
                wire_bytes=scan.wire.wire_bytes,
                wire_bytes_estimated=scan.wire.estimated,
                wire_bytes_error=scan.wire.error_bytes,
                unpacked_bytes=scan.index.unpacked_bytes,
                dead_bytes=sum(group.content_bytes for group in own),
                files=scan.index.files,
                created_by=history.created_by if history else None,
                created_by_guessed=measured.instructions.guessed,
                base=None,
                same_as=same if same != position else None,
                killed=tuple(
                    KilledBy(
                        layer=group.killed_by,
                        kind=_KINDS[group.death],
                        bytes=group.content_bytes,
                        files=group.files,
                    )
                    for group in own
                ),
            )
        )
    return tuple(rows)


def _largest_dead(tree: FileTree, dead: Sequence[DeadRecord], listed: int) -> tuple[DeadFile, ...]:
    return tuple(
        DeadFile(
            path=decode_path(path := tree.path(one.record)),
            layer=one.born,
            killed_by=one.killed_by,
            kind=_KINDS[Death(one.death)],
            bytes=one.content_bytes,
            path_base64=base64_of(path),
        )
        for one in largest_dead(dead, listed)
    )


def _largest_directories(groups: Sequence[DeadGroup], listed: int) -> tuple[DeadDirectory, ...]:
    return tuple(
        DeadDirectory(
            path=decode_path(place.path),
            layer=place.group.born,
            killed_by=place.group.killed_by,
            kind=_KINDS[place.group.death],
            bytes=place.content_bytes,
            files=place.files,
            path_base64=base64_of(place.path),
        )
        for place in largest_places(groups, listed)
    )


def _largest_files(tree: FileTree, listed: int) -> tuple[VisibleFile, ...]:
    return tuple(
        VisibleFile(
            path=decode_path(path := tree.path(record)),
            layer=tree.locate(record)[0],
            bytes=content_bytes,
            path_base64=base64_of(path),
        )
        for record, content_bytes in largest_visible(tree, listed)
    )


def _duplicate(measured: Measured, one: DuplicateClass) -> Duplicate:
    paths = sorted({measured.tree.path(record) for record in one.records})[:_SHOWN_COPIES]
    encoded = tuple(base64_of(path) for path in paths)
    return Duplicate(
        paths=tuple(decode_path(path) for path in paths),
        copies=len(one.records),
        content_bytes=one.content_bytes,
        bytes=one.wasted_bytes,
        paths_base64=encoded if any(encoded) else None,
    )
