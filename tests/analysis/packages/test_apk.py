from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.packages.folders import by_name, find
from analysis.recorded import records_of
from lightship.analysis.packages.apk import SYSTEM
from lightship.analysis.packages.owning import find_owners

INSTALLED = b"""\
C:Q1abc=
P:musl
V:1.2.5-r0
A:x86_64
p:so:libc.musl-x86_64.so.1=1
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755

P:curl
V:8.5.0-r0
D:so:libc.musl-x86_64.so.1 ca-certificates>=1 !conflict
F:usr
F:usr/bin
R:curl
Z:Q1zzz=

P:ca-certificates
V:2024
"""
IMAGE = {
    "lib/ld-musl-x86_64.so.1": b"loader",
    "usr/bin/curl": b"curl",
    "etc/mine": b"x",
    "etc/apk/world": b"curl>8\nother@edge\n",
    "lib/apk/db/installed": INSTALLED,
}


@pytest.mark.parametrize("place", ["lib/apk/db/installed", "usr/lib/apk/db/installed"])
def test_what_is_installed(place: str) -> None:
    image = {path: content for path, content in IMAGE.items() if "apk/db" not in path}
    packages = by_name(find(SYSTEM, {**image, place: INSTALLED}))
    assert list(packages) == ["musl", "curl", "ca-certificates"]
    assert packages["curl"].version == "8.5.0-r0"
    assert packages["curl"].depends == ("musl", "ca-certificates")
    assert [packages[name].requested for name in packages] == [False, True, False]


def test_whose_files_are() -> None:
    records = records_of(IMAGE, requests=SYSTEM.requests)
    ownership = find_owners(records)
    owned = {
        place.path + b"/" + name: ownership.owner_of[record]
        for place in records.places
        for name, record in zip(place.names, place.records, strict=True)
    }
    assert (owned[b"lib/ld-musl-x86_64.so.1"], owned[b"usr/bin/curl"]) == (1, 2)
    assert owned[b"etc/mine"] == owned[b"lib/apk/db/installed"] == 0


def test_one_directory_of_many_files_takes_no_more_memory_than_its_text() -> None:
    folder, names = b"a" * 4000, b"R:x\n" * 50_000
    text = b"P:long\nF:" + folder + b"\n" + names + b"F:" + folder * 2 + b"\n" + names
    (package,) = find(SYSTEM, {"lib/apk/db/installed": text}).packages
    assert not isinstance(package.paths, list | tuple)
    assert sum(1 for path in package.paths if path == folder + b"/x") == 50_000


@given(st.binary(max_size=500) | st.text("PVDpFR:\nab/.", max_size=500).map(str.encode))
def test_any_database_is_read(data: bytes) -> None:
    found = find(SYSTEM, {"lib/apk/db/installed": data, "etc/apk/world": data})
    assert all(package.name for package in found.packages)
