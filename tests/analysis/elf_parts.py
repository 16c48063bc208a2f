"""ELF files: made by a real compiler, and written byte by byte."""

from __future__ import annotations

import struct
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from lightship.analysis.elf import Elf, read_elf
from lightship.layers.captures import Content

SOURCE = """
#include <stdio.h>
int twice(int x) { return 2 * x; }
static int more(int x) { return x + 1; }
int main(int count, char **words) { printf("%d %s\\n", twice(more(count)), words[0]); return 0; }
"""


def content_of(data: bytes, head_bytes: int | None = None, tail_bytes: int = 0) -> Content:
    """A file as a reader is given it."""
    head = memoryview(data)[:head_bytes]
    tail = data[-tail_bytes:] if tail_bytes and len(head) < len(data) else b""
    return Content(head, len(data), tail)


def read(data: bytes) -> Elf:
    return read_elf(content_of(data))


@cache
def compiled(*options: str, compiler: str = "gcc", source: str = SOURCE) -> bytes:
    """What a real compiler makes with these options."""
    with TemporaryDirectory() as folder:
        made = Path(folder, "made")
        Path(folder, "main.c").write_text(source)
        subprocess.run(
            [compiler, *options, "-o", str(made), "main.c"], cwd=folder, check=True, timeout=60
        )
        return made.read_bytes()


def stripped(data: bytes, option: str = "--strip-unneeded") -> bytes:
    """What the real `strip` makes of a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_bytes(data)
        subprocess.run(["strip", option, str(path)], check=True, timeout=60)
        return path.read_bytes()


class Part(NamedTuple):
    """A section to write."""

    name: bytes
    content: bytes = b""
    type: int = 1
    flags: int = 0
    link: int = 0


def written(
    *parts: Part,
    bits: int = 64,
    order: str = "<",
    type: int = 3,  # noqa: A002 - the field's name
    machine: int = 62,
    interpreter: bytes = b"",
    needed: tuple[bytes, ...] = (),
    soname: bytes = b"",
    rpath: bytes = b"",
    runpath: bytes = b"",
) -> bytes:
    """A small ELF file: header, program headers, contents, names, section headers."""
    word = "Q" if bits == 64 else "I"
    ehsize, phsize, shsize = (64, 56, 64) if bits == 64 else (52, 32, 40)
    strings = bytearray(b"\0")

    def string(text: bytes) -> int:
        at = len(strings)
        strings.extend(text + b"\0")
        return at

    tags = [(1, string(name)) for name in needed]
    tags += [
        (tag, string(text)) for tag, text in ((14, soname), (15, rpath), (29, runpath)) if text
    ]
    base = ehsize + 3 * phsize
    interpreter_at = base
    strings_at = interpreter_at + len(interpreter) + 1
    dynamic_at = -(-(strings_at + len(strings)) // 8) * 8
    tags += [(5, strings_at), (0, 0)]
    dynamic = b"".join(struct.pack(f"{order}2{word}", *tag) for tag in tags)
    body = bytearray(interpreter + b"\0" + strings)
    body += bytes(dynamic_at - base - len(body)) + dynamic
    names = bytearray(b"\0")
    rows = [(0, 0, 0, 0, 0, 0)]
    loaded = base + len(body)
    for part in parts:
        rows.append(
            (len(names), part.type, part.flags, base + len(body), len(part.content), part.link)
        )
        names += part.name + b"\0"
        body += part.content if part.type != 8 else b""
        loaded = base + len(body) if part.flags & 2 else loaded
    rows.append((len(names), 3, 0, base + len(body), len(names) + 10, 0))
    body += names + b".shstrtab\0"
    body += bytes(-(base + len(body)) % 8)
    segments = [
        (1, 0, 0, loaded),
        (2 if needed or soname or rpath or runpath else 0, dynamic_at, dynamic_at, len(dynamic)),
        (3 if interpreter else 0, interpreter_at, interpreter_at, len(interpreter) + 1),
    ]
    head = b"\x7fELF" + bytes((bits // 32, 1 if order == "<" else 2, 1)) + bytes(9)
    head += struct.pack(
        f"{order}HHI3{word}I6H",
        *(type, machine, 1, 0, ehsize, base + len(body), 0),
        *(ehsize, phsize, len(segments), shsize, len(rows), len(rows) - 1),
    )
    for kind, offset, address, size in segments:
        values = (offset, address, address, size, size)
        if bits == 64:
            head += struct.pack(f"{order}II6Q", kind, 4, *values, 1)
        else:
            head += struct.pack(f"{order}8I", kind, *values, 4, 1)
    tail = b"".join(
        struct.pack(f"{order}II4{word}II2{word}", name, kind, flags, 0, at, size, link, 0, 1, 0)
        for name, kind, flags, at, size, link in rows
    )
    return bytes(head + body + tail)
