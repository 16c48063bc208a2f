"""Symbols read by us and by the real `nm` and `readelf`, and of files that lie."""

from __future__ import annotations

import random
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.elf_parts import compiled, content_of
from analysis.elf_symbol_parts import Symbol, with_symbols
from analysis.recorded import records_of
from lightship.analysis.elf_symbols import (
    ElfSymbols,
    SymbolMark,
    exported_names,
    numbers_of,
    read_symbols,
    symbol_requests,
    symbols_of,
)
from lightship.analysis.elf_symbols_columns import symbol_hash

PROGRAM = """
#include <stdio.h>
#include <stdlib.h>
#include <dlfcn.h>
extern void perhaps(void) __attribute__((weak));
int main(void) {
  if (perhaps) perhaps();
  dlopen("libplugin-a.so.2", RTLD_NOW);
  fputs(getenv("HOME"), stdout);
  puts("/usr/share/zoneinfo/Etc /etc/ssl/certs");
  return 0;
}
"""
LIBRARY = """
int shown(void) { return 1; }
__attribute__((symver("both@ONE"))) int first(void) { return 1; }
__attribute__((symver("both@@TWO"))) int second(void) { return 2; }
__attribute__((visibility("hidden"))) int inner(void) { return 3; }
"""
SCRIPT = "ONE { global: shown; both; local: *; };\nTWO { global: both; } ONE;\n"


def read(data: bytes) -> ElfSymbols:
    return read_symbols(content_of(data))


