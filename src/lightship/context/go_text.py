"""Text as Go's standard library sees it: white space, clean paths, bytes that are no UTF-8.

Text here is bytes decoded as UTF-8 with surrogate escapes: each byte that is no UTF-8 is one
surrogate, as it is one U+FFFD to Go.

Sources: Go's packages unicode (`IsSpace`), path/filepath (`Clean`, on Unix) and unicode/utf8.
"""

from __future__ import annotations

import re

_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B)))
_SPACE += "\u2028\u2029\u202f\u205f\u3000"

INVALID = "\ufffd"
"""What Go reads for a byte that is no UTF-8."""

_INVALID_BYTES = re.compile("[\udc80-\udcff]")


def trim(text: str) -> str:
    """Without white space around it: `strings.TrimSpace`."""
    return text.strip(_SPACE)


def clean(path: str) -> str:
    """The shortest name of a path, by its letters alone: `filepath.Clean`."""
    if not path:
        return "."
    rooted = path.startswith("/")
    kept: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif part != ".." or not rooted:
            kept.append(part)
    return "/" + "/".join(kept) if rooted else "/".join(kept) or "."


def has_invalid_bytes(text: str) -> bool:
    """Whether it holds bytes that are no UTF-8."""
    return _INVALID_BYTES.search(text) is not None


def with_invalid_marked(text: str) -> str:
    """The same with U+FFFD for each byte that is no UTF-8, as Go's JSON and regexps have it."""
    return _INVALID_BYTES.sub(INVALID, text)


def raw(text: str) -> bytes:
    """Its bytes."""
    return text.encode("utf-8", "surrogateescape")
