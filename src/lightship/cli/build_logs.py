"""What the log of a build obeys, wherever it finds it: foreign names must not command it."""

from __future__ import annotations

import re

# What a build's log is searched for, and obeyed: GitHub's and Azure's `##[error]` and `##vso[...]`
# anywhere, and GitHub's `::error::` where a line begins.
_ANYWHERE = re.compile(r"##(?=[A-Za-z]*\[)")
_AT_THE_START = re.compile(r"^(\s*):(?=:)", re.MULTILINE)
_SIGNS = {"text": r"\\x23", "junit": "&#35;", "markdown": "&#35;", "html": "&#35;"}


def obeyed_by_none(text: str, format_name: str) -> str:
    """The same answer, in which no build's log finds a command that a foreign name brought along.

    In JSON and XML it is the same value, in text an escape as `printable` writes them.
    """
    if format_name == "github":
        return text
    sign = _SIGNS.get(format_name, r"\\u0023")
    safe = _ANYWHERE.sub(f"#{sign}", text)
    return _AT_THE_START.sub(r"\1\\x3a", safe) if format_name == "text" else safe
