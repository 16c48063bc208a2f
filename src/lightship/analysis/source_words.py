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
    from collections.abc import Iterator

    from lightship.analysis.packages.records import Records
    from lightship.layers.captures import Content

_READER = "source-words"
_SUFFIXES = b".py .js .mjs .cjs .ts .rb .pl .pm .php .lua .r .R .jl .sh .bash".split()
_HEAD_BYTES = 128 * 1024
_MAX_WORDS = 40
_GAP = rb"""[\s(\[{]{1,8}(?:r|b|f|shell\s*=\s*True,)?\s{0,4}"""
_CALL = re.compile(
    rb"(?:subprocess\.\w{1,20}|Popen|os\.(?:system|popen|exec\w{1,4}|spawn\w{1,4})|"
    rb"check_output|check_call|run|exec(?:File|Sync|FileSync|a)?|spawn(?:Sync|lp?)?|system2?|"
    rb"popen|passthru|proc_open|Open3\.\w{1,10}|create_subprocess_\w{1,5}|which)"
    + _GAP
    + rb"""["'`]([A-Za-z0-9_./+-]{2,80})(?=["'`\s])"""
)
_TICKS = re.compile(rb"(`|qx[{(/])([a-z][A-Za-z0-9_./+-]{1,40})(?=[`})/\s])")
_LIBRARY = re.compile(
    rb"(?:CDLL|LoadLibrary|dlopen|ffi_lib|find_library|FFI::load)" + _GAP + rb"""["']"""
    rb"""([A-Za-z0-9_./+-]{1,80})["']"""
)
_TOPICS = {
    b"zones": b"zoneinfo ZoneInfo pytz tzlocal tz.gettz TZInfo DateTimeZone timezone_set".split(),
    b"tls": (
        b"https:// ssl. urllib requests httpx aiohttp Net::HTTP OpenSSL curl_ LWP smtplib"
    ).split(),
}
_CALLS = (
    b"run( run([ exec spawn system Open3 popen Popen subprocess which( passthru proc_open".split()
)
_OPENS = (b"CDLL", b"LoadLibrary", b"dlopen", b"ffi_lib", b"find_library", b"FFI::load")


class SourceWords(Struct, frozen=True, array_like=True):
    """Words of one source.

    Attributes:
        programs: that it starts, as written; up to 40.
        libraries: that it opens, as written: `libmagic.so.1`, `magic`; up to 40.
        topics: what it speaks of: `zones` of time, connections by `tls`.
    """

    programs: tuple[bytes, ...] = ()
    libraries: tuple[bytes, ...] = ()
    topics: tuple[bytes, ...] = ()


def source_requests() -> tuple[CaptureRequest, ...]:
    """What must be captured for `source_words`."""
    return (_REQUEST,)


def source_words(records: Records) -> dict[int, SourceWords]:
    """Of the visible sources that say any of it, by record; the first 128 KiB of each count."""
    return {one.record: _DECODER.decode(one.extract) for one in records.of(_READER) if one.extract}


def read_source(text: bytes) -> SourceWords:
    """The words of a source."""
    programs: set[bytes] = set()
    if any(one in text for one in _CALLS):
        programs.update(match[1] for match in _CALL.finditer(text))
    if b"`" in text or b"qx" in text:
        programs.update(_in_ticks(text))
    libraries: set[bytes] = set()
    if any(one in text for one in _OPENS):
        libraries.update(match[1] for match in _LIBRARY.finditer(text))
    topics = tuple(topic for topic, every in _TOPICS.items() if any(one in text for one in every))
    return SourceWords(_first(programs), _first(libraries), topics)


def _in_ticks(text: bytes) -> Iterator[bytes]:
    """Commands of Perl, Ruby and PHP in backquotes; those in prose have no `=` before them."""
    for match in _TICKS.finditer(text):
        before = text[max(match.start() - 4, 0) : match.start()].rstrip()
        if match[1] != b"`" or before.endswith(b"="):
            yield match[2]


def _first(words: set[bytes]) -> tuple[bytes, ...]:
    return tuple(sorted(words)[:_MAX_WORDS])


def _extract(content: Content) -> bytes:
    words = read_source(bytes(content.head))
    return _ENCODER.encode(words) if words != SourceWords() else b""


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(SourceWords)
_REQUEST = CaptureRequest(
    name=_READER,
    version=2,
    suffixes=frozenset(_SUFFIXES),
    head_bytes=_HEAD_BYTES,
    extract=_extract,
)
