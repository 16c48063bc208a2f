"""The rows of an `InspectResult`, made from what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.dead import largest_dead, largest_places
from lightship.analysis.largest import largest_visible
from lightship.analysis.wire import blob_key
from lightship.filetree.tree import Death
from lightship.layers.scan import Codec
from lightship.model.digest import Digest
from lightship.model.results.inspect import (
    DeadByKind,
    DeadDirectory,
    DeadFile,
    Duplicate,
    KilledBy,
    LayerFigures,
    Move,
    VisibleFile,
)
from lightship.printable import base64_of, decode_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.analysis.base_end import BaseEnd
    from lightship.analysis.dead import DeadGroup, DeadRecord
    from lightship.analysis.duplicates import DuplicateClass
    from lightship.analysis.moves import MovedTree
    from lightship.api.measuring import Measured
    from lightship.filetree.tree import FileTree
    from lightship.model.results.inspect import DeadKind

_SHOWN_COPIES = 5
_KINDS: dict[Death, DeadKind] = {
    Death.DELETED: "deleted",
    Death.OVERWRITTEN: "overwritten",
    Death.METADATA_COPY: "metadata_copy",
    Death.IN_LAYER_DUPLICATE: "in_layer_duplicate",
}


def image_id_of(measured: Measured) -> str | None:
    """Digest of the config; None where there is none."""
    config = measured.image.config_bytes
    return str(Digest.of(config)) if config is not None else None


def dead_by_kind(groups: Sequence[DeadGroup]) -> DeadByKind:
    """Dead bytes by what took the last name."""
    totals = dict.fromkeys(_KINDS.values(), 0)
    for group in groups:
        totals[_KINDS[group.death]] += group.content_bytes
    return DeadByKind(**totals)


def layer_rows(
    measured: Measured, groups: Sequence[DeadGroup], end: BaseEnd | None
) -> tuple[LayerFigures, ...]:
    """A row for each layer, oldest first; `end` is where the base ends, if anybody knows."""
    first: dict[str, int] = {}
    rows = []
    for position, scan in enumerate(measured.scans, 1):
        layer = measured.image.layers[position - 1]
        entry = measured.instructions.entries[position - 1]
        history = measured.history[entry] if entry is not None else None
        own = [group for group in groups if group.born == position]
        same = first.setdefault(blob_key(scan), position)
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
                base=position <= end.layers if end else None,
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


def largest_dead_files(
    tree: FileTree, dead: Sequence[DeadRecord], listed: int
) -> tuple[DeadFile, ...]:
    """The largest dead inodes, at most `listed`."""
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


def largest_dead_directories(groups: Sequence[DeadGroup], listed: int) -> tuple[DeadDirectory, ...]:
    """Where most dead bytes gather, at most `listed`."""
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


def largest_visible_files(tree: FileTree, listed: int) -> tuple[VisibleFile, ...]:
    """The largest files of the final tree, at most `listed`."""
    return tuple(
        VisibleFile(
            path=decode_path(path := tree.path(record)),
            layer=tree.locate(record)[0],
            bytes=content_bytes,
            path_base64=base64_of(path),
        )
        for record, content_bytes in largest_visible(tree, listed)
    )


def duplicate_row(measured: Measured, one: DuplicateClass) -> Duplicate:
    """Equal content, with the first few of its paths."""
    paths = sorted({measured.tree.path(record) for record in one.records})[:_SHOWN_COPIES]
    encoded = tuple(base64_of(path) for path in paths)
    return Duplicate(
        paths=tuple(decode_path(path) for path in paths),
        copies=len(one.records),
        content_bytes=one.content_bytes,
        bytes=one.wasted_bytes,
        paths_base64=encoded if any(encoded) else None,
    )


def move_rows(moves: Sequence[MovedTree]) -> tuple[Move, ...]:
    """Moves, as they come."""
    return tuple(
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
        for move in moves
    )
