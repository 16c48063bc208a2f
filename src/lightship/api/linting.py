"""`lint`: what makes the image of a Dockerfile big."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from lightship.api.dockerfile_findings import findings_of, together
from lightship.api.dockerfiles import bug, opened
from lightship.api.weighing_fixes import weigher
from lightship.model.results.lint import LintedFile, LintResult
from lightship.progress import SILENT
from lightship.rules.choosing import choose
from lightship.rules.discovery import dockerfile_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Unpack

    from lightship.api.options import ReadKeywords
    from lightship.model.finding import Severity
    from lightship.model.results.lint import FileProblem, LintFinding, Saved
    from lightship.rules.suppressing import Ignore

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")


def lint(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = ".",
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    fail_on: Severity = "warning",
    image: str | None = None,
    platform: str | None = None,
    context: str | os.PathLike[str] | None = None,
    ignores: Sequence[Ignore] = (),
    **reading: Unpack[ReadKeywords],
) -> LintResult:
    """Say what makes images big in Dockerfiles, and what each of it costs.

    What is wrong with one file is told in the result and keeps it from no other.

    Args:
        paths: of a file or a folder, or several; in folders every Dockerfile and Containerfile.
            `-` is standard input.
        select: names of rules to ask, or hadolint's codes; `default` for those that are asked
            anyway. By default those.
        ignore: names or codes of rules not to ask.
        fail_on: the least severity that makes the result `failed`.
        image: one that the Dockerfile built, a reference as for `inspect`: savings are measured in
            it instead of estimated. Only for a single file.
        platform: of the image, as for `inspect`.
        context: the build context; by default each file's own folder.
        ignores: suppressions of settings files.
        reading: how the image is read: fields of `ReadOptions`.

    Returns:
        Findings by file and line. Savings are unpacked content bytes, and wire bytes (compressed)
        that are always an estimate.

    Raises:
        UsageError: no rule has a name, or an image is given for several files.
        LightshipError: the image cannot be read, as for `inspect`.
    """
    choice = choose(dockerfile_rules(), select, ignore)
    weigh_of = weigher(image, platform, reading)
    findings: list[LintFinding] = []
    files: list[LintedFile] = []
    problems: list[FileProblem] = []
    savings: list[Saved | None] = []
    for one in opened(
        paths_of(paths),
        context=Path(context) if context is not None else None,
        selected=choice.selected,
        image=image,
        progress=reading.get("progress", SILENT),
    ):
        problems += one.problems
        if one.matter is None:
            continue
        named = one.named
        weigh = weigh_of(named, one.matter.build)
        try:
            found = findings_of(one, choice.rules, weigh=weigh, ignores=ignores)
        except Exception as error:  # noqa: BLE001 - a bug with one file keeps it from no other
            problems.append(bug(named, error))
            continue
        findings += found
        savings.append(weigh.together(one.saving for one in found if one.suppressed is None))
        files.append(LintedFile(named.shown, named.base64, one.untouched))
    heard = [one for one in findings if one.suppressed is None]
    least = SEVERITIES.index(fail_on)
    return LintResult(
        failed=any(SEVERITIES.index(one.severity) >= least for one in heard),
        fail_on=fail_on,
        findings=tuple(findings),
        files=tuple(files),
        problems=tuple(problems),
        saving=together(savings),
        image=image,
    )


def paths_of(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
) -> tuple[str | os.PathLike[str], ...]:
    """One path or several, as several."""
    return (paths,) if isinstance(paths, str | os.PathLike) else tuple(paths)
