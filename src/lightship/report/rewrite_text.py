"""A rewrite as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.results.rewrite import RewriteResult
    from lightship.report.paper import Line, Look


def rewrite_text(result: RewriteResult, look: Look) -> str:
    """What was done, or would be."""
    lines: list[Line] = [
        [look.ink(f"{result.rewrite} {result.source}", "title")],
        [look.ink(f"{result.outcome} {result.destination or ''}")],
        [
            look.ink(
                f"layers {result.before.layers} -> {result.after.layers}, wire "
                f"{format_bytes(result.before.wire_bytes or 0)} -> "
                f"{format_bytes(result.after.wire_bytes or 0)}"
            )
        ],
    ]
    if result.proof is not None:
        lines.append([look.ink(f"proven: {result.proof.names} names", "good")])
    lines += [[look.ink(note, "dim")] for note in result.notes]
    return look.render(lines)


def rewrite_all_text(results: Sequence[RewriteResult], look: Look, *, top: int = 10) -> str:
    """The reports of one image for several platforms, one after the other."""
    del top
    return "\n".join(rewrite_text(one, look) for one in results)
