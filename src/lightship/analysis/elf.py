"""ELF files of an image: what each needs, what it carries along, and what stripping would free."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.analysis.elf_reader import (
    ET_DYN,
    ET_EXEC,
    SHF_ALLOC,
    SHT_NOBITS,
    SHT_SYMTAB,
    Dynamic,
    Seen,
    read_dynamic,
    read_interpreter,
    read_layout,
)
from lightship.analysis.stripping import debug_bytes, stripped_bytes
from lightship.layers.captures import MAX_HEAD_BYTES, CaptureRequest

if TYPE_CHECKING:
    from lightship.analysis.elf_reader import ElfLayout
    from lightship.analysis.packages.records import Records
    from lightship.layers.captures import Content

READER = "elf"
_TAIL_BYTES = 1024 * 1024
_MODULE_SIGNATURE = b"~Module signature appended~\n"
# Padding that a linker or a tool leaves at the end; real payloads are longer.
_MAX_PADDING_BYTES = 4096
_MAX_COMMENT_BYTES = 65536
_GNU_NOTE_BYTES = 16


class Mark(IntFlag):
    """What else an ELF file is."""

    GO = 1
    RUST = 2
    KERNEL_MODULE = 4
    SIGNED = 8
    """A kernel module with its signature behind it."""
    PAYLOAD = 16
    """A section holds what the program reads from its own file (PyInstaller's `pydata`)."""
    DEBUG_FILE = 32
    """Only symbols: the code is in another file."""
    PIE = 64
    """A program, though of the type of a library."""
    DEBUGLINK = 128
    """Names a file that holds its symbols."""


class Elf(Struct, frozen=True, kw_only=True, array_like=True, omit_defaults=True):
    """What is known of one ELF file.

    Attributes:
        machine: the ABI's number: 62 is x86-64, 183 is AArch64.
        type: `elf_reader.ET_EXEC`, `ET_DYN`, `ET_REL`...
        bits: 32 or 64.
        is_little: whether its numbers are little-endian.
        interpreter: path of its loader; empty where it names none (a library, a static program).
        needed: SONAMEs that it needs, in order.
        rpath, runpath: search path, elements parted by colons, as written.
        has_symtab: whether it has a symbol table that no loader reads.
        debug_bytes: of its debugging sections.
        strip_bytes: what `strip --strip-unneeded` frees of the file (of a kernel module: what
            `strip --strip-debug` does); at most 64 bytes off for what GNU tools linked.
        appended_bytes: behind everything that the tables tell of.
        gpu_bytes: code for NVIDIA GPUs (`.nv_fatbin`).
        is_needed_known: whether `needed`, `soname` and the paths could be seen: in files above
            64 MiB they may lie where nobody looked.
    """

    machine: int
    type: int
    bits: int
    is_little: bool = True
    marks: int = 0
    interpreter: bytes = b""
    soname: bytes = b""
    needed: tuple[bytes, ...] = ()
    rpath: bytes = b""
    runpath: bytes = b""
    has_symtab: bool = False
    debug_bytes: int = 0
    strip_bytes: int = 0
    appended_bytes: int = 0
    gpu_bytes: int = 0
    build_id: bytes = b""
    is_needed_known: bool = True

    @property
    def is_linked(self) -> bool:
        """Whether it is a program or a shared library."""
        return self.type in (ET_EXEC, ET_DYN)

    @property
    def can_be_stripped(self) -> bool:
        """Whether stripping leaves it working: it reads nothing of its own file."""
        never = Mark.SIGNED | Mark.PAYLOAD | Mark.DEBUG_FILE
        return not self.marks & never and not self.appended_bytes

    def has(self, mark: Mark) -> bool:
        """Whether it has a mark."""
        return bool(self.marks & mark)


class ElfFile(Struct, frozen=True):
    """One visible ELF file; `path` is its inode's first name."""

    path: bytes
    record: int
    content_bytes: int
    elf: Elf


def elf_requests() -> tuple[CaptureRequest, ...]:
    """What must be captured for `elves`."""
    return (_REQUEST,)


def elves(records: Records) -> list[ElfFile]:
    """The visible ELF files in byte order of their paths; those that cannot be read are left out.

    `Record.problem` of `records.of("elf")` says why.
    """
    return [
        ElfFile(one.path, one.record, one.content_bytes, _DECODER.decode(one.extract))
        for one in records.of(READER)
        if one.extract is not None
    ]


def read_elf(content: Content) -> Elf:
    """What an ELF file says of itself.

    Raises:
        ValueError: it is no ELF file, or is cut short, or its tables make no sense.
    """
    seen = Seen(content)
    layout = read_layout(seen)
    marks = _marks(seen, layout)
    is_code = not marks & Mark.DEBUG_FILE
    dynamic = read_dynamic(seen, layout) if is_code else Dynamic()
    fatbin = layout.named(b".nv_fatbin")
    stripped = stripped_bytes(layout, content.content_bytes) if is_code else content.content_bytes
    known = dynamic or Dynamic()
    return Elf(
        machine=layout.machine,
        type=layout.type,
        bits=layout.bits,
        is_little=layout.is_little,
        marks=int(marks | (Mark.PIE if known.is_pie else 0)),
        interpreter=read_interpreter(seen, layout) if is_code else b"",
        soname=known.soname,
        needed=known.needed,
        rpath=known.rpath,
        runpath=known.runpath,
        has_symtab=any(one.type == SHT_SYMTAB for one in layout.sections),
        debug_bytes=min(debug_bytes(layout), content.content_bytes),
        strip_bytes=content.content_bytes - stripped,
        appended_bytes=_appended(seen, layout) if is_code else 0,
        gpu_bytes=min(fatbin.section_bytes, content.content_bytes) if fatbin is not None else 0,
        build_id=_build_id(seen, layout),
        is_needed_known=dynamic is not None,
    )


def _extract(content: Content) -> bytes:
    return _ENCODER.encode(read_elf(content))


def _marks(seen: Seen, layout: ElfLayout) -> Mark:
    names = {one.name for one in layout.sections}
    marks = Mark(0)
    if names & {b".go.buildinfo", b".note.go.buildid", b".gopclntab"}:
        marks |= Mark.GO
    if b".gnu.linkonce.this_module" in names:
        marks |= Mark.KERNEL_MODULE
        end = len(_MODULE_SIGNATURE)
        if seen.file_bytes >= end and seen.read(seen.file_bytes - end, end) == _MODULE_SIGNATURE:
            marks |= Mark.SIGNED
    if b"pydata" in names:
        marks |= Mark.PAYLOAD
    if b".gnu_debuglink" in names:
        marks |= Mark.DEBUGLINK
    if b"rustc version" in _content(seen, layout, b".comment"):
        marks |= Mark.RUST
    loaded = [one for one in layout.sections if one.flags & SHF_ALLOC and one.name == b".text"]
    if layout.type in (ET_EXEC, ET_DYN) and loaded and loaded[0].type == SHT_NOBITS:
        marks |= Mark.DEBUG_FILE
    return marks


def _content(seen: Seen, layout: ElfLayout, name: bytes) -> bytes:
    section = layout.named(name)
    if section is None or section.type == SHT_NOBITS:
        return b""
    return bytes(seen.read(section.offset, min(section.section_bytes, _MAX_COMMENT_BYTES)) or b"")


def _build_id(seen: Seen, layout: ElfLayout) -> bytes:
    note = _content(seen, layout, b".note.gnu.build-id")
    return note[_GNU_NOTE_BYTES : _GNU_NOTE_BYTES + 64]


def _appended(seen: Seen, layout: ElfLayout) -> int:
    if not layout.is_seen:
        return 0
    end = layout.end
    count = seen.file_bytes - end
    if count < 0:
        raise ValueError(f"the file is cut short: {end} bytes are spoken of")
    if count <= _MAX_PADDING_BYTES:
        data = seen.read(end, count)
        if data is not None and not bytes(data).strip(b"\0"):
            return 0
    return count


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Elf)
_REQUEST = CaptureRequest(
    name=READER,
    version=1,
    magics=frozenset((b"\x7fELF",)),
    head_bytes=MAX_HEAD_BYTES,
    tail_bytes=_TAIL_BYTES,
    extract=_extract,
)
