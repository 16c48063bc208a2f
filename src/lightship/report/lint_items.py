"""What `lint` found, one item each, in words that every format of it can use."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, get_args

from msgspec.structs import replace

from lightship.model.finding import Severity
from lightship.report.ci_report import Item, ItemVerdict, Place, Report, file_name, sentence, short
from lightship.report.lint_text import headline
from lightship.report.saved_words import saved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.model.results.lint import FileProblem, LintFinding, LintResult

_VERDICTS: dict[Severity, ItemVerdict] = {"error": "fail", "warning": "warn", "info": "note"}
_SEVERITIES: tuple[Severity, ...] = get_args(Severity)
_PROBLEM = "dockerfile-problem"


def report_of(result: LintResult) -> Report:
    """The result as every system takes it: what was found, and what files could not be read."""
    failing = {
        one for one in _SEVERITIES if _SEVERITIES.index(one) <= _SEVERITIES.index(result.fail_on)
    }
    found = [_finding(one, failing) for one in result.findings if one.suppressed is None]
    found += [_problem(one) for one in result.problems]
    if not found:
        found = [_clean(one.path) for one in result.files]
    return Report(
        command="lightship lint",
        verdict="fail" if result.failed or result.problems else "pass",
        headline=headline(result),
        subject="",
        place=None,
        suite="Dockerfiles",
        category="lint",
        fingerprints="lightshipFinding/v1",
        items=tuple(_told_apart(found)),
    )


def _finding(finding: LintFinding, failing: set[Severity]) -> Item:
    words = saved(finding.saving)
    causes = [f"Saves {words}."] if words else []
    if finding.instruction:
        causes.append(short(finding.instruction))
    if finding.fix is not None:
        causes.append(sentence(f"lightship fix ({finding.fix.tier}): {finding.fix.title}"))
    file = file_name(finding.path)
    return Item(
        rule=finding.rule,
        name=finding.rule,
        key=f"{finding.rule} {file}:{finding.line}",
        title=short(finding.title),
        about=sentence(finding.title),
        level=_VERDICTS[finding.severity],
        verdict=_VERDICTS[finding.severity],
        fails=finding.severity in failing,
        message=sentence(finding.message),
        advice=sentence(finding.advice),
        causes=tuple(causes),
        place=Place(file, finding.line, finding.end_line, finding.column),
        fingerprint=finding.fingerprint,
    )


def _problem(problem: FileProblem) -> Item:
    file = file_name(problem.path)
    return Item(
        rule=_PROBLEM,
        name=_PROBLEM,
        key=f"{_PROBLEM} {file}:{problem.line or 1}",
        title="File that cannot be built",
        about="The file cannot be read, or a builder would refuse it.",
        verdict="fail",
        fails=True,
        message=sentence(problem.message),
        advice="",
        place=Place(file, problem.line or 1),
        fingerprint=_fingerprint(_PROBLEM, file, problem.message),
    )


def _fingerprint(*parts: str) -> str:
    told = "\0".join(("lightship lint", *parts))
    return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def _clean(path: str) -> Item:
    """A test that passes: a report without any looks as if nothing had run."""
    file = file_name(path)
    return Item(
        rule="dockerfile",
        name=file,
        key=file,
        title="Dockerfile",
        about="The file was read, and nothing was found in it.",
        verdict="pass",
        fails=False,
        message="Nothing found.",
        advice="",
        place=Place(file),
        fingerprint=_fingerprint(file),
    )


def _told_apart(found: list[Item]) -> Iterator[Item]:
    """Each with a key of its own: systems drop the second of one name."""
    seen: Counter[str] = Counter()
    for item in found:
        seen[item.key] += 1
        yield item if seen[item.key] == 1 else replace(item, key=f"{item.key} ({seen[item.key]})")
