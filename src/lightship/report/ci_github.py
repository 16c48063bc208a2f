"""Reports for GitHub Actions: workflow commands, which it shows as annotations.

Syntax and escapes: GitHub's "Workflow commands for GitHub Actions". A step shows the first ten
annotations of each kind and drops the rest without a word; what is over that goes into the tenth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.report.ci_report import Item, Place, Report

SHOWN = 10
"""Annotations of a kind that GitHub shows for one step."""
LONGEST_MESSAGE = 4_000
"""Characters; what a runner passes on of a message is a little more."""

_Kind = Literal["error", "warning", "notice"]
_KINDS: dict[_Kind, frozenset[str]] = {
    "error": frozenset(("fail",)),
    "warning": frozenset(("warn", "unjudged")),
    "notice": frozenset(("note",)),
}


def to_github(report: Report) -> str:
    """One command a line: errors, then warnings, also for what was not judged, then notices.

    A last notice says the verdict, and what else there is to say.
    """
    lines: list[str] = []
    for kind, verdicts in _KINDS.items():
        # The last notice is one of those that are shown.
        shown = SHOWN - 1 if kind == "notice" else SHOWN
        lines += _annotations(kind, [one for one in report.items if one.verdict in verdicts], shown)
    notes = "\n".join((report.headline, *report.notes))
    lines.append(_command("notice", report.place, f"{report.command}: {report.verdict}", notes))
    return "".join(f"{line}\n" for line in lines)


def _annotations(kind: _Kind, found: Sequence[Item], shown: int) -> list[str]:
    whole = found if len(found) <= shown else found[: shown - 1]
    lines = [_command(kind, one.place, f"lightship {one.name}", one.text) for one in whole]
    rest = found[len(whole) :]
    if rest:
        said = "\n".join(f"{one.key}: {one.message}" for one in rest)
        lines.append(_command(kind, rest[0].place, f"lightship: {len(rest)} more", said))
    return lines


def _command(kind: _Kind, place: Place | None, title: str, message: str) -> str:
    said = message if len(message) <= LONGEST_MESSAGE else message[: LONGEST_MESSAGE - 1] + "…"
    properties = [*_place(place), f"title={_property(title)}"]
    return f"::{kind} {','.join(properties)}::{_data(said)}"


def _place(place: Place | None) -> list[str]:
    if place is None:
        return []
    found = [f"file={_property(place.file)}", f"line={place.line}"]
    # A column is only taken within one line.
    if place.end_line is not None and place.end_line > place.line:
        found.append(f"endLine={place.end_line}")
    elif place.column is not None:
        found.append(f"col={place.column}")
    return found


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
