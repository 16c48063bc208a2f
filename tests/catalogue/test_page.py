"""The page of the catalogue's tables is as `make docs` writes it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

_TOOL = Path(__file__).resolve().parent.parent.parent / "tools" / "write_catalogue.py"


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_catalogue", _TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_as_it_is_written() -> None:
    tool = _tool()
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page()


def test_no_cell_breaks_its_table() -> None:
    rows = [line for line in _tool().page().splitlines() if line.startswith("|")]
    counts = {row.count(" | ") for row in rows}
    assert counts == {1, 4, 5}
