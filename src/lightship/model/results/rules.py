"""What `explain` answers: the rules."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from lightship.model.finding import Confidence, Remedy, Severity  # noqa: TC001 - for who decodes


class RulePage(Struct, frozen=True):
    """One rule.

    Attributes:
        name: as `lightship explain` takes it.
        looks_at: what it is about: images (`inspect`), Dockerfiles (`lint`, `fix`) or build
            contexts (`lint`, `context show`).
        title: in a few words.
        severity: of its findings, unless one says otherwise.
        confidence: likewise.
        remedy: what resolves its findings; None for all but images.
        quiet_below_bytes: a warning that frees less is an info, unless the remedy is `change`; None
            for all but images.
        fixes: the tiers of fixes that `lightship fix` may make; none but for Dockerfiles.
        codes: of hadolint's rules whose suppressions hold for it too.
        asked: whether `inspect` or `lint` asks it without its being selected by name.
        advice: what to do, in one sentence.
        page: Markdown: what it finds, why it matters, what to do, what it cannot see.
    """

    name: str
    looks_at: Literal["image", "dockerfile", "context"]
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
