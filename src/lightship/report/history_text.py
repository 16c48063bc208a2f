"""`history` for people: the columns of `docker history`, and what else lightship knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.docker_units import docker_age, docker_size
from lightship.report.paper import Column, Look, Span, shorten, table

if TYPE_CHECKING:
    from datetime import datetime

    from lightship.model.results.history import HistoryResult, HistoryRow

_CREATED_BY_CELLS = 45
GUESSED = "? The history does not match the layers: which instruction made which layer is a guess."


def history_text(
    result: HistoryResult, look: Look, *, now: datetime, truncated: bool = True
) -> str:
    """Rows newest first, as `docker history` shows them, with WIRE, DEAD and FILES after SIZE.

    Args:
        result: what to show.
        look: how the screen looks; the table is as wide as it needs, as docker's is.
        now: the moment that ages are counted from.
        truncated: cut image IDs and instructions as docker does without `--no-trunc`.
    """
    # The engine's tables have columns of at least ten, three of them blank.
    columns = [
        Column(header, gap=3, least=7)
        for header in ("IMAGE", "CREATED", "CREATED BY", "SIZE", "WIRE", "DEAD", "FILES")
    ]
    columns.append(Column("COMMENT", gap=3))
    rows = [
        _row(row, look, now, truncated, result.image_id if at == 0 else None)
        for at, row in enumerate(result.rows)
    ]
    lines = table(columns, rows, look)
    if any(row.guessed for row in result.rows):
        lines.append([look.ink(GUESSED, "warn")])
    return look.render(lines)


def _row(
    row: HistoryRow, look: Look, now: datetime, truncated: bool, image_id: str | None
) -> list[Span]:
    created_by = look.ink(_one_line(row.created_by or "")).text
    if row.guessed:
        created_by = f"? {created_by}"
    if truncated:
        mark = "…" if look.unicode else "..."
        created_by = shorten(created_by, _CREATED_BY_CELLS, mark=mark)
        image_id = image_id and image_id.partition(":")[2][:12]
    style = "dim" if row.empty_layer else "plain"
    wire = "0B" if row.wire_bytes is None else docker_size(row.wire_bytes)
    return [
        look.ink(image_id or "<missing>"),
        look.ink(docker_age(row.created, now)),
        look.ink(created_by, "dim" if style == "dim" else "plain"),
        look.ink(docker_size(row.engine_bytes)),
        look.ink(f"≈{wire}" if row.wire_bytes_estimated else wire),
        look.ink(docker_size(row.dead_bytes), "dead" if row.dead_bytes else "plain"),
        look.ink(str(row.files)),
        look.ink(_one_line(row.comment or "")),
    ]


def _one_line(text: str) -> str:
    # docker writes a tab as a space; a line break would break the table.
    return text.replace("\t", " ").replace("\r\n", " ").replace("\n", " ")
