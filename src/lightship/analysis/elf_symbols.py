"""The symbols of ELF files: what each needs of others, and what it offers them."""

from __future__ import annotations

from array import array
from enum import IntFlag
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import Struct

from lightship.analysis.elf_reader import Seen, read_interpreter, read_layout
from lightship.analysis.elf_symbols_columns import (
    COPIED,
    IRELATIVE,
    MAY_MISS,
    SEEN_BINDINGS,
    WHEN_CALLED,
    Exports,
    Needs,
)
from lightship.analysis.elf_symbols_tables import (
    DT_BIND_NOW,
    DT_FLAGS,
    DT_FLAGS_1,
    DT_RELRSZ,
    Tables,
)
from lightship.analysis.elf_symbols_text import Text, read_text
from lightship.layers.captures import MAX_HEAD_BYTES, CaptureRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.analysis.elf_reader import ElfLayout
    from lightship.analysis.elf_symbols_tables import Relocations
    from lightship.analysis.packages.records import Records
    from lightship.layers.captures import Content

READER = "elf-symbols"
_TAIL_BYTES = 1024 * 1024
_DF_BIND_NOW, _DF_1_NOW = 8, 1


class Need(NamedTuple):
    """A symbol that another file must define.

    Attributes:
        version, library: that it was linked with; empty where it has no version.
    """

    name: bytes
    version: bytes
    library: bytes
    marks: int

    @property
    def is_weak(self) -> bool:
        """Whether it may be missing."""
        return self.marks & MAY_MISS != 0

    @property
    def is_lazy(self) -> bool:
        """Whether only calls need it, so that a lazy loader looks for it when it is called."""
        return self.marks & WHEN_CALLED != 0

    @property
    def is_copied(self) -> bool:
        """Whether it is a variable of a library that lives in the program."""
        return self.marks & COPIED != 0


class VersionNeed(Struct, frozen=True, array_like=True):
    """A version that a library must define."""

    library: bytes
    version: bytes
    is_weak: bool = False


class SymbolMark(IntFlag):
    """What else the loader is told."""

    BINDS_NOW = 1
    """All symbols are bound when it is loaded."""
    VERSIONS = 2
    """Its exports have versions."""
    RELR = 4
    """Has packed relative relocations, which older loaders pass over."""
    IRELATIVE = 8
    """Has functions that are chosen when it is loaded, which musl cannot do."""
    DYNAMIC = 16
    """Has a dynamic section: a loader is at work."""


class ElfSymbols(Struct, frozen=True, kw_only=True, array_like=True, omit_defaults=True):
    """The symbols of one file; `needs` and `exports` make them easy to ask for.

    Attributes:
        marks: of `SymbolMark`.
        versions: what must be defined, of which library.
        defines: versions that it defines.
        need_names: NUL-terminated names of the symbols that are bound to others.
        need_versions: for each, the position in `versions` plus one, or 0: 16-bit numbers.
        need_marks: for each, the bits of `Need`: bytes.
        open_exports: hashes of what is found by name alone: 64-bit numbers.
        versioned_exports: hashes of name and version; of what has no version in a file that has
            some, of the name with an empty one.
        old_exports: hashes of hidden names that glibc gives to who asks for no version.
        chosen_exports: hashes of exports that are chosen when loaded; musl does not see them.
        text: what its bytes speak of.
        is_known: whether all was seen: in files above 64 MiB it may lie where nobody looked.
    """

    marks: int = 0
    versions: tuple[VersionNeed, ...] = ()
    defines: tuple[bytes, ...] = ()
    need_names: bytes = b""
    need_versions: bytes = b""
    need_marks: bytes = b""
    open_exports: bytes = b""
    versioned_exports: bytes = b""
    old_exports: bytes = b""
    chosen_exports: bytes = b""
    text: Text = Text()
    is_known: bool = True

    def has(self, mark: SymbolMark) -> bool:
        """Whether it has a mark."""
        return bool(self.marks & mark)

    @property
    def needs(self) -> Iterator[Need]:
        """What it binds to others, in the order of its symbol table."""
        versions = _NO_VERSION, *((one.version, one.library) for one in self.versions)
        numbers = numbers_of(self.need_versions, "H")
        names = self.need_names.split(b"\0")
        for name, number, marks in zip(names, numbers, self.need_marks, strict=False):
            version, library = versions[number]
            yield Need(name, version, library, marks)


