"""Data types: every row has a case, and what begins otherwise than its name says is no data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.cases_read import read_cases
from lightship.catalogue.data_types import (
    HEAD_BYTES,
    data_type_of,
    data_types,
    heads_request,
)
from lightship.layers.captures import Content

_CASES = read_cases("data_types")


@pytest.mark.parametrize("name", sorted(_CASES))
def test_what_files_are(name: str) -> None:
    for case in _CASES[name]:
        file, head = case if isinstance(case, list) else (case, "")
        found = data_type_of(file.encode(), head.encode("latin-1"))
        assert (found.name if found else "none") == name, case


def test_every_row_has_a_case() -> None:
    assert {kind.name for kind in data_types()} | {"none"} == set(_CASES)


def test_names_are_said_once_and_suffixes_are_lower_case() -> None:
    names = [kind.name for kind in data_types()]
    assert len(names) == len(set(names))
    suffixes = [suffix for kind in data_types() for suffix in kind.suffixes]
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in suffixes)


def test_what_both_must_tell_has_a_magic() -> None:
    assert all(kind.magic for kind in data_types() if kind.telling != "suffix")


def test_no_magic_lies_beyond_the_head() -> None:
    for kind in data_types():
        for magic in kind.magic:
            head = bytes(kind.magic_at) + magic.encode().decode("unicode_escape").encode("latin-1")
            assert len(head) <= HEAD_BYTES
            assert kind.begins(head), kind.name


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_any_name_and_head_is_read(name: bytes, head: bytes) -> None:
    found = data_type_of(name, head)
    assert found is None or found in data_types()


def test_the_first_bytes_of_a_large_file_are_kept() -> None:
    request = heads_request()
    assert request.extract(Content(memoryview(b"GGUF" + bytes(100)), 1 << 30)) == b"GGUF" + bytes(
        28
    )
