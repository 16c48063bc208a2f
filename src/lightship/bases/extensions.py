"""Compiled extensions that an application brings for a runtime, and their C library.

They have no loader of their own; what they need of a C library tells (facts of ELF: versions such
as GLIBC_2.17, the names `libc.so.6` and `libc.musl-x86_64.so.1`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.move import Move
    from lightship.bases.scene import Scene

CLibrary = Literal["glibc", "musl"]
_GLIBC_NAME, _MUSL_NAME = b"libc.so.6", b"libc.musl-"
_MUSL_BY_ITS_WRAPPER = b"libc.so"


class Extension(Struct, frozen=True):
    """One.

    Attributes:
        libc: that it was made for; None where it needs nothing that tells.
        package: name of the language's package that it is of; empty if of none.
        version: of that package.
    """

    path: bytes
    record: int
    libc: CLibrary | None
    package: str
    version: str

    @property
    def named(self) -> str:
        """Its package, else its path."""
        if not self.package:
            return self.path.decode("utf-8", "replace")
        return f"{self.package} {self.version}".strip()


def extensions_of(move: Move) -> Iterator[Extension]:
    """Libraries that come along, in byte order of their paths."""
    application = move.application
    scene = application.scene
    ownership = application.inside.ledger.ownership
    for record, one in scene.elves.items():
        if record not in application.carried or one.elf.interpreter or not one.elf.is_linked:
            continue
        package = ownership.package_of(record)
        yield Extension(
            one.path,
            record,
            libc_of(scene, record),
            package.name if package is not None else "",
            (package.version or "") if package is not None else "",
        )


def libc_of(scene: Scene, record: int) -> CLibrary | None:
    """The C library that a library was made for."""
    elf = scene.elves[record].elf
    if any(name.startswith(_MUSL_NAME) or name == _MUSL_BY_ITS_WRAPPER for name in elf.needed):
        return "musl"
    symbols = scene.symbols.get(record)
    versions = symbols.versions if symbols is not None else ()
    if any(one.version.startswith(b"GLIBC_") for one in versions):
        return "glibc"
    return "glibc" if _GLIBC_NAME in elf.needed else None


def program_libc(scene: Scene, record: int) -> CLibrary | None:
    """The C library of a program, by its loader."""
    elf = scene.elves.get(record)
    if elf is None or not elf.elf.interpreter:
        return None
    return "musl" if b"ld-musl" in elf.elf.interpreter else "glibc"


def base_libc(move: Move, record: int | None) -> CLibrary | None:
    """The C library of a program on the landing; where nobody looked, of the catalogue's row."""
    if move.landing is not None:
        return program_libc(move.landing, record) if record is not None else None
    row = move.candidate.row
    return row.libc if row is not None and row.libc != "none" else None
