"""A page in one file: its styles, its program and its data inside, and nothing from elsewhere.

The Content-Security-Policy (W3C, CSP Level 3) allows the one style sheet and the one program by
their SHA-256 and forbids everything else: no address, no inline handler, no style attribute.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

from lightship.report.html.elements import Html, element, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msgspec import Struct

_PLAIN = 16_384
"""Bytes of data that are not worth compressing: a page without data to unpack opens anywhere."""
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Crect width='9' height='9' fill='%2377aadd'/%3E%3Crect x='10' width='6' height='9'"
    " fill='%23ee8866'/%3E%3Crect y='10' width='16' height='6' fill='%2344bb99'/%3E%3C/svg%3E"
)
_STYLES = ("base.css", "explorer.css", "plot.css", "print.css")
_HTML_IN_JSON = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def page(title: str, body: Html, scripts: Sequence[str], data: Struct | None = None) -> str:
    """The whole document.

    Args:
        title: of the window; foreign text.
        body: what is to be read, also without the program.
        scripts: names of assets that make up the program, in their order.
        data: what the program draws.
    """
    style, program = _asset(_STYLES), _program(tuple(scripts))
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_source(program)}",
            f"style-src {_source(style)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    head = joined(
        element("meta", charset="utf-8"),
        _policy(policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("link", rel="icon", href=_ICON),
        element("style", Html(style)),
    )
    parts = [body]
    if data is not None:
        parts.append(_embedded(data))
    parts.append(element("script", Html(program)))
    document = element("html", element("head", head), element("body", *parts), lang="en")
    return f"<!doctype html>\n{document}\n"


def _policy(policy: str) -> Html:
    return Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">')


def _embedded(data: Struct) -> Html:
    """The data as JSON, in a form that cannot end its element: compressed where it is long."""
    plain = msgspec.json.encode(data)
    if len(plain) <= _PLAIN:
        content = plain.decode().translate(_HTML_IN_JSON)
        return element("script", Html(content), type="application/json", id="data")
    # A time inside would make two reports of one image differ.
    packed = base64.b64encode(gzip.compress(plain, 6, mtime=0)).decode()
    return element("script", Html(packed), type="application/gzip", id="data")


def _source(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _program(names: tuple[str, ...]) -> str:
    """Assets as one program, which leaves no name behind in the page."""
    return f'"use strict";\n(() => {{\n{_asset(names)}}})();\n'


@cache
def _asset(names: tuple[str, ...]) -> str:
    folder = files("lightship.report.html") / "assets"
    return "".join((folder / name).read_text("utf-8") for name in names)
