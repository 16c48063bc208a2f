"""Writes docs/reference/base-images.md from the catalogue's rows: `make docs`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lightship.bases.known import known_bases
from lightship.bases.support import support_of_row
from lightship.catalogue.end_of_life import origin_of_dates
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.bases.known import Known
    from lightship.bases.support import Support
    from lightship.catalogue.base_images import BaseRow

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "base-images.md"
_HEAD = """<!-- Written by tools/write_base_images.py; the rows stand in the catalogue. -->

# Base images

What lightship knows of base images without a network. `lightship base update` refreshes it; what
nobody has read stays empty. Facts older than 180 days are shown as stale.

Bytes are those of the layers, compressed, as docker-library's pages count them: without the
config, which is a few kB. Last days of support: {source},
{seen}.

"""


def page() -> str:
    """The page, as it should be."""
    source, seen = origin_of_dates()
    known = known_bases(None, date.max)
    tables = "".join(_section(title, rows, known) for title, rows in _sections(known.rows))
    return _HEAD.format(source=source, seen=seen) + tables


def _sections(rows: tuple[BaseRow, ...]) -> Iterable[tuple[str, list[BaseRow]]]:
    by_title: dict[str, list[BaseRow]] = {}
    for row in rows:
        title = f"For {row.languages[0]}" if row.languages else "Systems and others"
        by_title.setdefault(title, []).append(row)
    return sorted(by_title.items(), key=lambda one: (one[0].startswith("For "), one[0]))


def _section(title: str, rows: list[BaseRow], known: Known) -> str:
    head = (
        "image", "amd64", "arm64", "system", "ends", "version", "ends", "libc", "packages by",
        "shell", "of", "source",
    )  # fmt: skip
    lines = [head, ("---",) * len(head), *(_cells(row, known) for row in rows)]
    table = "".join("| " + " | ".join(line) + " |\n" for line in lines)
    return f"## {title}\n\n{table}\n"


def _cells(row: BaseRow, known: Known) -> tuple[str, ...]:
    support = support_of_row(row, known)
    notes = [row.stale or "", row.unverified and f"unverified: {row.unverified}", *row.notes]
    source = "; ".join([row.source, *filter(None, notes)])
    return (
        f"`{row.name}`",
        _bytes(row, "linux/amd64"),
        _bytes(row, "linux/arm64"),
        row.system or "",
        _end(support.system),
        row.version or "",
        _end(support.product),
        row.libc or "",
        row.package_manager or "",
        row.shell or "",
        str(row.seen),
        source.replace("|", "\\|"),
    )


def _bytes(row: BaseRow, platform: str) -> str:
    value = row.wire_bytes.get(platform)
    return format_bytes(value) if value is not None else ""


def _end(support: Support | None) -> str:
    return str(support.ends) if support is not None and support.ends is not None else ""


def main() -> None:
    """Write the page if it has changed."""
    text = page().rstrip("\n") + "\n"
    if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
        PAGE.write_text(text, encoding="utf-8")
        print(f"written: {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
