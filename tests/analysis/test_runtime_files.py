"""What runtimes and Java archives say of themselves, whatever their bytes are."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.recorded import records_of
from lightship.analysis.java_classes import JavaArchive, java_archives, java_requests
from lightship.analysis.runtime_versions import (
    RuntimeVersion,
    runtime_requests,
    runtime_versions,
)
from lightship.layers.captures import Content


def jar(**files: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as target:
        for name, content in files.items():
            target.writestr(name.replace("__", "/"), content)
    return data.getvalue()


def archive(data: bytes) -> JavaArchive | None:
    records = records_of({"a.jar": data}, requests=java_requests())
    return next(iter(java_archives(records).values()), None)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (b'JAVA_VERSION="1.8.0_392"\n', RuntimeVersion(8, "1.8.0_392")),
        (
            b'IMPLEMENTOR="x"\nJAVA_VERSION="21.0.5"\nLIBC="musl"\nMODULES="java.base jdk.x"\n',
            RuntimeVersion(21, "21.0.5", 0, ("java.base", "jdk.x")),
        ),
        (b"Debian release notes\n", None),
        (b'JAVA_VERSION="none"\n', None),
    ],
)
def test_java_says_its_version(text: bytes, version: RuntimeVersion | None) -> None:
    records = records_of({"opt/jdk/release": text}, requests=runtime_requests())
    assert runtime_versions(records).get(b"opt/jdk/release") == version


def test_an_archive_s_main_class_may_stand_on_two_lines() -> None:
    manifest = b"Manifest-Version: 1.0\r\nMain-Class: org.exa\r\n mple.Main\r\n"
    head = b"\xca\xfe\xba\xbe\0\0\0\x41"
    data = jar(**{"META-INF__MANIFEST.MF": manifest, "org__example__Main.class": head})
    assert archive(data) == JavaArchive(21)


def test_an_archive_without_a_main_class_or_with_a_cut_one_asks_for_nothing() -> None:
    manifest = b"Main-Class: Main\n"
    assert archive(jar(a=b"x")) == JavaArchive(0)
    cut = jar(**{"META-INF__MANIFEST.MF": manifest, "Main.class": b"\xca\xfe"})
    assert archive(cut) == JavaArchive(0)
    assert archive(jar(**{"lib__b.jar": b"PK"})) == JavaArchive(0, (), has_nested=True)


@given(st.binary(max_size=300), st.integers(0, 200))
def test_whatever_the_bytes_only_a_value_error_is_raised(data: bytes, cut: int) -> None:
    whole = jar(**{"META-INF__MANIFEST.MF": b"Main-Class: A\n", "A.class": data, "x.so": data})
    for given_bytes in (data, whole[:cut] + data + whole[cut:]):
        for request in (*java_requests(), *runtime_requests()):
            with suppress(ValueError):
                request.extract(Content(memoryview(given_bytes), len(given_bytes)))
