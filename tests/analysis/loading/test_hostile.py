"""Trees made to hurt the loaders: nothing is raised, and nothing takes long."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.elf_parts import written
from analysis.elf_symbol_parts import Symbol, with_symbols
from analysis.loading.parts import REQUESTS
from analysis.recorded import records_of
from lightship.analysis.elf import elves
from lightship.analysis.elf_symbols import symbols_of
from lightship.analysis.loading import Loaded, Loader
from lightship.analysis.lookup import Lookup

LOADER = with_symbols(
    Symbol(b"__libc_start_main", is_defined=True), Symbol(b"dlopen", is_defined=True)
)
PROGRAM = written(interpreter=b"/lib/ld-musl-x86_64.so.1", needed=(b"liba.so.1",))
LIBRARY = with_symbols(Symbol(b"a", version=b"V_1"), Symbol(b"b", is_defined=True), library=b"libb")


def loaded(files: dict[str, bytes], path: bytes = b"program") -> Loaded:
    records = records_of(files, requests=REQUESTS)
    file = Lookup(records.tree).file(path)
    assert file is not None
    return Loader(records, elves(records), symbols_of(records)).load(file)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, len(LIBRARY) - 1), st.integers(0, 255)), max_size=8),
    st.lists(st.tuples(st.integers(0, len(LOADER) - 1), st.integers(0, 255)), max_size=3),
)
def test_changed_libraries_and_loaders(
    of_library: list[tuple[int, int]], of_loader: list[tuple[int, int]]
) -> None:
    library, loader = bytearray(LIBRARY), bytearray(LOADER)
    for data, changes in ((library, of_library), (loader, of_loader)):
        for at, value in changes:
            data[at] = value
    files = {
        "program": PROGRAM,
        "usr/lib/liba.so.1": bytes(library),
        "lib/ld-musl-x86_64.so.1": bytes(loader),
    }
    # A changed byte may make it whole; whatever it does, there is an answer.
    assert loaded(files).objects


def test_libraries_that_need_each_other() -> None:
    files = {
        "program": PROGRAM,
        "lib/ld-musl-x86_64.so.1": LOADER,
        "lib/liba.so.1": with_symbols(library=b"libb.so.1"),
        "lib/libb.so.1": with_symbols(library=b"liba.so.1"),
    }
    found = loaded(files)
    assert found.outcome == "loads", found.troubles
    assert [one.path for one in found.objects] == [b"program", b"lib/liba.so.1", b"lib/libb.so.1"]


def test_more_libraries_than_any_program_has() -> None:
    files = {"program": PROGRAM, "lib/ld-musl-x86_64.so.1": LOADER}
    for number in range(1, 2100):
        needs = b"liba.so.%d" % (number + 1)
        files[f"lib/liba.so.{number}"] = with_symbols(library=needs)
    found = loaded(files)
    assert (found.outcome, found.libc) == ("unsure", "musl")
    assert [one.kind for one in found.troubles] == ["unread"]


def test_a_program_that_names_itself_as_its_loader() -> None:
    program = written(interpreter=b"/program", needed=(b"program",))
    assert loaded({"program": program}).outcome == "unsure"


def test_a_program_of_which_nothing_can_be_read() -> None:
    found = loaded({"program": b"\x7fELF" + bytes(200)})
    assert (found.outcome, found.libc) == ("unsure", "unknown")
