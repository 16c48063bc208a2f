"""`base check` for people: the answer first, then what blocks, what is unproven, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.paper import Line, Look, Span, Style, wrap, wrapped
from lightship.report.words import about, counted, warning_lines
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.results.base_check import BaseCheckResult, BaseFinding, OnBase
    from lightship.model.results.base_verdict import Answer, Reason, Weight

ANSWERS: dict[Answer, tuple[str, Style]] = {
    "runs": ("RUNS", "good"),
    "needs a test": ("NEEDS A TEST", "warn"),
    "will not run": ("WILL NOT RUN", "dead"),
}
_HEADS: dict[Weight, tuple[str, Style]] = {
    "blocks": ("What blocks it", "dead"),
    "unproven": ("What is not proven", "warn"),
    "carry": ("What has to come along", "bold"),
    "note": ("Worth knowing", "dim"),
}
_VERDICTS: dict[str, tuple[str, Style]] = {"pass": ("PASS", "good"), "fail": ("FAIL", "dead")}
_LISTED = 8


def base_check_text(result: BaseCheckResult, look: Look, *, listed: int = _LISTED) -> str:
    """The answer, the bytes, the reasons by their weight, the findings."""
    lines = _head(result, look)
    if result.weight is not None:
        lines += _weight(result, result.weight, look)
    lines += warning_lines(result.warnings, look)
    for weight in _HEADS:
        lines += reason_lines(
            [one for one in result.reasons if one.weight == weight], weight, look, listed
        )
    if result.instructions:
        lines += [[], [look.ink("For the Dockerfile", "bold")]]
        lines += [
            [look.ink(f"  {line}")] for one in result.instructions for line in one.split("\n")
        ]
    lines += _findings(result.findings, look)
    return look.render(lines)


def _head(result: BaseCheckResult, look: Look) -> list[Line]:
    image = result.image
    if result.answer is None or result.on is None:
        word, style = _VERDICTS[result.verdict]
        says = f"{counted(len(result.findings), 'finding')} about the base of {image.name}"
    else:
        word, style = ANSWERS[result.answer]
        says = f"{image.name} on {result.on.name}"
    first, *rest = wrap(f"{word}  {look.ink(says).text}", look.width)
    lines: list[Line] = [
        [look.ink(word, style), look.ink(first.removeprefix(word), "bold")],
        *([look.ink(piece, "bold")] for piece in rest),
    ]
    return lines


def _weight(result: BaseCheckResult, weight: OnBase, look: Look) -> list[Line]:
    image = result.image
    now = about(image.wire_bytes, estimated=image.wire_bytes_estimated)
    if weight.wire_bytes is None:
        said = f"now {now} on the wire; what the base weighs, nobody knows"
    else:
        then = about(weight.wire_bytes, estimated=weight.wire_bytes_estimated)
        said = f"{then} on the wire, now {now}"
    if weight.unpacked_bytes is not None:
        then = about(weight.unpacked_bytes, estimated=weight.unpacked_bytes_estimated)
        said += f"; {then} unpacked, now {format_bytes(image.unpacked_bytes)}"
    pull = about(weight.pull_with_base_bytes, estimated=True)
    said += f"; a node that has the base pulls {pull}"
    return wrapped(said, look, "dim")


def reason_lines(reasons: Sequence[Reason], weight: Weight, look: Look, listed: int) -> list[Line]:
    """Reasons of one weight under their head; none where there are none."""
    if not reasons:
        return []
    title, style = _HEADS[weight]
    lines: list[Line] = [[], [look.ink(title, style)]]
    for one in reasons[:listed]:
        lines += hanging(
            f"{one.says}{f' ({one.path})' if one.path else ''}", look, f"  {one.kind}: "
        )
        for piece in one.evidence[:3]:
            lines += hanging(piece, look, "      ", "dim")
    if len(reasons) > listed:
        more = counted(len(reasons) - listed, "more reason")
        lines.append([look.ink(f"  and {more}: see --all", "dim")])
    return lines


def hanging(text: str, look: Look, lead: str, style: Style = "plain") -> list[Line]:
    """A text behind a bold lead, its further lines below its own beginning."""
    pieces = wrap(look.ink(text).text, max(look.width - len(lead), 20))
    first, *rest = pieces
    return [
        [look.ink(lead, "bold"), look.ink(first, style)],
        *([Span(" " * len(lead)), look.ink(piece, style)] for piece in rest),
    ]


def _findings(findings: Sequence[BaseFinding], look: Look) -> list[Line]:
    if not findings:
        return []
    lines: list[Line] = [[], [look.ink("Findings about the base", "bold")]]
    for one in findings:
        lines += hanging(f"{one.says} {one.todo}".rstrip(), look, f"  {one.severity} {one.rule}: ")
    return lines
