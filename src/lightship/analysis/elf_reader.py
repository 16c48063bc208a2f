"""ELF files: what lies where in one, as far as it can be seen; every number in it is a claim.

Format: System V ABI, chapters 4 and 5 ("Object Files", "Program Loading and Dynamic Linking").
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from lightship.layers.captures import Content

MAX_SECTIONS = 0x10000
MAX_SEGMENTS = 0x1000
MAX_NEEDED = 1024
_MAX_NAME_BYTES = 1024
_MAX_SECTION_NAME_BYTES = 256
_MAX_DYNAMIC_BYTES = 1024 * 1024
_IDENT_BYTES = 16

PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
SHT_SYMTAB, SHT_RELA, SHT_NOBITS, SHT_REL = 2, 4, 8, 9
SHF_ALLOC = 2
ET_REL, ET_EXEC, ET_DYN = 1, 2, 3
_DT_NULL, _DT_NEEDED, _DT_STRTAB, _DT_SONAME, _DT_RPATH, _DT_RUNPATH = 0, 1, 5, 14, 15, 29
_DT_FLAGS_1, _DF_1_PIE = 0x6FFFFFFB, 0x08000000
_PN_XNUM = _SHN_XINDEX = 0xFFFF


class Segment(NamedTuple):
    """What a program header says."""

    type: int
    offset: int
    address: int
    file_bytes: int


class Section(NamedTuple):
    """What a section header says.

    Attributes:
        name: up to 256 bytes of it; empty where the names cannot be read.
    """

    name: bytes
    type: int
    flags: int
    offset: int
    section_bytes: int
    link: int
    alignment: int

    @property
    def end(self) -> int:
        """Where its content ends in the file; 0 for NOBITS, which has none wherever it points."""
        return 0 if self.type == SHT_NOBITS else self.offset + self.section_bytes


class Dynamic(NamedTuple):
    """What the dynamic section says to the loader."""

    needed: tuple[bytes, ...] = ()
    soname: bytes = b""
    rpath: bytes = b""
    runpath: bytes = b""
    is_pie: bool = False


class ElfLayout(Struct, frozen=True):
    """An ELF file's header and tables.

    Attributes:
        bits: 32 or 64.
        is_little: whether its numbers are little-endian.
        type: `ET_REL`, `ET_EXEC`, `ET_DYN`...
        machine: the ABI's number: 62 is x86-64.
        segments, sections: empty where there are none, or where they are not seen.
        tables_end: where header and tables end in the file.
        is_seen: whether all tables could be read: in files above 64 MiB they may lie where nobody
            looked.
    """

    bits: int
    is_little: bool
    type: int
    machine: int
    segments: tuple[Segment, ...]
    sections: tuple[Section, ...]
    names_section: int
    tables_end: int
    is_seen: bool

    @property
    def section_header_bytes(self) -> int:
        """Of one section header."""
        return 64 if self.bits == 64 else 40

    @property
    def end(self) -> int:
        """Where everything that the tables tell of ends in the file."""
        ends = [one.offset + one.file_bytes for one in self.segments]
        return max(self.tables_end, *ends, *(one.end for one in self.sections), 0)

    def named(self, name: bytes) -> Section | None:
        """The first section of a name."""
        return next((one for one in self.sections if one.name == name), None)


class Seen:
    """The parts of a file that are there to be read: its head, and its tail."""

    def __init__(self, content: Content) -> None:
        self._head = content.head
        self._tail = content.tail
        self.file_bytes = content.content_bytes
        self._tail_at = content.content_bytes - len(content.tail)

    def read(self, offset: int, count: int) -> memoryview | bytes | None:
        """The bytes there; None where they are in the file but not seen.

        Raises:
            ValueError: the file is not that long.
        """
        end = offset + count
        if end > self.file_bytes:
            raise ValueError(f"the file is cut short: {end} bytes are spoken of")
        if end <= len(self._head):
            return self._head[offset:end]
        if offset >= self._tail_at:
            return self._tail[offset - self._tail_at : end - self._tail_at]
        return None

    def text(self, offset: int) -> bytes | None:
        """The NUL-terminated text there, up to `_MAX_NAME_BYTES`; None where it is not seen."""
        if offset >= self.file_bytes:
            raise ValueError("a name lies beyond the end of the file")
        count = min(_MAX_NAME_BYTES, self.file_bytes - offset)
        if offset < len(self._head):
            count = min(count, len(self._head) - offset)
        data = self.read(offset, count)
        return None if data is None else bytes(data).partition(b"\0")[0]


def read_layout(seen: Seen, *, with_sections: bool = True) -> ElfLayout:
    """The header and the tables; a loader reads no sections.

    Raises:
        ValueError: it is no ELF file, or is cut short, or its tables make no sense.
    """
    ident = _bytes(seen, 0, _IDENT_BYTES)
    bits, order = {1: 32, 2: 64}.get(ident[4]), {1: "<", 2: ">"}.get(ident[5])
    if ident[:4] != b"\x7fELF" or bits is None or order is None:
        raise ValueError("no ELF header")
    header = struct.Struct(order + ("HHIQQQIHHHHHH" if bits == 64 else "HHIIIIIHHHHHH"))
    kind, machine, _, _, phoff, shoff, _, ehsize, phentsize, phnum, shentsize, shnum, names = (
        header.unpack(_bytes(seen, _IDENT_BYTES, header.size))
    )
    rows = struct.Struct(order + ("IIQQQQIIQQ" if bits == 64 else "10I"))
    if shoff and (not shnum or names == _SHN_XINDEX or phnum == _PN_XNUM):
        first = rows.unpack(_bytes(seen, shoff, rows.size))
        shnum = shnum or first[5]
        names = first[6] if names == _SHN_XINDEX else names
        phnum = first[7] if phnum == _PN_XNUM else phnum
    if shnum > MAX_SECTIONS or phnum > MAX_SEGMENTS:
        raise ValueError(f"{shnum} sections and {phnum} segments are more than is read")
    segments: tuple[Segment, ...] | None = ()
    sections: tuple[Section, ...] | None = ()
    if phnum and phoff:
        if phentsize != (56 if bits == 64 else 32):
            raise ValueError(f"program headers of {phentsize} bytes")
        segments = _segments(seen, order, bits, phoff, phnum)
    if shnum and shoff and with_sections:
        if shentsize != rows.size:
            raise ValueError(f"section headers of {shentsize} bytes")
        sections = _sections(seen, rows, shoff, shnum, names)
    return ElfLayout(
        bits=bits,
        is_little=order == "<",
        type=kind,
        machine=machine,
        segments=segments or (),
        sections=sections or (),
        names_section=names,
        tables_end=max(ehsize, phoff + phnum * phentsize, shoff + shnum * shentsize),
        is_seen=segments is not None and sections is not None,
    )


def read_dynamic(seen: Seen, layout: ElfLayout) -> Dynamic | None:
    """What the loader is told; None where it is not seen.

    Raises:
        ValueError: it leads out of the file, or is longer than any real one.
    """
    if not layout.is_seen:
        return None
    segment = next((one for one in layout.segments if one.type == PT_DYNAMIC), None)
    if segment is None or not segment.file_bytes:
        return Dynamic()
    if segment.file_bytes > _MAX_DYNAMIC_BYTES:
        raise ValueError(f"a dynamic section of {segment.file_bytes} bytes")
    pair = struct.Struct(("<" if layout.is_little else ">") + ("QQ" if layout.bits == 64 else "II"))
    data = seen.read(segment.offset, segment.file_bytes // pair.size * pair.size)
    if data is None:
        return None
    wanted: dict[int, int] = {}
    needed: list[int] = []
    for tag, value in pair.iter_unpack(data):
        if tag == _DT_NULL:
            break
        if tag == _DT_NEEDED:
            needed.append(value)
        else:
            wanted[tag] = value
    if len(needed) > MAX_NEEDED:
        raise ValueError(f"{len(needed)} libraries needed are more than is read")
    names = offset_of(layout, wanted.get(_DT_STRTAB, 0))
    if names is None:
        return Dynamic()
    texts = [seen.text(names + value) for value in needed]
    soname, rpath, runpath = (
        seen.text(names + wanted[tag]) if tag in wanted else b""
        for tag in (_DT_SONAME, _DT_RPATH, _DT_RUNPATH)
    )
    if soname is None or rpath is None or runpath is None:
        return None
    is_pie = bool(wanted.get(_DT_FLAGS_1, 0) & _DF_1_PIE)
    known = [text for text in texts if text is not None]
    return Dynamic(tuple(known), soname, rpath, runpath, is_pie) if known == texts else None


def read_interpreter(seen: Seen, layout: ElfLayout) -> bytes:
    """The path of the program's loader; empty where it names none."""
    segment = next((one for one in layout.segments if one.type == PT_INTERP), None)
    if segment is None or not 0 < segment.file_bytes <= _MAX_NAME_BYTES:
        return b""
    return bytes(seen.read(segment.offset, segment.file_bytes) or b"").partition(b"\0")[0]


