"""Shared libraries with symbols, written byte by byte: the numbers of every size and order."""

from __future__ import annotations

import struct
from typing import NamedTuple

_WORD, _LAZY = 1, 7  # R_X86_64_64, R_X86_64_JUMP_SLOT: what a type is, nobody asks here


class Symbol(NamedTuple):
    name: bytes
    version: bytes = b""
    is_defined: bool = False
    is_weak: bool = False
    is_lazy: bool = False


def with_symbols(
    *symbols: Symbol,
    library: bytes = b"liba.so.1",
    soname: bytes = b"",
    bits: int = 64,
    order: str = "<",
    machine: int = 62,
) -> bytes:
    """A library with these symbols; each undefined one is asked for by a relocation."""
    is_wide = bits == 64
    word = "Q" if is_wide else "I"
    ehsize, phsize = (64, 56) if is_wide else (52, 32)
    body = bytearray()
    start = ehsize + 2 * phsize
    strings = bytearray(b"\0")

    def string(text: bytes) -> int:
        strings.extend(text + b"\0")
        return len(strings) - len(text) - 1

    def put(data: bytes) -> int:
        body.extend(bytes(-len(body) % 8))
        body.extend(data)
        return start + len(body) - len(data)

    def pack(form: str, *values: int) -> bytes:
        return struct.pack(order + form, *values)

    versions = sorted({one.version for one in symbols if one.version})
    table = [bytes(24 if is_wide else 16)]
    numbers = [pack("H", 0)]
    relocations: dict[bool, list[bytes]] = {False: [], True: []}
    for place, one in enumerate(symbols, 1):
        info, section = (0x20 if one.is_weak else 0x10) | 2, int(one.is_defined)
        name = string(one.name)
        if is_wide:
            table.append(pack("IBBHQQ", name, info, 0, section, 0x100, 8))
        else:
            table.append(pack("IIIBBH", name, 0x100, 8, info, 0, section))
        numbers.append(pack("H", versions.index(one.version) + 2 if one.version else 1))
        if not one.is_defined:
            kind = _LAZY if one.is_lazy else _WORD
            about = place << 32 | kind if is_wide else place << 8 | kind
            relocations[one.is_lazy].append(pack(f"3{word}", 0x1000, about, 0))
    count = len(symbols) + 1
    chains = b"".join(pack("I", (place + 1) % count) for place in range(count))
    tags = [
        (6, put(b"".join(table))),
        (4, put(pack("III", 1, count, 1) + chains)),
        (7, put(b"".join(relocations[False]))),
        (8, len(b"".join(relocations[False]))),
        (23, put(b"".join(relocations[True]))),
        (2, len(b"".join(relocations[True]))),
        (20, 7),
        (1, string(library)),
    ]
    if soname:
        tags.append((14, string(soname)))
    if versions:
        need = pack("HHIII", 1, len(versions), string(library), 16, 0)
        for place, version in enumerate(versions):
            further = 0 if place == len(versions) - 1 else 16
            need += pack("IHHII", 0, 0, place + 2, string(version), further)
        tags += [(0x6FFFFFFE, put(need)), (0x6FFFFFFF, 1)]
        tags.append((0x6FFFFFF0, put(b"".join(numbers))))
    tags += [(5, put(bytes(strings))), (10, len(strings)), (0, 0)]
    dynamic = b"".join(pack(f"2{word}", *tag) for tag in tags)
    at = put(dynamic)
    end = start + len(body)
    head = b"\x7fELF" + bytes((bits // 32, 1 if order == "<" else 2, 1)) + bytes(9)
    head += pack(f"HHI3{word}I6H", 3, machine, 1, 0, ehsize, 0, 0, ehsize, phsize, 2, 0, 0, 0)
    for kind, offset, size in ((1, 0, end), (2, at, len(dynamic))):
        where = (offset, offset, offset, size, size)
        if is_wide:
            head += pack("II6Q", kind, 4, *where, 8)
        else:
            head += pack("8I", kind, *where, 4, 8)
    return bytes(head + body)
