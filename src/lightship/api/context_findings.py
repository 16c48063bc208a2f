"""What the rules for build contexts say, as `context show` tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.results.context import Amount, ContextFinding
from lightship.rules.discovery import context_rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.rules.sending import ContextRule, ContextSmell, Sending
    from lightship.rules.suppressing import Ignore


def context_findings(
    sending: Sending, *, ignores: Iterable[Ignore] = ()
) -> tuple[ContextFinding, ...]:
    """What the rules find in a context, the worst first; not what somebody has suppressed.

    Args:
        sending: the context, and the walk through it.
        ignores: what settings files suppress.
    """
    del ignores
    return tuple(
        _finding(sending, rule, smell) for rule in context_rules() for smell in rule.check(sending)
    )


def _finding(sending: Sending, rule: ContextRule, smell: ContextSmell) -> ContextFinding:
    known = smell.files is not None and smell.content_bytes is not None
    return ContextFinding(
        rule=rule.name,
        title=rule.title,
        severity=smell.severity or rule.severity,
        confidence=smell.confidence or rule.confidence,
        message=smell.message,
        advice=smell.advice or rule.advice,
        file=sending.context.ignore_name if smell.line is not None else None,
        line=smell.line,
        paths=smell.paths,
        amount=Amount(smell.files or 0, smell.content_bytes or 0) if known else None,
    )
