"""Suppressions: what a settings file says is not to be shown, where, and why.

[[rules.ignore]]
rule = "apt-lists"
paths = ["var/lib/apt/lists/mirror*"]   # without it: wherever the rule finds something
reason = "the mirror's lists are what this image is for"
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import UsageError
from lightship.filetree.patterns import Matcher, Pattern

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from lightship.settings import Section

SECTION = "rules"
_KEYS = ("ignore",)
_IGNORE_KEYS = ("rule", "paths", "reason")
_MOST = 1000
_MOST_PATHS = 100
_LONGEST_REASON = 500
_EXAMPLE = 'Write [[rules.ignore]] with rule = "apt-lists" and reason = "why".'


class Ignore(Struct, frozen=True, kw_only=True):
    """One suppression.

    Attributes:
        rule: its name.
        reason: why, in the project's words.
        patterns: of the paths that are meant; none for all.
        origin: where it stands: `lightship.toml [rules], ignore 2`.
    """

    rule: str
    reason: str
    patterns: tuple[Pattern, ...] = ()
    origin: str = ""

    def holds_for(self, path: str) -> bool:
        """Whether what the rule says about that file, as a whole, is meant."""
        name = path.removeprefix("./").encode("utf-8", "surrogateescape")
        return not self.patterns or Matcher(self.patterns).match(name.lstrip(b"/")) is not None


def read_ignores(sections: Iterable[Section], rules: Collection[str]) -> tuple[Ignore, ...]:
    """The suppressions of settings files' `[rules]` tables, the nearest file's first.

    Args:
        sections: `Settings.sections["rules"]`.
        rules: the names of all rules.

    Raises:
        UsageError: something in a table is unknown, missing or of the wrong kind.
    """
    return tuple(
        _ignore(row, f"{section.origin}, ignore {number}", rules)
        for section in sections
        for number, row in enumerate(_rows(section), 1)
    )


def unknown_rule(name: str, rules: Collection[str]) -> UsageError:
    """The error for a name that no rule has, with the nearest that one has."""
    close = get_close_matches(name[:80], rules, 1)
    hint = f"Did you mean {close[0]!r}?" if close else "lightship explain lists all rules."
    return UsageError(f"no rule {name[:80]!r}", hint)


def _rows(section: Section) -> list[object]:
    _only(section.table, _KEYS, section.origin)
    rows = section.table.get("ignore", [])
    if not isinstance(rows, list) or len(rows) > _MOST:
        raise UsageError(f"{section.origin}: ignore is no list of at most {_MOST}", _EXAMPLE)
    return rows


def _ignore(row: object, origin: str, rules: Collection[str]) -> Ignore:
    if not isinstance(row, dict):
        raise UsageError(f"{origin} is no table", _EXAMPLE)
    _only(row, _IGNORE_KEYS, origin)
    name = _text(row, "rule", origin)
    if name not in rules:
        error = unknown_rule(name, rules)
        raise UsageError(f"{origin}: {error.what}", error.hint)
    return Ignore(
        rule=name,
        reason=_text(row, "reason", origin)[:_LONGEST_REASON],
        patterns=_patterns(row["paths"], origin) if "paths" in row else (),
        origin=origin,
    )


def _patterns(value: object, origin: str) -> tuple[Pattern, ...]:
    written = [value] if isinstance(value, str) else value
    if not isinstance(written, list) or not 1 <= len(written) <= _MOST_PATHS:
        raise UsageError(
            f"{origin}: paths is no list of 1 to {_MOST_PATHS} patterns",
            "Leave it out to ignore the rule everywhere.",
        )
    patterns = []
    for text in written:
        try:
            patterns.append(Pattern.parse(text if isinstance(text, str) else ""))
        except UsageError as error:
            raise UsageError(f"{origin}: paths: {error.what}", error.hint) from None
    return tuple(patterns)


def _text(row: dict[str, object], key: str, origin: str) -> str:
    value = row.get(key)
    if isinstance(value, str) and value.strip():
        return " ".join(value.split())
    raise UsageError(f"{origin}: {key} is no text" if key in row else f"{origin}: no {key}", _WHY)


_WHY = 'Write rule = "apt-lists" and reason = "why it may stay": both are needed.'


def _only(table: Collection[str], known: tuple[str, ...], origin: str) -> None:
    for key in table:
        if key not in known:
            close = get_close_matches(key, known, 1)
            hint = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(known)}."
            raise UsageError(f"{origin}: no setting {key!r}", hint)
