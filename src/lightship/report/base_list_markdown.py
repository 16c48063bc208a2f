"""`base list` as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.base_facts_words import age, nearest, size, stale_notes, support_long, word
from lightship.report.base_list_text import explained, head
from lightship.report.markdown import code, fitting, prose, table

if TYPE_CHECKING:
    from lightship.model.results.base_list import BaseListResult, ListedBase

_HEADS = (
    "base",
    "wire",
    "unpacked",
    "libc",
    "package manager",
    "shell",
    "user",
    "system",
    "support",
    "age",
)


def base_list_markdown(result: BaseListResult) -> str:
    """Every base, a row each, and what the marks mean."""
    facts = {one.name: one.facts for one in result.bases}
    notes = [*result.warnings, *stale_notes(facts), *explained(result, result.bases)]
    blocks = [
        "### lightship base list",
        f"{prose(head(result))}.",
        table(_HEADS, [_row(one) for one in result.bases]),
        "\n".join(f"- {prose(note)}" for note in notes),
    ]
    return fitting(block for block in blocks if block)


def _row(one: ListedBase) -> list[str]:
    facts = one.facts
    support = nearest(facts.support)
    return [
        code(one.name),
        starred(size(facts.wire_bytes)),
        starred(size(facts.unpacked_bytes)),
        starred(word(facts.libc)),
        starred(word(facts.package_manager)),
        starred(word(facts.shell)),
        starred(word(facts.user)),
        starred(word(facts.system)),
        "?" if support is None else starred(support_long(support)),
        starred(age(facts)),
    ]


def starred(text: str) -> str:
    """A fact; its mark, which would mean something to a renderer, is a character reference."""
    if text == "?":
        return text
    bare = text.removesuffix("*")
    return prose(bare) + ("&#42;" if bare != text else "")
