"""Findings for people: one line each where they matter, and all of them with their evidence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from lightship.model.instruction import readable_instruction
from lightship.report.paper import Column, Line, Look, Span, Style, table, wrap
from lightship.report.words import about, counted
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.model.finding import Evidence, Finding, Severity

_SHOWN = 6
_INDENT = 7
_WIDE = 100
ALL_HINT = "--all"
_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
MARKS: dict[Severity, tuple[str, Style]] = {
    "error": ("error", "dead"),
    "warning": ("warn", "warn"),
    "info": ("info", "dim"),
}


def findings_lines(findings: Sequence[Finding], look: Look, hint: str = "") -> list[Line]:
    """What matters, a line each; then how many more there are, and `hint`."""
    matter = [one for one in findings if one.suppressed is None and one.severity != "info"]
    shown = matter[:_SHOWN]
    left_out = Counter(map(_standing, findings)) - Counter(map(_standing, shown))
    more = f"{ALL_HINT} shows {_tally(left_out)} more" if left_out else ""
    hints = "; ".join(filter(None, (more, hint)))
    if not matter:
        lines: list[Line] = [[look.ink("Nothing found that is worth acting on.", "good")]]
    else:
        lines = [
            [
                look.ink("What to act on", "title"),
                look.ink(" (unpacked bytes; lightship explain RULE says more)", "dim"),
            ]
        ]
        columns = [
            Column(),
            Column(right=True),
            Column(),
            Column(flexible=True, keep_end=0.5),
        ]
        lines += table(columns, [_row(finding, look) for finding in shown], look)
    return lines + ([[look.ink(hints, "dim")]] if hints else [])


def all_findings_lines(findings: Sequence[Finding], look: Look, top: int) -> list[Line]:
    """Every finding with its message, advice and evidence, at most `top` pieces of it each."""
    if not findings:
        return [[look.ink("No findings.", "good")]]
    tally = _tally(Counter(map(_standing, findings)))
    lines: list[Line] = [[look.ink("Findings", "title"), look.ink(f" ({tally})", "dim")]]
    for number, finding in enumerate(findings):
        lines += [[]] if number else []
        lines += _whole(finding, look, top)
    return [*lines, [], [look.ink("lightship explain RULE says more", "dim")]]


def where(finding: Finding, *, layers: bool = True) -> str:
    """The place of a finding in a few words: the first of its evidence, and how much more.

    `layers` says the layer also where there is a path.
    """
    if not finding.evidence:
        return ""
    first = finding.evidence[0]
    place = f"/{first.path.lstrip('/')}" if first.path is not None else first.note or ""
    is_told = first.layer is not None and (layers or not place)
    told = ", ".join(filter(None, (place, f"layer {first.layer}" if is_told else "")))
    more = finding.evidence_count - 1
    return f"{told} (+ {more:,})" if more > 0 else told


def _row(finding: Finding, look: Look) -> list[Span]:
    mark, style = MARKS[finding.severity]
    freed = finding.removable_bytes
    place = where(finding, layers=look.width >= _WIDE)
    return [
        look.ink(mark, style),
        look.ink(format_bytes(freed) if freed else "", "bold"),
        look.ink(finding.rule, "bold"),
        look.ink(f"{finding.title}: {place}" if place else finding.title),
    ]


def _standing(finding: Finding) -> str:
    return finding.severity if finding.suppressed is None else "suppressed"


def _tally(counts: Mapping[str, int]) -> str:
    """`1 error, 2 warnings, 7 infos, 1 suppressed`."""
    parts = [counted(counts[word], word) for word in _SEVERITIES if counts[word]]
    if counts["suppressed"]:
        parts.append(f"{counts['suppressed']} suppressed")
    return ", ".join(parts)


def _whole(finding: Finding, look: Look, top: int) -> list[Line]:
    mark, style = MARKS[finding.severity]
    is_silent = finding.suppressed is not None
    head: Line = [
        look.ink(f"{mark:{_INDENT}}", "dim" if is_silent else style),
        look.ink(finding.rule, "dim" if is_silent else "bold"),
        look.ink(f"  {finding.title}"),
    ]
    lines = [_fitted(head, look), *_told(finding.message, look)]
    facts = _facts(finding)
    if facts:
        lines += _told(facts, look, "dim")
    lines += _told(finding.advice, look, "good")
    if finding.suppressed is not None:
        lines += _told(f"suppressed: {finding.suppressed}", look, "warn")
    return lines + _evidence(finding, look, top)


def _fitted(line: Line, look: Look) -> Line:
    """The line on a screen: a title too long for it is cut by the table that it makes."""
    columns = [Column(gap=0), Column(gap=0), Column(gap=0, flexible=True)]
    return table(columns, [line], look)[0]


def _facts(finding: Finding) -> str:
    parts = []
    if finding.removable_bytes:
        parts += [f"frees {format_bytes(finding.removable_bytes)}"]
    if finding.wire_bytes:
        parts.append(f"{about(finding.wire_bytes, estimated=True)} wire")
    if finding.files:
        parts.append(counted(finding.files, "file"))
    if finding.confidence != "certain":
        parts.append("likely" if finding.confidence == "likely" else "a guess")
    return ", ".join(parts)


def _told(text: str, look: Look, style: Style = "plain") -> list[Line]:
    pieces = wrap(look.ink(text).text, max(look.width - _INDENT, 20)) if text else []
    return [[Span(" " * _INDENT), look.ink(piece, style)] for piece in pieces]


def _evidence(finding: Finding, look: Look, top: int) -> list[Line]:
    shown = finding.evidence[:top]
    columns = [
        Column(right=True),
        Column(),
        Column(flexible=True, keep_end=0.6),
    ]
    lines = table(columns, [_piece(one, look) for one in shown], look, indent=_INDENT)
    more = finding.evidence_count - len(shown)
    if more > 0 and shown:
        known = len(finding.evidence) > len(shown)
        how = f": --top {len(finding.evidence)}" if known else ""
        lines.append([look.ink(f"{'':{_INDENT}}{more:,} more{how}", "dim")])
    return lines


def _piece(evidence: Evidence, look: Look) -> list[Span]:
    told = [] if evidence.path is None else [f"/{evidence.path.lstrip('/')}"]
    if evidence.note:
        told.append(evidence.note)
    if not told and evidence.created_by:
        told.append(readable_instruction(evidence.created_by))
    return [
        look.ink(format_bytes(evidence.bytes) if evidence.bytes else ""),
        look.ink("" if evidence.layer is None else f"layer {evidence.layer}", "dim"),
        look.ink(": ".join(told)),
    ]
