"""A package as an index offers it."""

from __future__ import annotations

from msgspec import Struct

MAX_PACKAGES = 1_000_000
"""More of one index is not read: Fedora's largest has some 80,000."""
MAX_NAMES = 20_000
"""Names that one package may provide."""
MAX_NAME_CHARS = 300


class IndexedPackage(Struct, frozen=True):
    """One package that can be installed.

    Names that it provides or requires are written as apk does: `so:libpq.so.5` for a library,
    `cmd:git` for a program, else the name of a package or of what packages stand for.

    Attributes:
        version: as its system has it, with the epoch before a colon where there is one.
        download_bytes, installed_bytes: of the archive and of what is in it; 0 where not told.
        requires: clauses parted by blanks, the alternatives of each by `|`.
        provides: names besides its own, parted by blanks.
    """

    name: str
    version: str
    download_bytes: int = 0
    installed_bytes: int = 0
    requires: str = ""
    provides: str = ""


def library(soname: str) -> str:
    """The name under which a library is provided."""
    return f"so:{soname}"


def program(path: str) -> str:
    """The name under which a program is provided: its path or name."""
    return f"cmd:{path.rpartition('/')[2]}"


def number(text: str) -> int:
    """Bytes as an index writes them; 0 for what is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else 0