def nm(data: bytes) -> list[tuple[str, str]]:
    """Kind and name with its version, as the real one says."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_bytes(data)
        text = subprocess.run(["nm", "-D", str(path)], capture_output=True, text=True, check=True)
    words = [line.split()[-2:] for line in text.stdout.splitlines()]
    return [(kind, name) for kind, name in words]


def library(*options: str) -> bytes:
    with TemporaryDirectory() as folder:
        script = Path(folder, "versions")
        script.write_text(SCRIPT)
        return compiled.__wrapped__(
            "-shared", "-fPIC", f"-Wl,--version-script={script}", *options, source=LIBRARY
        )


@pytest.mark.system("build-essential", "binutils")
@pytest.mark.parametrize("options", [(), ("-Wl,--hash-style=sysv",), ("-Wl,-z,now", "-no-pie")])
def test_what_a_program_needs_is_what_nm_says(options: tuple[str, ...]) -> None:
    data = compiled("-O0", *options, source=PROGRAM)
    symbols = read(data)
    real = nm(data)
    ours = {
        (need.name + (b"@" + need.version if need.version else b"")).decode()
        for need in symbols.needs
    }
    assert {name for kind, name in real if kind == "U"} <= ours
    # `nm` calls weak ones w, copied variables B.
    assert ours <= {name for kind, name in real if kind in "UwB"}
    by_name = {need.name: need for need in symbols.needs}
    assert by_name[b"perhaps"].is_weak
    assert not by_name[b"puts"].is_weak
    assert by_name[b"puts"].library == b"libc.so.6"
    assert by_name[b"stdout"].is_copied
    assert by_name[b"puts"].is_lazy
    assert symbols.has(SymbolMark.BINDS_NOW) == ("-Wl,-z,now" in options)
    assert {one.version for one in symbols.versions} >= {b"GLIBC_2.2.5"}
    assert not any(one.is_weak for one in symbols.versions)


@pytest.mark.system("build-essential", "binutils")
@pytest.mark.parametrize("style", ["sysv", "gnu", "both"])
def test_what_a_library_exports_with_versions_hidden_and_not(style: str) -> None:
    data = library(f"-Wl,--hash-style={style}")
    symbols = read(data)
    assert symbols.defines == (b"ONE", b"TWO")
    assert symbols.has(SymbolMark.VERSIONS)
    plain = set(numbers_of(symbols.open_exports))
    assert {symbol_hash(b"shown"), symbol_hash(b"both")} <= plain
    assert symbol_hash(b"inner") not in plain
    versioned = set(numbers_of(symbols.versioned_exports))
    both = {symbol_hash(b"both", b"ONE"), symbol_hash(b"both", b"TWO")}
    assert both | {symbol_hash(b"shown", b"ONE")} <= versioned
    assert symbol_hash(b"shown", b"TWO") not in versioned
    names = {re.sub(r"@.*", "", name) for kind, name in nm(data) if kind not in "Uw"}
    assert {name.decode() for name in exported_names(content_of(data))} == names


@pytest.mark.system("build-essential", "musl-tools")
def test_programs_of_musl_and_static_ones() -> None:
    musl = read(compiled("-O0", compiler="musl-gcc"))
    assert [need.version for need in musl.needs if need.name == b"printf"] == [b""]
    assert not musl.versions
    static = read(compiled("-static", compiler="musl-gcc"))
    assert not list(static.needs)
    assert not static.has(SymbolMark.DYNAMIC)


@pytest.mark.system("build-essential")
def test_what_its_bytes_speak_of() -> None:
    text = read(compiled("-O0", source=PROGRAM)).text
    assert b"libplugin-a.so.2" in text.libraries
    assert text.places == (b"/etc/ssl/", b"/usr/share/zoneinfo")
    assert read(compiled("-O0")).text.libraries == ()
    # glibc compares names with its own; nobody opens them.
    assert read(compiled("-static")).text.libraries == ()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [32, 64])
def test_both_sizes_and_both_orders(bits: int, order: str) -> None:
    data = with_symbols(
        Symbol(b"eager", version=b"V_2"),
        Symbol(b"later", is_lazy=True),
        Symbol(b"perhaps", is_weak=True),
        Symbol(b"mine", is_defined=True),
        library=b"liba.so.1",
        bits=bits,
        order=order,
    )
    symbols = read(data)
    assert [(one.name, one.version, one.library) for one in symbols.needs] == [
        (b"eager", b"V_2", b"liba.so.1"),
        (b"later", b"", b""),
        (b"perhaps", b"", b""),
    ]
    assert [one.is_lazy for one in symbols.needs] == [False, True, False]
    assert [one.is_weak for one in symbols.needs] == [False, False, True]
    assert set(numbers_of(symbols.open_exports)) == {symbol_hash(b"mine")}
    assert [(one.library, one.version) for one in symbols.versions] == [(b"liba.so.1", b"V_2")]


def test_captured_and_read_back() -> None:
    data = with_symbols(Symbol(b"wanted"), Symbol(b"given", is_defined=True))
    records = records_of({"usr/lib/a.so": data, "b": b"\x7fELF"}, requests=symbol_requests())
    (symbols,) = symbols_of(records).values()
    assert symbols == read(data)
    assert [one.problem != "" for one in records.of("elf-symbols")] == [True, False]


SMALL = with_symbols(
    Symbol(b"eager", version=b"V_2"), Symbol(b"mine", is_defined=True), library=b"liba.so.1"
)


@given(st.lists(st.tuples(st.integers(0, len(SMALL) - 1), st.integers(0, 255)), max_size=12))
def test_changed_bytes_are_read_or_refused(changes: list[tuple[int, int]]) -> None:
    data = bytearray(SMALL)
    for at, value in changes:
        data[at] = value
    _read_or_refused(bytes(data))


@given(st.integers(0, len(SMALL)), st.binary(max_size=40))
def test_cut_files_and_other_ends(length: int, tail: bytes) -> None:
    _read_or_refused(SMALL[:length] + tail)


@pytest.mark.parametrize("value", [0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 2**63, 2**64 - 1])
def test_every_number_of_the_tables_huge(value: int) -> None:
    for at in range(16, len(SMALL) - 8, 4):
        data = bytearray(SMALL)
        data[at : at + 8] = value.to_bytes(8, "little")
        _read_or_refused(bytes(data))


@pytest.mark.system("build-essential", "binutils")
def test_a_real_library_with_bytes_changed() -> None:
    real = library()
    chance = random.Random(8)  # noqa: S311 - no secret
    for _ in range(1500):
        data = bytearray(real)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(min(len(data), 0x700))
            data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        _read_or_refused(bytes(data))


def _read_or_refused(data: bytes) -> None:
    try:
        symbols = read(data)
        exported_names(content_of(data))
    except ValueError as error:
        assert str(error)  # noqa: PT017 - either way is right, and the reason is told
    else:
        assert len(list(symbols.needs)) == len(symbols.need_marks)


def test_names_that_share_a_huge_one_are_not_all_read() -> None:
    many = 30_000
    huge = Symbol(b"n" * 40_000, is_defined=True)
    rows = bytearray(with_symbols(huge, *(Symbol(b"", is_defined=True) for _ in range(many))))
    table = -(-(64 + 2 * 56) // 8) * 8
    name = rows[table + 24 : table + 28]
    for row in range(1, many + 2):
        rows[table + 24 * row : table + 24 * row + 4] = name
    with pytest.raises(ValueError, match="too long together"):
        read(bytes(rows))
