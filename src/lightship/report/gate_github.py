"""The gate for GitHub Actions: workflow commands, which it shows as annotations.

Syntax and escapes: GitHub's "Workflow commands for GitHub Actions". A step shows the first ten
annotations of each kind and drops the rest without a word; what is over that goes into the tenth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from lightship.printable import printable
from lightship.report.gate_items import Item, file_of, headline, items

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.results.check import CheckResult

SHOWN = 10
"""Annotations of a kind that GitHub shows for one step."""
LONGEST_MESSAGE = 4_000
"""Characters; what a runner passes on of a message is a little more."""

_WARNED = {"warn", "unjudged"}
_Kind = Literal["error", "warning", "notice"]


def to_github(result: CheckResult) -> str:
    """One command a line: errors for what fails, warnings for what warns or was not judged.

    A last notice says the verdict, and what else the result warns about.
    """
    judged = items(result)
    file = file_of(result)
    lines = [
        *_annotations("error", [item for item in judged if item.verdict == "fail"], file),
        *_annotations("warning", [item for item in judged if item.verdict in _WARNED], file),
    ]
    notes = "\n".join((headline(result), *map(printable, result.warnings)))
    lines.append(_command("notice", file, f"lightship check: {result.verdict}", notes))
    return "".join(f"{line}\n" for line in lines)


def _annotations(kind: _Kind, found: Sequence[Item], file: str) -> list[str]:
    whole = found if len(found) <= SHOWN else found[: SHOWN - 1]
    lines = [_command(kind, file, f"lightship {item.name}", item.text) for item in whole]
    rest = found[len(whole) :]
    if rest:
        said = "\n".join(f"{item.name}: {item.message}" for item in rest)
        lines.append(_command(kind, file, f"lightship: {len(rest)} more", said))
    return lines


def _command(kind: _Kind, file: str, title: str, message: str) -> str:
    said = message if len(message) <= LONGEST_MESSAGE else message[: LONGEST_MESSAGE - 1] + "…"
    properties = f"file={_property(file)},line=1,title={_property(title)}"
    return f"::{kind} {properties}::{_data(said)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
