"""Lists and headers of Python's distributions, whatever is in them."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from analysis.packages.folders import plain, survives
from lightship.analysis.packages.listed_paths import joined
from lightship.analysis.packages.python_metadata import extract_metadata, extract_record


@given(
    st.lists(
        st.text(
            st.characters(exclude_characters="\0\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"),
            min_size=1,
        )
    )
)
def test_any_path_survives_csv(paths: list[str]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([[path, "sha256=x", "1"] for path in paths])
    extract = survives(extract_record, text.getvalue().encode("utf-8", "surrogatepass"))
    assert extract is not None
    expected = [path.encode("utf-8", "surrogatepass") for path in paths]
    assert (extract.split(b"\0") if paths else []) == expected


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    survives(extract_record, data)
    survives(extract_metadata, data)
    survives(extract_metadata, b"Name: a\n" + data)


words = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=50)


@given(words, words)
def test_name_and_version_are_what_the_headers_say(name: str, version: str) -> None:
    data = f"Metadata-Version: 2.1\r\nName: a{name}\r\nVersion: 1{version}\r\n\r\nName: b\r\n"
    found = plain(survives(extract_metadata, data.encode()))
    assert found == [f"a{name}".strip(), f"1{version}".strip(), []]


@given(
    st.lists(st.sampled_from([b"a", b"b.c", b"..", b".", b""]), max_size=8).map(b"/".join),
    st.sampled_from([b"", b"usr", b"usr/lib/x"]),
)
def test_a_joined_path_is_clean_and_as_it_is_written(relative: bytes, folder: bytes) -> None:
    found = joined(folder, relative)
    parts: list[bytes] | None = [] if relative.startswith(b"/") else folder.split(b"/")
    for part in relative.split(b"/"):
        if part == b".." and parts is not None:
            parts = [one for one in parts if one]
            parts = parts[:-1] if parts else None
        elif part not in (b"", b".", b"..") and parts is not None:
            parts.append(part)
    expected = b"/".join(one for one in parts if one) if parts is not None else b""
    assert (found or b"") == (expected if relative else b"")
