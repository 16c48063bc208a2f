"""Data types: which files are data sets or model weights, by their name and first bytes."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

from lightship.catalogue.magics import magic_bytes
from lightship.layers.captures import CaptureRequest, Content

Kind = Literal["data set", "model weights"]
HEADS = "heads"
"""The reader whose extracts are files' first bytes, as `data_type_of` wants them."""
HEAD_BYTES = 32
HEADS_FROM_BYTES = 100_000
"""Of smaller files the first bytes are not kept: what they are called has to do."""
_PACKED = (b".gz", b".bz2", b".xz", b".zst", b".bgz")


class DataType(Struct, frozen=True, kw_only=True):
    """One row of data_types.toml, which says what each field means."""

    name: str
    title: str
    kind: Kind
    suffixes: tuple[str, ...]
    source: str
    telling: Literal["suffix", "both", "magic"]
    magic: tuple[str, ...] = ()
    magic_at: int = 0
    least_bytes: int = 0

    def begins(self, head: bytes) -> bool:
        """Whether a content that begins so can be of this type."""
        return not self.magic or head.startswith(magic_bytes(self.magic), self.magic_at)


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    type: tuple[DataType, ...]


class _Lookup(Struct, frozen=True):
    """The table by suffix, longest suffixes apart, and those that their first bytes tell."""

    by_suffix: dict[bytes, tuple[DataType, ...]]
    telling: tuple[DataType, ...]


@cache
def data_types() -> tuple[DataType, ...]:
    """Every type, in the table's order."""
    text = files(__package__).joinpath("data_types.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=_Table).type


def data_type_of(name: bytes, head: bytes = b"") -> DataType | None:
    """What a file is, by its last path component and its first `HEAD_BYTES`; None for no data.

    Without `head` only a name that is enough by itself tells. Whether the file is large enough to
    matter, `DataType.least_bytes` says.
    """
    lookup = _lookup()
    packed = head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"))
    for suffix in suffixes_of(name):
        for kind in lookup.by_suffix.get(suffix, ()):
            if not head or packed:
                if kind.telling != "both":
                    return kind
            elif kind.begins(head):
                return kind
    if head:
        for kind in lookup.telling:
            if kind.begins(head):
                return kind
    return None


def suffixes_of(name: bytes) -> tuple[bytes, ...]:
    """Ends of a name that can be a suffix, in lower case: the last one, and one before `.gz`."""
    stem = name.lower()
    if stem.endswith(_PACKED):
        stem = stem[: stem.rfind(b".")]
    at = stem.rfind(b".")
    return (stem[at:],) if at >= 0 else ()


def heads_request() -> CaptureRequest:
    """Asks for the first bytes of every file that is large enough to be data."""
    return CaptureRequest(
        name=HEADS,
        version=1,
        at_least_bytes=HEADS_FROM_BYTES,
        head_bytes=HEAD_BYTES,
        extract=_head,
    )


def _head(content: Content) -> bytes:
    return bytes(content.head[:HEAD_BYTES])


@cache
def _lookup() -> _Lookup:
    by_suffix: dict[bytes, tuple[DataType, ...]] = {}
    for kind in data_types():
        for suffix in kind.suffixes:
            by_suffix[suffix.encode()] = (*by_suffix.get(suffix.encode(), ()), kind)
    return _Lookup(by_suffix, tuple(kind for kind in data_types() if kind.telling == "magic"))
