"""The tables of a rewrite: layers, choices of what to keep, and what went."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from lightship.report.paper import Column, Line, Look, Span, table
from lightship.report.words import about
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lightship.model.results.rewrite import Choice, NewLayerRow, RewriteResult
    from lightship.report.paper import Style

_MANY = 3
"""So many kept layers in a row and more are one row."""
_NARROW = 72


def is_bound(result: RewriteResult) -> bool:
    """Whether a plan can tell only that no blob grows, as these are not compressed for it."""
    planned = result.rewrite == "recompress" and result.outcome == "planned"
    return planned and not result.before.wire_bytes_estimated


def layer_table(result: RewriteResult, look: Look, top: int) -> list[Line]:
    """What became of each layer; runs of layers that stay are one row."""
    untouched = all(row.fate == "kept" for row in result.layers)
    if result.why is not None or untouched or is_bound(result) or result.rewrite == "copy":
        return []
    unpacked = any(row.unpacked_bytes != row.old_unpacked_bytes for row in result.layers)
    runs = list(_runs(result.layers))
    rows = [_layer(run, result, look, unpacked=unpacked) for run in runs]
    columns = [
        Column("#", right=True),
        Column("LAYER"),
        Column("FROM"),
        Column("WIRE", right=True),
        Column("", gap=1),
        Column("AFTER", right=True, gap=1),
    ]
    if unpacked:
        columns += [
            Column("UNPACKED", right=True),
            Column("", gap=1),
            Column("AFTER", right=True, gap=1),
        ]
    if look.width >= _NARROW:
        columns.append(Column("CODEC"))
        rows = [
            [*row, look.ink(_codecs(run), _style(run))] for row, run in zip(rows, runs, strict=True)
        ]
    if len(rows) > top > 1:
        left = len(rows) - top
        shown = table(columns, rows[:top], look)
        return [*shown, [look.ink(f"{left:,} more: --top {len(rows)}", "dim")]]
    return table(columns, rows, look)


def _runs(layers: Sequence[NewLayerRow]) -> Iterator[list[NewLayerRow]]:
    for is_kept, group in groupby(layers, key=lambda row: row.fate == "kept"):
        rows = list(group)
        if is_kept and len(rows) >= _MANY:
            yield rows
        else:
            yield from ([row] for row in rows)


def _layer(
    run: list[NewLayerRow], result: RewriteResult, look: Look, *, unpacked: bool
) -> list[Span]:
    first, last = run[0], run[-1]
    same = first.fate == "kept"
    estimated = any(row.wire_bytes_estimated for row in run)
    old = _sum(row.old_wire_bytes for row in run)
    new = _sum(row.wire_bytes for row in run)
    arrow = "" if same else "→"
    # Whether the size of one old blob was an estimate tells the new one, where it is the same.
    cells = [
        _range((first.position, last.position)),
        _fate(first, result),
        _range((*first.from_positions[:1], *last.from_positions[-1:])),
        _size(old, estimated=estimated if same else result.before.wire_bytes_estimated),
        arrow,
        "" if same else _size(new, estimated=estimated),
    ]
    if unpacked:
        before = _sum(row.old_unpacked_bytes for row in run)
        after = _sum(row.unpacked_bytes for row in run)
        cells += [_size(before), *(("", "") if before == after else ("→", _size(after)))]
    return [look.ink(cell, _style(run)) for cell in cells]


def _fate(row: NewLayerRow, result: RewriteResult) -> str:
    """A layer may stay, and be stored otherwise at its new place."""
    is_other = row.fate == "written" or result.rewrite == "recompress"
    return row.fate if is_other else "kept"


def _style(run: list[NewLayerRow]) -> Style:
    return "dim" if run[0].fate == "kept" else "plain"


def _codecs(run: list[NewLayerRow]) -> str:
    return ", ".join(dict.fromkeys(row.codec or "" for row in run))


def _sum(sizes: Iterable[int | None]) -> int | None:
    total = 0
    for size in sizes:
        if size is None:
            return None
        total += size
    return total


def _size(count: int | None, *, estimated: bool = False) -> str:
    return "?" if count is None else about(count, estimated=estimated)


def _range(ends: Iterable[int]) -> str:
    first, *rest = ends
    return f"{first}-{rest[-1]}" if rest and rest[-1] != first else str(first)


def choice_table(result: RewriteResult, look: Look) -> list[Line]:
    """What each value of `--keep` would give."""
    if len(result.choices) < 2:
        return []
    columns = [
        Column("KEEP"),
        Column("LAYERS", right=True),
        Column("WIRE", right=True),
        Column("UNPACKED", right=True),
        Column("DEAD", right=True),
        Column("NODE WITH BASE PULLS" if result.base_layers else "", right=True),
        Column(""),
    ]
    rows = [_choice(choice, result, look) for choice in result.choices]
    return [[look.ink("What each --keep would give", "title")], *table(columns, rows, look)]


def _choice(choice: Choice, result: RewriteResult, look: Look) -> list[Span]:
    style: Style = "bold" if choice.chosen else "plain"
    cells = [
        choice.keep,
        f"{choice.layers:,}",
        about(choice.wire_bytes, estimated=True),
        format_bytes(choice.unpacked_bytes),
        format_bytes(choice.dead_bytes),
        about(choice.pull_with_base_bytes, estimated=True) if result.base_layers else "",
        "chosen" if choice.chosen else "",
    ]
    return [look.ink(cell, style) for cell in cells]
