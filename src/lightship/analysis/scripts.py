"""Scripts: which program runs each, and what a shell script says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.commands import MAX_TEXT_BYTES
from lightship.layers.captures import CaptureRequest

if TYPE_CHECKING:
    from lightship.analysis.packages.records import Records
    from lightship.layers.captures import Content

READER = "scripts"
SHELLS = frozenset((b"sh", b"ash", b"bash", b"dash", b"ksh", b"mksh", b"zsh", b"busybox"))
_MAX_LINE_BYTES = 256
_ANY = [bytes((byte,)) for byte in range(256)]


def script_requests() -> tuple[CaptureRequest, ...]:
    """What must be captured for `scripts`."""
    return (_REQUEST,)


def scripts(records: Records) -> dict[int, bytes]:
    """By record the text of each script: of a shell's the whole, of others the first line.

    A shell's script of more than `MAX_TEXT_BYTES` has its first line alone.
    """
    return {one.record: one.extract for one in records.of(READER) if one.extract is not None}


def interpreter_of(text: bytes) -> list[bytes]:
    """The words of a script's `#!` line: a program, perhaps one argument (execve(2))."""
    line = text[2:].partition(b"\n")[0].strip()
    return line.split(None, 1)


def runs_in_shell(text: bytes) -> bool:
    """Whether a script's text is a shell's."""
    words = text[2:].partition(b"\n")[0].split()
    names = [word.rpartition(b"/")[2] for word in words]
    if names[:1] == [b"env"]:
        names = [name for name in names[1:] if not name.startswith(b"-") and b"=" not in name]
    return bool(names) and names[0] in SHELLS


def _extract(content: Content) -> bytes:
    head = content.head
    line = bytes(head[:_MAX_LINE_BYTES]).partition(b"\n")[0]
    return bytes(head) if content.is_whole and runs_in_shell(line) else line


_REQUEST = CaptureRequest(
    name=READER,
    version=1,
    magics=frozenset([b"#!/" + one for one in _ANY] + [b"#! /"]),
    head_bytes=MAX_TEXT_BYTES,
    extract=_extract,
)
