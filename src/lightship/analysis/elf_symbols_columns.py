"""The symbols of a file in columns: what it binds to others, what others can be bound to."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from xxhash import xxh3_64_intdigest

from lightship.analysis.elf_symbols_tables import VERSION_HIDDEN, VERSION_NUMBER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.analysis.elf_symbols_tables import NeededVersion, Relocations, Tables

SEEN_BINDINGS = frozenset((1, 2, 10))
"""STB_GLOBAL, STB_WEAK, STB_GNU_UNIQUE: what others can see."""
_WEAK, _GNU_IFUNC = 2, 10
# How a symbol is needed: plain numbers, since there are a hundred thousand of them in a system.
MAY_MISS, WHEN_CALLED, COPIED = 1, 2, 4


# By machine: the relocation that copies a library's variable into the program; that calls a
# function for its address (processor supplements of the System V ABI).
_COPY = {62: 5, 3: 5, 183: 1024, 40: 20, 243: 4, 20: 19, 21: 19, 22: 9, 258: 4}
IRELATIVE = {62: 37, 3: 42, 183: 1032, 40: 160, 243: 58, 20: 248, 21: 248, 22: 61, 258: 12}


def symbol_hash(name: bytes, version: bytes | None = None) -> int:
    """The number that stands for an export; with a version, for that of the two."""
    return xxh3_64_intdigest(name if version is None else name + b"@" + version)


class Needs:
    """Columns of the symbols that are bound to other files."""

    def __init__(
        self,
        tables: Tables,
        relocations: Relocations,
        versions: Sequence[NeededVersion],
        machine: int,
    ) -> None:
        self.names: list[bytes] = []
        self.versions = array("H")
        self.marks: list[int] = []
        at_start = {tables.parts(info) for info in relocations.at_start}
        copies = {symbol for symbol, kind in at_start if kind == _COPY.get(machine)}
        eager = {symbol for symbol, _ in at_start}
        symbols = eager | {tables.parts(info)[0] for info in relocations.when_called}
        symbols.discard(0)
        if not symbols:
            return
        count = max(symbols) + 1
        table, numbers = tables.table(count), tables.versions(count)
        if not tables.is_seen:
            return
        position = {one.number: place for place, one in enumerate(versions, 1)}
        for symbol in sorted(symbols):
            if table.sections[symbol] and symbol not in copies:
                continue
            marks = MAY_MISS if table.infos[symbol] >> 4 == _WEAK else 0
            if symbol in copies:
                marks = COPIED
            elif symbol not in eager:
                marks |= WHEN_CALLED
            number = numbers[symbol] & VERSION_NUMBER if numbers is not None else 0
            self.names.append(tables.name(table.names[symbol]))
            self.versions.append(position.get(number, 0))
            self.marks.append(marks)


class Exports:
    """Hashes of what others can be bound to."""

    def __init__(self, tables: Tables, first: int, end: int) -> None:
        self.defines = tables.defined_versions()
        self.open: list[int] = []
        self.versioned: list[int] = []
        self.old: list[int] = []
        self.chosen: list[int] = []
        if end <= first:
            return
        (names, infos, sections), numbers = tables.table(end), tables.versions(end)
        if not tables.is_seen:
            return
        name = tables.name
        suffixes = {number: b"@" + version for number, version in self.defines.items()}
        for symbol in range(first, end):
            info = infos[symbol]
            if not sections[symbol] or info >> 4 not in SEEN_BINDINGS:
                continue
            text = name(names[symbol])
            plain = xxh3_64_intdigest(text)
            if info & 15 == _GNU_IFUNC:
                self.chosen.append(plain)
            if numbers is None:
                self.open.append(plain)
                continue
            number = numbers[symbol]
            if not number & VERSION_HIDDEN:
                self.open.append(plain)
            elif number & VERSION_NUMBER <= 2:
                self.old.append(plain)
            suffix = suffixes.get(number & VERSION_NUMBER, b"@")
            self.versioned.append(xxh3_64_intdigest(text + suffix))
