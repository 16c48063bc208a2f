"""One sparse record by itself: where its content lies, read as the scanner reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.layers.captures import NO_CAPTURES
from lightship.layers.contents import Contents
from lightship.layers.extensions import Extensions
from lightship.layers.headers import BLOCK, parse_header
from lightship.layers.index import Rarities
from lightship.layers.limits import Allowance, Limits
from lightship.layers.window import Window

if TYPE_CHECKING:
    from lightship.layers.sparse import Stretch

_EXTENSIONS = frozenset(b"xgLK")


def sparse_stretches(record: bytes) -> tuple[int, list[Stretch], int]:
    """The real size of a sparse file, its stretches, and where in the record they are stored.

    Args:
        record: all of its record in a tar, extension headers first.

    Raises:
        ValueError: it is malformed.
    """
    window = Window(iter((record,)), Allowance(Limits()))
    extensions: Extensions | None = None
    while True:
        block = window.take(BLOCK, "a header")
        fields = parse_header(block)
        if fields.type_flag not in _EXTENSIONS:
            break
        extensions = Extensions.read(fields.type_flag, fields.size_bytes, window, extensions)
    size = extensions.size(fields.size_bytes) if extensions is not None else fields.size_bytes
    real_bytes, stretches, _, _ = Contents(window, NO_CAPTURES, Rarities()).map(
        block, size, extensions
    )
    return real_bytes, stretches, window.base + window.position
