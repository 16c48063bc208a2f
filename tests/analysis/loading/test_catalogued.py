"""Files judged by a C library's kind and version alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analysis.elf_parts import compiled, content_of, written
from analysis.elf_symbol_parts import Symbol, with_symbols
from analysis.loading.parts import compile_c
from lightship.analysis.loading_catalogued import catalogued_troubles
from lightship.analysis.loading_files import read_loaded, read_program

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.analysis.loading_catalogued import CatalogueLibc
    from lightship.analysis.loading_troubles import Trouble


def certain(
    data: bytes, libc: CatalogueLibc, version: str | None, libstdcxx: str | None = None
) -> list[Trouble]:
    elf, symbols = read_loaded(content_of(data))
    troubles = catalogued_troubles(
        b"app", elf, symbols, libc=libc, version=version, libstdcxx=libstdcxx
    )
    return [one for one in troubles if one.is_certain]


def wheel(*names: bytes, version: bytes = b"GLIBC_2.38") -> bytes:
    """A library without a loader of its own, as an extension of Python is."""
    symbols = (Symbol(name, version=version) for name in names)
    return with_symbols(*symbols, library=b"libc.so.6")


def test_an_older_glibc_is_named_with_what_is_needed() -> None:
    (trouble,) = certain(wheel(b"strlcpy"), "glibc", "2.36")
    assert (trouble.kind, trouble.path) == ("version", b"app")
    assert trouble.says == "it needs GLIBC_2.38, and glibc there is 2.36"
    assert not certain(wheel(b"strlcpy"), "glibc", "2.38")
    assert not certain(wheel(b"strlcpy"), "glibc", None)
    # Numbers, not letters; and what is no number is not compared.
    assert certain(wheel(b"a", version=b"GLIBC_2.10"), "glibc", "2.9")
    assert not certain(wheel(b"a", version=b"GLIBC_PRIVATE"), "glibc", "2.9")


def test_an_older_library_of_c_plus_plus() -> None:
    data = with_symbols(Symbol(b"_Z1x", version=b"GLIBCXX_3.4.32"), library=b"libstdc++.so.6")
    (trouble,) = certain(data, "glibc", "2.36", "3.4.30")
    assert trouble.says == "it needs GLIBCXX_3.4.32, and libstdc++ there is 3.4.30"
    assert not certain(data, "glibc", "2.36", "3.4.32")
    assert not certain(data, "glibc", "2.36")


def test_what_musl_lacks_is_named() -> None:
    (trouble,) = certain(wheel(b"puts", b"__printf_chk"), "musl", "1.2.5")
    assert trouble.evidence == ("__printf_chk",)
    assert not certain(wheel(b"puts", b"fopen64"), "musl", "1.2.5")
    # A release that has more than is known here.
    assert not certain(wheel(b"strlcpy_of_tomorrow"), "musl", "1.2.6")
    assert certain(wheel(b"strlcpy_of_tomorrow"), "musl", "1.2.5")
    assert certain(wheel(b"__printf_chk"), "musl", "1.2.6")
    assert certain(wheel(b"statx"), "musl", "1.2.4")
    assert not certain(wheel(b"statx"), "musl", "1.2.5")
    # Of another library, whatever it is.
    assert not certain(wheel(b"deflate_all", version=b"ZLIB_9"), "musl", "1.2.5")


@pytest.mark.parametrize(
    ("interpreter", "libc", "fails"),
    [
        (b"/lib64/ld-linux-x86-64.so.2", "glibc", False),
        (b"/lib64/ld-linux-x86-64.so.2", "musl", True),
        (b"/lib64/ld-linux-x86-64.so.2", "none", True),
        (b"/lib/ld-musl-x86_64.so.1", "musl", False),
        (b"/lib/ld-musl-x86_64.so.1", "glibc", True),
        (b"/lib/ld-musl-x86_64.so.1", "none", True),
    ],
)
def test_the_loader_is_of_the_other_library(
    interpreter: bytes, libc: CatalogueLibc, *, fails: bool
) -> None:
    data = written(interpreter=interpreter, needed=(b"libc.so.6",))
    assert [one.kind for one in certain(data, libc, None)] == ["loader"] * fails


def test_nothing_is_said_to_load_that_was_not_looked_at() -> None:
    elf, symbols = read_loaded(content_of(wheel(b"puts", version=b"GLIBC_2.2.5")))
    (trouble,) = catalogued_troubles(b"app", elf, symbols, libc="glibc", version="2.41")
    assert (trouble.kind, trouble.is_certain) == ("unread", False)


@pytest.mark.system("build-essential")
def test_static_programs_are_nobodys_matter(tmp_path: Path) -> None:
    elf, symbols = read_program(compile_c(tmp_path, "a", "int main(void) { return 0; }", "-static"))
    assert not list(catalogued_troubles(b"app", elf, symbols, libc="none", version=None))


@pytest.mark.system("build-essential")
def test_a_file_on_disk_is_read_as_its_content_is(tmp_path: Path) -> None:
    path = tmp_path / "program"
    path.write_bytes(compiled("-g"))
    assert read_program(path) == read_loaded(content_of(compiled("-g")))
    path.write_bytes(b"")
    with pytest.raises((ValueError, OSError)):
        read_program(path)


def test_of_what_it_brings_along_nothing_is_said() -> None:
    elf, symbols = read_loaded(content_of(wheel(b"__printf_chk")))
    cases: tuple[tuple[CatalogueLibc, str], ...] = (("glibc", "2.17"), ("musl", "1.2.5"))
    for libc, version in cases:
        for brings, fails in (((), True), ((b"libc.so.6",), False)):
            troubles = catalogued_troubles(
                b"app", elf, symbols, libc=libc, version=version, brings=brings
            )
            assert any(one.is_certain for one in troubles) == fails
    program = written(interpreter=b"/opt/own/ld-linux-x86-64.so.2", needed=(b"libc.so.6",))
    elf, symbols = read_loaded(content_of(program))
    troubles = catalogued_troubles(
        b"app", elf, symbols, libc="musl", version=None, brings=(b"ld-linux-x86-64.so.2",)
    )
    assert not any(one.is_certain for one in troubles)
