"""Sparse files: which stretches of a file its tar record stores; the rest is NULs.

Formats: GNU tar manual, "Storing Sparse Files" (old GNU type `S`; PAX 0.0, 0.1 and 1.0).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.layers.headers import BLOCK, decimal, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Stretch = tuple[int, int]
"""Offset in the file and length, in bytes."""

_MAX_STRETCHES = 1_000_000


def old_gnu_map(block: bytes, next_block: Callable[[], bytes]) -> tuple[int, list[Stretch]]:
    """The real size and the map of an old GNU sparse file; `next_block` reads extension blocks.

    Raises:
        ValueError: a number is malformed.
    """
    real_bytes = number(block[483:495])
    stretches = list(_entries(block[386:482]))
    extended = block[482]
    while extended:
        block = next_block()
        stretches.extend(_entries(block[:504]))
        extended = block[504]
        if len(stretches) > _MAX_STRETCHES:
            raise ValueError("a sparse file of more than a million stretches")
    return real_bytes, stretches


def _entries(area: bytes) -> Iterator[Stretch]:
    for start in range(0, len(area), 24):
        if area[start] == 0:
            return
        yield number(area[start : start + 12]), number(area[start + 12 : start + 24])


def is_pax_sparse(records: Mapping[bytes, bytes]) -> int | None:
    """The major version of the PAX sparse format (0 or 1) that the records speak of, if any."""
    version = (records.get(b"GNU.sparse.major", b""), records.get(b"GNU.sparse.minor", b""))
    if version in ((b"0", b"0"), (b"0", b"1")):
        return 0
    if version == (b"1", b"0"):
        return 1
    if version == (b"", b"") and records.get(b"GNU.sparse.map"):
        return 0
    return None


def pax_map_in_records(records: Mapping[bytes, bytes]) -> list[Stretch]:
    """The map of formats 0.0 and 0.1.

    Raises:
        ValueError: it is malformed.
    """
    numbers = records.get(b"GNU.sparse.map", b"").split(b",")
    if numbers == [b""]:
        numbers = []
    if len(numbers) != 2 * decimal(records.get(b"GNU.sparse.numblocks", b"")):
        raise ValueError("a sparse map whose length is not what it says")
    values = [decimal(value) for value in numbers]
    return list(zip(values[::2], values[1::2], strict=True))


def pax_map_in_content(next_block: Callable[[], bytes]) -> tuple[int, list[Stretch]]:
    """The map of format 1.0, which stands before the content, and the bytes it takes there.

    Raises:
        ValueError: it is malformed.
    """
    text, used = b"", 0

    def numbers(count: int) -> list[int]:
        nonlocal text, used
        found: list[int] = []
        while len(found) < count:
            line, newline, rest = text.partition(b"\n")
            if newline:
                found.append(decimal(line))
                text = rest
                continue
            if len(text) > BLOCK:
                raise ValueError("a sparse map without line ends")
            text += next_block()
            used += BLOCK
        return found

    (count,) = numbers(1)
    if not 0 <= count <= _MAX_STRETCHES:
        raise ValueError("a sparse file of more than a million stretches")
    values = numbers(2 * count)
    return used, list(zip(values[::2], values[1::2], strict=True))


def check_map(stretches: list[Stretch], real_bytes: int, stored_bytes: int) -> None:
    """Hold a map against the file's size and the bytes its record stores.

    Raises:
        ValueError: stretches overlap, leave the file, or are more or less than what is stored.
    """
    position = 0
    for offset, length in stretches:
        if offset < position or length < 0:
            raise ValueError("a sparse map out of order")
        position = offset + length
    if real_bytes < 0 or position > real_bytes:
        raise ValueError("a sparse map that leaves its file")
    if sum(length for _, length in stretches) != stored_bytes:
        raise ValueError("a sparse file that stores more or less than its map says")
