"""Machines: what an ELF file is for, in the words of image configs.

Numbers: System V ABI, "e_machine"; words: Go's GOARCH, as OCI image-spec, image-index.md, has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lightship.analysis.elf import Elf
    from lightship.model.platform import Platform

# Architecture: e_machine, bits, little-endian.
_ARCHITECTURES = {
    "amd64": (62, 64, True),
    "386": (3, 32, True),
    "arm64": (183, 64, True),
    "arm": (40, 32, True),
    "ppc64le": (21, 64, True),
    "ppc64": (21, 64, False),
    "s390x": (22, 64, False),
    "riscv64": (243, 64, True),
    "loong64": (258, 64, True),
    "mips64le": (8, 64, True),
    "mips64": (8, 64, False),
    "mipsle": (8, 32, True),
    "mips": (8, 32, False),
}
_NAMES = {machine: name for name, machine in _ARCHITECTURES.items()}
# 32-bit programs that the processors of the wider kind run too; x32 counts as amd64.
_ALSO = {"amd64": ((3, 32, True), (62, 32, True)), "arm64": ((40, 32, True),)}


def machine_name(elf: Elf) -> str:
    """The architecture that a file is for: `amd64`, or its number where it has no name."""
    known = _NAMES.get((elf.machine, elf.bits, elf.is_little))
    return known or f"machine {elf.machine} ({elf.bits} bits)"


def runs_on(elf: Elf, platform: Platform) -> bool:
    """Whether a file's code runs on a platform; of an architecture that is not known, yes."""
    wanted = _ARCHITECTURES.get(platform.architecture)
    machine = (elf.machine, elf.bits, elf.is_little)
    return wanted is None or machine == wanted or machine in _ALSO.get(platform.architecture, ())
