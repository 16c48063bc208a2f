"""Layers of two images as rows of `diff`: which instruction became which, and what it weighs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.growth_instructions import Step, align, is_same_instruction
from lightship.model.results.diff import InstructionGrowth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.analysis.growth_layers import Stack
    from lightship.model.results.diff import Sharing, Status
    from lightship.model.results.inspect import LayerFigures


def instruction_rows(
    a: Sequence[LayerFigures],
    b: Sequence[LayerFigures],
    stacks: tuple[Stack, Stack],
    sharing: Sequence[Sharing],
) -> tuple[InstructionGrowth, ...]:
    """The layers of both images side by side, oldest first; `sharing` is of each layer of b."""
    wire_a, wire_b = (stack.wire_once() for stack in stacks)
    return tuple(
        _row(
            (a[at_a], wire_a[at_a]) if at_a is not None else (None, 0),
            (b[at_b], wire_b[at_b]) if at_b is not None else (None, 0),
            sharing[at_b] if at_b is not None else "gone",
        )
        for at_a, at_b in align(list(map(_step, a)), list(map(_step, b)))
    )


def _step(layer: LayerFigures) -> Step:
    return Step(layer.diff_id, layer.created_by)


def _row(
    before: tuple[LayerFigures | None, int],
    after: tuple[LayerFigures | None, int],
    sharing: Sharing,
) -> InstructionGrowth:
    (old, old_wire), (new, new_wire) = before, after
    present = [layer for layer in (old, new) if layer is not None]
    reads_otherwise = old and new and not is_same_instruction(_step(old), _step(new))
    return InstructionGrowth(
        status=_status(old, new),
        a_layer=old.index if old else None,
        b_layer=new.index if new else None,
        created_by=present[-1].created_by,
        a_created_by=old.created_by if old and reads_otherwise else None,
        created_by_guessed=any(layer.created_by_guessed for layer in present),
        a_wire_bytes=old_wire,
        b_wire_bytes=new_wire,
        wire_bytes_estimated=any(layer.wire_bytes_estimated for layer in present),
        a_unpacked_bytes=old.unpacked_bytes if old else 0,
        b_unpacked_bytes=new.unpacked_bytes if new else 0,
        sharing=sharing,
    )


def _status(old: LayerFigures | None, new: LayerFigures | None) -> Status:
    if old is None:
        return "added"
    if new is None:
        return "removed"
    return "same" if old.diff_id == new.diff_id else "changed"
