"""`lint` for people: how much there is to save, then each finding where it is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from lightship.report.findings_text import MARKS
from lightship.report.paper import Line, Look, Style, shorten, wrap, wrapped
from lightship.report.saved_words import saved
from lightship.report.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lightship.model.finding import Severity
    from lightship.model.results.lint import FileProblem, LintFinding, LintResult

_INDENT = 4
_NARROWEST = 20
_LONGEST_TEXT = 300
_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


def lint_text(result: LintResult, look: Look, *, suppressed: bool = False) -> str:
    """The report.

    Args:
        result: what was found.
        look: of the screen.
        suppressed: whether to show also what comments and settings suppress.
    """
    heard = [one for one in result.findings if one.suppressed is None]
    lines = _head(result, heard, look)
    for one in result.findings if suppressed else heard:
        lines += [[], *finding_lines(one, look)]
    lines += _foot(result, heard, look, suppressed=suppressed)
    return look.render(lines)


def problem_line(problem: FileProblem) -> str:
    """What is wrong with a file, in one line."""
    place = problem.path if problem.line is None else f"{problem.path}:{problem.line}"
    return f"{place}: {problem.message}"


def finding_lines(finding: LintFinding, look: Look) -> list[Line]:
    """One finding with its instruction and what can be done about it."""
    mark, style = MARKS[finding.severity]
    is_silent = finding.suppressed is not None
    words = saved(finding.saving)
    head: Line = [
        look.ink(f"{finding.path}:{finding.line}", "plain" if is_silent else "title"),
        look.ink(f" {mark} ", "dim" if is_silent else style),
        look.ink(finding.rule, "dim" if is_silent else "bold"),
    ]
    if words:
        head.append(look.ink(f"  saves {words}", "dim" if is_silent else "good"))
    lines: list[Line] = [head, *_told(finding.message, look)]
    if finding.instruction:
        shown = shorten(look.ink(finding.instruction[:_LONGEST_TEXT]).text, look.width - _INDENT)
        lines.append([look.ink(" " * _INDENT), look.ink(shown, "dim")])
    lines += _told(_remedy(finding), look, "good" if finding.fix else "plain")
    if finding.suppressed is not None:
        lines += _told(f"suppressed: {finding.suppressed}", look, "warn")
    return lines


def tally(findings: Iterable[LintFinding]) -> str:
    """`1 error, 2 warnings, 7 infos`."""
    counts = Counter(one.severity for one in findings)
    return ", ".join(counted(counts[word], word) for word in _SEVERITIES if counts[word])


def headline(result: LintResult) -> str:
    """What was found and what it costs, in one line."""
    heard = [one for one in result.findings if one.suppressed is None]
    words = saved(result.saving)
    return _counts(result, heard) + (f": {words} to save" if words else "")


def _counts(result: LintResult, heard: Sequence[LintFinding]) -> str:
    files = counted(len(result.files), "file")
    if not heard:
        return f"Nothing found in {files}"
    inside = len({one.path for one in heard})
    where = files if inside == len(result.files) else f"{inside} of {files}"
    return f"{tally(heard)} in {where}"


def _head(result: LintResult, heard: Sequence[LintFinding], look: Look) -> list[Line]:
    if not heard:
        style: Style = "good" if result.files and not result.problems else "bold"
    else:
        worst = next(word for word in _SEVERITIES if any(one.severity == word for one in heard))
        style = "bold" if worst == "info" else MARKS[worst][1]
    lines = wrapped(_counts(result, heard), look, style)
    words = saved(result.saving)
    return lines + (wrapped(f"{words} to save", look, "bold") if words else [])


def _foot(
    result: LintResult, heard: Sequence[LintFinding], look: Look, *, suppressed: bool
) -> list[Line]:
    tiers = Counter(one.fix.tier for one in heard if one.fix is not None and not one.unfixed)
    hints = []
    if tiers["safe"]:
        hints.append(f"lightship fix makes {counted(tiers['safe'], 'safe fix')}")
    if tiers["unsafe"]:
        more = f"--unsafe {tiers['unsafe']} more" if hints else counted(tiers["unsafe"], "fix")
        hints.append(more if hints else f"lightship fix --unsafe makes {more}")
    silent = len(result.findings) - len(heard)
    if silent and not suppressed:
        hints.append(f"--all shows {silent:,} suppressed")
    if heard:
        hints.append("lightship explain RULE says more")
    if result.image is None and result.saving is not None and result.saving.estimated:
        hints.append("≈ is an estimate: --image IMAGE measures it")
    return [[], *wrapped("; ".join(hints), look, "dim")] if hints else []


def _remedy(finding: LintFinding) -> str:
    if finding.fix is not None and finding.unfixed is None:
        return f"fix ({finding.fix.tier}): {finding.fix.title}"
    if finding.unfixed is not None:
        return f"{finding.advice} No fix: {finding.unfixed}."
    return finding.advice


def _told(text: str, look: Look, style: Style = "plain") -> list[Line]:
    pieces = wrap(look.ink(text).text, max(look.width - _INDENT, _NARROWEST)) if text else []
    return [[look.ink(" " * _INDENT), look.ink(piece, style)] for piece in pieces]
