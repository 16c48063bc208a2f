"""Sparse records written plainly: engines refuse GNU's sparse type (docker/cli#6153)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.layers.sparse_records import sparse_stretches

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 4 * 1024**3
"""A sparse file that is larger is refused: written plainly it would fill disks."""
_HOLE = bytes(1024 * 1024)


def expanded(record: bytes) -> Iterator[bytes | memoryview]:
    """The content of a sparse file, holes filled.

    Args:
        record: all of its record in the tar: headers, map, and what is stored.
    """
    real_bytes, stretches, content_start = sparse_stretches(record)
    view = memoryview(record)[content_start:]
    position = 0
    for offset, length in stretches:
        yield from _hole(offset - position)
        yield view[:length]
        view = view[length:]
        position = offset + length
    yield from _hole(real_bytes - position)


def _hole(count: int) -> Iterator[bytes]:
    while count > 0:
        yield _HOLE[: min(count, len(_HOLE))]
        count -= len(_HOLE)
