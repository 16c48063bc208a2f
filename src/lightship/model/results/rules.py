"""What `explain` answers: the rules."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from lightship.model.finding import Confidence, Remedy, Severity  # noqa: TC001 - for who decodes


class RulePage(Struct, frozen=True):
    """One rule.

    Attributes:
        name: as `lightship explain` takes it.
        looks_at: what it is about: images (`inspect`) or Dockerfiles (`lint`, `fix`).
        title: in a few words.
        severity: of its findings, unless one says otherwise.
        confidence: likewise.
        remedy: what resolves its findings; None for Dockerfiles.
        quiet_below_bytes: a warning that frees less is an info, unless the remedy is `change`; None
            for Dockerfiles.
        fixes: the tiers of fixes that `lightship fix` may make; none for images.
        codes: of hadolint's rules whose suppressions hold for it too.
        asked: whether it is asked without being selected by name.
        advice: what to do, in one sentence.
        page: Markdown: what it finds, why it matters, what to do, what it cannot see.
    """

    name: str
    looks_at: Literal["image", "dockerfile"]
    title: str
    severity: Severity
    confidence: Confidence
    remedy: Remedy | None
    quiet_below_bytes: int | None
    fixes: tuple[Literal["safe", "unsafe"], ...]
    codes: tuple[str, ...]
    asked: bool
    advice: str
    page: str


class RulesResult(Struct, frozen=True):
    """Schema `lightship.rules/1`. One rule that was asked for, or all of them by name."""

    rules: tuple[RulePage, ...]
    schema: str = "lightship.rules/1"
