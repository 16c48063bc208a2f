from __future__ import annotations

import io

import pytest

from lightship.cli.terminal import is_terminal, is_unicode, look_of, wants_color


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "stream", "environment", "colored"),
    [
        ("auto", Screen(), {}, True),
        ("auto", io.StringIO(), {}, False),
        ("auto", None, {}, False),
        ("auto", Screen(), {"NO_COLOR": "1"}, False),
        ("auto", Screen(), {"NO_COLOR": ""}, True),
        ("auto", Screen(), {"TERM": "dumb"}, False),
        ("auto", Screen(), {"CLICOLOR": "0"}, False),
        ("auto", io.StringIO(), {"FORCE_COLOR": "1"}, True),
        ("auto", io.StringIO(), {"FORCE_COLOR": "0"}, False),
        ("auto", io.StringIO(), {"CLICOLOR_FORCE": "1"}, True),
        ("auto", io.StringIO(), {"CLICOLOR_FORCE": "0"}, False),
        ("auto", io.StringIO(), {"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ("auto", Screen(), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ("always", io.StringIO(), {"NO_COLOR": "1"}, True),
        ("never", Screen(), {"FORCE_COLOR": "1"}, False),
        ("nonsense", io.StringIO(), {}, False),
    ],
)
def test_color(
    choice: str, stream: io.StringIO | None, environment: dict[str, str], colored: bool
) -> None:
    assert wants_color(choice, stream, environment) is colored


def test_a_closed_stream_is_no_terminal() -> None:
    stream = Screen()
    stream.close()
    assert is_terminal(io.StringIO()) is False
    closed = io.TextIOWrapper(io.BytesIO())
    closed.close()
    assert is_terminal(closed) is False


@pytest.mark.parametrize(
    ("encoding", "unicode"),
    [("utf-8", True), ("UTF8", True), ("ascii", False), ("latin-1", False)],
)
def test_what_an_encoding_holds(encoding: str, unicode: bool) -> None:
    assert is_unicode(io.TextIOWrapper(io.BytesIO(), encoding)) is unicode


@pytest.mark.parametrize(
    ("columns", "width"), [("", 120), ("80", 80), ("1", 40), ("x", 120), ("9" * 30, 120)]
)
def test_width_of_a_pipe(columns: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    look = look_of(io.TextIOWrapper(io.BytesIO(), "utf-8"), "auto")
    assert (look.width, look.color, look.bars, look.unicode) == (width, False, False, True)
