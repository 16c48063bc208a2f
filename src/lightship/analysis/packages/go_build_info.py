"""The build information that the Go linker puts into every program.

Source: Go's packages `debug/buildinfo` and `runtime/debug` (pkg.go.dev), which define how it is
found and written: 16-aligned magic at the start of the section `.go.buildinfo`, which is a data
segment's start where sections are stripped. Since Go 1.18 two strings follow with their lengths as
varints; before, two pointers to Go's string headers. The second string is the module information,
tab-separated lines between two sentinels of 16 bytes.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from lightship.analysis.packages.given_bytes import given

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.layers.captures import Content

_MAGIC = b"\xff Go buildinf:"
_HEADER_BYTES = 32
_ALIGNMENT = 16
_SENTINEL_BYTES = 16
_SEARCHED_BYTES = 64 * 1024
_MAX_TEXT_BYTES = 4 * 1024 * 1024
_MAX_VARINT_BYTES = 9
_MAX_HEADERS = 4096
_LOAD, _NOTE = 1, 4
_GO_NOTE = b"Go\0\0"
_EXECUTABLE, _WRITABLE = 1, 2
_Order = Literal["<", ">"]


class Module(Struct, frozen=True, array_like=True):
    """A module and its version, which is `(devel)` or empty of one that was built in place."""

    path: str
    version: str


class BuildInfo(Struct, frozen=True, array_like=True):
    """What a program says of how it was built.

    Attributes:
        go: version of the toolchain.
        path: of the main package.
        main: its module; None where there is none.
        deps: modules that it needs, each as it was replaced.
        settings: of the build, such as `GOOS`.
    """

    go: str
    path: str
    main: Module | None
    deps: list[Module]
    settings: dict[str, str]


class _Segment(Struct, frozen=True):
    kind: int
    flags: int
    offset: int
    address: int
    file_bytes: int


class _Elf:
    """As much of an ELF file as leads to the build information."""

    def __init__(self, content: Content, start: bytes) -> None:
        self.content = content
        self.order: _Order = "<" if start[5] == 1 else ">"
        self.is_64 = start[4] == 2
        self.pointer = struct.Struct(self.order + ("Q" if self.is_64 else "I"))
        form, at = ("QQ", 32) if self.is_64 else ("II", 28)
        self._segments_at, self._sections_at = struct.unpack_from(self.order + form, start, at)
        counts = struct.unpack_from(self.order + "HHHHH", start, 54 if self.is_64 else 42)
        self._segment_bytes, self._segment_count = counts[:2]
        self._section_bytes, self._section_count, self._names_index = counts[2:]
        self.segments = list(self._read_segments())

    def _read_segments(self) -> Iterator[_Segment]:
        form = "IIQQQQQQ" if self.is_64 else "IIIIIIII"
        table = self._table(form, self._segments_at, self._segment_bytes, self._segment_count)
        for fields in table:
            if self.is_64:
                kind, flags, offset, address, _, file_bytes = fields[:6]
            else:
                kind, offset, address, _, file_bytes, _, flags = fields[:7]
            yield _Segment(kind, flags, offset, address, file_bytes)

    def _table(self, form: str, at: int, entry_bytes: int, count: int) -> list[tuple[int, ...]]:
        """The rows of a table of headers; none where it is not given as a whole."""
        row = struct.Struct(self.order + form)
        table_bytes = entry_bytes * count
        if entry_bytes < row.size or count > _MAX_HEADERS:
            return []
        table = given(self.content, at, table_bytes)
        if len(table) < table_bytes:
            return []
        return [row.unpack_from(table, number * entry_bytes) for number in range(count)]

    def section(self, name: bytes) -> tuple[int, int] | None:
        """Offset and length of a section, where the section headers are given."""
        headers = self._section_headers()
        if self._names_index >= len(headers):
            return None
        _, at, count = headers[self._names_index]
        names = given(self.content, at, min(count, _SEARCHED_BYTES))
        for name_at, offset, length in headers:
            if names[name_at : name_at + len(name) + 1] == name + b"\0":
                return offset, length
        return None

    def _section_headers(self) -> list[tuple[int, int, int]]:
        """Of each section where its name is, its offset and its length."""
        form = "IIQQQQ" if self.is_64 else "IIIIII"
        table = self._table(form, self._sections_at, self._section_bytes, self._section_count)
        return [(fields[0], fields[4], fields[5]) for fields in table]

    def is_go(self) -> bool:
        """Whether it has the note with Go's build ID."""
        return any(
            segment.kind == _NOTE and _GO_NOTE in given(self.content, segment.offset, 64)
            for segment in self.segments
        )

    def at_address(self, address: int, count: int) -> bytes | None:
        """Bytes at an address in memory, where the file has them all."""
        for one in self.segments:
            if one.kind == _LOAD and one.address <= address < one.address + one.file_bytes:
                at = one.offset + address - one.address
                left = one.address + one.file_bytes - address
                found = given(self.content, at, count)
                return found if count <= left and len(found) == count else None
        return None


