from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.errors import LightshipError
from lightship.printable import decode_path, is_hidden, printable, printable_path


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("写真 é ä", "写真 é ä"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b31m", "\\x9b31m"),
        ("a\nb\tc\r", "a\\x0ab\\x09c\\x0d"),
        ("\x00\x7f", "\\x00\\x7f"),
        ("a\u202eb", "a\\u202eb"),
        ("\u200b\ufeff\u00ad", "\\u200b\\ufeff\\xad"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("[bold]", "[bold]"),
    ],
)
def test_what_acts_on_a_screen_is_written_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters()))
def test_nothing_hidden_is_left(text: str) -> None:
    shown = printable(text)
    assert not any(map(is_hidden, shown))
    assert printable(shown) == shown


@given(st.binary())
def test_paths_are_any_bytes(path: bytes) -> None:
    assert not any(map(is_hidden, printable_path(path)))


def test_each_wrong_byte_of_a_path_is_replaced() -> None:
    assert decode_path(b"a\xff\xfeb") == "a\ufffd\ufffdb"
    assert decode_path("写".encode()) == "写"


def test_no_control_character_of_any_plane_is_printable() -> None:
    for code in range(0x110000):
        if unicodedata.category(chr(code)) in {"Cc", "Cf", "Cs"}:
            assert printable(chr(code)).isascii()


def test_errors_are_printable() -> None:
    assert str(LightshipError("a\x1b", "b\n")) == "a\\x1b. b\\x0a"
