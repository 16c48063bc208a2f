"""Go programs: ELF files with Go's build information, each a package named by its module.

A program without a module is named by its main package, else by its file. The modules that it is
built of are named as what it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.analysis.packages.go_build_info import read_build_info
from lightship.analysis.packages.package import Found, Package
from lightship.analysis.packages.unread import shortened, unread
from lightship.layers.captures import MAX_HEAD_BYTES, CaptureRequest, Content
from lightship.printable import decode_path

if TYPE_CHECKING:
    from lightship.analysis.packages.records import Records

_READER = "go"
_MAX_NAME_CHARS = 1000
_TAIL_BYTES = 16 * 1024 * 1024
"""Programs longer than a head have it here: data comes last, and is a fiftieth of a program."""
_NO_PACKAGE = "command-line-arguments"
"""What `go build file.go` has for a path."""

_NOT_TOLD = "too large a Go program to find its build information; it is named by its file"


class _Program(Struct, frozen=True, array_like=True):
    name: str
    version: str
    depends: list[str]
    is_told: bool
    """Whether the build information was in what is read."""


def extract(content: Content) -> bytes:
    """MessagePack of a program's module, version and needed modules; empty of what is not Go's.

    Raises:
        ValueError: it is a Go program, and its build information cannot be read.
    """
    info = read_build_info(content)
    if info is None:
        return b""
    name = info.main.path if info.main is not None and info.main.path else info.path
    version = info.main.version if info.main is not None else ""
    return msgspec.msgpack.encode(
        _Program(
            "" if name == _NO_PACKAGE else name[:_MAX_NAME_CHARS],
            version[:_MAX_NAME_CHARS],
            list(dict.fromkeys(module.path for module in info.deps)),
            bool(info.go),
        )
    )


class _Go:
    name = "go"
    requests = (
        CaptureRequest(
            name=_READER,
            version=1,
            magics=frozenset({b"\x7fELF"}),
            head_bytes=MAX_HEAD_BYTES,
            tail_bytes=_TAIL_BYTES,
            extract=extract,
        ),
    )

    def find(self, records: Records) -> Found:
        """The programs, in byte order of their paths."""
        packages: list[Package] = []
        problems: list[str] = []
        for record in records.of(_READER):
            if not record.extract:
                continue
            program = msgspec.msgpack.decode(record.extract, type=_Program)
            if not program.is_told:
                problems.append(f"{decode_path(record.path)}: {_NOT_TOLD}")
            packages.append(
                Package(
                    system="go",
                    name=program.name or decode_path(record.path.rpartition(b"/")[2]),
                    version=program.version or None,
                    paths=(record.path,),
                    depends=tuple(program.depends),
                    source=record.path,
                )
            )
        notes = unread("go", records.of(_READER)) + shortened("go", problems)
        return Found(packages=packages, notes=notes)


SYSTEM = _Go()
