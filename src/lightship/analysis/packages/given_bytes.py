"""Bytes at a place of a file of which a reader has the head and the tail."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lightship.layers.captures import Content


def given(content: Content, at: int, count: int) -> bytes:
    """Bytes of a file at a place, as far as its head or its tail has them; never more."""
    if at < 0 or count <= 0:
        return b""
    if at + count <= len(content.head) or content.is_whole:
        return bytes(content.head[at : at + count])
    tail_at = content.content_bytes - len(content.tail)
    if at < tail_at:
        return bytes(content.head[at : at + count])
    return content.tail[at - tail_at : at - tail_at + count]
