from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.elf_parts import Part, compiled, content_of, read, stripped, written
from analysis.recorded import records_of
from lightship.analysis.elf import Mark, elf_requests, elves, read_elf
from lightship.analysis.elf_reader import ET_DYN, ET_EXEC, MAX_SECTIONS

REAL = written(
    Part(b".text", b"code", flags=6),
    Part(b".nv_fatbin", bytes(100)),
    Part(b".debug_info", bytes(1000)),
    interpreter=b"/lib64/ld-linux-x86-64.so.2",
    needed=(b"libm.so.6", b"libc.so.6"),
    soname=b"liba.so.1",
    rpath=b"$ORIGIN/../lib",
    runpath=b"/opt/a:/opt/b",
)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [32, 64])
def test_both_sizes_and_both_orders(bits: int, order: str) -> None:
    elf = read(
        written(
            Part(b".debug_line", bytes(300)),
            bits=bits,
            order=order,
            machine=40,
            needed=(b"libc.so.6",),
            soname=b"libx.so.2",
            interpreter=b"/lib/ld.so",
        )
    )
    assert (elf.bits, elf.is_little, elf.machine) == (bits, order == "<", 40)
    assert (elf.needed, elf.soname, elf.interpreter) == (
        (b"libc.so.6",),
        b"libx.so.2",
        b"/lib/ld.so",
    )
    assert elf.debug_bytes == 300
    assert elf.appended_bytes == 0


def test_everything_that_it_says() -> None:
    elf = read(REAL)
    assert elf.needed == (b"libm.so.6", b"libc.so.6")
    assert (elf.rpath, elf.runpath) == (b"$ORIGIN/../lib", b"/opt/a:/opt/b")
    assert elf.gpu_bytes == 100
    assert elf.is_linked
    assert elf.can_be_stripped
    assert elf.strip_bytes > 1000


@pytest.mark.system("build-essential", "binutils")
@pytest.mark.parametrize(
    "options",
    [
        ("-g",),
        ("-O2",),
        ("-g", "-static"),
        ("-g3", "-gz", "-no-pie"),
        ("-g", "-shared", "-fPIC", "-Wl,-soname,liba.so.1"),
        ("-s",),
        ("-g", "-Wl,--build-id=none"),
    ],
)
def test_what_strip_frees_is_what_the_real_one_frees(options: tuple[str, ...]) -> None:
    data = compiled(*options)
    assert read(data).strip_bytes == len(data) - len(stripped(data))


@pytest.mark.system("build-essential", "binutils", "musl-tools")
def test_what_strip_frees_of_a_musl_program() -> None:
    data = compiled("-g", compiler="musl-gcc")
    elf = read(data)
    assert elf.strip_bytes == len(data) - len(stripped(data))
    assert elf.interpreter.startswith(b"/lib/ld-musl-")


@pytest.mark.system("build-essential", "binutils")
def test_relocations_left_in_are_counted_as_kept() -> None:
    data = compiled("-g", "-Wl,--emit-relocs")
    real = len(data) - len(stripped(data))
    assert 0 < read(data).strip_bytes <= real


@pytest.mark.system("build-essential", "binutils")
def test_a_real_program_and_a_real_library() -> None:
    program = read(compiled("-g"))
    assert program.type == ET_DYN
    assert program.has(Mark.PIE)
    assert program.has_symtab
    assert program.needed == (b"libc.so.6",)
    assert program.interpreter.startswith(b"/lib")
    assert len(program.build_id) == 20
    assert read(compiled("-no-pie")).type == ET_EXEC
    library = read(compiled("-shared", "-fPIC", "-Wl,-soname,liba.so.1", "-Wl,-rpath,$ORIGIN/x"))
    assert library.soname == b"liba.so.1"
    assert library.rpath + library.runpath == b"$ORIGIN/x"
    assert library.interpreter == b""
    assert not read(stripped(compiled("-g"))).has_symtab


@pytest.mark.system("build-essential", "binutils")
def test_a_real_file_of_symbols_alone() -> None:
    elf = read(stripped(compiled("-g"), "--only-keep-debug"))
    assert elf.has(Mark.DEBUG_FILE)
    assert elf.debug_bytes > 0
    assert elf.strip_bytes == 0
    assert not elf.can_be_stripped


@pytest.mark.parametrize("payload", [b"hsqs" * 20, b"x", b"\0" * 5000])
def test_data_behind_it_is_never_stripped(payload: bytes) -> None:
    elf = read(REAL + payload)
    assert elf.appended_bytes == len(payload)
    assert not elf.can_be_stripped


def test_padding_behind_it_is_no_data() -> None:
    assert read(REAL + bytes(512)).can_be_stripped


