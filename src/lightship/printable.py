"""The only way a foreign name reaches a screen."""

from __future__ import annotations

import base64
import os
import unicodedata

# Cc and Cf hold the terminal's escapes, bidirectional overrides and zero-width characters.
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def decode_path(path: bytes) -> str:
    """Decode a path for people and JSON: U+FFFD stands for each byte that is not UTF-8."""
    return path.decode("utf-8", "replace")


def shown_path(path: str | os.PathLike[str]) -> str:
    """`decode_path` of a path of this machine, whose other bytes are surrogate escapes."""
    return decode_path(os.fsencode(path))


def base64_of(path: bytes) -> str | None:
    """A path's bytes in base64 if text cannot give them back, else None."""
    try:
        path.decode()
    except UnicodeDecodeError:
        return base64.b64encode(path).decode()
    return None


def printable(text: str) -> str:
    """Make a foreign text safe for a terminal, on one line.

    Control and format characters (terminal escapes, bidirectional overrides, zero-width
    characters, line breaks), lone surrogates and unassigned code points are written as escapes.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) for char in text)


def is_hidden(char: str) -> bool:
    """Whether a character does something to a screen other than to appear on it."""
    return unicodedata.category(char) in _HIDDEN


def _escaped(char: str) -> str:
    if not is_hidden(char):
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def printable_path(path: bytes) -> str:
    """`decode_path` and `printable` in one: a path from an image, safe for a terminal."""
    return printable(decode_path(path))