_NO_VERSION = (b"", b"")


def symbol_requests() -> tuple[CaptureRequest, ...]:
    """What must be captured for `symbols_of`."""
    return (_REQUEST,)


def symbols_of(records: Records) -> dict[int, ElfSymbols]:
    """The symbols of the visible ELF files, by record; those that cannot be read are left out."""
    return {
        one.record: _DECODER.decode(one.extract)
        for one in records.of(READER)
        if one.extract is not None
    }


def numbers_of(data: bytes, letter: str = "Q") -> array[int]:
    """The numbers of a column."""
    numbers = array(letter)
    numbers.frombytes(data)
    return numbers


def read_symbols(
    content: Content, *, with_exports: bool = True, with_text: bool = True
) -> ElfSymbols:
    """The symbols of an ELF file.

    Raises:
        ValueError: it is no ELF file, or is cut short, or its tables make no sense.
    """
    seen = Seen(content)
    layout = read_layout(seen, with_sections=False)
    return read_tables(content, seen, layout, with_exports=with_exports, with_text=with_text)


def read_tables(
    content: Content, seen: Seen, layout: ElfLayout, *, with_exports: bool, with_text: bool
) -> ElfSymbols:
    """The symbols of an ELF file whose layout is known; else as `read_symbols`."""
    tables = Tables(seen, layout)
    versions = tables.needed_versions()
    relocations = tables.relocations()
    first, end = tables.exported() if with_exports else (0, 0)
    needs = Needs(tables, relocations, versions, layout.machine)
    exports = Exports(tables, first, end)
    is_program = bool(read_interpreter(seen, layout)) or not tables.tags
    text = read_text(content, is_program=is_program, needs=needs.names) if with_text else Text()
    return ElfSymbols(
        marks=int(_marks(tables, relocations, layout.machine)),
        versions=tuple(VersionNeed(one.library, one.version, one.is_weak) for one in versions),
        defines=tuple(exports.defines.values()),
        need_names=b"\0".join(needs.names),
        need_versions=needs.versions.tobytes(),
        need_marks=bytes(needs.marks),
        open_exports=array("Q", exports.open).tobytes(),
        versioned_exports=array("Q", exports.versioned).tobytes(),
        old_exports=array("Q", exports.old).tobytes(),
        chosen_exports=array("Q", exports.chosen).tobytes(),
        text=text,
        is_known=tables.is_seen,
    )


def exported_names(content: Content) -> list[bytes]:
    """What a library defines for others, by name, in the order of its symbol table.

    Raises:
        ValueError: as `read_symbols`.
    """
    seen = Seen(content)
    tables = Tables(seen, read_layout(seen, with_sections=False))
    first, end = tables.exported()
    table = tables.table(end)
    return [
        tables.name(table.names[symbol])
        for symbol in range(first, end)
        if table.sections[symbol] and table.infos[symbol] >> 4 in SEEN_BINDINGS
    ]


def _marks(tables: Tables, relocations: Relocations, machine: int) -> SymbolMark:
    tags = tables.tags
    marks = SymbolMark(0)
    if tags:
        marks |= SymbolMark.DYNAMIC
    flags = tags.get(DT_FLAGS, 0) & _DF_BIND_NOW or tags.get(DT_FLAGS_1, 0) & _DF_1_NOW
    if flags or DT_BIND_NOW in tags:
        marks |= SymbolMark.BINDS_NOW
    if tags.get(DT_RELRSZ):
        marks |= SymbolMark.RELR
    if IRELATIVE.get(machine) in {tables.parts(info)[1] for both in relocations for info in both}:
        marks |= SymbolMark.IRELATIVE
    if tables.versions(0) is not None:
        marks |= SymbolMark.VERSIONS
    return marks


def _extract(content: Content) -> bytes:
    return _ENCODER.encode(read_symbols(content))


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(ElfSymbols)
_REQUEST = CaptureRequest(
    name=READER,
    version=1,
    magics=frozenset((b"\x7fELF",)),
    head_bytes=MAX_HEAD_BYTES,
    tail_bytes=_TAIL_BYTES,
    extract=_extract,
)
