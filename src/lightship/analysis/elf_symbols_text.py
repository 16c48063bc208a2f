"""What an ELF file's bytes speak of: libraries it may open by name, places it may look into."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lightship.layers.captures import Content

PLACES = (
    b"/etc/ssl/",
    b"/etc/pki/",
    b"/etc/ca-certificates",
    b"/usr/share/zoneinfo",
    b"/usr/lib/locale",
    b"/etc/nsswitch.conf",
    b"/etc/resolv.conf",
    b"/bin/sh",
)
"""Places of a system that programs have in their bytes."""
_OPENING = frozenset((b"dlopen", b"__libc_dlopen_mode", b"dlmopen"))
_LIBRARY = re.compile(rb"lib[A-Za-z0-9_+.-]{1,80}\.so(?:\.[0-9]{1,6}){0,4}(?=\0)")
_MAX_LIBRARIES = 200
_CHUNK_BYTES = 1024 * 1024
_OVERLAP_BYTES = 256


class Text(Struct, frozen=True, array_like=True, omit_defaults=True):
    """Words in a file's bytes.

    Attributes:
        libraries: names that end with NUL, in a file that opens libraries by name (it calls
            `dlopen`, or is a static program); sorted, up to 200. Those that it needs anyway are
            among them.
        places: of `PLACES`.
    """

    libraries: tuple[bytes, ...] = ()
    places: tuple[bytes, ...] = ()


def read_text(content: Content, *, is_program: bool, needs: Collection[bytes]) -> Text:
    """What the bytes that were read speak of.

    Args:
        content: of the file.
        is_program: whether it is one by itself.
        needs: names of the symbols that it binds to others.
    """
    opens = (not needs and is_program) or not _OPENING.isdisjoint(needs)
    libraries: set[bytes] = set()
    places: set[bytes] = set()
    for chunk in _chunks(content):
        places.update(place for place in PLACES if place not in places and place in chunk)
        if opens and b".so" in chunk and len(libraries) < _MAX_LIBRARIES:
            libraries.update(_LIBRARY.findall(chunk))
    return Text(tuple(sorted(libraries)[:_MAX_LIBRARIES]), tuple(sorted(places)))


def _chunks(content: Content) -> Iterator[bytes]:
    """The bytes in pieces that overlap, so that no word is cut everywhere."""
    for at in range(0, len(content.head), _CHUNK_BYTES):
        yield bytes(content.head[at : at + _CHUNK_BYTES + _OVERLAP_BYTES])
    if content.tail:
        yield content.tail
