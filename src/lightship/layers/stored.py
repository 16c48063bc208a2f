"""A layer index as bytes, for the cache: columns, compressed one by one, and a checksum.

Layout: magic, format version, length of the table (u32), table (MessagePack), sections, xxh3-128 of
all before it. Never pickle: reading a stranger's file must not run it.
"""

from __future__ import annotations

import struct
from array import array
from typing import TYPE_CHECKING, Any, cast

import msgspec
import xxhash
from isal import isal_zlib

from lightship.layers.index import HASH_BYTES, Columns, LayerIndex, Rarities
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT_VERSION = 2
_MAGIC = b"lightship index\n"
_HEAD = struct.Struct("<16sII")
_ARRAYS = {
    "directories": "I",
    "content_bytes": "Q",
    "modes": "H",
    "uids": "I",
    "gids": "I",
    "mtimes_ns": "q",
    "offsets": "Q",
    "header_bytes": "I",
}
_ZLIB_ERROR = cast("type[Exception]", isal_zlib.error)
_ALL_KINDS = bytes(Kind)


class _Table(msgspec.Struct, frozen=True, kw_only=True):
    entries: int
    tar_bytes: int
    captures_fingerprint: str
    captures_complete: bool
    sections: dict[str, tuple[int, int]]  # stored and plain length, in order


class _StoredRarities(msgspec.Struct, frozen=True, kw_only=True):
    links: dict[int, bytes]
    devices: dict[int, tuple[int, int]]
    xattrs: dict[int, dict[bytes, bytes]]
    stored_bytes: dict[int, int]
    captures: dict[int, dict[str, bytes]]
    unreadable: dict[int, dict[str, str]]


def to_bytes(index: LayerIndex) -> bytes:
    """Serialise an index; the result depends on nothing but the index."""
    columns, rarities = index.columns, index.rarities
    plain: dict[str, bytes] = {name: _little(getattr(columns, name)) for name in _ARRAYS}
    plain["kinds"] = bytes(columns.kinds)
    plain["hashes"] = bytes(columns.hashes)
    plain["names"] = b"\0".join(columns.names)
    plain["paths"] = b"\0".join(index.directories)
    plain["rarities"] = msgspec.msgpack.encode(
        _StoredRarities(
            links=rarities.links,
            devices=rarities.devices,
            xattrs=rarities.xattrs,
            stored_bytes=rarities.stored_bytes,
            captures=rarities.captures,
            unreadable=rarities.unreadable,
        )
    )
    stored = {name: isal_zlib.compress(data, 1) for name, data in plain.items()}
    table = msgspec.msgpack.encode(
        _Table(
            entries=len(index),
            tar_bytes=index.tar_bytes,
            captures_fingerprint=index.captures_fingerprint,
            captures_complete=index.captures_complete,
            sections={name: (len(stored[name]), len(plain[name])) for name in plain},
        )
    )
    head = _HEAD.pack(_MAGIC, FORMAT_VERSION, len(table))
    body = b"".join((head, table, *stored.values()))
    return body + xxhash.xxh3_128_digest(body)


def from_bytes(data: bytes) -> LayerIndex:
    """Read what `to_bytes` wrote.

    Raises:
        ValueError: the data is damaged, or of another format version.
    """
    if len(data) < _HEAD.size + HASH_BYTES:
        raise ValueError("too short")
    body = memoryview(data)[:-HASH_BYTES]
    magic, version, table_bytes = _HEAD.unpack_from(data)
    if magic != _MAGIC or version != FORMAT_VERSION:
        raise ValueError("another format")
    if xxhash.xxh3_128_digest(body) != data[-HASH_BYTES:]:
        raise ValueError("damaged")
    try:
        return _decoded(body, _HEAD.size + table_bytes)
    except (msgspec.MsgspecError, KeyError, TypeError, _ZLIB_ERROR) as problem:
        raise ValueError(f"malformed ({problem})") from problem


def _decoded(body: memoryview, position: int) -> LayerIndex:
    table = msgspec.msgpack.decode(body[_HEAD.size : position], type=_Table)
    plain: dict[str, bytes] = {}
    for name, (stored_bytes, plain_bytes) in table.sections.items():
        plain[name] = isal_zlib.decompress(body[position : position + stored_bytes])
        if len(plain[name]) != plain_bytes:
            raise ValueError(f"section {name} has another length")
        position += stored_bytes
    return _checked(table, plain)


def _checked(table: _Table, plain: Mapping[str, bytes]) -> LayerIndex:
    columns = Columns(
        names=plain["names"].split(b"\0") if table.entries else [],
        kinds=bytearray(plain["kinds"]),
        hashes=bytearray(plain["hashes"]),
        **{name: _from_little(code, plain[name]) for name, code in _ARRAYS.items()},
    )
    directories = plain["paths"].split(b"\0")
    rarities = msgspec.msgpack.decode(plain["rarities"], type=_StoredRarities)
    lengths: dict[str, Any] = {
        name: getattr(columns, name) for name in (*_ARRAYS, "names", "kinds")
    }
    if any(len(column) != table.entries for column in lengths.values()) or (
        len(columns.hashes) != table.entries * HASH_BYTES
    ):
        raise ValueError("columns of different lengths")
    if max(columns.directories, default=0) >= len(directories):
        raise ValueError("an entry in no directory")
    if columns.kinds.translate(None, _ALL_KINDS):
        raise ValueError("an entry of no kind")
    links = (Kind.SYMLINK, Kind.HARD_LINK)
    if sum(columns.kinds.count(kind) for kind in links) > len(rarities.links):
        raise ValueError("a link without a target")
    return LayerIndex(
        directories=directories,
        columns=columns,
        rarities=Rarities(
            links=rarities.links,
            devices=rarities.devices,
            xattrs=rarities.xattrs,
            stored_bytes=rarities.stored_bytes,
            captures=rarities.captures,
            unreadable=rarities.unreadable,
        ),
        tar_bytes=table.tar_bytes,
        captures_fingerprint=table.captures_fingerprint,
        captures_complete=table.captures_complete,
    )


def _little(column: array[int]) -> bytes:
    return column.tobytes() if _is_little() else _swapped(column).tobytes()


def _from_little(code: str, data: bytes) -> array[int]:
    column = array(code, data)
    return column if _is_little() else _swapped(column)


def _is_little() -> bool:
    return struct.pack("=H", 1) == struct.pack("<H", 1)


def _swapped(column: array[int]) -> array[int]:
    copy = column[:]
    copy.byteswap()
    return copy
