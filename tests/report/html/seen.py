"""What is seen of a report in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .browser import Browser

SHOWN = "document.documentElement.dataset.shown"


def shown(browser: Browser) -> str:
    """The directory, the weight and the colour of the picture."""
    return str(browser.value(SHOWN))


def at_path(browser: Browser, path: str) -> tuple[float, float]:
    """The middle of where the pointer finds a path in the picture; looked for on a grid."""
    browser.value("document.querySelector('#map').scrollIntoView()")
    x, y, width, height = browser.value(
        "(b => [b.x, b.y, b.width, b.height])"
        "(document.querySelector('#map').getBoundingClientRect())"
    )
    for down in range(4, int(height), 12):
        for right in range(4, int(width), 24):
            browser.point(x + right, y + down)
            if browser.texts("#tip strong") == [path]:
                return x + right, y + down
    raise AssertionError(f"{path} is nowhere in the picture")


def rows(browser: Browser) -> list[str]:
    return browser.texts("#list tbody th")


def pixel_colours(browser: Browser) -> set[str]:
    """The colours of the picture, on a grid."""
    found: list[str] = browser.value(
        "(canvas => { const copy = new OffscreenCanvas(canvas.width, canvas.height);"
        " const context = copy.getContext('2d', { willReadFrequently: true });"
        " context.drawImage(canvas, 0, 0); const found = new Set();"
        " const all = context.getImageData(0, 0, copy.width, copy.height).data;"
        " for (let at = 0; at < all.length; at += 4 * 37)"
        " found.add([all[at], all[at + 1], all[at + 2]].join()); return [...found]; })"
        "(document.querySelector('#map'))"
    )
    return set(found)
