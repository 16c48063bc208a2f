"""The tables of `diff`: growth by instruction and by directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.instruction import readable_instruction
from lightship.report.paper import Column, Line, Look, Span, table
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.results.diff import DiffResult, InstructionGrowth, Sharing, Status

STATUS: dict[Status, str] = {
    "same": "same",
    "changed": "changed",
    "added": "new",
    "removed": "gone",
}
SHARED: dict[Sharing, str] = {
    "chain": "has it",
    "blob": "has blob",
    "recompressed": "pulls again",
    "none": "pulls",
    "gone": "",
}


def signed(count: int) -> str:
    """A number with its sign; 0 has none."""
    return f"{count:+,}" if count else "0"


def signed_bytes(delta: int, look: Look, about: str = "") -> Span:
    """A difference in bytes, red where it grew."""
    text = f"{about}{'+' if delta > 0 else ''}{format_bytes(delta)}"
    return look.ink(text, "dead" if delta > 0 else "good" if delta < 0 else "dim")


def instruction_table(
    result: DiffResult, look: Look, most: int, everything: bool = False
) -> list[Line]:
    """The layers that differ, those that grew or shrank most if they are many; in their order."""
    rows = [row for row in result.instructions if everything or is_news(row)]
    kept = sorted(rows, key=_weight, reverse=True)[:most]
    chosen = {id(row) for row in kept}
    shown = [row for row in rows if id(row) in chosen]
    lines: list[list[Span]] = []
    for row in shown:
        lines.append(_instruction(row, look))
        if everything and row.a_created_by is not None:
            was = look.ink(f"was {readable_instruction(row.a_created_by)}", "dim")
            lines.append([*[Span("")] * 6, was])
    rest = [row for row in result.instructions if id(row) not in chosen]
    if rest and lines:
        lines.append(_rest_of_instructions(rest, look))
    columns = [
        Column("A", right=True),
        Column("B", right=True, gap=1),
        Column(""),
        Column("WIRE", right=True, least=8),
        Column("UNPACKED", right=True, least=8),
        Column("NODE"),
        Column("INSTRUCTION", flexible=True, keep_end=0.3),
    ]
    return table(columns, lines, look) if lines else []


def is_news(row: InstructionGrowth) -> bool:
    """Whether a layer differs, or is pulled again."""
    return row.status != "same" or row.sharing == "recompressed"


def _weight(row: InstructionGrowth) -> tuple[int, int]:
    unpacked = abs(row.b_unpacked_bytes - row.a_unpacked_bytes)
    return max(abs(row.b_wire_bytes - row.a_wire_bytes), unpacked), row.b_unpacked_bytes


def _instruction(row: InstructionGrowth, look: Look) -> list[Span]:
    text = readable_instruction(row.created_by) if row.created_by is not None else "no history"
    if row.created_by_guessed and row.created_by is not None:
        text = f"? {text}"
    about = "≈" if row.wire_bytes_estimated and row.status != "same" else ""
    return [
        look.ink(str(row.a_layer or "")),
        look.ink(str(row.b_layer or "")),
        look.ink(STATUS[row.status], "dim" if row.status == "same" else "bold"),
        signed_bytes(row.b_wire_bytes - row.a_wire_bytes, look, about),
        signed_bytes(row.b_unpacked_bytes - row.a_unpacked_bytes, look),
        look.ink(SHARED[row.sharing], "dim"),
        look.ink(text, "dim" if row.status == "same" else "plain"),
    ]


def _rest_of_instructions(rest: list[InstructionGrowth], look: Look) -> list[Span]:
    same = sum(not is_news(row) for row in rest)
    others = len(rest) - same
    parts = [f"{same} the same"] if same else []
    parts += [f"{others} with less change"] if others else []
    estimated = any(row.wire_bytes_estimated and row.status != "same" for row in rest)
    wire = sum(row.b_wire_bytes - row.a_wire_bytes for row in rest)
    return [
        Span(""),
        Span(""),
        look.ink("+", "dim"),
        signed_bytes(wire, look, "≈" if estimated else ""),
        signed_bytes(sum(row.b_unpacked_bytes - row.a_unpacked_bytes for row in rest), look),
        Span(""),
        look.ink(", ".join(parts), "dim"),
    ]


def directory_table(result: DiffResult, look: Look, most: int) -> list[Line]:
    """The directories that explain most, and rows that make the sums those of the images."""
    shown, left = result.directories[:most], result.directories[most:]
    rows = [
        [
            signed_bytes(row.visible_bytes, look),
            signed_bytes(row.wire_bytes, look, "≈"),
            look.ink(signed(row.files)),
            look.ink(f"/{row.path}/" if row.path else "/"),
        ]
        for row in shown
    ]
    other = result.elsewhere
    visible = other.visible_bytes + sum(row.visible_bytes for row in left)
    wire = other.wire_bytes + sum(row.wire_bytes for row in left)
    files = other.files + sum(row.files for row in left)
    elsewhere = "elsewhere" if shown else "everywhere"
    for name, here, share, count in (
        (elsewhere, visible, wire, files),
        ("dead: not in the final tree", 0, other.dead_wire_bytes, 0),
        ("config and overhead", 0, other.overhead_wire_bytes, 0),
    ):
        if here or share or count:
            rows.append(
                [
                    signed_bytes(here, look),
                    signed_bytes(share, look, "≈"),
                    look.ink(signed(count)),
                    look.ink(name, "dim"),
                ]
            )
    if not shown and len(rows) == 1 and not (visible or wire or files or other.dead_wire_bytes):
        return []
    columns = [
        Column("VISIBLE", right=True, least=9),
        Column("WIRE", right=True, least=9),
        Column("FILES", right=True),
        Column("DIRECTORY", flexible=True, keep_end=0.7),
    ]
    return table(columns, rows, look) if rows else []
