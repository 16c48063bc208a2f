"""`lint`: what makes the image of a Dockerfile big, and what of its build context does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from lightship.api.base_evidence import with_judged_base
from lightship.api.dockerfile_findings import findings_of, together
from lightship.api.dockerfiles import bug, opened
from lightship.api.lint_contexts import LintContexts
from lightship.api.weighing_fixes import weigher
from lightship.model.results.lint import LintedFile, LintResult
from lightship.progress import SILENT
from lightship.rules.choosing import choose
from lightship.rules.discovery import lint_rules
from lightship.rules.smell import DockerfileRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Unpack

    from lightship.api.lint_contexts import Asked
    from lightship.api.options import ReadKeywords
    from lightship.model.finding import Severity
    from lightship.model.results.lint import FileProblem, LintFinding, Saved
    from lightship.rules.suppressing import Ignore

_NO_FIXES = "fixes are for Dockerfiles"
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
    data: Path | None = None,
    **reading: Unpack[ReadKeywords],
) -> LintResult:
    """Say what makes images big in Dockerfiles, and what each of it costs.

    Where a Dockerfile takes files from its build context, the context and its ignore file are
    looked at as well, as BuildKit reads them.

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
        data: the user's data folder, with what `base update` learnt of bases; None for what this
            version of lightship knows, which is the same everywhere.
        reading: how the image is read: fields of `ReadOptions`.

    Returns:
        Findings by file and line; those about an ignore file after those about the Dockerfile, and
        only once if several Dockerfiles use it. Savings are unpacked content bytes, and wire bytes
        (compressed) that are always an estimate.

    Raises:
        UsageError: no rule has a name, or an image is given for several files.
        LightshipError: the image cannot be read, as for `inspect`.
    """
    choice = choose(lint_rules(), select, ignore)
    contexts = None
    if not all(isinstance(rule, DockerfileRule) for rule in choice.rules):
        contexts = LintContexts()
    heard = _Heard()
    weigh_of = weigher(image, platform, reading)
    savings: list[Saved | None] = []
    for one in opened(
        paths_of(paths),
        context=Path(context) if context is not None else None,
        selected=choice.selected,
        image=image,
        progress=reading.get("progress", SILENT),
        data=data,
    ):
        heard.problems += one.problems
        one = with_judged_base(  # noqa: PLW2901 - the same file
            one, choice.selected, image, platform, reading, data=data
        )
        if one.matter is None:
            continue
        named = one.named
        weigh = weigh_of(named, one.matter.build)
        try:
            asked = contexts.of(one) if contexts is not None else None
            found = findings_of(one, choice.rules, weigh=weigh, ignores=ignores, asked=asked)
        except Exception as error:  # noqa: BLE001 - a bug with one file keeps it from no other
            heard.problems.append(bug(named, error))
            continue
        savings.append(weigh.together(one.saving for one in found if one.suppressed is None))
        heard.add(LintedFile(named.shown, named.base64, one.untouched), found, asked)
    least = SEVERITIES.index(fail_on)
    return LintResult(
        failed=any(
            SEVERITIES.index(one.severity) >= least
            for one in heard.findings
            if one.suppressed is None
        ),
        fail_on=fail_on,
        findings=tuple(heard.findings),
        files=tuple(heard.files),
        problems=tuple(heard.problems),
        saving=together(savings),
        image=image,
    )


class _Heard:
    """What was said of one file after the other; of an ignore file that several use, once."""

    def __init__(self) -> None:
        self.findings: list[LintFinding] = []
        self.files: list[LintedFile] = []
        self.problems: list[FileProblem] = []
        self._said: set[tuple[str, str, int, str]] = set()
        self._ignore_files: set[str] = set()

    def add(self, file: LintedFile, findings: Sequence[LintFinding], asked: Asked | None) -> None:
        """Take in a file with what was found in it and in its ignore file."""
        self.files.append(file)
        for one in findings:
            said = (one.path, one.rule, one.line, one.message)
            if one.path == file.path:
                self.findings.append(one)
            elif said not in self._said:
                self._said.add(said)
                self.findings.append(one)
        if asked is None or asked.ignore_file is None:
            return
        place = asked.ignore_file
        has_findings = any(one.path == place.shown for one in findings)
        if place.shown not in self._ignore_files and (has_findings or asked.problem is not None):
            self._ignore_files.add(place.shown)
            if asked.problem is not None:
                self.problems.append(asked.problem)
            else:
                self.files.append(LintedFile(place.shown, place.base64, _NO_FIXES))


def paths_of(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
) -> tuple[str | os.PathLike[str], ...]:
    """One path or several, as several."""
    return (paths,) if isinstance(paths, str | os.PathLike) else tuple(paths)
