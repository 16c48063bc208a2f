"""What would win most: the dead and the duplicate bytes, by what one change would save them all."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lightship.filetree.tree import Death
from lightship.model.results.inspect import Win
from lightship.printable import decode_path
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lightship.analysis.dead import DeadGroup
    from lightship.analysis.duplicates import Duplicates
    from lightship.analysis.moves import MovedTree

_MOST = 3
_PATHS = 3
_LEAST_BYTES = 1000

_HOW = {
    Death.DELETED: "Delete them in the RUN that makes them, or make them in another build stage.",
    Death.OVERWRITTEN: "Write each file once: combine the RUNs, or COPY the last version only.",
    Death.METADATA_COPY: (
        "Set owner and mode where the files are made: COPY --chown/--chmod, or in the same RUN."
    ),
    Death.IN_LAYER_DUPLICATE: "The layer's tar holds them twice: build it with another tool.",
}


def biggest_wins(
    groups: Sequence[DeadGroup],
    moves: Sequence[MovedTree],
    duplicates: Duplicates,
    duplicate_paths: Iterable[str],
) -> tuple[Win, ...]:
    """The three changes that save most unpacked bytes, most first; fewer where there are none."""
    wins = [*_moved(moves), *_dead(groups, moves)]
    wins.append(
        Win(
            what=f"{_counted(duplicates.copies, 'file')} stored again under other names",
            how="Keep one copy and link to it, or find out what installs them twice.",
            bytes=duplicates.wasted_bytes,
            layer=None,
            paths=tuple(f"/{path}" for path in duplicate_paths)[:_PATHS],
        )
    )
    worth = [win for win in wins if win.bytes >= _LEAST_BYTES]
    return tuple(sorted(worth, key=lambda win: -win.bytes)[:_MOST])


def _moved(moves: Sequence[MovedTree]) -> list[Win]:
    by_layer: dict[int, list[MovedTree]] = defaultdict(list)
    for move in moves:
        by_layer[move.moved_by].append(move)
    return [_win_of_moves(layer, found) for layer, found in by_layer.items()]


def _win_of_moves(layer: int, moves: Sequence[MovedTree]) -> Win:
    files = sum(move.files for move in moves)
    them = "it" if files == 1 else "them"
    return Win(
        what=f"layer {layer} moves {_counted(files, 'file')}, which stores {them} again",
        how=f"Put {them} in the right place at once, or move {them} in the RUN that makes {them}.",
        bytes=sum(move.content_bytes for move in moves),
        layer=layer,
        paths=tuple(
            f"/{decode_path(move.source)} -> /{decode_path(move.target)}" for move in moves[:_PATHS]
        ),
    )


def _dead(groups: Sequence[DeadGroup], moves: Sequence[MovedTree]) -> list[Win]:
    moved: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for move in moves:
        moved[move.moved_by][0] += move.content_bytes
        moved[move.moved_by][1] += move.files
    together: dict[tuple[int, Death], list[DeadGroup]] = defaultdict(list)
    for group in groups:
        together[group.killed_by, group.death].append(group)
    wins = []
    for (layer, death), found in together.items():
        less_bytes, less_files = moved[layer] if death is Death.DELETED else (0, 0)
        content_bytes = sum(group.content_bytes for group in found) - less_bytes
        files = sum(group.files for group in found) - less_files
        born = sorted({group.born for group in found})
        places = sorted(
            (place for group in found for place in group.places),
            key=lambda place: -place.content_bytes,
        )
        wins.append(
            Win(
                what=_what(death, layer, files, born),
                how=_HOW[death],
                bytes=content_bytes,
                layer=layer,
                paths=tuple(
                    f"/{decode_path(place.path)} ({format_bytes(place.content_bytes)})"
                    for place in places[:_PATHS]
                ),
            )
        )
    return wins


def _what(death: Death, layer: int, files: int, born: list[int]) -> str:
    counted = _counted(files, "file")
    if death is Death.DELETED:
        return f"layer {layer} deletes {counted} that {_layers(born)} brought"
    if death is Death.OVERWRITTEN:
        return f"layer {layer} writes {counted} of {_layers(born)} again"
    if death is Death.METADATA_COPY:
        return f"layer {layer} copies {counted} of {_layers(born)} to change owner, mode or time"
    return f"layer {layer} holds {counted} twice"


def _layers(positions: list[int]) -> str:
    if len(positions) == 1:
        return f"layer {positions[0]}"
    if len(positions) > 4:
        return f"{len(positions)} layers"
    return f"layers {', '.join(map(str, positions[:-1]))} and {positions[-1]}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
