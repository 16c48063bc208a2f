"""The lists of `inspect --details`: dead and large files, moves, duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.paper import Column, Line, Look, Span, table
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.results.inspect import DeadKind, Duplicate, InspectResult

_KIND: dict[DeadKind, str] = {
    "deleted": "deleted",
    "overwritten": "overwritten",
    "metadata_copy": "metadata copy",
    "in_layer_duplicate": "in-layer duplicate",
}


def details(result: InspectResult, look: Look, top: int) -> list[Line]:
    """Every list that is not empty, each under its title and at most `top` rows long."""
    return [
        *_section("Largest dead files", *_dead_files(result, look), look, top),
        *_section("Largest dead directories", *_dead_directories(result, look), look, top),
        *_section("Largest files of the final tree", *_files(result, look), look, top),
        *_section(
            "Moves: stored where they were and where they are", *_moves(result, look), look, top
        ),
        *_section("Duplicates", *_duplicates(result, look), look, top),
    ]


def _section(
    title: str, columns: list[Column], rows: list[list[Span]], look: Look, top: int
) -> list[Line]:
    if not rows:
        return []
    lines: list[Line] = [[], [look.ink(title, "title")], *table(columns, rows[:top], look)]
    if len(rows) > top:
        lines.append([look.ink(f"{len(rows) - top} more: --top {len(rows)}", "dim")])
    return lines


def _absolute(path: str) -> str:
    """As a shell in the container would name it."""
    return "/" + path.lstrip("/")


def _path_column(header: str = "PATH") -> Column:
    # The end of a path says most.
    return Column(header, flexible=True, keep_end=0.7)


def _dead_files(result: InspectResult, look: Look) -> tuple[list[Column], list[list[Span]]]:
    columns = [
        Column("DEAD", right=True, least=8),
        Column("LAYER", right=True),
        Column("KILLED BY", right=True),
        Column("HOW"),
        _path_column(),
    ]
    rows = [
        [
            look.ink(format_bytes(file.bytes), "dead"),
            look.ink(str(file.layer)),
            look.ink(str(file.killed_by)),
            look.ink(_KIND[file.kind]),
            look.ink(_absolute(file.path)),
        ]
        for file in result.largest_dead
    ]
    return columns, rows


def _dead_directories(result: InspectResult, look: Look) -> tuple[list[Column], list[list[Span]]]:
    columns = [
        Column("DEAD", right=True, least=8),
        Column("LAYER", right=True),
        Column("KILLED BY", right=True),
        Column("HOW"),
        Column("FILES", right=True),
        _path_column(),
    ]
    rows = [
        [
            look.ink(format_bytes(directory.bytes), "dead"),
            look.ink(str(directory.layer)),
            look.ink(str(directory.killed_by)),
            look.ink(_KIND[directory.kind]),
            look.ink(f"{directory.files:,}"),
            look.ink(_absolute(directory.path).rstrip("/") + "/"),
        ]
        for directory in result.largest_dead_directories
    ]
    return columns, rows


def _files(result: InspectResult, look: Look) -> tuple[list[Column], list[list[Span]]]:
    columns = [Column("VISIBLE", right=True, least=8), Column("LAYER", right=True), _path_column()]
    rows = [
        [
            look.ink(format_bytes(file.bytes)),
            look.ink(str(file.layer)),
            look.ink(_absolute(file.path)),
        ]
        for file in result.largest_files
    ]
    return columns, rows


def _moves(result: InspectResult, look: Look) -> tuple[list[Column], list[list[Span]]]:
    columns = [
        Column("DEAD", right=True, least=8),
        Column("LAYER", right=True),
        Column("MOVED BY", right=True),
        Column("FILES", right=True),
        _path_column("FROM → TO"),
    ]
    rows = [
        [
            look.ink(format_bytes(move.bytes), "dead"),
            look.ink(str(move.layer)),
            look.ink(str(move.moved_by)),
            look.ink(f"{move.files:,}"),
            look.ink(f"{_absolute(move.source)} → {_absolute(move.target)}"),
        ]
        for move in result.moves
    ]
    return columns, rows


def _listed(duplicate: Duplicate) -> str:
    paths = ", ".join(map(_absolute, duplicate.paths))
    return f"{paths}, …" if duplicate.copies > len(duplicate.paths) else paths


def _duplicates(result: InspectResult, look: Look) -> tuple[list[Column], list[list[Span]]]:
    columns = [
        Column("DUPLICATE", right=True),
        Column("COPIES", right=True),
        Column("EACH", right=True),
        _path_column("PATHS"),
    ]
    rows = [
        [
            look.ink(format_bytes(one.bytes), "warn"),
            look.ink(str(one.copies)),
            look.ink(format_bytes(one.content_bytes)),
            look.ink(_listed(one)),
        ]
        for one in result.duplicates
    ]
    return columns, rows
