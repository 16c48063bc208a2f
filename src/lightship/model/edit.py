"""An edit: a range of a text and what stands there instead."""

from __future__ import annotations

from msgspec import Struct


class Edit(Struct, frozen=True, order=True):
    """Replace `text[start:end]` by `replacement`; `start == end` inserts.

    Offsets count characters of the text as `dockerfile.tree.to_text` decodes a file.
    """

    start: int
    end: int
    replacement: str
