"""What is odd about an image and bears on its figures, or on who can run it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.entry import Kind
from lightship.printable import decode_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.analysis.instructions import Instructions
    from lightship.filetree.tree import FileTree
    from lightship.layers.scan import LayerScan
    from lightship.model.documents import HistoryEntry

_NAMED = 3
# overlay2's lower directories must fit one page of mount options (ublue-os/aurora#2748).
_MOST_LAYERS = 127


def warnings_about(
    tree: FileTree,
    scans: Sequence[LayerScan],
    history: Sequence[HistoryEntry],
    instructions: Instructions,
) -> tuple[str, ...]:
    """One sentence each, names from the image inside."""
    found = [*_lost_links(tree), *_sparse(scans), *_history(scans, history, instructions)]
    if len(scans) > _MOST_LAYERS:
        found.append(
            f"{len(scans)} layers: Docker's overlay2 refuses more than about {_MOST_LAYERS}"
        )
    return tuple(found)


def _lost_links(tree: FileTree) -> list[str]:
    found = []
    for record in tree.lost_links[:_NAMED]:
        position, index, entry = tree.locate(record)
        target = decode_path(index.rarities.links[entry])
        found.append(
            f"layer {position}: the hard link {decode_path(index.path(entry))!r} has no target "
            f"({target!r}); engines refuse it"
        )
    if len(tree.lost_links) > _NAMED:
        found.append(f"{len(tree.lost_links) - _NAMED} more hard links without a target")
    return found


def _sparse(scans: Sequence[LayerScan]) -> list[str]:
    """Docker refuses sparse records (docker/cli#6153)."""
    found = []
    for position, scan in enumerate(scans, 1):
        kinds = scan.index.columns.kinds
        entries = [entry for entry in scan.index.rarities.stored_bytes if not kinds[entry]]
        if entries and kinds[entries[0]] == Kind.REGULAR:
            names = ", ".join(repr(decode_path(scan.index.path(e))) for e in entries[:_NAMED])
            files = "sparse file" if len(entries) == 1 else "sparse files"
            found.append(f"layer {position} stores {len(entries)} {files}: {names}")
    return found


def _history(
    scans: Sequence[LayerScan], history: Sequence[HistoryEntry], instructions: Instructions
) -> list[str]:
    if not instructions.guessed:
        return []
    made = sum(not entry.empty_layer for entry in history)
    text = f"the history speaks of {made} layers and there are {len(scans)}"
    return [f"{text}: which instruction made which layer is a guess"]
