"""`check` for people: the verdict, each budget with its head-room, then what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.instruction import readable_instruction
from lightship.report.paper import Column, Line, Look, Span, Style, table, wrap
from lightship.report.words import counted, warning_lines
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.results.check import Cause, CheckResult, DiveRule, Judged, Unit, Verdict

_NARROW, _WIDE = 100, 120
_LISTED = 10
_WORDS: dict[str, tuple[str, Style]] = {
    "pass": ("PASS", "good"),
    "warn": ("WARN", "warn"),
    "fail": ("FAIL", "dead"),
    "skip": ("off", "dim"),
}


def check_text(result: CheckResult, look: Look) -> str:
    """The report: what the verdict is, how far every budget is from its limits, and why."""
    lines = _head(result, look)
    if result.judged:
        lines += [[], *_budgets(result, look)]
    lines += _unjudged(result, look)
    for one in result.judged:
        if one.verdict != "pass":
            lines += [[], *_explained(one, look)]
    if result.dive is not None:
        lines += [[], *_dive(result, look)]
    return look.render(lines)


def _head(result: CheckResult, look: Look) -> list[Line]:
    image = result.image
    word, style = _WORDS[result.verdict]
    lines: list[Line] = [[look.ink(word, style), look.ink(f"  {_summary(result)}", "bold")]]
    lines += [[look.ink(piece, "title")] for piece in wrap(image.reference, look.width)]
    facts = [image.platform, counted(image.layers, "layer")]
    if image.image_id:
        facts.insert(1, f"image {image.image_id.partition(':')[2][:12]}")
    if image.unpacked_bytes is None:
        facts.append("by the sizes that its manifest claims, no layer read")
    if result.profile:
        facts.append(f"profile {result.profile}")
    if result.baseline:
        facts.append(f"baseline {result.baseline}")
    lines += [[look.ink(piece, "dim")] for piece in wrap(", ".join(facts), look.width)]
    return lines + warning_lines(result.warnings, look)


def _summary(result: CheckResult) -> str:
    verdicts: list[str] = [one.verdict for one in result.judged]
    if result.dive is not None:
        verdicts += [rule.verdict for rule in result.dive.rules]
    counts = [
        (verdicts.count("fail"), "broken"),
        (verdicts.count("warn"), "to watch"),
        (verdicts.count("pass"), "kept"),
        (len(result.unjudged), "not judged"),
    ]
    return ", ".join(f"{count} {word}" for count, word in counts if count)


def _budgets(result: CheckResult, look: Look) -> list[Line]:
    narrow = look.width < _NARROW
    cells = (16 if look.width >= _WIDE else 8) if look.bars else 0
    columns = [
        Column(least=4),
        Column("BUDGET", gap=1 if narrow else 2),
        Column("MEASURED", right=True, gap=1 if narrow else 2),
        Column("WARN", right=True, gap=1 if narrow else 2),
        Column("FAIL", right=True, gap=1 if narrow else 2),
        Column(gap=1, least=cells),
        Column("HEAD-ROOM", right=True, gap=1 if narrow else 2),
    ]
    if not narrow:
        columns.append(Column("FROM", flexible=True))
    rows = [_budget(one, result, look, cells)[: len(columns)] for one in result.judged]
    return table(columns, rows, look)


def _budget(one: Judged, result: CheckResult, look: Look, cells: int) -> list[Span]:
    word, style = _WORDS[one.verdict]
    limit = one.fail if one.fail is not None else one.warn
    measured, bound = _apart(one.measured, limit, one.unit)
    is_estimate = one.budget in {"max-wire", "max-blob", "max-growth"}
    if is_estimate and result.image.wire_bytes_estimated:
        measured = f"≈ {measured}"
    beyond = one.headroom is not None and one.headroom < 0
    return [
        look.ink(word, style),
        look.ink(one.budget, "bold"),
        look.ink(measured, "plain" if one.verdict == "pass" else style),
        look.ink("" if one.warn is None else _amount(one.warn, one.unit), "dim"),
        look.ink("" if one.fail is None else bound),
        _bar(one, limit, look, cells, style),
        look.ink(
            "" if one.headroom is None else _amount(one.headroom, one.unit),
            style if beyond else "plain",
        ),
        look.ink(one.origin, "dim"),
    ]


def _bar(one: Judged, limit: float | None, look: Look, cells: int, style: Style) -> Span:
    """How much of the limit is used: full is broken, or nearly."""
    if not limit or one.bound == "at_least" or one.unit == "paths":
        return Span("")
    return look.bar(max(min(one.measured, limit), 0), limit, cells, style)


def _apart(measured: float, limit: float | None, unit: Unit) -> tuple[str, str]:
    """Both as people read them; exactly, where rounding would make them look equal."""
    if limit is None:
        return _amount(measured, unit), ""
    texts = _amount(measured, unit), _amount(limit, unit)
    if texts[0] != texts[1] or measured == limit or unit != "bytes":
        return texts
    return f"{round(measured):,} B", f"{round(limit):,} B"


def _amount(value: float, unit: Unit) -> str:
    if unit == "bytes":
        return format_bytes(round(value))
    return f"{value:.4g}" if unit == "ratio" else f"{round(value):,}"


def _explained(one: Judged, look: Look) -> list[Line]:
    _, style = _WORDS[one.verdict]
    lines: list[Line] = []
    for at, piece in enumerate(wrap(f"{one.budget}: {one.message}", look.width)):
        lines.append([look.ink(piece, style if at == 0 else "plain")])
    rows = [_cause(cause, look) for cause in one.causes[:_LISTED]]
    if rows:
        columns = [
            Column(right=True, gap=0),
            Column(),
            Column(flexible=True, keep_end=0.3),
        ]
        lines += table(columns, rows, look, indent=2)
    if len(one.causes) > _LISTED:
        more = len(one.causes) - _LISTED
        lines.append([look.ink(f"  and {more} more: see --format json", "dim")])
    lines += [[look.ink(f"  {piece}", "dim")] for piece in wrap(one.advice, look.width - 2)]
    return lines


def _cause(cause: Cause, look: Look) -> list[Span]:
    what = cause.what
    if cause.created_by is not None:
        made_by = readable_instruction(cause.created_by)
        what = f"{what}; brought by {made_by}" if what.startswith("/") else f"{what}: {made_by}"
    return [
        look.ink("" if cause.bytes is None else format_bytes(cause.bytes)),
        look.ink(_place(cause), "dim"),
        look.ink(what),
    ]


def _place(cause: Cause) -> str:
    if cause.layer is None:
        return ""
    line = "" if cause.line is None else f", line {cause.line}"
    return f"layer {cause.layer}{line}"


def _unjudged(result: CheckResult, look: Look) -> list[Line]:
    lines: list[Line] = []
    for one in result.unjudged:
        told = f"not judged: {one.budget} {one.limit} ({one.origin}): {one.why}"
        lines += [[look.ink(piece, "warn")] for piece in wrap(told, look.width)]
    return lines


def _dive(result: CheckResult, look: Look) -> list[Line]:
    dive = result.dive
    assert dive is not None  # noqa: S101 - the caller has seen to it
    word, style = _WORDS[_verdict(dive.passed)]
    lines: list[Line] = [
        [look.ink("By dive's own formulas: ", "bold"), look.ink(word, style)],
        [look.ink(f"rules from {dive.origin}", "dim")],
    ]
    columns = [
        Column(least=4),
        Column("DIVE'S RULE"),
        Column("MEASURED", right=True),
        Column("LIMIT", right=True),
        Column("OURS", flexible=True),
    ]
    return lines + table(columns, [_rule(rule, look) for rule in dive.rules], look)


def _verdict(passed: bool) -> Verdict:
    return "pass" if passed else "fail"


def _rule(rule: DiveRule, look: Look) -> list[Span]:
    word, style = _WORDS[rule.verdict]
    if rule.measured is None:
        # dive divides by zero: 0/0 passes, anything else does not.
        measured = "Inf" if rule.verdict == "fail" else "NaN"
    else:
        is_bytes = rule.rule == "highestWastedBytes"
        measured = format_bytes(round(rule.measured)) if is_bytes else f"{rule.measured:.4f}"
    return [
        look.ink(word, style),
        look.ink(rule.rule, "bold"),
        look.ink(measured),
        look.ink(rule.limit),
        look.ink(rule.ours, "dim"),
    ]
