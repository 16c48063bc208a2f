"""What a loader reads of an ELF file when it binds symbols; every number in it is a claim.

Format: System V ABI, chapter 5 ("Dynamic Linking"); Linux Standard Base, "Symbol Versioning"; GNU
hash tables as binutils writes them (`elflink.c`) and glibc reads them (`dl-lookup.c`).
"""

from __future__ import annotations

import struct
import sys
from array import array
from typing import TYPE_CHECKING, NamedTuple

from lightship.analysis.elf_reader import PT_DYNAMIC, offset_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.analysis.elf_reader import ElfLayout, Seen

MAX_SYMBOLS = 2_000_000
_MAX_VERSIONS = 0x7FFF
_MAX_DYNAMIC_BYTES = 1024 * 1024
_MAX_NAME_BYTES = 65536

DT_PLTRELSZ, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_RELA, DT_RELASZ, DT_STRSZ = 2, 4, 5, 6, 7, 8, 10
DT_REL, DT_RELSZ, DT_PLTREL, DT_JMPREL, DT_BIND_NOW, DT_FLAGS = 17, 18, 20, 23, 24, 30
DT_RELRSZ, DT_GNU_HASH, DT_VERSYM = 35, 0x6FFFFEF5, 0x6FFFFFF0
DT_RELACOUNT, DT_RELCOUNT, DT_FLAGS_1 = 0x6FFFFFF9, 0x6FFFFFFA, 0x6FFFFFFB
DT_VERDEF, DT_VERDEFNUM, DT_VERNEED, DT_VERNEEDNUM = 0x6FFFFFFC, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF
DT_MIPS_SYMTABNO, DT_MIPS_GOTSYM, EM_MIPS = 0x70000011, 0x70000013, 8
_DT_ANDROID_REL, _DT_ANDROID_RELA = 0x6000000F, 0x60000011
_EM_S390, _EM_ALPHA = 22, 0x9026
VER_FLG_WEAK, VER_FLG_BASE = 2, 1
VERSION_HIDDEN, VERSION_NUMBER = 0x8000, 0x7FFF


class NeededVersion(NamedTuple):
    """A version that a library must define."""

    number: int
    library: bytes
    version: bytes
    is_weak: bool


class Relocations(NamedTuple):
    """Which symbols are bound, by number.

    Attributes:
        at_start: `r_info` of those bound when the file is loaded, each once.
        when_called: of those that may wait until they are called, each once.
    """

    at_start: set[int]
    when_called: set[int]


class Table(NamedTuple):
    """Columns of the symbol table: name offsets, `st_info`, section numbers."""

    names: array[int]
    infos: bytes
    sections: array[int]


