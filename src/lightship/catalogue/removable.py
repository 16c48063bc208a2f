"""Removable paths: the rows of removable.toml, and what an image has of them.

All rows are looked for in one walk of the tree.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from itertools import chain
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct

from lightship.catalogue.patterns import choices, expanded, variables_in
from lightship.filetree.patterns import Matcher

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lightship.filetree.patterns import Pattern

_LOCALE = "{locale}"
_LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LC_CTYPE", "LANG", "LANGUAGE")
_MOST_LOCALES = 20


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of removable.toml, which says what each field means."""

    name: str
    title: str
    severity: Literal["warning", "info"]
    confidence: Literal["certain", "likely", "guess"]
    patterns: tuple[str, ...]
    why: str
    advice: str
    fix: str
    blind: str
    keep: tuple[str, ...] = ()
    files_only: bool = False
    quiet_below_bytes: int = 1_000_000


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    row: tuple[Row, ...]


@cache
def rows() -> tuple[Row, ...]:
    """Every row, in the table's order."""
    text = files(__package__).joinpath("removable.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=_Table).row


class RowMatcher(Struct, frozen=True):
    """The patterns of all rows, for images with certain variables.

    Attributes:
        row_of: for each pattern of the matcher its row's number.
        keeps: for each whether it keeps what it matches.
    """

    matcher: Matcher
    row_of: Sequence[int]
    keeps: Sequence[bool]


def row_matcher(variables: Mapping[str, str]) -> RowMatcher:
    """The patterns of all rows, as an image with these variables (its ENV) means them."""
    patterns: list[Pattern] = []
    row_of: list[int] = []
    keeps: list[bool] = []
    for number, row in enumerate(rows()):
        kept = [one for text in row.keep for one in _localised(text, variables)]
        for texts, keep in ((row.patterns, False), (kept, True)):
            found = [one for text in texts for one in expanded(text, variables)]
            patterns += found
            row_of += [number] * len(found)
            keeps += [keep] * len(found)
    return RowMatcher(Matcher(patterns), row_of, keeps)


@cache
def variable_names() -> frozenset[str]:
    """The variables of an image that the rows ask for."""
    texts = [text for row in rows() for text in (*row.patterns, *row.keep)]
    return frozenset(("HOME", *_LOCALE_VARIABLES, *chain.from_iterable(map(variables_in, texts))))


def _localised(text: str, variables: Mapping[str, str]) -> Iterator[str]:
    if _LOCALE not in text:
        yield text
        return
    for name in locales(variables):
        yield text.replace(_LOCALE, name)


def locales(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Names under which the locales that an image asks for are kept; none for C.

    `de_DE.UTF-8` is kept as `de_DE.UTF-8`, `de_DE.utf8`, `de_DE` and `de`, or in `locale-archive`.
    """
    names: dict[str, None] = {}
    for variable in _LOCALE_VARIABLES:
        for value in variables.get(variable, "")[:1000].split(":")[:_MOST_LOCALES]:
            name, _, codeset = value.partition("@")[0].partition(".")
            if not name.replace("_", "").isalnum() or name in ("C", "POSIX"):
                continue
            codesets = (codeset, codeset.lower().replace("-", "")) if codeset.isprintable() else ()
            for one in (name, name.partition("_")[0], *(f"{name}.{c}" for c in codesets if c)):
                if one.replace("_", "").replace(".", "").replace("-", "").isalnum():
                    names[one] = None
                    names[one + "@*"] = None
    return (*names, "locale-archive") if names else ()


def pattern_texts(name: str) -> tuple[str, ...]:
    """A row's patterns with each choice taken, for other tables; without what variables name.

    Raises:
        KeyError: there is no such row.
    """
    row = {row.name: row for row in rows()}[name]
    return tuple(
        choice for text in row.patterns for choice in choices(text) if not choice.startswith("$")
    )
