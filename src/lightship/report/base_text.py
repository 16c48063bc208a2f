"""The base image and the payload over it, for people: two lines of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.paper import Line, Look, Span, wrap
from lightship.report.words import about, counted
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.results.base import BaseImage
    from lightship.model.results.manifest import ManifestBase

_INDENT = 11


def base_lines(base: BaseImage, look: Look) -> list[Line]:
    """How far the base goes and what told it; what the payload weighs."""
    payload = base.payload
    weight = about(payload.wire_bytes, estimated=payload.wire_bytes_estimated)
    over = (
        f"{counted(payload.layers, 'layer')}, {weight} wire,"
        f" {format_bytes(payload.unpacked_bytes)} unpacked,"
        f" {format_bytes(payload.dead_bytes)} dead;"
        f" {_pulls(base.pull_with_base_bytes, estimated=base.pull_with_base_estimated)}"
    )
    wire = about(base.wire_bytes, estimated=base.wire_bytes_estimated)
    return [
        *labelled("base", _base(base, f"{wire} wire"), look),
        *labelled("payload", over, look),
    ]


def manifest_base_lines(base: ManifestBase, look: Look) -> list[Line]:
    """As `base_lines`, of a manifest: nobody knows what is in the layers."""
    over = (
        f"{counted(base.payload_layers, 'layer')}, {format_bytes(base.payload_wire_bytes)} wire;"
        f" {_pulls(base.pull_with_base_bytes, estimated=False)}"
    )
    return [
        *labelled("base", _base(base, f"{format_bytes(base.wire_bytes)} wire"), look),
        *labelled("payload", over, look),
    ]


def labelled(label: str, text: str, look: Look) -> list[Line]:
    """A line that begins with a bold word, and goes on below its text where it is too long."""
    first, *rest = wrap(look.ink(text).text, max(look.width - _INDENT, 20))
    lines: list[Line] = [
        [look.ink(label, "bold"), Span(" " * (_INDENT - len(label))), look.ink(first)]
    ]
    return lines + [[Span(" " * _INDENT), look.ink(piece)] for piece in rest]


def _base(base: BaseImage | ManifestBase, weight: str) -> str:
    reach = "layer 1" if base.layers == 1 else f"layers 1 to {base.layers}"
    likely = "" if base.certain else "likely "
    name = f" of {base.name}" if base.name else ""
    why = base.how if base.certain else base.why
    return f"{likely}{reach}{name}, {weight} ({why})"


def _pulls(count: int, *, estimated: bool) -> str:
    return f"pull over the base {about(count, estimated=estimated)}"
