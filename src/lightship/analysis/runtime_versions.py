"""What runtimes say of their own version in files beside them: Node's header, Java's `release`.

Sources: `node_version.h`, as Node.js installs it in `include/node`; the `release` file of a JDK or
JRE ("IMPLEMENTOR", "JAVA_VERSION", "LIBC", "MODULES"; JEP 238 and the JDK's own build).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.layers.captures import CaptureRequest

if TYPE_CHECKING:
    from lightship.analysis.packages.records import Records
    from lightship.layers.captures import Content

READER = "runtime-versions"
_MAX_BYTES = 64 * 1024
_NODE = re.compile(rb"#define[ \t]+NODE_(MAJOR|MINOR|PATCH)_VERSION[ \t]+(\d{1,4})\b")
_NODE_ABI = re.compile(rb"#define[ \t]+NODE_MODULE_VERSION[ \t]+(\d{1,4})\b")
_JAVA = re.compile(rb'(?m)^(JAVA_VERSION|LIBC|MODULES)="([^"\n]*)"')
_JAVA_NUMBER = re.compile(r"(?:1\.)?(\d{1,3})")


class RuntimeVersion(Struct, frozen=True, array_like=True):
    """What one file says.

    Attributes:
        major: 20 of Node 20.11.1, 8 of Java 1.8.0_392.
        abi: Node's NODE_MODULE_VERSION; 0 where it does not say.
        modules: of a Java runtime.
    """

    major: int
    version: str
    abi: int = 0
    modules: tuple[str, ...] = ()


def runtime_requests() -> tuple[CaptureRequest, ...]:
    """What must be captured for `runtime_versions`."""
    return (_REQUEST,)


def runtime_versions(records: Records) -> dict[bytes, RuntimeVersion]:
    """By the path of the file."""
    return {
        one.path: msgspec.msgpack.decode(one.extract, type=RuntimeVersion)
        for one in records.of(READER)
        if one.extract
    }


def _extract(content: Content) -> bytes:
    head = bytes(content.head)
    node = {match[1]: int(match[2]) for match in _NODE.finditer(head)}
    if b"MAJOR" in node:
        abi = _NODE_ABI.search(head)
        numbers = (node.get(name, 0) for name in (b"MAJOR", b"MINOR", b"PATCH"))
        found = RuntimeVersion(
            node[b"MAJOR"], ".".join(map(str, numbers)), int(abi[1]) if abi else 0
        )
        return msgspec.msgpack.encode(found)
    said = {match[1]: match[2].decode("utf-8", "replace") for match in _JAVA.finditer(head)}
    version = said.get(b"JAVA_VERSION", "")[:100]
    number = _JAVA_NUMBER.match(version)
    if number is None:
        return b""
    modules = tuple(said.get(b"MODULES", "").split())
    return msgspec.msgpack.encode(RuntimeVersion(int(number[1]), version, 0, modules))


_REQUEST = CaptureRequest(
    name=READER,
    version=1,
    basenames=frozenset((b"node_version.h", b"release")),
    head_bytes=_MAX_BYTES,
    extract=_extract,
)
