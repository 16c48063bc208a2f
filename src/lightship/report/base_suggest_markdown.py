"""`base suggest` as Markdown, for summaries of jobs and comments on pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.base_check_markdown import MARKS, verbatim
from lightship.report.base_suggest_text import now_says, said_of_several, total_bytes
from lightship.report.markdown import code, fitting, folded, prose, table
from lightship.report.words import about
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.results.base_suggest import (
        BaseSuggestResult,
        DockerfileChange,
        Suggested,
    )

_LISTED = 20


def base_suggest_markdown(result: BaseSuggestResult) -> str:
    """How it is now, the candidates with what speaks against each, the change, and the rest."""
    may = [one for one in result.candidates if one.answer != "will not run"]
    refused = [one for one in result.candidates if one.answer == "will not run"]
    rows = may[:_LISTED]
    of_all = [clause for clause, found in said_of_several(rows).items() if len(found) == len(rows)]
    blocks = [
        "### lightship base suggest",
        f"{prose(now_says(result)[0])}. {prose(result.needs)}.",
        table(
            ("base", "answer", "image", "base alone", "what speaks against it"),
            [_row(one, of_all) for one in rows],
        ),
        f"Of each: {prose('; '.join(of_all))}." if of_all else "",
        _change(result.change) if result.change is not None else "",
        folded(
            f"Will not run on {len(refused)}",
            "\n".join(_refused(one) for one in refused[:_LISTED]),
        ),
        "\n".join(f"- not judged: {prose(one)}" for one in result.left_out),
        "\n".join(f"- {prose(warning)}" for warning in result.warnings),
    ]
    return fitting(block for block in blocks if block)


def _row(one: Suggested, of_all: list[str]) -> list[str]:
    total, alone = total_bytes(one), one.base_wire_bytes
    own = [clause for clause in one.said_against if clause not in of_all]
    return [
        code(one.base.name),
        MARKS[one.answer],
        "" if one.weight is None else _size(total, estimated=one.weight.wire_bytes_estimated),
        "unknown" if alone is None else format_bytes(alone),
        prose("; ".join(own)),
    ]


def _size(count: int | None, *, estimated: bool) -> str:
    return "unknown" if count is None else about(count, estimated=estimated)


def _refused(one: Suggested) -> str:
    first = next(reason.says for reason in one.reasons if reason.weight == "blocks")
    return f"- {code(one.base.name)}: {prose(first)}"


def _change(change: DockerfileChange) -> str:
    lines = verbatim(change.diff.rstrip("\n")) if change.diff else ""
    manual = "\n".join(f"- by hand: {prose(one)}" for one in change.manual)
    parts = [f"The change to {code(change.base)}:", lines, manual]
    return "\n\n".join(part for part in parts if part)
