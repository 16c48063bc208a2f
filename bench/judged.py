"""ELF files judged for two bases, as a process of its own: ``python -m bench.judged WHO LIST``.

LIST has a path a line. Each file is asked two questions: does it certainly fail with glibc 2.31,
and with musl 1.2.5? Printed are how many do. All ask the same: for glibc the newest version that
the file needs; for musl the loader that a program names, and the symbols of glibc that musl lacks.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lightship.analysis.loading_catalogued import catalogued_troubles
from lightship.analysis.loading_files import read_program
from lightship.catalogue.musl_symbols import musl_symbols

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

GLIBC, MUSL = "2.31", "1.2.5"
_VERSION = re.compile(r"GLIBC_(\d+)\.(\d+)")
_OLD = tuple(map(int, GLIBC.split(".")))


def main() -> None:
    """Read who judges and what from the command line."""
    who, listed = sys.argv[1:]
    judge = _JUDGES[who]()
    glibc = musl = unread = 0
    for name in Path(listed).read_text().splitlines():
        try:
            fails = judge(Path(name))
        except Exception:  # noqa: BLE001 - peers raise whatever they like
            unread += 1
            continue
        glibc += fails[0]
        musl += fails[1]
    print(json.dumps({"glibc": glibc, "musl": musl, "unread": unread}))


def _lightship() -> Callable[[Path], tuple[bool, bool]]:
    def judge(path: Path) -> tuple[bool, bool]:
        elf, symbols = read_program(path)
        name = bytes(path)
        return (
            any(
                one.is_certain and one.kind == "version"
                for one in catalogued_troubles(name, elf, symbols, libc="glibc", version=GLIBC)
            ),
            any(
                one.is_certain
                for one in catalogued_troubles(name, elf, symbols, libc="musl", version=MUSL)
            ),
        )

    return judge


def _answers(
    interpreter: str, versions: Iterable[str], needs: Iterable[tuple[str, str]], *, is_dynamic: bool
) -> tuple[bool, bool]:
    """From what a peer read: versions needed, and undefined names that are not weak, with theirs.

    Programs that need no loader fail with none.
    """
    if not is_dynamic and not interpreter:
        return False, False
    matches = [match for match in map(_VERSION.match, versions) if match]
    newest = max(((int(one[1]), int(one[2])) for one in matches), default=(0, 0))
    there = musl_symbols(MUSL)
    lacks = any(
        version.startswith("GLIBC_") and name.encode() not in there for name, version in needs
    )
    return newest > _OLD, lacks or bool(interpreter and "/ld-musl-" not in interpreter)


def _lief() -> Callable[[Path], tuple[bool, bool]]:
    lief: Any = importlib.import_module("lief")
    lief.logging.disable()
    config = lief.ELF.ParserConfig()
    config.parse_relocations = False
    config.parse_symtab_symbols = False
    config.parse_notes = False
    config.parse_overlay = False

    def judge(path: Path) -> tuple[bool, bool]:
        binary = lief.ELF.parse(str(path), config)
        needs: list[tuple[str, str]] = []
        versions: set[str] = set()
        for one in binary.symbols_version_requirement:
            versions.update(auxiliary.name for auxiliary in one.get_auxiliary_symbols())
        for symbol in binary.dynamic_symbols:
            if symbol.shndx or symbol.binding == lief.ELF.Symbol.BINDING.WEAK:
                continue
            version = symbol.symbol_version
            auxiliary = version.symbol_version_auxiliary if version else None
            needs.append((symbol.name, auxiliary.name if auxiliary else ""))
        interpreter = binary.interpreter if binary.has_interpreter else ""
        is_dynamic = len(binary.dynamic_entries) > 0
        return _answers(interpreter, versions, needs, is_dynamic=is_dynamic)

    return judge


def _pyelftools() -> Callable[[Path], tuple[bool, bool]]:
    reader: Any = importlib.import_module("elftools.elf.elffile").ELFFile

    def judge(path: Path) -> tuple[bool, bool]:
        with path.open("rb") as file:
            elf = reader(file)
            interpreter = next(
                (
                    one.get_interp_name()
                    for one in elf.iter_segments()
                    if one["p_type"] == "PT_INTERP"
                ),
                "",
            )
            names: dict[int, str] = {}
            required = elf.get_section_by_name(".gnu.version_r")
            if required is not None and required["sh_type"] != "SHT_NOBITS":
                for _, auxiliaries in required.iter_versions():
                    names.update({one["vna_other"]: one.name for one in auxiliaries})
            numbers = elf.get_section_by_name(".gnu.version")
            symbols = elf.get_section_by_name(".dynsym")
            needs = []
            if symbols is not None and symbols["sh_type"] != "SHT_NOBITS":
                for place, symbol in enumerate(symbols.iter_symbols()):
                    if not place or symbol["st_shndx"] != "SHN_UNDEF":
                        continue
                    if symbol["st_info"]["bind"] == "STB_WEAK":
                        continue
                    number = numbers.get_symbol(place)["ndx"] if numbers is not None else 0
                    needs.append((symbol.name, names.get(number, "")))
            is_dynamic = elf.get_section_by_name(".dynamic") is not None
            return _answers(interpreter, names.values(), needs, is_dynamic=is_dynamic)

    return judge


_JUDGES = {"lightship": _lightship, "lief": _lief, "pyelftools": _pyelftools}


if __name__ == "__main__":
    main()