def test_marks() -> None:
    assert read(written(Part(b".note.go.buildid"))).has(Mark.GO)
    assert read(written(Part(b".comment", b"rustc version 1.95.0 (x)"))).has(Mark.RUST)
    assert not read(written(Part(b"pydata", b"archive"))).can_be_stripped
    module = written(Part(b".gnu.linkonce.this_module"), Part(b".debug_info", bytes(9)), type=1)
    assert read(module).has(Mark.KERNEL_MODULE)
    assert read(module).strip_bytes == 9
    assert read(module).can_be_stripped
    signed = read(module + b"signature~Module signature appended~\n")
    assert signed.has(Mark.SIGNED)
    assert not signed.can_be_stripped


def test_a_large_file_of_which_the_middle_is_not_seen() -> None:
    data = written(
        Part(b".text", bytes(5000), flags=2),
        Part(b".debug_info", bytes(5000)),
        needed=(b"libc.so.6",),
    )
    elf = read_elf(content_of(data, head_bytes=1000, tail_bytes=1000))
    assert elf == read(data)
    assert elf.is_needed_known
    unseen = read_elf(content_of(data, head_bytes=300, tail_bytes=1000))
    assert unseen.is_needed_known
    blind = read_elf(content_of(data, head_bytes=240, tail_bytes=1000))
    assert not blind.is_needed_known
    assert blind.strip_bytes == elf.strip_bytes
    without_sections = read_elf(content_of(data, head_bytes=1000))
    assert without_sections.strip_bytes == 0
    assert without_sections.appended_bytes == 0


@given(st.integers(0, len(REAL) - 1))
def test_cut_short_at_any_length(length: int) -> None:
    with pytest.raises(ValueError, match=r"cut short|beyond|no ELF|headers|more than"):
        read(REAL[:length])


@given(st.data())
def test_any_byte_may_be_wrong(data: st.DataObject) -> None:
    broken = bytearray(REAL)
    for _ in range(data.draw(st.integers(1, 8))):
        broken[data.draw(st.integers(4, len(REAL) - 1))] = data.draw(st.integers(0, 255))
    _read_or_refuse(bytes(broken))


@given(st.binary(max_size=400), st.sampled_from((1, 2)), st.sampled_from((1, 2)))
def test_any_bytes_behind_the_magic(rest: bytes, bits: int, order: int) -> None:
    _read_or_refuse(b"\x7fELF" + bytes((bits, order, 1)) + rest)


def _read_or_refuse(data: bytes) -> None:
    (request,) = elf_requests()
    try:
        extract = request.extract(content_of(data))
    except ValueError:
        return
    assert extract is not None
    elf = read(data)
    assert 0 <= elf.strip_bytes <= len(data)
    assert 0 <= elf.appended_bytes <= len(data)


def test_giant_counts_are_refused() -> None:
    giant = bytearray(REAL)
    struct.pack_into("<H", giant, 60, 0)  # the count is in section 0
    shoff = struct.unpack_from("<Q", giant, 40)[0]
    struct.pack_into("<Q", giant, shoff + 32, 2**63)
    with pytest.raises(ValueError, match="sections"):
        read(bytes(giant))
    struct.pack_into("<Q", giant, shoff + 32, MAX_SECTIONS)
    with pytest.raises(ValueError, match="cut short"):
        read(bytes(giant))


@pytest.mark.parametrize("type_", [1, 2, 3])
def test_sections_that_say_too_much(type_: int) -> None:
    parts = [Part(b".debug_info", bytes(3000), type=1), Part(b".nv_fatbin", bytes(9), type=8)]
    data = bytearray(written(*parts, Part(b".text", b"x", type=8, flags=2), type=type_))
    shoff, count = struct.unpack_from("<Q", data, 40)[0], struct.unpack_from("<H", data, 60)[0]
    for at in range(1, count - 1):
        struct.pack_into("<Q", data, shoff + 64 * at + 32, 2**64 - 1)
        _read_or_refuse(bytes(data))


def test_the_count_of_sections_in_the_first_section() -> None:
    data = bytearray(REAL)
    count = struct.unpack_from("<H", data, 60)[0]
    shoff = struct.unpack_from("<Q", data, 40)[0]
    struct.pack_into("<H", data, 60, 0)
    struct.pack_into("<Q", data, shoff + 32, count)
    assert read(bytes(data)).debug_bytes == 1000


def test_the_files_of_an_image() -> None:
    records = records_of(
        {"bin/a": REAL, "bin/b": b"\x7fELF", "bin/c": b"#!/bin/sh\n", "bin/d": REAL + b"data"},
        requests=elf_requests(),
    )
    assert [(one.path, one.content_bytes) for one in elves(records)] == [
        (b"bin/a", len(REAL)),
        (b"bin/d", len(REAL) + 4),
    ]
    assert elves(records)[0].elf == read(REAL)
    (broken,) = (one for one in records.of("elf") if one.extract is None)
    assert broken.path == b"bin/b"
    assert "cut short" in broken.problem
