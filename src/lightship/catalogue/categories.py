"""Categories: what files are for, by a table of places, names and packages."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from itertools import chain

import msgspec
from msgspec import Struct

from lightship.catalogue.data_types import data_types
from lightship.catalogue.patterns import expanded
from lightship.catalogue.removable import pattern_texts
from lightship.filetree.patterns import Matcher

BY_DATA_TYPE = "by data type"
"""In place of a category: whichever of data_types.toml a file is."""


class Category(Struct, frozen=True, forbid_unknown_fields=True):
    """What files are for. Its number is its position in `CATEGORIES`."""

    name: str
    title: str


class CategoryRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of categories.toml, which says what each field means."""

    category: str
    why: str
    patterns: tuple[str, ...] = ()
    removable: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    unpacked: bool = False

    @property
    def by_data_type(self) -> bool:
        """Whether a file's data type must be known."""
        return self.category == BY_DATA_TYPE

    def allows(self, system: str, section: str) -> bool:
        """Whether a file of a package of this system and section may match; both empty for none."""
        if self.systems and system not in self.systems:
            return False
        return not self.sections or section.rpartition("/")[2] in self.sections

    @property
    def texts(self) -> tuple[str, ...]:
        """Every pattern, as written."""
        named = chain.from_iterable(pattern_texts(name) for name in self.removable)
        return (*self.patterns, *named)


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    category: tuple[Category, ...]
    row: tuple[CategoryRow, ...]


class RowMatcher(Struct, frozen=True):
    """The patterns of all rows; `row_of` gives each one's row, ascending."""

    matcher: Matcher
    row_of: tuple[int, ...]


def _table() -> _Table:
    text = files(__package__).joinpath("categories.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=_Table)


_TABLE = _table()
CATEGORIES = _TABLE.category
ROWS = _TABLE.row
NUMBER_OF = {category.name: number for number, category in enumerate(CATEGORIES)}
"""The number of each category."""


@cache
def row_matcher() -> RowMatcher:
    """The patterns of all rows; the data types' suffixes are those of their row."""
    patterns, row_of = [], []
    for number, row in enumerate(ROWS):
        texts = row.texts
        if row.by_data_type:
            texts = tuple(f"*{suffix}" for kind in data_types() for suffix in kind.suffixes)
        found = [one for text in dict.fromkeys(texts) for one in expanded(text, {})]
        patterns += found
        row_of += [number] * len(found)
    return RowMatcher(Matcher(patterns), tuple(row_of))