class Tables:
    """The dynamic section of one file and what it points at.

    Raises:
        ValueError: a table leads out of the file, or is larger than any real one.
    """

    def __init__(self, seen: Seen, layout: ElfLayout) -> None:
        self.is_seen = layout.is_seen
        self._seen = seen
        self._layout = layout
        self._order = "<" if layout.is_little else ">"
        self._is_swapped = layout.is_little != (sys.byteorder == "little")
        self.tags = self._tags() if layout.is_seen else {}
        self.strings = self._read(DT_STRTAB, self.tags.get(DT_STRSZ, 0))
        # Names may share their ends; a million that share all of a huge one are made to hurt.
        self._name_bytes_left = _MAX_NAME_BYTES * 256 + 8 * len(self.strings)

    def name(self, at: int) -> bytes:
        """The text at an offset of the string table."""
        end = self.strings.find(b"\0", at, at + _MAX_NAME_BYTES)
        self._name_bytes_left -= end - at
        if end < 0 or self._name_bytes_left < 0:
            raise ValueError("its symbols' names have no end, or are too long together")
        return self.strings[at:end]

    def relocations(self) -> Relocations:
        """What the relocation tables ask for."""
        tags = self.tags
        if _DT_ANDROID_REL in tags or _DT_ANDROID_RELA in tags:
            self.is_seen = False
        if self._layout.machine == EM_MIPS:
            return self._mips()
        at_start: set[int] = set()
        for start, length, count, is_rela in (
            (DT_RELA, DT_RELASZ, DT_RELACOUNT, True),
            (DT_REL, DT_RELSZ, DT_RELCOUNT, False),
        ):
            first, end = tags.get(start, 0), tags.get(start, 0) + tags.get(length, 0)
            # On some machines the one range is said to have the other in it.
            calls = tags.get(DT_JMPREL, 0)
            end = calls if calls and first <= calls < end else end
            at_start |= self._bound(start, end - first, tags.get(count, 0), is_rela=is_rela)
        is_rela = tags.get(DT_PLTREL) == DT_RELA
        called = self._bound(DT_JMPREL, tags.get(DT_PLTRELSZ, 0), 0, is_rela=is_rela)
        return Relocations(at_start, called)

    def parts(self, info: int) -> tuple[int, int]:
        """A relocation's symbol and its type."""
        if self._layout.bits == 64:
            return info >> 32, info & 0xFFFFFFFF
        return info >> 8, info & 0xFF

    def table(self, count: int) -> Table:
        """The first symbols."""
        if count > MAX_SYMBOLS:
            raise ValueError(f"{count} symbols are more than is read")
        if self._layout.bits == 64:
            row, info, section = 24, 4, 6
        else:
            row, info, section = 16, 12, 14
        data = self._read(DT_SYMTAB, count * row)
        if self.is_seen and len(data) != count * row:
            raise ValueError("symbols are spoken of, and there is no table of them")
        names = self._numbers("I", data)[:: row // 4]
        sections = self._numbers("H", data)[section // 2 :: row // 2]
        return Table(names, data[info::row], sections)

    def versions(self, count: int) -> array[int] | None:
        """The version numbers of the first symbols; None where the file has no versions."""
        if not self.tags.get(DT_VERSYM):
            return None
        return self._numbers("H", self._read(DT_VERSYM, count * 2))

    def exported(self) -> tuple[int, int]:
        """The numbers of the first exported symbol, and of the one after the last."""
        if self.tags.get(DT_GNU_HASH):
            return self._gnu_hashed()
        if not self.tags.get(DT_HASH):
            return 0, 0
        is_wide = self._layout.bits == 64 and self._layout.machine in (_EM_S390, _EM_ALPHA)
        letter = "Q" if is_wide else "I"
        head = self._numbers(letter, self._read(DT_HASH, 16 if is_wide else 8))
        return (1, head[1]) if len(head) > 1 and head[1] else (0, 0)

    def needed_versions(self) -> list[NeededVersion]:
        """Versions that it needs of other libraries."""
        found: list[NeededVersion] = []
        at = 0
        for _ in range(min(self.tags.get(DT_VERNEEDNUM, 0), _MAX_VERSIONS)):
            _, count, file, aux, step = self._row("HHIII", DT_VERNEED, at)
            library = self.name(file)
            entry = at + aux
            for _ in range(count):
                if len(found) >= _MAX_VERSIONS:
                    raise ValueError("more versions are needed than can be numbered")
                _, flags, number, name, further = self._row("IHHII", DT_VERNEED, entry)
                number &= VERSION_NUMBER
                is_weak = bool(flags & VER_FLG_WEAK)
                found.append(NeededVersion(number, library, self.name(name), is_weak))
                entry += further
                if not further:
                    break
            at += step
            if not step:
                break
        return found

    def defined_versions(self) -> dict[int, bytes]:
        """Versions that it defines, by number; the base, which is the file's own name, is not."""
        found: dict[int, bytes] = {}
        at = 0
        for _ in range(min(self.tags.get(DT_VERDEFNUM, 0), _MAX_VERSIONS)):
            _, flags, number, _, _, aux, step = self._row("HHHHIII", DT_VERDEF, at)
            if not flags & VER_FLG_BASE:
                name, _ = self._row("II", DT_VERDEF, at + aux)
                found[number & VERSION_NUMBER] = self.name(name)
            at += step
            if not step:
                break
        return found

    def _tags(self) -> dict[int, int]:
        segment = next((one for one in self._layout.segments if one.type == PT_DYNAMIC), None)
        if segment is None or not segment.file_bytes:
            return {}
        if segment.file_bytes > _MAX_DYNAMIC_BYTES:
            raise ValueError(f"a dynamic section of {segment.file_bytes} bytes")
        pair = struct.Struct(self._order + ("QQ" if self._layout.bits == 64 else "II"))
        # Loaders go by the address.
        at = offset_of(self._layout, segment.address)
        at = segment.offset if at is None else at
        data = self._seen.read(at, segment.file_bytes // pair.size * pair.size)
        if data is None:
            self.is_seen = False
            return {}
        tags: dict[int, int] = {}
        for tag, value in pair.iter_unpack(data):
            if not tag:
                break
            tags[tag] = value
        return tags

    def _read(self, tag: int, count: int, skipped: int = 0) -> bytes:
        """Bytes of a table; none where they lie where nobody looked."""
        if count <= 0 or not self.tags.get(tag):
            return b""
        at = offset_of(self._layout, self.tags[tag])
        if at is None:
            raise ValueError("a table of its dynamic section is in no part of the file")
        data = self._seen.read(at + skipped, count)
        if data is None:
            self.is_seen = False
            return b""
        return bytes(data)

    def _row(self, form: str, tag: int, at: int) -> tuple[int, ...]:
        row = struct.Struct(self._order + form)
        data = self._read(tag, row.size, at)
        return row.unpack(data) if data else (0,) * len(form)

    def _numbers(self, letter: str, data: bytes) -> array[int]:
        numbers = array(letter)
        numbers.frombytes(data)
        if self._is_swapped:
            numbers.byteswap()
        return numbers

    def _bound(self, tag: int, length: int, relative: int, *, is_rela: bool) -> set[int]:
        """`r_info` of relocations that name a symbol or are no plain shift of an address."""
        word = self._layout.bits // 8
        fields = 3 if is_rela else 2
        row = fields * word
        rows = length // row
        # Those come first and are so many that counting them would be most of the work.
        skipped = min(relative, max(rows, 0))
        data = self._read(tag, (rows - skipped) * row, skipped * row)
        return set(self._numbers("Q" if word == 8 else "I", data)[1::fields])

    def _mips(self) -> Relocations:
        """The symbols of the global offset table, which MIPS binds without relocations."""
        first, end = self.tags.get(DT_MIPS_GOTSYM, 0), self.tags.get(DT_MIPS_SYMTABNO, 0)
        if end > MAX_SYMBOLS:
            raise ValueError(f"{end} symbols are more than is read")
        shift = 32 if self._layout.bits == 64 else 8
        return Relocations(set(), {number << shift for number in range(first, end)})

    def _gnu_hashed(self) -> tuple[int, int]:
        head = self._numbers("I", self._read(DT_GNU_HASH, 16))
        if len(head) < 4:
            return 0, 0
        buckets, first, bloom, _ = head
        at = 16 + bloom * (self._layout.bits // 8)
        last = max(self._numbers("I", self._read(DT_GNU_HASH, buckets * 4, at)), default=0)
        if last < first or not last:
            return 0, 0
        for end in self._chain_ends(at + buckets * 4 + (last - first) * 4):
            return first, last + end
        return 0, 0

    def _chain_ends(self, at: int) -> Iterator[int]:
        """How many symbols the last chain has; nothing where it has no end."""
        for number in range(MAX_SYMBOLS):
            (value,) = self._row("I", DT_GNU_HASH, at + number * 4)
            if value & 1:
                yield number + 1
                return
            if not self.is_seen:
                return