def read_build_info(content: Content) -> BuildInfo | None:
    """What a Go program says of itself; None of what is no Go program.

    Of a Go program whose build information is not in what is given, everything is empty.

    Raises:
        ValueError: its build information is damaged.
    """
    start = bytes(content.head[:64])
    if len(start) < 64 or start[4] not in (1, 2) or start[5] not in (1, 2):
        return None  # cut short: whoever reads ELF files says so
    elf = _Elf(content, start)
    at = _find(elf)
    if at is None:
        if elf.is_go() and not content.is_whole:
            return BuildInfo("", "", None, [], {})
        return None
    header = given(content, at, _HEADER_BYTES)
    if len(header) < _HEADER_BYTES:
        raise ValueError("its build information is cut short")
    if header[15] & 2:
        go, position = _inlined(content, at + _HEADER_BYTES)
        modules, _ = _inlined(content, position)
    else:
        go, modules = _pointed(elf, header)
    return _parsed(go.decode("utf-8", "replace"), modules)


def _find(elf: _Elf) -> int | None:
    places = [
        (one.offset, one.file_bytes)
        for one in elf.segments
        if one.kind == _LOAD and one.flags & (_EXECUTABLE | _WRITABLE) == _WRITABLE
    ][:1]
    section = elf.section(b".go.buildinfo")
    for offset, length in [section, *places] if section else places:
        piece = given(elf.content, offset, min(length, _SEARCHED_BYTES))
        at = piece.find(_MAGIC)
        while at >= 0:
            if not at % _ALIGNMENT:
                return offset + at
            at = piece.find(_MAGIC, at + 1)
    return None


def _inlined(content: Content, at: int) -> tuple[bytes, int]:
    """A string after its length as a varint, and where it ends."""
    length = 0
    for number, byte in enumerate(given(content, at, _MAX_VARINT_BYTES)):
        length |= (byte & 0x7F) << 7 * number
        if not byte & 0x80:
            start = at + number + 1
            text = given(content, start, length) if length <= _MAX_TEXT_BYTES else b""
            if len(text) < length:
                break
            return text, start + length
    raise ValueError("its build information is damaged: a string that does not end in the file")


def _pointed(elf: _Elf, header: bytes) -> tuple[bytes, bytes]:
    """The two strings that the header of a Go before 1.18 points to."""
    order = ">" if header[15] & 1 else "<"
    pointer = struct.Struct(order + {4: "I", 8: "Q"}.get(header[14], "Q"))
    texts: list[bytes] = []
    for at in (16, 16 + pointer.size):
        (address,) = pointer.unpack_from(header, at)
        written = elf.at_address(address, 2 * pointer.size)
        if written is None:
            texts.append(b"")
            continue
        start = pointer.unpack_from(written)[0]
        length = pointer.unpack_from(written, pointer.size)[0]
        found = elf.at_address(start, length) if length <= _MAX_TEXT_BYTES else None
        texts.append(found if found is not None else b"")
    if not texts[0]:
        raise ValueError("its build information is damaged: pointers that lead nowhere")
    return texts[0], texts[1]


def _parsed(go: str, modules: bytes) -> BuildInfo:
    text = b""
    if len(modules) > 2 * _SENTINEL_BYTES and modules[-_SENTINEL_BYTES - 1 :][:1] == b"\n":
        text = modules[_SENTINEL_BYTES:-_SENTINEL_BYTES]
    path = ""
    main: Module | None = None
    deps: list[Module] = []
    settings: dict[str, str] = {}
    is_main = False
    for line in text.decode("utf-8", "replace").split("\n"):
        kind, _, rest = line.partition("\t")
        if kind == "path":
            path = rest
        elif kind in ("mod", "dep"):
            name, _, rest = rest.partition("\t")
            module = Module(name, rest.partition("\t")[0])
            is_main = kind == "mod"
            if is_main:
                main = module
            else:
                deps.append(module)
        elif kind == "=>" and deps and not is_main:
            name, _, rest = rest.partition("\t")
            if name.startswith((".", "/")):  # a folder: the module keeps its name
                name = deps[-1].path
            deps[-1] = Module(name, rest.partition("\t")[0])
        elif kind == "build":
            key, _, value = rest.partition("=")
            settings[key] = value
    return BuildInfo(go, path, main, deps, settings)
