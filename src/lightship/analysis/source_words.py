"""What sources of scripting languages call: programs that they start, libraries that they open.

Read by patterns, not by grammars: a word counts where a call of the language's stands before it.
What is found too much is sorted out by who knows which programs there are.
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

_READER = "source-words"
_SUFFIXES = b".py .js .mjs .cjs .ts .rb .pl .pm .php .lua .r .R .jl .sh .bash".split()
_HEAD_BYTES = 128 * 1024
_MAX_WORDS = 40
_GAP = rb"""[\s(\[{]{1,8}(?:r|b|f|shell\s*=\s*True,)?\s{0,4}"""
_CALL = re.compile(
    rb"(?:subprocess\.\w{1,20}|Popen|os\.(?:system|popen|exec\w{1,4}|spawn\w{1,4})|check_output|"
    rb"check_call|\brun|\bexec(?:File|Sync|FileSync|a)?|\bspawn(?:Sync|lp?)?|\bsystem|\bpopen|"
    rb"shell_exec|passthru|proc_open|Open3\.\w{1,10}|create_subprocess_\w{1,5}|\bwhich|system2)"
    + _GAP
    + rb"""["'`]([A-Za-z0-9_./+-]{2,80})(?=["'`\s])"""
)
_PERL = re.compile(rb"(?:=|\bqx)\s{0,4}[`{(/]([a-z][A-Za-z0-9_./+-]{1,40})(?=[`})/\s])")
_LIBRARY = re.compile(
    rb"(?:CDLL|LoadLibrary|dlopen|ffi_lib|find_library|FFI::load)" + _GAP + rb"""["']"""
    rb"""([A-Za-z0-9_./+-]{1,80})["']"""
)
_CALLS = (b"exec", b"system", b"spawn", b"popen", b"Popen", b"process", b"run", b"which", b"qx")
_OPENS = (b"CDLL", b"LoadLibrary", b"dlopen", b"ffi_lib", b"find_library", b"FFI::load")


class SourceWords(Struct, frozen=True, array_like=True):
    """Words of one source.

    Attributes:
        programs: that it starts, as written; up to 40.
        libraries: that it opens, as written: `libmagic.so.1`, `magic`; up to 40.
    """

    programs: tuple[bytes, ...] = ()
    libraries: tuple[bytes, ...] = ()


def source_requests() -> tuple[CaptureRequest, ...]:
    """What must be captured for `source_words`."""
    return (_REQUEST,)


def source_words(records: Records) -> dict[int, SourceWords]:
    """Of the visible sources that call anything, by record; the first 128 KiB of each count."""
    return {one.record: _DECODER.decode(one.extract) for one in records.of(_READER) if one.extract}


def read_source(text: bytes) -> SourceWords:
    """The words of a source."""
    programs: set[bytes] = set()
    if any(one in text for one in _CALLS) or b"`" in text:
        for pattern in (_CALL, _PERL):
            programs.update(match[1] for match in pattern.finditer(text))
    libraries: set[bytes] = set()
    if any(one in text for one in _OPENS):
        libraries.update(match[1] for match in _LIBRARY.finditer(text))
    return SourceWords(_first(programs), _first(libraries))


def _first(words: set[bytes]) -> tuple[bytes, ...]:
    return tuple(sorted(words)[:_MAX_WORDS])


def _extract(content: Content) -> bytes:
    words = read_source(bytes(content.head))
    return _ENCODER.encode(words) if words.programs or words.libraries else b""


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(SourceWords)
_REQUEST = CaptureRequest(
    name=_READER,
    version=1,
    suffixes=frozenset(_SUFFIXES),
    head_bytes=_HEAD_BYTES,
    extract=_extract,
)
