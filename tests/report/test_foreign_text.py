"""Names from images reach a screen only as characters that do nothing to it."""

from __future__ import annotations

import json
import re
import time
import unicodedata
from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from lightship.model.instruction import readable_instruction
from lightship.model.results.history import HistoryResult
from lightship.model.results.inspect import (
    DeadFile,
    Duplicate,
    InspectResult,
    Move,
    VisibleFile,
    Win,
)
from lightship.report.history_text import history_text
from lightship.report.inspect_text import inspect_text
from lightship.report.json import to_json
from lightship.report.paper import Look, shorten, wrap

from .samples import INSPECTED, MB, layer, row

NOW = datetime(2026, 11, 14, tzinfo=UTC)
ODD = "\x1b]0;x\x07\x9b31m\r\n\t\x00\x7f\u202e\u2066\u200b\u2028\ud800\ue000[bold]{}%\\写é\u0301"
foreign = st.text(st.one_of(st.sampled_from(ODD), st.characters()), max_size=30)
looks = st.builds(
    Look, width=st.integers(40, 160), color=st.booleans(), unicode=st.booleans(), bars=st.booleans()
)


def holding(text: str) -> InspectResult:
    """A result with the same foreign text wherever foreign text can stand."""
    return replace(
        INSPECTED,
        image=replace(INSPECTED.image, reference=text, platform=text, image_id=text, digest=text),
        layers=(replace(layer(1, text, MB, 1), media_type=text),),
        largest_dead=(DeadFile(text, 1, 2, "deleted", 5),),
        largest_dead_directories=(replace(INSPECTED.largest_dead_directories[0], path=text),),
        largest_files=(VisibleFile(text, 1, 5),),
        moves=(Move(text, text, 1, 2, 5, 1),),
        duplicates=(Duplicate((text, text), 2, 5, 5),),
        wins=(Win(text, text, 5, 1, (text,)),),
        warnings=(text,),
    )


def told(text: str) -> HistoryResult:
    return HistoryResult(text, text, (row(1, text, text, 5, comment=text, guessed=True),))


def assert_harmless(text: str, look: Look) -> None:
    if look.color:
        text = re.sub("\x1b\\[[0-9;]*m", "", text)
    if not look.unicode:
        assert text.isascii()
    for char in text.replace("\n", ""):
        assert unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(foreign, looks)
def test_inspect_holds_no_control_characters(text: str, look: Look) -> None:
    assert_harmless(inspect_text(holding(text), look, detailed=True), look)


@given(foreign, looks, st.booleans())
def test_history_holds_no_control_characters(text: str, look: Look, truncated: bool) -> None:
    shown = history_text(told(text), look, now=NOW, truncated=truncated)
    assert_harmless(shown, look)
    assert len(shown.splitlines()) == 3  # header, the row, the note about guesses


@given(foreign)
def test_json_is_json_and_harmless_on_a_screen(text: str) -> None:
    for shown in (to_json(holding(text)), to_json(told(text)), to_json((holding(text),))):
        assert_harmless(shown.replace("\n", ""), Look())
        json.loads(shown)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_json_gives_back_what_was_put_in(text: str) -> None:
    document = json.loads(to_json(holding(text)))
    assert document["largest_dead"][0]["path"] == text
    assert document["layers"][0]["created_by"] == text


def test_json_replaces_what_utf8_cannot_carry() -> None:
    assert json.loads(to_json(holding("a\ud800b")))["warnings"] == ["a\ufffdb"]


def test_markup_is_shown_and_not_obeyed() -> None:
    text = inspect_text(holding("[bold]x[/bold] :smile:"), Look(color=True), detailed=True)
    assert text.count("[bold]x[/bold] :smile:") >= 6


@given(foreign, st.integers(0, 40), st.floats(0, 1))
@example("0\ufe0f0\ufe0f0", 2, 0.5)  # The second sign makes the first wider.
@example("0\ufe0f0\ufe0f0", 4, 1.0)
def test_a_shortened_text_fits(text: str, cells: int, keep_end: float) -> None:
    safe = Look().ink(text).text
    short = shorten(safe, cells, keep_end=keep_end)
    assert cell_len(short) <= cells
    if cell_len(safe) <= cells:
        assert short == safe


@given(foreign, st.integers(2, 40))
def test_wrapping_loses_nothing_but_spaces(text: str, cells: int) -> None:
    safe = Look().ink(text).text
    pieces = wrap(safe, cells)
    assert "".join(pieces).replace(" ", "") == safe.replace(" ", "")
    assert all(cell_len(piece) <= cells for piece in pieces)


@given(st.text())
def test_any_instruction_is_read(text: str) -> None:
    readable_instruction(text)


def test_a_hostile_instruction_costs_no_time() -> None:
    started = time.process_time()
    readable_instruction("|1 " + "a /bin/sh -" * 100_000)
    readable_instruction("/bin/sh" + " -a" * 100_000)
    readable_instruction("a" * 1_000_000)
    assert time.process_time() - started < 1
