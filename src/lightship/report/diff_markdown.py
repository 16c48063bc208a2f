"""`diff` as Markdown, short: for a comment on the pull request that made the image grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.instruction import readable_instruction
from lightship.report.markdown import code, cut, fitting, folded, prose, table
from lightship.report.words import about
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.model.results.diff import DiffResult, InstructionGrowth

_ROWS = 10
_WARNINGS = 10


def diff_markdown(result: DiffResult) -> str:
    """Both images' figures, what a node pays, what grew by directory and by instruction."""
    return fitting(block for block in _blocks(result) if block)


def _blocks(result: DiffResult) -> Iterator[str]:
    yield "### lightship diff"
    yield f"- A: {code(result.a.reference)}\n- B: {code(result.b.reference)}"
    if result.identical:
        yield "Identical: the same config and the same layers."
        return
    yield table(("", "A", "B", "B - A"), list(_figures(result)))
    pull = result.pull
    pulled = about(pull.wire_bytes, estimated=pull.wire_bytes_estimated)
    yield f"A node that has A pulls {pulled} of {format_bytes(result.b.wire_bytes)}."
    grown = [row for row in result.directories if row.visible_bytes or row.wire_bytes]
    rows = [
        [
            code(cut(f"/{row.path}/" if row.path else "/")),
            signed_bytes(row.visible_bytes),
            f"≈ {signed_bytes(row.wire_bytes)}",
            f"{row.files:+,}" if row.files else "0",
        ]
        for row in grown[:_ROWS]
    ]
    yield table(("directory", "visible", "wire", "files"), rows)
    changed = [row for row in result.instructions if row.status != "same"]
    heads = ("", "wire", "unpacked", "instruction")
    made = table(heads, [_instruction(row) for row in changed[:_ROWS]])
    yield folded(f"{len(changed)} of {len(result.instructions)} layers differ", made)
    yield "\n".join(f"- {prose(cut(warning))}" for warning in result.warnings[:_WARNINGS])


def _figures(result: DiffResult) -> Iterator[list[str]]:
    a, b, delta = result.a, result.b, result.delta
    estimated = a.wire_bytes_estimated or b.wire_bytes_estimated
    yield [
        "wire",
        about(a.wire_bytes, estimated=estimated),
        about(b.wire_bytes, estimated=estimated),
        signed_bytes(delta.wire_bytes),
    ]
    for name, old, new, change in (
        ("unpacked", a.unpacked_bytes, b.unpacked_bytes, delta.unpacked_bytes),
        ("visible", a.visible_bytes, b.visible_bytes, delta.visible_bytes),
        ("dead", a.dead_bytes, b.dead_bytes, delta.dead_bytes),
        ("duplicate", a.duplicate_bytes, b.duplicate_bytes, delta.duplicate_bytes),
    ):
        yield [name, format_bytes(old), format_bytes(new), signed_bytes(change)]
    yield ["files", f"{a.files:,}", f"{b.files:,}", f"{delta.files:+,}" if delta.files else "0"]


def signed_bytes(delta: int) -> str:
    """A difference in bytes with its sign; 0 has none."""
    return f"+{format_bytes(delta)}" if delta > 0 else format_bytes(delta)


def _instruction(row: InstructionGrowth) -> list[str]:
    status = {"added": "new", "removed": "gone"}.get(row.status, row.status)
    made_by = "no history"
    if row.created_by is not None:
        made_by = code(cut(readable_instruction(row.created_by)))
    return [
        status,
        signed_bytes(row.b_wire_bytes - row.a_wire_bytes),
        signed_bytes(row.b_unpacked_bytes - row.a_unpacked_bytes),
        made_by,
    ]
