"""The page of a rule that is a row of catalogue/removable.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.catalogue.removable import Row


_SIGNS = {
    "**": "`**` is any number of directories",
    "{": "`{a,b}` is either",
    "~/": "`~` is every home",
    "$": "`$NAME` is the directory that the image's variable NAME says",
}


def page(row: Row) -> str:
    """Markdown, without a heading of its own."""
    parts = [f"{row.title}, by where they are:\n\n{_list(row.patterns)}"]
    if row.keep:
        parts.append(f"These stay all the same:\n\n{_list(row.keep)}")
    if row.files_only:
        parts.append("Only files are counted: directories and links stay.")
    said = [words for sign, words in _SIGNS.items() if any(sign in text for text in row.patterns)]
    if said:
        parts.append(f"In these, {', '.join(said)}.")
    if row.severity == "warning" and row.quiet_below_bytes:
        parts.append(f"Below {format_bytes(row.quiet_below_bytes)} it is for information only.")
    parts += [
        f"## Why it matters\n\n{row.why}",
        f"## What to do\n\n{row.advice}\n\n```dockerfile\n{row.fix.strip()}\n```",
        f"## What it cannot see\n\n{row.blind}",
    ]
    return "\n\n".join(parts) + "\n"


def _list(patterns: Iterable[str]) -> str:
    return "\n".join(f"- `{pattern}`" for pattern in patterns)
