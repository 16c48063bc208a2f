"""What files are: programs, libraries, sources, images, archives... with what each type takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.elf import Mark, elves
from lightship.analysis.elf_reader import ET_DYN, ET_EXEC
from lightship.catalogue.data_types import HEADS, data_type_of
from lightship.catalogue.file_types import OTHER, VERSIONED, type_by_head, type_by_name

if TYPE_CHECKING:
    from lightship.analysis.elf import Elf
    from lightship.analysis.ledger import Ledger
    from lightship.analysis.packages.records import Records

Figures = tuple[int, int, int]
"""Content bytes, wire bytes and number of inodes."""


def type_of(name: bytes, head: bytes = b"", content_bytes: int = 0) -> str:
    """What a file is, by its last path component, and its first bytes as far as they are known.

    Data too small to matter as such, by `content_bytes`, is what else its name says.
    """
    data = data_type_of(name, head)
    if data is not None and content_bytes >= data.least_bytes:
        return data.kind
    return type_by_name(name) or type_by_head(head) or OTHER


def by_type(ledger: Ledger) -> dict[str, Figures]:
    """What each type takes of an image's visible inodes; together they are all of them.

    ELF files are told by their headers, large files by their first bytes too, where both were
    captured; everything else by its name.
    """
    told = _told(ledger.records)
    wire_of = ledger.wire.wire_of
    # By the end of the name first: there are few of these, and only they are looked up.
    taken: dict[bytes, list[int]] = {}
    apart: dict[str, list[int]] = {}
    for place in ledger.places:
        for name, record, size in zip(place.names, place.records, place.sizes, strict=True):
            if record in told:
                figures = apart.setdefault(told[record], [0, 0, 0])
            else:
                at = name.rfind(b".")
                end = name[at:] if at > 0 else name
                if b".so." in name and VERSIONED.search(name):
                    end = b".so"
                figures = taken.get(end) or taken.setdefault(end, [0, 0, 0])
            figures[0] += size
            figures[1] += wire_of[record]
            figures[2] += 1
    for end, (visible_bytes, wire_bytes, files) in taken.items():
        name = b"_" + end if end.startswith(b".") else end
        figures = apart.setdefault(type_of(name), [0, 0, 0])
        figures[0] += visible_bytes
        figures[1] += wire_bytes
        figures[2] += files
    return {name: (one, two, three) for name, (one, two, three) in apart.items()}


def _told(records: Records) -> dict[int, str]:
    """What contents say of captured files, by record."""
    told = {
        head.record: type_of(head.path.rpartition(b"/")[2], head.extract, head.content_bytes)
        for head in records.of(HEADS)
        if head.extract is not None
    }
    told.update({one.record: elf_type(one.elf) for one in elves(records)})
    return told


def elf_type(elf: Elf) -> str:
    """What an ELF file is."""
    if elf.has(Mark.DEBUG_FILE):
        return "debug symbols"
    if elf.type == ET_EXEC or elf.interpreter or elf.has(Mark.PIE):
        return "ELF program"
    return "ELF library" if elf.type == ET_DYN else "ELF object"
