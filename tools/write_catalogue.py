"""Writes docs/reference/categories.md from the tables of `catalogue/`: `make docs`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lightship.catalogue.categories import BY_DATA_TYPE, CATEGORIES, ROWS
from lightship.catalogue.data_types import data_types
from lightship.catalogue.file_types import file_types
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.catalogue.categories import CategoryRow

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "categories.md"
_HEAD = """<!-- Written by tools/write_catalogue.py; the tables stand in the catalogue. -->

# Categories and types

What `lightship inspect --by category` and `--by type` tell of each file.

## Categories

Every visible file is in one category. A file of several names counts at the first of them in byte
order.

"""
_ROWS = """
## Which category a file is in

The first row that a file matches decides. In patterns `{a,b}` is either, `~` every home, `*` any
run of characters within a name, `**` any number of directories; one without `/` matches at any
depth, and what matches a directory matches everything in it.

"""
_DATA = """
## Data sets and model weights

Told by name and, of files from 100 kB on, by their first bytes: where these contradict the name,
the file is no data. Smaller files than the table says are no data to speak of.

"""
_TYPES = """
## File types

Told by the header of ELF files, by the first bytes of large files that the table above knows, and
else by the end of the name, without regard to case.

"""


def page() -> str:
    """The page, as it should be."""
    return f"{_HEAD}{_categories()}{_ROWS}{_rows()}{_DATA}{_data()}{_TYPES}{_types()}"


def _categories() -> str:
    return _table(("category", "what"), ((one.name, one.title) for one in CATEGORIES))


def _rows() -> str:
    rows = (
        (
            str(number),
            "data set or model weights" if row.category == BY_DATA_TYPE else row.category,
            _code(row.patterns) or "see below",
            _conditions(row),
            row.why,
        )
        for number, row in enumerate(ROWS, 1)
    )
    return _table(("", "category", "patterns", "only", "why"), rows)


def _conditions(row: CategoryRow) -> str:
    said = []
    if row.systems:
        said.append("files of packages of " + ", ".join(row.systems))
    if row.sections:
        said.append("files of packages of section " + ", ".join(row.sections))
    if row.unpacked:
        said.append("beside a directory of its name")
    if row.removable:
        said.append("also the paths of " + ", ".join(f"[{r}](rules/{r}.md)" for r in row.removable))
    return "; ".join(said)


def _data() -> str:
    told = {"suffix": "name", "both": "name and first bytes", "magic": "first bytes"}
    rows = (
        (
            kind.title,
            kind.kind,
            _code(kind.suffixes),
            told[kind.telling],
            format_bytes(kind.least_bytes) if kind.least_bytes else "",
            kind.source,
        )
        for kind in data_types()
    )
    return _table(("type", "kind", "suffixes", "told by", "from", "source"), rows)


def _types() -> str:
    rows = ((kind.name, _code((*kind.suffixes, *kind.names))) for kind in file_types())
    return _table(("type", "suffixes and names"), rows)


def _code(texts: Iterable[str]) -> str:
    return " ".join(f"`{text}`" for text in texts)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def main() -> None:
    """Write the page if it has changed."""
    text = page()
    if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
        PAGE.write_text(text, encoding="utf-8")
        print(f"written: {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
