"""`base check` as Markdown, for summaries of jobs and comments on pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.printable import printable
from lightship.report.markdown import code, fitting, folded, prose, table
from lightship.report.words import about
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.results.base_check import BaseCheckResult, OnBase
    from lightship.model.results.base_verdict import Answer, Reason, Weight

MARKS: dict[Answer, str] = {
    "runs": "✅ runs",
    "needs a test": "⚠️ needs a test",
    "will not run": "❌ will not run",
}
_HEADS: dict[Weight, str] = {
    "blocks": "What blocks it",
    "unproven": "What is not proven",
    "carry": "What has to come along",
    "note": "Worth knowing",
}
_VERDICTS = {"pass": "✅ pass", "fail": "❌ fail"}
_LISTED = 50


def base_check_markdown(result: BaseCheckResult) -> str:
    """The answer in the heading, the bytes, the reasons by their weight, the findings."""
    heading = MARKS[result.answer] if result.answer is not None else _VERDICTS[result.verdict]
    named = code(result.image.name)
    if result.on is not None:
        named += f" on {code(result.on.name)}"
    blocks = [f"### lightship base check: {heading}", named]
    if result.weight is not None:
        blocks.append(_weight(result, result.weight))
    blocks += [_reasons(result, weight) for weight in _HEADS]
    if result.instructions:
        lines = verbatim("\n".join(result.instructions))
        blocks.append(f"For the Dockerfile:\n\n{lines}")
    blocks.append(
        table(
            ("", "finding", "what", "what to do"),
            [
                [one.severity, code(one.rule), prose(one.says), prose(one.todo)]
                for one in result.findings
            ],
        )
    )
    blocks.append("\n".join(f"- {prose(warning)}" for warning in result.warnings))
    return fitting(block for block in blocks if block)


def verbatim(text: str) -> str:
    """Lines as they are, foreign ones too (CommonMark 0.31, 4.4)."""
    return "\n".join(f"    {printable(line)}" for line in text.split("\n"))


def _weight(result: BaseCheckResult, weight: OnBase) -> str:
    image = result.image
    rows = [
        [
            "wire bytes",
            about(image.wire_bytes, estimated=image.wire_bytes_estimated),
            _size(weight.wire_bytes, estimated=weight.wire_bytes_estimated),
        ],
        [
            "unpacked bytes",
            format_bytes(image.unpacked_bytes),
            _size(weight.unpacked_bytes, estimated=weight.unpacked_bytes_estimated),
        ],
        ["pulled over the base", "", about(weight.pull_with_base_bytes, estimated=True)],
    ]
    return table(("", "now", "on the base"), rows)


def _size(count: int | None, *, estimated: bool) -> str:
    return "unknown" if count is None else about(count, estimated=estimated)


def _reasons(result: BaseCheckResult, weight: Weight) -> str:
    reasons = [one for one in result.reasons if one.weight == weight]
    if not reasons:
        return ""
    lines = "\n".join(_reason(one) for one in reasons[:_LISTED])
    block = f"**{_HEADS[weight]}**\n\n{lines}"
    return folded(_HEADS[weight], lines) if weight == "note" else block


def _reason(one: Reason) -> str:
    place = f" ({code(one.path)})" if one.path else ""
    seen = "".join(f"\n  - {code(piece)}" for piece in one.evidence)
    return f"- {code(one.kind)} {prose(one.says)}{place}{seen}"
