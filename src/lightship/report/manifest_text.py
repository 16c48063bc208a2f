"""`inspect --manifest-only` for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.instruction import readable_instruction
from lightship.report.base_text import labelled, manifest_base_lines
from lightship.report.paper import Column, Line, Look, Span, table, wrapped
from lightship.report.words import counted, warning_lines
from lightship.units import format_bandwidth, format_bytes, format_seconds

if TYPE_CHECKING:
    from lightship.model.results.manifest import ManifestLayer, ManifestResult

_BAR_CELLS = 12
# RFC 3339 with nanoseconds and an offset; a longer text is no time.
_LONGEST_TIME = 35


def manifest_text(result: ManifestResult, look: Look, *, top: int = 10) -> str:
    """The report of one image; the table has the heaviest `top` layers, and the rest summed up."""
    lines = [*_head(result, look), []]
    lines += labelled("wire", _wire(result), look)
    pull = result.pull
    rate = format_bandwidth(pull.bandwidth_bytes_per_second)
    lines += labelled("pull", f"≈ {format_seconds(pull.download_seconds)} at {rate}", look)
    if result.base is not None:
        lines += manifest_base_lines(result.base, look)
    return look.render([*lines, [], *_layers(result.layers, look, top)])


def manifest_all_text(results: tuple[ManifestResult, ...], look: Look, *, top: int = 10) -> str:
    """The reports of one image for several platforms, one after the other."""
    return "\n\n".join(manifest_text(one, look, top=top) for one in results)


def _head(result: ManifestResult, look: Look) -> list[Line]:
    image = result.image
    facts = [image.platform]
    if image.image_id:
        facts.append(f"image {image.image_id.partition(':')[2][:12]}")
    facts.append(counted(image.layers, "layer"))
    if image.created and len(image.created) <= _LONGEST_TIME:
        facts.append(f"created {image.created}")
    facts.append("by its manifest alone: no layer was read")
    lines = wrapped(image.reference, look, "title") + wrapped(", ".join(facts), look, "dim")
    return lines + warning_lines(result.warnings, look)


def _wire(result: ManifestResult) -> str:
    return f"{format_bytes(result.image.wire_bytes)} compressed, what a node pulls"


def _layers(layers: tuple[ManifestLayer, ...], look: Look, most: int) -> list[Line]:
    if not layers:
        return [[look.ink("no layers", "dim")]]
    shown = layers
    if len(layers) > most + 1:
        heaviest = sorted(layers, key=lambda layer: (-layer.wire_bytes, layer.index))[:most]
        shown = tuple(sorted(heaviest, key=lambda layer: layer.index))
    rest = [layer for layer in layers if layer not in shown]
    largest = max(layer.wire_bytes for layer in layers)
    columns = [
        Column("#", right=True),
        Column("WIRE", right=True, gap=1),
        Column(gap=1, least=_BAR_CELLS if look.bars else 0),
        Column("INSTRUCTION", flexible=True, keep_end=0.3),
    ]
    rows = [
        [
            look.ink(str(layer.index)),
            look.ink(format_bytes(layer.wire_bytes)),
            look.bar(layer.wire_bytes, largest, _BAR_CELLS, "wire"),
            _instruction(layer, look),
        ]
        for layer in shown
    ]
    if rest:
        count = sum(layer.wire_bytes for layer in rest if layer.same_as is None)
        texts = ("+", format_bytes(count), "", f"{len(rest)} smaller layers")
        rows.append([look.ink(text, "dim") for text in texts])
    return table(columns, rows, look)


def _instruction(layer: ManifestLayer, look: Look) -> Span:
    known = layer.created_by is not None
    text = readable_instruction(layer.created_by) if layer.created_by is not None else "no history"
    if layer.created_by_guessed and known:
        text = f"? {text}"
    if layer.same_as is not None:
        text = f"(same as {layer.same_as}) {text}"
    if layer.base:
        text = f"(base) {text}"
    return look.ink(text, "plain" if known and not layer.base else "dim")
