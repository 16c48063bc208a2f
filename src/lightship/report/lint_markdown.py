"""`lint` as Markdown, for job summaries and comments on pull and merge requests."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from lightship.report.lint_text import headline
from lightship.report.markdown import code, fitting, prose, table
from lightship.report.saved_words import saved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.model.results.lint import LintFinding, LintResult

_MARKS = {"error": "❌ error", "warning": "⚠️ warning", "info": "info"}


def to_markdown(result: LintResult) -> str:
    """A heading with the verdict, what there is to save, and a table for each file."""
    verdict = "❌ fail" if result.failed or result.problems else "✅ pass"
    heard = [one for one in result.findings if one.suppressed is None]
    blocks = [f"### lightship lint: {verdict}", prose(headline(result))]
    if result.problems:
        blocks.append(
            "\n".join(f"- {_problem(one.path, one.line, one.message)}" for one in result.problems)
        )
    for path, found in groupby(heard, key=lambda one: one.path):
        blocks.append(code(path))
        rows = [list(_row(one)) for one in found]
        blocks.append(table(("line", "", "rule", "saves", "what", "what to do"), rows))
    return fitting(blocks)


def _problem(path: str, line: int | None, message: str) -> str:
    return f"{code(path if line is None else f'{path}:{line}')}: {prose(message)}"


def _row(finding: LintFinding) -> Iterator[str]:
    yield str(finding.line)
    yield _MARKS[finding.severity]
    yield prose(finding.rule)
    yield saved(finding.saving)
    yield prose(finding.message)
    if finding.fix is not None:
        yield prose(f"{finding.fix.tier} fix: {finding.fix.title}")
    else:
        yield prose(finding.advice)
