"""The packages that others were built from: advisories name these."""

import struct

import pytest

from analysis.packages.folders import by_name, find
from lightship.analysis.packages import apk, dpkg
from lightship.analysis.packages.rpm_header import read_header

_INT32, _STRING = 4, 6


def test_debian_names_the_source_where_it_is_another() -> None:
    status = b"".join(
        b"Package: %s\nStatus: install ok installed\nVersion: 2-1+b3\n%s\n" % (name, source)
        for name, source in [
            (b"same", b""),
            (b"libssl3", b"Source: openssl\n"),
            (b"libmagic", b"Source: file (1:5.44-3)\n"),
            (b"broken", b"Source: (1)\n"),
        ]
    )
    packages = by_name(find(dpkg.SYSTEM, {"var/lib/dpkg/status": status}))
    told = {name: (one.source_name, one.source_version) for name, one in packages.items()}
    assert told == {
        "same": ("", ""),
        "libssl3": ("openssl", ""),
        "libmagic": ("file", "1:5.44-3"),
        "broken": ("", ""),
    }


def test_alpine_names_the_origin() -> None:
    database = b"P:libcrypto3\nV:3.3.0-r2\no:openssl\n\nP:none\nV:1\n"
    packages = by_name(find(apk.SYSTEM, {"lib/apk/db/installed": database}))
    assert packages["libcrypto3"].source_name == "openssl"
    assert packages["none"].source_name == ""


def header(*entries: tuple[int, int, bytes]) -> bytes:
    index, data = b"", b""
    for tag, kind, content in entries:
        data += b"\0" * (-len(data) % 4) if kind == _INT32 else b""
        index += struct.pack(">IIiI", tag, kind, len(data), 1)
        data += content
    return struct.pack(">II", len(entries), len(data)) + index + data


def test_rpm_names_the_file_of_the_sources_and_the_epoch() -> None:
    package = read_header(
        header(
            (1000, _STRING, b"openssl-libs\0"),
            (1001, _STRING, b"3.0.7\0"),
            (1002, _STRING, b"27.el9\0"),
            (1044, _STRING, b"openssl-fips-3.0.7-27.el9.src.rpm\0"),
            (1003, _INT32, struct.pack(">I", 1)),
        )
    )
    assert (package.source_name, package.epoch) == ("openssl-fips", "1")


def test_rpm_without_them() -> None:
    package = read_header(header((1000, _STRING, b"x\0"), (1044, _STRING, b"nonsense\0")))
    assert (package.source_name, package.epoch) == ("", "")


def test_an_epoch_outside_the_header_is_damage() -> None:
    cut = bytearray(header((1000, _STRING, b"x\0"), (1003, _INT32, b"\0\0\0\1")))
    cut[8 + 16 + 8 : 8 + 16 + 12] = struct.pack(">i", 6)
    with pytest.raises(ValueError, match="outside"):
        read_header(bytes(cut))