def _segments(
    seen: Seen, order: str, bits: int, offset: int, count: int
) -> tuple[Segment, ...] | None:
    row = struct.Struct(order + ("IIQQQQQQ" if bits == 64 else "8I"))
    data = seen.read(offset, row.size * count)
    if data is None:
        return None
    if bits == 64:
        return tuple(Segment(one[0], one[2], one[3], one[5]) for one in row.iter_unpack(data))
    return tuple(Segment(one[0], one[1], one[2], one[4]) for one in row.iter_unpack(data))


def _sections(
    seen: Seen, row: struct.Struct, offset: int, count: int, names: int
) -> tuple[Section, ...] | None:
    data = seen.read(offset, row.size * count)
    if data is None:
        return None
    rows = list(row.iter_unpack(data))
    texts = b""
    if 0 < names < count:
        texts = bytes(seen.read(rows[names][4], rows[names][5]) or b"")
    return tuple(
        Section(_name(texts, one[0]), one[1], one[2], one[4], one[5], one[6], one[8])
        for one in rows
    )


def _name(texts: bytes, at: int) -> bytes:
    longest = at + _MAX_SECTION_NAME_BYTES
    end = texts.find(b"\0", at, longest)
    return texts[at : end if end >= 0 else longest]


def offset_of(layout: ElfLayout, address: int) -> int | None:
    """Where in the file the byte is that a program finds at an address."""
    for one in layout.segments:
        if one.type == PT_LOAD and one.address <= address < one.address + one.file_bytes:
            return address - one.address + one.offset
    return None


def _bytes(seen: Seen, offset: int, count: int) -> memoryview | bytes:
    data = seen.read(offset, count)
    if data is None:
        raise ValueError(f"its tables at byte {offset} were not read")
    return data
