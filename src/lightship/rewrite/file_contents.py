"""One file's content, read from its layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lightship.filetree.tree import FileTree
    from lightship.rewrite.copying import Sources


def content_at(tree: FileTree, record: int, sources: Sources) -> bytes:
    """The content of a regular file, in memory.

    Raises:
        CorruptInputError: its layer has changed meanwhile.
    """
    position, index, entry = tree.locate(record)
    start = index.columns.offsets[entry] + index.columns.header_bytes[entry]
    size = index.columns.content_bytes[entry]
    parts: list[bytes] = []
    place = 0
    for piece in sources.pieces(position):
        if place < start + size and start < place + len(piece):
            parts.append(piece[max(start - place, 0) : start + size - place])
        place += len(piece)
    return b"".join(parts)
