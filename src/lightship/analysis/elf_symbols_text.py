"""What an ELF file's bytes speak of: libraries it may open by name, places it may look into."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Collection

    from lightship.layers.captures import Content

PLACES = (
    b"/etc/ssl/",
    b"/etc/pki/",
    b"/etc/ca-certificates",
    b"/etc/nsswitch.conf",
    b"/usr/share/zoneinfo",
    b"/usr/lib/locale",
)
"""Places of a system that programs have in their bytes."""
# The common start makes it one quick pass, however many there are.
_PLACE = re.compile(b"/(?:%s)" % b"|".join(re.escape(place[1:]) for place in PLACES))
_OPENING = frozenset((b"dlopen", b"__libc_dlopen_mode", b"dlmopen"))
_LIBRARY = re.compile(rb"lib[A-Za-z0-9_+.-]{1,80}\.so(?:\.[0-9]{1,6}){0,4}(?=\0)")
# glibc has these in every static program: it compares them with what others open.
_OWN = frozenset((b"libc.so.6", b"libm.so.6"))
_MAX_LIBRARIES = 200


class Text(Struct, frozen=True, array_like=True, omit_defaults=True):
    """Words in a file's bytes.

    Attributes:
        libraries: names that end with NUL, in a file that opens libraries by name (it calls
            `dlopen`, or is a static program); sorted, up to 200. Those that it needs anyway are
            among them, glibc's own in a static program are not.
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
    is_static = not needs and is_program
    opens = is_static or not _OPENING.isdisjoint(needs)
    libraries: set[bytes] = set()
    places: set[bytes] = set()
    for data in (content.head, content.tail):
        places.update(match[0] for match in _PLACE.finditer(data))
        for match in _LIBRARY.finditer(data) if opens else ():
            if len(libraries) >= _MAX_LIBRARIES:
                break
            libraries.add(match[0])
    if is_static:
        libraries -= _OWN
    return Text(tuple(sorted(libraries)), tuple(sorted(places)))
