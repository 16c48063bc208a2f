"""What Java archives hold that a runtime must fit: the version of their classes, native libraries.

Source: the Java Virtual Machine Specification, 4.1 (`major_version` of a class file: 44 more than
the version of Java that reads it); the JAR file specification for `Main-Class`. A native library's
C library is told by the names in the beginning of its bytes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.analysis.packages.zip_directory import ZipDirectory, read_directory
from lightship.layers.captures import CaptureRequest
from lightship.printable import decode_path

if TYPE_CHECKING:
    from lightship.analysis.packages.records import Records
    from lightship.layers.captures import Content

READER = "java-classes"
_MANIFEST = b"META-INF/MANIFEST.MF"
_MAIN = re.compile(rb"(?mi)^Main-Class:[ ]*([\w.$]+)")
_MAGIC = b"\xca\xfe\xba\xbe"
_FIRST_MAJOR = 44
_MAX_TEXT_BYTES = 64 * 1024
_MAX_NATIVE_BYTES = 512 * 1024
_MAX_NATIVES = 40
_MAX_NAME_CHARS = 300
_SUFFIXES = (b".jar", b".war", b".ear")
_NATIVE = re.compile(rb"\.so(?:\.\d+)*\Z")


class JavaArchive(Struct, frozen=True, array_like=True):
    """Of one archive.

    Attributes:
        java: the version of Java that its main class asks for; 0 where it has none that was seen.
        natives: names of the libraries in it for Linux, with `glibc`, `musl`, or nothing.
        has_nested: whether there are archives in it, into which nobody looked.
    """

    java: int
    natives: tuple[tuple[str, str], ...] = ()
    has_nested: bool = False


def java_requests() -> tuple[CaptureRequest, ...]:
    """What must be captured for `java_archives`."""
    return (_REQUEST,)


def java_archives(records: Records) -> dict[int, JavaArchive]:
    """By record."""
    return {
        one.record: msgspec.msgpack.decode(one.extract, type=JavaArchive)
        for one in records.of(READER)
        if one.extract is not None
    }


def _extract(content: Content) -> bytes:
    directory = read_directory(content)
    natives = [name for name in directory.entries if _NATIVE.search(name)][:_MAX_NATIVES]
    return msgspec.msgpack.encode(
        JavaArchive(
            _main_version(directory),
            tuple(
                (decode_path(name)[:_MAX_NAME_CHARS], _libc(directory, name)) for name in natives
            ),
            any(name.endswith(_SUFFIXES) for name in directory.entries),
        )
    )


def _main_version(directory: ZipDirectory) -> int:
    text = (directory.read(_MANIFEST, _MAX_TEXT_BYTES) or b"").replace(b"\r\n", b"\n")
    match = _MAIN.search(text.replace(b"\n ", b""))
    if match is None:
        return 0
    head = directory.read(match[1].replace(b".", b"/") + b".class", 8) or b""
    if len(head) < 8 or not head.startswith(_MAGIC):
        return 0
    return max(int.from_bytes(head[6:8]) - _FIRST_MAJOR, 0)


def _libc(directory: ZipDirectory, name: bytes) -> str:
    head = directory.read(name, _MAX_NATIVE_BYTES) or b""
    if not head.startswith(b"\x7fELF"):
        return ""
    if b"libc.musl-" in head:
        return "musl"
    return "glibc" if b"GLIBC_2." in head or b"libc.so.6" in head else ""


_REQUEST = CaptureRequest(
    name=READER,
    version=1,
    suffixes=frozenset(_SUFFIXES),
    head_bytes=16 * 1024 * 1024,
    tail_bytes=1024 * 1024,
    extract=_extract,
)
