"""What `explain` answers: the rules."""

from __future__ import annotations

from msgspec import Struct

from lightship.model.finding import Confidence, Remedy, Severity  # noqa: TC001 - for who decodes


class RulePage(Struct, frozen=True):
    """One rule.

    Attributes:
        name: as `lightship explain` takes it.
        title: in a few words.
        severity: of its findings, unless one says otherwise.
        confidence: likewise.
        remedy: what resolves its findings.
        quiet_below_bytes: a warning that frees less is an info, unless the remedy is `change`.
        advice: what to do, in one sentence.
        page: Markdown: what it finds, why it matters, what to do, what it cannot see.
    """

    name: str
    title: str
    severity: Severity
    confidence: Confidence
    remedy: Remedy
    quiet_below_bytes: int
    advice: str
    page: str


class RulesResult(Struct, frozen=True):
    """Schema `lightship.rules/1`. One rule that was asked for, or all of them by name."""

    rules: tuple[RulePage, ...]
    schema: str = "lightship.rules/1"
