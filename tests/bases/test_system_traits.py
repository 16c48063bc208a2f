"""What an image has of a system is told by its files, in one way for all who ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lightship.api.base_opening import look_inside
from lightship.api.options import ReadOptions
from lightship.bases.system_traits import c_library, package_manager, shell
from lightship.testing import Link, build_image

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.testing.entries import Layer

APT = {"usr/bin/apt-get": b"", "usr/bin/dpkg": b""}
APK = {"sbin/apk": b"", "bin/busybox": b"", "bin/sh": Link("bin/busybox")}
GLIBC, MUSL = "lib64/ld-linux-x86-64.so.2", "lib/ld-musl-x86_64.so.1"


@pytest.mark.parametrize(
    ("files", "libc", "manager", "has_shell"),
    [
        ({"etc/hostname": b"x"}, "none", "none", False),
        ({GLIBC: b"", **APT, "bin/sh": b""}, "glibc", "apt", True),
        ({MUSL: b"", **APK}, "musl", "apk", True),
        # Debian with its package of musl; Alpine with gcompat.
        ({GLIBC: b"", MUSL: b"", "usr/bin/dpkg": b""}, "glibc", "dpkg", False),
        ({GLIBC: b"", MUSL: b"", "etc/alpine-release": b"3.24.0"}, "musl", "none", False),
        ({"lib/ld64.so.2": b"", "usr/bin/dnf5": b""}, "glibc", "dnf", False),
        # uClibc's: a C library that nobody here knows is unknown, not missing.
        ({"lib/ld64-uClibc.so.0": b"", "lib/ld-uClibc.so.0": b""}, None, "none", False),
        ({"lib/ld.script": b"", "usr/sbin/rpm": b""}, "none", "rpm", False),
    ],
)
def test_traits(
    tmp_path: Path, files: Layer, libc: str | None, manager: str, *, has_shell: bool
) -> None:
    inside = look_inside(build_image([files], directory=tmp_path), None, ReadOptions(cache=None))
    assert c_library(inside) == libc
    assert package_manager(inside) == manager
    assert shell(inside) == ("/bin/sh" if has_shell else "none")
