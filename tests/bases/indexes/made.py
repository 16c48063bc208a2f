"""Package indexes made for a test: Alpine's by its format, the others by the real programs."""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
from typing import TYPE_CHECKING

from lightship.bases.indexes.reading import read_index

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.bases.indexes.index import IndexFile

APK_MAIN = """\
C:Q1aaaa=
P:libpq
V:17.5-r0
A:x86_64
S:150000
I:400000
T:PostgreSQL client library
D:so:libc.musl-x86_64.so.1 so:libssl.so.3
p:so:libpq.so.5=5.17

C:Q1bbbb=
P:openssl-libs
V:3.5.1-r0
S:700000
I:2000000
p:so:libssl.so.3=3 so:libcrypto.so.3=3

P:musl
V:1.2.5-r10
S:400000
I:650000
p:so:libc.musl-x86_64.so.1=1

P:git
V:2.49.0-r0
S:3000000
I:12000000
D:openssl-libs !git-old
p:cmd:git=2.49.0-r0

P:alpine-release
V:3.24.1-r0
S:3000
I:20000
"""


def apk_index(text: str, description: str | None = "main v3.24.1-7-gabcdef") -> bytes:
    """`APKINDEX.tar.gz` as `apk index` and abuild-sign write it: a signature's tar without an end,
    compressed by itself, before that of the index."""
    return gzip.compress(
        _tar({".SIGN.RSA.test.rsa.pub": b"\1" * 256}, ended=False)
    ) + gzip.compress(
        _tar(
            {
                **({"DESCRIPTION": description.encode()} if description is not None else {}),
                "APKINDEX": text.encode(),
            }
        )
    )


def _tar(members: dict[str, bytes], *, ended: bool = True) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        end = tar.offset
    return target.getvalue() if ended else target.getvalue()[:end]


def read(data: bytes, system: str | None = None) -> IndexFile:
    """An index in one piece."""
    return read_index("index", [data], system)


def debian_packages(folder: Path, **packages: str) -> bytes:
    """`Packages` by dpkg-scanpackages of real archives; further control fields by name."""
    for name, fields in packages.items():
        root = folder / name
        (root / "DEBIAN").mkdir(parents=True)
        (root / "usr/lib").mkdir(parents=True)
        (root / "usr/lib" / f"{name}.data").write_bytes(b"x" * 5000)
        dashed = name.replace("_", "-")
        control = f"Package: {dashed}\nArchitecture: amd64\nMaintainer: x <x@example.org>\n{fields}"
        (root / "DEBIAN/control").write_text(control + "Description: x\n and\n .\n more: words\n")
        subprocess.run(
            ["dpkg-deb", "--build", "--root-owner-group", root, folder / f"{dashed}.deb"],
            check=True,
            capture_output=True,
        )
    scan = subprocess.run(
        ["dpkg-scanpackages", "--multiversion", "."], cwd=folder, check=True, capture_output=True
    )
    return scan.stdout
