"""Layers of two images as rows of `diff`: which instruction became which, and what it weighs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.growth_instructions import Step, align, is_same_instruction
from lightship.model.results.diff import InstructionGrowth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.results.diff import Sharing, Status
    from lightship.model.results.inspect import LayerFigures


def instruction_rows(
    a: Sequence[LayerFigures], b: Sequence[LayerFigures], sharing: Sequence[Sharing]
) -> tuple[InstructionGrowth, ...]:
    """The layers of both images side by side, oldest first; `sharing` is of each layer of b."""
    steps_a, steps_b = list(map(_step, a)), list(map(_step, b))
    return tuple(
        _row(
            a[at_a] if at_a is not None else None,
            b[at_b] if at_b is not None else None,
            sharing[at_b] if at_b is not None else None,
        )
        for at_a, at_b in align(steps_a, steps_b)
    )


def _step(layer: LayerFigures) -> Step:
    return Step(layer.diff_id, layer.created_by)


def _row(
    old: LayerFigures | None, new: LayerFigures | None, sharing: Sharing | None
) -> InstructionGrowth:
    present = [layer for layer in (old, new) if layer is not None]
    reads_otherwise = old and new and not is_same_instruction(_step(old), _step(new))
    return InstructionGrowth(
        status=_status(old, new),
        a_layer=old.index if old else None,
        b_layer=new.index if new else None,
        created_by=present[-1].created_by,
        a_created_by=old.created_by if old and reads_otherwise else None,
        created_by_guessed=any(layer.created_by_guessed for layer in present),
        a_wire_bytes=_wire_once(old),
        b_wire_bytes=_wire_once(new),
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


def _wire_once(layer: LayerFigures | None) -> int:
    """Wire bytes of a layer where it stands first; a repeated one is pulled once."""
    return layer.wire_bytes if layer is not None and layer.same_as is None else 0
