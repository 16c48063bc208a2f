"""Files on this machine's disk, read for `catalogued_troubles`: only what that needs is read."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING

from lightship.analysis.elf import Elf, Mark
from lightship.analysis.elf_reader import (
    Dynamic,
    Seen,
    read_dynamic,
    read_interpreter,
    read_layout,
)
from lightship.analysis.elf_symbols import read_tables
from lightship.layers.captures import Content

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.analysis.elf_symbols import ElfSymbols


def read_program(path: Path) -> tuple[Elf, ElfSymbols]:
    """What a loader is told by a file, and what it binds; neither sections nor exports.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no ELF file, or is cut short, or its tables make no sense.
    """
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        memoryview(mapped) as data,
    ):
        return read_loaded(Content(data, len(data)))


def read_loaded(content: Content) -> tuple[Elf, ElfSymbols]:
    """The same of a file's content.

    Raises:
        ValueError: as `read_program`.
    """
    seen = Seen(content)
    layout = read_layout(seen, with_sections=False)
    dynamic = read_dynamic(seen, layout)
    known = dynamic or Dynamic()
    elf = Elf(
        machine=layout.machine,
        type=layout.type,
        bits=layout.bits,
        is_little=layout.is_little,
        marks=Mark.PIE if known.is_pie else 0,
        interpreter=read_interpreter(seen, layout),
        soname=known.soname,
        needed=known.needed,
        rpath=known.rpath,
        runpath=known.runpath,
        is_needed_known=dynamic is not None,
    )
    return elf, read_tables(content, seen, layout, with_exports=False, with_text=False)
