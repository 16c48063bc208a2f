"""The rules by name, with their pages: for images, for Dockerfiles and for build contexts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from lightship.model.results.rules import RulePage, RulesResult
from lightship.rules.discovery import context_rules, dockerfile_rules, image_rules
from lightship.rules.suppressing import unknown_rule

if TYPE_CHECKING:
    from lightship.rules.rule import Rule
    from lightship.rules.sending import ContextRule
    from lightship.rules.smell import DockerfileRule


def rule_pages(name: str | None = None) -> RulesResult:
    """The rule of that name, those that answer to that code of hadolint's; for None all, by name.

    Raises:
        UsageError: there is none of that name.
    """
    found = [
        *map(_of_images, image_rules()),
        *map(_of_dockerfiles, dockerfile_rules()),
        *map(_of_contexts, context_rules()),
    ]
    pages = {page.name: page for page in sorted(found, key=lambda page: page.name)}
    if name is None:
        return RulesResult(tuple(pages.values()))
    wanted = name.strip().lower().replace("_", "-")
    if wanted in pages:
        return RulesResult((pages[wanted],))
    coded = tuple(page for page in pages.values() if wanted.upper() in page.codes)
    if not coded:
        raise unknown_rule(name, pages)
    return RulesResult(coded)


def _of_images(rule: Rule) -> RulePage:
    return replace(
        _page(rule, "image"), remedy=rule.remedy, quiet_below_bytes=rule.quiet_below_bytes
    )


def _of_dockerfiles(rule: DockerfileRule) -> RulePage:
    page = _page(rule, "dockerfile")
    return replace(page, fixes=rule.fixes, codes=rule.codes, asked=rule.asked)


def _of_contexts(rule: ContextRule) -> RulePage:
    return replace(_page(rule, "context"), asked=rule.asked)


def _page(
    rule: Rule | DockerfileRule | ContextRule, looks_at: Literal["image", "dockerfile", "context"]
) -> RulePage:
    """What all rules have; the rest is as for a rule that removes and fixes nothing."""
    return RulePage(
        name=rule.name,
        looks_at=looks_at,
        title=rule.title,
        severity=rule.severity,
        confidence=rule.confidence,
        remedy=None,
        quiet_below_bytes=None,
        fixes=(),
        codes=(),
        asked=True,
        advice=rule.advice,
        page=rule.page.strip() + "\n",
    )
