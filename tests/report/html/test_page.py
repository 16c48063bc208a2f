"""The document around everything: its policy names exactly what is in it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from html import unescape

from msgspec import Struct

from lightship.report.html.elements import element
from lightship.report.html.page import page


class Names(Struct):
    names: tuple[str, ...]


HOSTILE = "</script><script>&\u2028<!--"


def one(pattern: str, text: str) -> str:
    (found,) = re.findall(pattern, text, re.DOTALL)
    return str(found)


def digest(content: str) -> str:
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def test_the_policy_allows_the_style_and_the_program_by_their_digests_and_nothing_else() -> None:
    made = page("t", element("p", "x"), ["format.js", "diff.js"])
    policy = dict(
        part.split(" ", 1)
        for part in one('Content-Security-Policy" content="([^"]+)"', made).split("; ")
    )
    style, program = one("<style>(.*?)</style>", made), one("<script>(.*?)</script>", made)
    assert policy == {
        "default-src": "'none'",
        "script-src": f"'sha256-{digest(program)}'",
        "style-src": f"'sha256-{digest(style)}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_the_policy_stands_before_everything_that_it_is_about() -> None:
    made = page("t", element("p", "x"), ["diff.js"])
    assert made.index("Content-Security-Policy") < made.index("<link") < made.index("<style")


def test_nothing_in_it_is_elsewhere() -> None:
    made = unescape(page("t", element("p", "x"), ["format.js"]))
    assert set(re.findall(r"\bhttps?://[^\s'\"<)]+", made)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\bon[a-z]+=|\bstyle=|@import|url\(", made)


def test_small_data_are_plain_and_cannot_end_their_element() -> None:
    made = page("t", element("p"), [], Names((HOSTILE,)))
    content = one('<script type="application/json" id="data">(.*?)</script>', made)
    assert "<" not in content
    assert json.loads(content) == {"names": [HOSTILE]}


def test_large_data_are_compressed_and_the_same_each_time() -> None:
    names = Names((HOSTILE,) * 2000)
    made = page("t", element("p"), [], names)
    content = one('<script type="application/gzip" id="data">(.*?)</script>', made)
    assert json.loads(gzip.decompress(base64.b64decode(content))) == {"names": [HOSTILE] * 2000}
    assert len(content) < 1000
    assert made == page("t", element("p"), [], names)


def test_a_title_is_text() -> None:
    made = page("</title><script>", element("p"), [])
    assert "<title>&lt;/title&gt;&lt;script&gt;</title>" in made
