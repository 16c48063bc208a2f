"""The pages, and what can be found in one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
WRITTEN = (*PAGES, ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md")

_FENCE = re.compile(r"^```(?P<language>[a-z]*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def blocks(page: Path, language: str) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return [m["body"] for m in _FENCE.finditer(text) if m["language"] == language]


def links(page: Path) -> Iterator[str]:
    for match in _LINK.finditer(prose(page)):
        yield match[1]


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives to headings."""
    found = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}
