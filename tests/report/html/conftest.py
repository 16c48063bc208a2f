"""One chromium for all tests of a process; each test loads its own page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .browser import Browser, chromium

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Opened = Callable[..., Browser]


@pytest.fixture(scope="session")
def started() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def opened(started: Browser, tmp_path: Path) -> Opened:
    """Open a page in the browser: light, on a screen, 1360 by 900."""

    def open_page(html: str, **options: Any) -> Browser:
        file = tmp_path / "report.html"
        file.write_text(html, encoding="utf-8")
        started.prefer("light")
        started.open(file, **options)
        return started

    return open_page
