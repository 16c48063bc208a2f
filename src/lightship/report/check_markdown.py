"""The gate as Markdown, for job summaries and comments on pull and merge requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.check_items import Budget, items
from lightship.report.markdown import code, fitting, prose, table
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.results.check import CheckResult

_MARKS = {
    "pass": "✅ pass",
    "warn": "⚠️ warn",
    "fail": "❌ fail",
    "unjudged": "⚠️ not judged",
    "off": "off",
}
_EXPLAINED = {"fail", "warn", "unjudged"}


def to_markdown(result: CheckResult) -> str:
    """A heading with the verdict, the image's figures, a row for each budget, and the causes."""
    judged = items(result)
    blocks = [
        f"### lightship check: {_MARKS[result.verdict]}",
        code(result.image.reference) + f", {prose(result.image.platform)}",
        table(("image", "bytes"), _figures(result)),
        table(
            ("", "budget", "measured", "limit", "head-room", "set by"),
            [_row(item) for item in judged],
        ),
        *(_explained(item) for item in judged if item.verdict in _EXPLAINED),
    ]
    if result.warnings:
        blocks.append("\n".join(f"- {prose(warning)}" for warning in result.warnings))
    return fitting(block for block in blocks if block)


def _figures(result: CheckResult) -> list[list[str]]:
    image = result.image
    about = "≈ " if image.wire_bytes_estimated else ""
    figures = (
        ("wire bytes", image.wire_bytes, about),
        ("unpacked bytes", image.unpacked_bytes, ""),
        ("dead bytes", image.dead_bytes, ""),
        ("duplicate bytes", image.duplicate_bytes, ""),
    )
    return [
        [name, f"{mark}{format_bytes(count)}"] for name, count, mark in figures if count is not None
    ]


def _row(item: Budget) -> list[str]:
    cells = (item.name, item.measured, item.limits, item.headroom, item.origin)
    return [_MARKS[item.verdict], *map(prose, cells)]


def _explained(item: Budget) -> str:
    causes = [f"- {prose(cause)}" for cause in item.causes]
    said = " ".join(filter(None, (prose(item.message), prose(item.advice))))
    return "\n".join([f"**{prose(item.name)}**: {said}", *([""] if causes else []), *causes])
