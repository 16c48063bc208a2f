"""File types: cases by name and first bytes, and that all of them together are all files."""

from __future__ import annotations

from array import array
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.recorded import records_of
from catalogue.cases_read import read_cases
from lightship.analysis.categories import category_requests
from lightship.analysis.elf import Elf, Mark, elf_requests
from lightship.analysis.elf_reader import ET_DYN, ET_EXEC, ET_REL
from lightship.analysis.file_types import by_type, elf_type, type_of
from lightship.catalogue.file_types import file_types

if TYPE_CHECKING:
    from lightship.testing import Layer

_CASES = read_cases("file_types")
_LARGE = 10_000_000


@pytest.mark.parametrize("kind", sorted(_CASES))
def test_what_files_are(kind: str) -> None:
    for case in _CASES[kind]:
        if isinstance(case, list):
            found = type_of(case[0].encode(), case[1].encode("latin-1"), _LARGE)
        else:
            found = type_of(case.encode())
        assert found == kind, case


def test_cases_and_rows_are_of_one_table() -> None:
    names = [kind.name for kind in file_types()]
    assert set(_CASES) <= set(names)
    assert len(names) == len(set(names))
    said = [suffix for kind in file_types() for suffix in (*kind.suffixes, *kind.names)]
    assert len(said) == len(set(said))
    assert all(text == text.lower() for text in said)


def _ledger(layer: Layer) -> Any:
    records = records_of(layer, requests=(*category_requests(), *elf_requests()))
    wire = array("Q", (7 for _ in records.tree.kinds))
    return SimpleNamespace(
        records=records, places=records.places, wire=SimpleNamespace(wire_of=wire)
    )


def test_every_file_is_of_one_type() -> None:
    with open("/bin/true", "rb") as program:  # noqa: PTH123 # any program will do
        elf = program.read()
    found = by_type(
        _ledger(
            {
                "bin/tool": elf,
                "lib/libz.so.1": b"no elf",
                "a.py": b"12345",
                "b.py": b"123",
                "blob": b"GGUF" + bytes(200_000),
                "x": b"",
            }
        )
    )
    assert found == {
        "ELF program": (len(elf), 7, 1),
        "ELF library": (6, 7, 1),
        "Python source": (8, 14, 2),
        "model weights": (200_004, 7, 1),
        "other": (0, 7, 1),
    }


_NAMES = st.text(alphabet="ab.so1-", min_size=1, max_size=8).filter(lambda n: n not in (".", ".."))


@given(st.dictionaries(_NAMES, st.binary(max_size=20), max_size=20))
def test_types_add_up(files: dict[str, bytes]) -> None:
    found = by_type(_ledger({f"d/{name}": content for name, content in files.items()}))
    assert sum(one[0] for one in found.values()) == sum(map(len, files.values()))
    assert sum(one[2] for one in found.values()) == len(files)
    assert set(found) <= {kind.name for kind in file_types()}
    for name in files:
        assert type_of(name.encode()) in found


@pytest.mark.parametrize(
    ("elf", "kind"),
    [
        (Elf(machine=62, type=ET_EXEC, bits=64), "ELF program"),
        (Elf(machine=62, type=ET_DYN, bits=64), "ELF library"),
        (Elf(machine=62, type=ET_DYN, bits=64, interpreter=b"/lib/ld.so"), "ELF program"),
        (Elf(machine=62, type=ET_DYN, bits=64, marks=int(Mark.PIE)), "ELF program"),
        (Elf(machine=62, type=ET_REL, bits=64), "ELF object"),
        (Elf(machine=62, type=ET_DYN, bits=64, marks=int(Mark.DEBUG_FILE)), "debug symbols"),
    ],
)
def test_what_elf_files_are(elf: Elf, kind: str) -> None:
    assert elf_type(elf) == kind
