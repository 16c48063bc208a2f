"""The rules by name, with their pages."""

from __future__ import annotations

from lightship.model.results.rules import RulePage, RulesResult
from lightship.rules.discovery import image_rules
from lightship.rules.suppressing import unknown_rule


def rule_pages(name: str | None = None) -> RulesResult:
    """The rule of that name; all rules, by name, for None.

    Raises:
        UsageError: there is none of that name.
    """
    pages = {
        rule.name: RulePage(
            name=rule.name,
            title=rule.title,
            severity=rule.severity,
            confidence=rule.confidence,
            remedy=rule.remedy,
            quiet_below_bytes=rule.quiet_below_bytes,
            advice=rule.advice,
            page=rule.page.strip() + "\n",
        )
        for rule in image_rules()
    }
    if name is None:
        return RulesResult(tuple(pages.values()))
    wanted = name.strip().lower().replace("_", "-")
    if wanted not in pages:
        raise unknown_rule(name, pages)
    return RulesResult((pages[wanted],))
