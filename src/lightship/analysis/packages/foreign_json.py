"""JSON out of an image: whatever it holds, a value of the wanted type or a ValueError."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

if TYPE_CHECKING:
    from lightship.layers.captures import Content

T = TypeVar("T")
_BOM = b"\xef\xbb\xbf"


def decoded(content: Content, wanted: type[T]) -> T:
    """A whole file's JSON as `wanted`; of a key that stands twice the last counts, as usual.

    Raises:
        ValueError: it is not whole, no JSON, nested too deep, or of another shape.
    """
    if not content.is_whole:
        raise ValueError(f"{content.content_bytes} bytes are more than is read")
    data: memoryview | bytes = content.head
    if data[:3] == _BOM:
        data = data[3:]
    try:
        try:
            return msgspec.json.decode(data, type=wanted)
        except UnicodeDecodeError:  # read as Node and PHP do, with U+FFFD for what is no UTF-8
            return msgspec.json.decode(bytes(data).decode("utf-8", "replace"), type=wanted)
    except RecursionError as problem:
        raise ValueError("nested too deep") from problem
    except msgspec.MsgspecError as problem:
        raise ValueError(f"no such JSON as expected ({problem})") from problem


def text(value: object, max_chars: int) -> str:
    """A string of a foreign value, if it is one of at most so many characters; else empty."""
    return value if isinstance(value, str) and len(value) <= max_chars else ""


def keys(value: object, max_chars: int) -> list[str]:
    """The keys of a foreign object that are no longer than that; none of anything else."""
    if not isinstance(value, dict):
        return []
    return [key for key in value if isinstance(key, str) and 0 < len(key) <= max_chars]
