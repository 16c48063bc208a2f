"""`context show` as Markdown, for job summaries and comments on pull and merge requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.context_text import facts_of, heaviest_lines, size_rows, warnings_of
from lightship.report.markdown import code, cut, fitting, folded, prose, table
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.results.context import Amount, ContextResult

_MOST = 20


def context_markdown(result: ContextResult) -> str:
    """What is sent, what to act on, and what each line keeps out."""
    sizes = [
        [name, format_bytes(amount.content_bytes), f"{amount.files:,}", prose(words)]
        for name, amount, _, words in size_rows(result)
    ]
    found = [
        [one.severity, prose(one.rule), prose(one.message), prose(one.advice)]
        for one in result.findings
        if one.severity != "info"
    ]
    uses = [
        [str(one.line), *_amount(one.amount), code(cut(one.instruction))]
        for one in result.uses[:_MOST]
    ]
    lines = [
        [
            str(one.line),
            *_amount(None if one.is_exception else one.amount),
            code(cut(one.pattern)) + (" lets in" if one.is_exception else ""),
        ]
        for one in heaviest_lines(result)[:_MOST]
    ]
    uses += _more(len(result.uses))
    lines += _more(len(result.lines))
    blocks = [
        f"### Build context {code(result.folder)}",
        prose(", ".join(facts_of(result))),
        "\n".join(f"- {prose(cut(one))}" for one in warnings_of(result)[:_MOST]),
        table(("", "bytes", "files", ""), sizes),
        table(("", "rule", "what", "what to do"), found),
        folded(
            "What each instruction takes", table(("line", "bytes", "files", "instruction"), uses)
        ),
        folded("What each line keeps out", table(("line", "bytes", "files", "pattern"), lines)),
    ]
    return fitting(block for block in blocks if block)


def _more(count: int) -> list[list[str]]:
    return [["", "", "", f"and {count - _MOST:,} more"]] if count > _MOST else []


def _amount(amount: Amount | None) -> list[str]:
    return ["", ""] if amount is None else [format_bytes(amount.content_bytes), f"{amount.files:,}"]
