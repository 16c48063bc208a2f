"""The layers of `inspect` as a table, each with the instruction that made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.instruction import readable_instruction
from lightship.report.paper import Column, Line, Look, Span, table
from lightship.report.words import about
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.results.inspect import InspectResult, LayerFigures

_NARROW = 100


def layer_lines(result: InspectResult, look: Look, most: int) -> list[Line]:
    """A row for each layer: the `most` heaviest in their order, and one for all the others."""
    shown, rest = _chosen(result.layers, most)
    if not shown:
        return [[look.ink("no layers", "dim")]]
    narrow = look.width < _NARROW
    columns = [
        Column("#", right=True),
        Column("WIRE", right=True, gap=1),
        Column("UNPACKED", right=True),
        Column("DEAD", right=True, gap=1 if narrow else 2),
        Column(gap=1, least=(4 if narrow else 6) if look.bars else 0),
        Column("KILLED BY", gap=1 if narrow else 2),
        Column("FILES", right=True, gap=1 if narrow else 2),
        Column("INSTRUCTION", flexible=True, keep_end=0.3),
    ]
    rows = [_layer_row(layer, look, columns[4].least) for layer in shown]
    if rest:
        rows.append(_rest_row(rest, look))
    return table(columns, rows, look)


def _chosen(
    layers: tuple[LayerFigures, ...], most: int
) -> tuple[list[LayerFigures], list[LayerFigures]]:
    """The heaviest layers in their order, and those left out."""
    if len(layers) <= most + 1:
        return list(layers), []
    heaviest = sorted(layers, key=lambda layer: (-layer.unpacked_bytes, layer.index))[:most]
    kept = {layer.index for layer in heaviest}
    return (
        [layer for layer in layers if layer.index in kept],
        [layer for layer in layers if layer.index not in kept],
    )


def _layer_row(layer: LayerFigures, look: Look, cells: int) -> list[Span]:
    dead = layer.dead_bytes
    return [
        look.ink(str(layer.index)),
        look.ink(about(layer.wire_bytes, estimated=layer.wire_bytes_estimated)),
        look.ink(format_bytes(layer.unpacked_bytes)),
        look.ink(format_bytes(dead), "dead" if dead else "dim"),
        look.bar(dead, layer.unpacked_bytes, cells, "dead"),
        look.ink(_killers(layer, 1 if look.width < _NARROW else 2)),
        look.ink(f"{layer.files:,}"),
        _instruction(layer, look),
    ]


def _killers(layer: LayerFigures, most: int) -> str:
    """The layers that killed most, as many as there is room for, and how many more did."""
    killers = list(dict.fromkeys(killer.layer for killer in layer.killed if killer.bytes))
    named = ", ".join("itself" if k == layer.index else str(k) for k in killers[:most])
    return f"{named} +{len(killers) - most}" if len(killers) > most else named


def _instruction(layer: LayerFigures, look: Look) -> Span:
    if layer.created_by is None:
        text, style = "no history", "dim"
    else:
        text, style = readable_instruction(layer.created_by), "dim" if layer.base else "plain"
    if layer.created_by_guessed and layer.created_by is not None:
        text = f"? {text}"
    if layer.same_as is not None:
        text = f"(same as {layer.same_as}) {text}"
    if layer.base:
        text = f"(base) {text}"
    return look.ink(text, "dim" if style == "dim" else "plain")


def _rest_row(rest: list[LayerFigures], look: Look) -> list[Span]:
    wire = sum(layer.wire_bytes for layer in rest if layer.same_as is None)
    estimated = any(layer.wire_bytes_estimated for layer in rest)
    figures = [
        "+",
        about(wire, estimated=estimated),
        format_bytes(sum(layer.unpacked_bytes for layer in rest)),
        format_bytes(sum(layer.dead_bytes for layer in rest)),
        "",
        "",
        f"{sum(layer.files for layer in rest):,}",
        f"{len(rest)} smaller layers",
    ]
    return [look.ink(figure, "dim") for figure in figures]
