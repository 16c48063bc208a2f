"""Rules asked about an image: their claims become findings, with figures, order and evidence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.analysis.removal import Freed, Removals
from lightship.model.finding import Finding
from lightship.printable import base64_of, decode_path
from lightship.rules.evidence import at_path, instruction_of
from lightship.rules.image.unused_suppression import RULE as UNUSED
from lightship.rules.image.unused_suppression import unused
from lightship.rules.parting import part
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lightship.model.finding import Evidence, Severity
    from lightship.rules.rule import Claim, Rule, Subject
    from lightship.rules.suppressing import Ignore

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
_FIGURE = re.compile(r"\{(bytes|wire|files)\}")


class Judgement(Struct, frozen=True):
    """What the rules say about an image.

    Attributes:
        findings: by severity, then by what they free, then by name; the suppressed ones last.
        freed: what removing the paths of all that are not suppressed frees together; what other
            remedies free (`strip`, `rebuild`, `share`) is not in it.
    """

    findings: tuple[Finding, ...]
    freed: Freed


class _Figures(Struct, frozen=True):
    """What a claim frees, and its evidence."""

    removable_bytes: int
    wire_bytes: int
    files: int
    evidence: Sequence[Evidence]
    freed: Freed


def judge(
    subject: Subject, rules: Iterable[Rule], *, listed: int, ignores: Sequence[Ignore] = ()
) -> tuple[Finding, ...]:
    """What the rules find, as `judgement` orders it."""
    return judgement(subject, rules, listed=listed, ignores=ignores).findings


def judgement(
    subject: Subject, rules: Iterable[Rule], *, listed: int, ignores: Sequence[Ignore] = ()
) -> Judgement:
    """Ask every rule; a claim to remove paths that frees no byte is no finding, unless an error.

    Args:
        subject: the image.
        rules: to ask. A rule with a bug stops everything: it is to be mended, not passed over.
        listed: how much evidence a finding lists at most; it always counts all.
        ignores: suppressions; what they hold for becomes findings of its own, with their reason.
    """
    asked = tuple(rules)
    judge_of = _Judge(subject, listed)
    used: set[int] = set()
    for rule in asked:
        own = [ignore for ignore in ignores if ignore.rule == rule.name]
        for claim in rule.check(subject):
            for piece, ignore in part(claim, own, subject.ledger.tree):
                if judge_of.add(rule, piece, ignore) and ignore is not None:
                    used.add(id(ignore))
    names = {rule.name for rule in asked}
    own = [ignore for ignore in ignores if ignore.rule == UNUSED.name]
    idle = [one for one in ignores if id(one) not in used and one.rule in names]
    for claim in unused(idle) if UNUSED.name in names else ():
        judge_of.add(UNUSED, claim, own[0] if own else None)
    return judge_of.judgement()


class _Judge:
    """Collects the findings about one image."""

    def __init__(self, subject: Subject, listed: int) -> None:
        self._subject = subject
        self._listed = listed
        self._removals = Removals(subject.ledger)
        self._made_by: dict[int, str | None] = {}
        self._findings: list[Finding] = []
        self._freed: list[Freed] = []

    def add(self, rule: Rule, claim: Claim, ignore: Ignore | None) -> bool:
        """Make a finding of a claim; False if there is nothing to it."""
        figures = self._figures(claim)
        severity = _severity(rule, claim, figures.removable_bytes)
        if claim.paths and not figures.removable_bytes and severity != "error":
            return False
        if ignore is None:
            self._freed.append(figures.freed)
        paths = sorted(set(claim.paths))
        encoded = tuple(base64_of(path) for path in paths[: self._listed])
        ranked = sorted(figures.evidence, key=lambda one: (-one.bytes, one.path or ""))
        self._findings.append(
            Finding(
                rule=rule.name,
                title=rule.title,
                severity=severity,
                confidence=claim.confidence or rule.confidence,
                remedy=rule.remedy,
                message=_filled(claim.message, figures),
                advice=claim.advice or rule.advice,
                removable_bytes=figures.removable_bytes,
                wire_bytes=figures.wire_bytes,
                files=figures.files,
                evidence=tuple(self._with_instruction(one) for one in ranked[: self._listed]),
                evidence_count=len(ranked),
                paths=tuple(decode_path(path) for path in paths[: self._listed]),
                paths_count=len(paths),
                paths_base64=encoded if any(encoded) else None,
                suppressed=ignore.reason if ignore is not None else None,
            )
        )
        return True

    def judgement(self) -> Judgement:
        """Everything, in order."""
        return Judgement(
            tuple(sorted(self._findings, key=_rank)), self._removals.together(self._freed)
        )

    def _figures(self, claim: Claim) -> _Figures:
        if not claim.paths:
            return _Figures(
                claim.removable_bytes, claim.wire_bytes, claim.files, claim.evidence, Freed()
            )
        freed, parts = self._removals.parts(claim.paths)
        evidence: Sequence[Evidence] = claim.evidence or [
            at_path(one.path, one.content_bytes, layer=one.layer) for one in parts
        ]
        return _Figures(freed.content_bytes, freed.wire_bytes, freed.files, evidence, freed)

    def _with_instruction(self, evidence: Evidence) -> Evidence:
        if evidence.created_by is not None or evidence.layer is None:
            return evidence
        if evidence.layer not in self._made_by:
            self._made_by[evidence.layer] = instruction_of(self._subject, evidence.layer)
        return msgspec.structs.replace(evidence, created_by=self._made_by[evidence.layer])


def _severity(rule: Rule, claim: Claim, removable_bytes: int) -> Severity:
    severity = claim.severity or rule.severity
    frees = rule.remedy != "change"
    if severity == "warning" and frees and removable_bytes < rule.quiet_below_bytes:
        return "info"
    return severity


def _filled(message: str, figures: _Figures) -> str:
    """The message with its figures; braces in foreign names stay as they are."""
    files = f"{figures.files:,} file" + ("s" if figures.files != 1 else "")
    values = {
        "bytes": format_bytes(figures.removable_bytes),
        "wire": format_bytes(figures.wire_bytes),
        "files": files,
    }
    return _FIGURE.sub(lambda found: values[found[1]], message)


def _rank(finding: Finding) -> tuple[bool, int, int, str, str]:
    return (
        finding.suppressed is not None,
        _SEVERITIES.index(finding.severity),
        -finding.removable_bytes,
        finding.rule,
        finding.message,
    )
