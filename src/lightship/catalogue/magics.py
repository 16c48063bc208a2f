"""Magics as the catalogue's tables write them."""

from __future__ import annotations

import re
from functools import cache

_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")


@cache
def magic_bytes(magic: tuple[str, ...]) -> tuple[bytes, ...]:
    r"""Each as bytes: `\xNN` is one of them."""
    return tuple(
        _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text).encode("latin-1") for text in magic
    )
