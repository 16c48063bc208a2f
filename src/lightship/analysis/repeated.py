"""Libraries and packages that an image has more than once."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from lightship.analysis.cuda import is_cuda
from lightship.analysis.elf import elves
from lightship.analysis.owned_files import owned_files

if TYPE_CHECKING:
    from lightship.analysis.elf import ElfFile
    from lightship.analysis.ledger import Ledger

_LEAST_LIBRARY_BYTES = 200_000
_LEAST_PACKAGE_BYTES = {"python": 1_000_000, "npm": 5_000_000}
_SONAME = re.compile(rb"(lib[^/]{1,200}?|[^/]{1,200}?)(?:-[0-9a-f]{8})?\.so(?:\.[0-9.]{1,40})?")
# Directories of variants for other processors, and of plug-ins that share their names.
_VARIANTS = (b"/glibc-hwcaps/", b"/gconv/", b"/tls/", b"/i686/", b"/atlas/", b"/blas/", b"/lapack/")


class RepeatedLibrary(NamedTuple):
    """One library's files: the largest, and the others, heaviest first."""

    title: str
    largest: ElfFile
    spare: tuple[ElfFile, ...]


class RepeatedPackage(NamedTuple):
    """A package that is there more than once; `spare_*` are of all but the heaviest."""

    title: str
    detail: str
    spare_bytes: int
    spare_wire_bytes: int
    spare_files: int


def repeated_libraries(ledger: Ledger) -> list[RepeatedLibrary]:
    """Libraries of one name and machine in several files, the heaviest to spare first."""
    groups: dict[tuple[bytes, int, int], list[ElfFile]] = defaultdict(list)
    for one in elves(ledger.records):
        match = _SONAME.fullmatch(one.elf.soname)
        is_variant = any(part in b"/" + one.path for part in _VARIANTS)
        # CUDA has a rule of its own, that knows which copy is loaded.
        if match is not None and not is_variant and not is_cuda(one):
            groups[match[1], one.elf.machine, one.elf.bits].append(one)
    found = []
    for (name, _, _), files in groups.items():
        ranked = sorted(files, key=lambda file: (-file.content_bytes, file.path))
        spare = tuple(ranked[1:])
        if sum(file.content_bytes for file in spare) >= _LEAST_LIBRARY_BYTES:
            found.append(RepeatedLibrary(name.decode("utf-8", "replace"), ranked[0], spare))
    return sorted(
        found, key=lambda one: (-sum(file.content_bytes for file in one.spare), one.title)
    )


def repeated_packages(ledger: Ledger) -> dict[str, list[RepeatedPackage]]:
    """By package system what it has in several places, the heaviest to spare first."""
    packages = ledger.ownership.packages
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, package in enumerate(packages):
        if package.system in _LEAST_PACKAGE_BYTES:
            groups[package.system, _normal(package.system, package.name)].append(number)
    repeated = {key: numbers for key, numbers in groups.items() if len(numbers) > 1}
    sizes, wire, files = _weights(ledger, {n for numbers in repeated.values() for n in numbers})
    found: dict[str, list[RepeatedPackage]] = defaultdict(list)
    for (system, name), numbers in sorted(repeated.items()):
        ranked = sorted((n for n in numbers if files[n]), key=lambda number: -sizes[number])
        spare = ranked[1:]
        if system == "npm" and len({packages[number].version for number in ranked}) < 2:
            continue
        spare_bytes = sum(sizes[number] for number in spare)
        if spare_bytes < _LEAST_PACKAGE_BYTES[system]:
            continue
        places = ", ".join(
            f"{packages[n].version or '?'} at {packages[n].source.decode('utf-8', 'replace')}"
            for n in ranked[:4]
        )
        found[system].append(
            RepeatedPackage(
                title=name,
                detail=f"{name}: {places}",
                spare_bytes=spare_bytes,
                spare_wire_bytes=sum(wire[number] for number in spare),
                spare_files=sum(files[number] for number in spare),
            )
        )
    for groups_of in found.values():
        groups_of.sort(key=lambda one: (-one.spare_bytes, one.title))
    return dict(found)


def _weights(
    ledger: Ledger, numbers: set[int]
) -> tuple[dict[int, int], dict[int, int], dict[int, int]]:
    """Content bytes, wire bytes and files of these packages."""
    sizes: dict[int, int] = defaultdict(int)
    wire: dict[int, int] = defaultdict(int)
    files: dict[int, int] = defaultdict(int)
    wire_of = ledger.wire.wire_of
    for file in owned_files(ledger, numbers):
        sizes[file.package] += file.content_bytes
        wire[file.package] += wire_of[file.record]
        files[file.package] += 1
    return sizes, wire, files


def _normal(system: str, name: str) -> str:
    """A name as its system compares names (for Python: PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower() if system == "python" else name
