"""The gate as Markdown, for job summaries and comments on pull and merge requests.

Foreign names stand in `<code>`, signs that could mean something to a renderer as character
references: these never form structure (CommonMark 0.31, 2.5), and neither GitHub nor GitLab
looks for people, issues or links to mention within `<code>`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.printable import printable
from lightship.report.gate_items import Item, items
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.model.results.check import CheckResult

LONGEST = 60_000
"""Characters: GitHub takes 65,536 in a comment and 1 MiB in a summary."""

_MARKS = {
    "pass": "✅ pass",
    "warn": "⚠️ warn",
    "fail": "❌ fail",
    "unjudged": "⚠️ not judged",
    "off": "off",
}
_EXPLAINED = {"fail", "warn", "unjudged"}
# A word of these is a word to every renderer. Not `www.`, and no sign that begins a reference.
_PLAIN = re.compile(r"""(?!www\.)(?:[(]|-(?=\d))?[^\W_](?:[^\W_]|[-.,'](?=[^\W_]))*[).,;:…]*|≈|±""")
_PERCENT = re.compile(r"\d+(?:\.\d+)?%[).,;:]*")
# ASCII but letters, digits and what never means anything within a line without the rest.
_SIGN = re.compile(r"[!-'*:-<>-@\[-`{-~]")
_WWW = re.compile(r"www\.", re.IGNORECASE)
_CUT = "\nThe rest is left out: the report was too long.\n"


def to_markdown(result: CheckResult) -> str:
    """A heading with the verdict, the image's figures, a row for each budget, and the causes."""
    judged = items(result)
    blocks = [
        f"### lightship check: {_MARKS[result.verdict]}",
        _code(result.image.reference) + f", {_prose(result.image.platform)}",
        _table(("image", "bytes"), _figures(result)),
        _table(
            ("", "budget", "measured", "limit", "head-room", "set by"),
            [_row(item) for item in judged],
        ),
        *(_explained(item) for item in judged if item.verdict in _EXPLAINED),
    ]
    if result.warnings:
        blocks.append("\n".join(f"- {_prose(warning)}" for warning in result.warnings))
    return _fitting(block for block in blocks if block)


def _figures(result: CheckResult) -> list[list[str]]:
    image = result.image
    about = "≈ " if image.wire_bytes_estimated else ""
    figures = (
        ("wire bytes", image.wire_bytes, about),
        ("unpacked bytes", image.unpacked_bytes, ""),
        ("dead bytes", image.dead_bytes, ""),
        ("duplicate bytes", image.duplicate_bytes, ""),
    )
    return [
        [name, f"{mark}{format_bytes(count)}"] for name, count, mark in figures if count is not None
    ]


def _row(item: Item) -> list[str]:
    cells = (item.name, item.measured, item.limits, item.headroom, item.origin)
    return [_MARKS[item.verdict], *map(_prose, cells)]


def _explained(item: Item) -> str:
    causes = [f"- {_prose(cause)}" for cause in item.causes]
    said = " ".join(filter(None, (_prose(item.message), _prose(item.advice))))
    return "\n".join([f"**{_prose(item.name)}**: {said}", *([""] if causes else []), *causes])


def _table(heads: tuple[str, ...], rows: list[list[str]]) -> str:
    if not rows:
        return ""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def _fitting(blocks: Iterable[str]) -> str:
    text = ""
    for block in blocks:
        if len(text) + len(block) + len(_CUT) + 2 > LONGEST:
            return text + _CUT
        text += ("\n" if text else "") + block + "\n"
    return text


def _prose(text: str) -> str:
    """A sentence of ours that may hold foreign words: those that are no plain word become code."""
    parts: list[str] = []
    code: list[str] = []
    for word in text.split(" "):
        if not word or _PLAIN.fullmatch(word) or _PERCENT.fullmatch(word):
            parts += [*_joined(code), word]
            code = []
            continue
        # The end of the sentence is not the name's.
        name = word.rstrip(").,;:") or word
        code.append(name)
        if name != word:
            parts.append(_code(" ".join(code)) + word[len(name) :])
            code = []
    return " ".join([*parts, *_joined(code)])


def _joined(words: list[str]) -> list[str]:
    return [_code(" ".join(words))] if words else []


def _code(text: str) -> str:
    # `www.` would be a link even here.
    safe = _WWW.sub(lambda found: f"{found[0][:-1]}&#46;", _SIGN.sub(_reference, printable(text)))
    return f"<code>{safe}</code>"


def _reference(sign: re.Match[str]) -> str:
    return f"&#{ord(sign[0])};"
