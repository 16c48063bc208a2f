"""What Python's source files import for certain: the statements at the beginning of a line.

Source: "The import statement" and "Lexical analysis" of the Python Language Reference. Nothing is
parsed: strings and comments are passed over, and what stands behind blanks (in a function, under
`try` or `if`) is none of these.
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

READER = "python-imports"
_MAX_BYTES = 512 * 1024
_MAX_NAMES = 500
_SUFFIX = b".py"
_MAGICS = frozenset(b"#!/" + bytes((byte,)) for byte in range(256))
_FIRST_LINE = re.compile(rb"#![^\n]*python")
_TOKEN = re.compile(
    rb"'''|\"\"\"|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|#[^\n]*"
    rb"|^(?:import|from)[ \t][^\n;#]*",
    re.MULTILINE,
)
_FROM = re.compile(rb"from[ \t]+([A-Za-z_]\w*)[\w.]*[ \t]+import\b")
_NAME = re.compile(rb"\s*([A-Za-z_]\w*)")
_STATEMENT = re.compile(rb"^(?:import|from)[ \t]", re.MULTILINE)
_PATHS = (b"sys.path", b"from sys import", b"addsitedir", b"meta_path", b"path_hooks")
_LINE_JOIN = re.compile(rb"\\\r?\n")


class Imports(Struct, frozen=True, array_like=True):
    """Of one file.

    Attributes:
        names: first parts of what it imports, each once.
        changes_path: whether it speaks of where modules are looked for.
        is_whole: whether all of it was read.
    """

    names: tuple[str, ...]
    changes_path: bool = False
    is_whole: bool = True


def python_import_requests() -> tuple[CaptureRequest, ...]:
    """What must be captured for `python_imports`."""
    return (_REQUEST,)


def python_imports(records: Records) -> dict[int, Imports]:
    """By record what each file imports; files without an import are left out."""
    return {
        one.record: msgspec.msgpack.decode(one.extract, type=Imports)
        for one in records.of(READER)
        if one.extract
    }


def read_imports(data: bytes, *, is_whole: bool = True) -> Imports:
    """The imports of a source text."""
    changes_path = any(word in data for word in _PATHS)
    if b"\\" in data:
        data = _LINE_JOIN.sub(b" ", data)
    names: dict[bytes, None] = {}
    # Most files have them all at their beginning: the rest need not be taken apart.
    last = max((match.start() for match in _STATEMENT.finditer(data)), default=-1)
    at = 0
    while at <= last and (match := _TOKEN.search(data, at)) is not None:
        word = match[0]
        at = match.end()
        if word in (b"'''", b'"""'):
            at = _end_of(data, word, at)
        elif word.startswith((b"import", b"from")) and len(names) < _MAX_NAMES:
            names.update(dict.fromkeys(_imported(word)))
    return Imports(tuple(name.decode() for name in names), changes_path, is_whole)


def _imported(line: bytes) -> list[bytes]:
    if line.startswith(b"from"):
        match = _FROM.match(line)
        return [match[1]] if match and match[1] != b"__future__" else []
    found = (_NAME.match(part) for part in line[len(b"import") :].split(b","))
    return [match[1] for match in found if match]


def _end_of(data: bytes, quotes: bytes, at: int) -> int:
    """Behind the end of a string of three quotes."""
    while True:
        end = data.find(quotes, at)
        if end < 0:
            return len(data)
        slashes = end - at - len(data[at:end].rstrip(b"\\"))
        if slashes % 2 == 0:
            return end + len(quotes)
        at = end + 1


def _extract(content: Content) -> bytes:
    head = bytes(content.head)
    if head.startswith(b"#!") and not _FIRST_LINE.match(head):
        return b""
    if b"import" not in head:
        return b""
    return msgspec.msgpack.encode(read_imports(head, is_whole=content.is_whole))


_REQUEST = CaptureRequest(
    name=READER,
    version=1,
    suffixes=frozenset((_SUFFIX,)),
    magics=_MAGICS,
    head_bytes=_MAX_BYTES,
    extract=_extract,
)
