"""Markdown for summaries of jobs, and comments on pull and merge requests.

Foreign names stand in `<code>`, signs that could mean something to a renderer as character
references: these never form structure (CommonMark 0.31, 2.5), and neither GitHub nor GitLab
looks for people, issues or links to mention within `<code>`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 60_000
"""Characters: GitHub takes 65,536 in a comment and 1 MiB in a summary."""

# A word of these is a word to every renderer. Not `www.`, and no sign that begins a reference.
_PLAIN = re.compile(r"""(?!www\.)(?:[(]|-(?=\d))?[^\W_](?:[^\W_]|[-.,'](?=[^\W_]))*[).,;:…]*|≈|±""")
_PERCENT = re.compile(r"\d+(?:\.\d+)?%[).,;:]*")
# ASCII but letters, digits and what never means anything within a line without the rest.
_SIGN = re.compile(r"[!-'*:-<>-@\[-`{-~]")
_WWW = re.compile(r"www\.", re.IGNORECASE)
_CUT = "\nThe rest is left out: the report was too long.\n"


def table(heads: tuple[str, ...], rows: list[list[str]]) -> str:
    """A table of cells that are Markdown already; nothing where it has no rows."""
    if not rows:
        return ""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def folded(summary: str, block: str) -> str:
    """A block that is shown when somebody asks for it; nothing where there is none."""
    if not block:
        return ""
    return f"<details><summary>{summary}</summary>\n\n{block}\n\n</details>"


def cut(text: str, longest: int = 120) -> str:
    """A foreign text that is not longer than a line."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def fitting(blocks: Iterable[str]) -> str:
    """Blocks with an empty line between them, as many as are not too long together."""
    text = ""
    for block in blocks:
        if len(text) + len(block) + len(_CUT) + 2 > LONGEST:
            return text + _CUT
        text += ("\n" if text else "") + block + "\n"
    return text


def prose(text: str) -> str:
    """A sentence of ours that may hold foreign words: those that are no plain word become code."""
    parts: list[str] = []
    names: list[str] = []
    for word in text.split(" "):
        if not word or _PLAIN.fullmatch(word) or _PERCENT.fullmatch(word):
            parts += [*_joined(names), word]
            names = []
            continue
        # The end of the sentence is not the name's.
        name = word.rstrip(").,;:") or word
        names.append(name)
        if name != word:
            parts.append(code(" ".join(names)) + word[len(name) :])
            names = []
    return " ".join([*parts, *_joined(names)])


def _joined(words: list[str]) -> list[str]:
    return [code(" ".join(words))] if words else []


def code(text: str) -> str:
    """A foreign text that stays text."""
    # `www.` would be a link even here.
    safe = _WWW.sub(lambda found: f"{found[0][:-1]}&#46;", _SIGN.sub(_reference, printable(text)))
    return f"<code>{safe}</code>"


def _reference(sign: re.Match[str]) -> str:
    return f"&#{ord(sign[0])};"
