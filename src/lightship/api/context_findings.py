"""What the rules for build contexts say, as `context show` tells it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, get_args

from lightship.model.finding import Severity
from lightship.model.results.context import Amount, ContextFinding
from lightship.rules.discovery import context_rules
from lightship.rules.ignore_comments import ignore_pragmas

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.rules.sending import ContextRule, ContextSmell, Sending
    from lightship.rules.suppressing import Ignore

_SEVERITIES: tuple[Severity, ...] = get_args(Severity)


def context_findings(
    sending: Sending, *, ignores: Iterable[Ignore] = ()
) -> tuple[ContextFinding, ...]:
    """What the rules find in a context, the worst first; not what somebody has suppressed.

    Comments in the Dockerfile and in the ignore file count.

    Args:
        sending: the context, and the walk through it.
        ignores: what settings files suppress.
    """
    in_ignore_file = ignore_pragmas(sending.context.ignore)
    build = sending.context.build
    away = tuple(ignores)
    found = []
    for rule in context_rules():
        names = frozenset((rule.name,))
        for smell in rule.check(sending):
            if in_ignore_file.found(smell.line, names) is not None:
                continue
            if build is not None and build.pragmas.found(smell.position, names) is not None:
                continue
            one = _finding(sending, rule, smell)
            if not any(ig.rule == rule.name and ig.holds_for(one.file or "") for ig in away):
                found.append(one)
    return tuple(sorted(found, key=lambda one: _SEVERITIES.index(one.severity)))


def _finding(sending: Sending, rule: ContextRule, smell: ContextSmell) -> ContextFinding:
    context = sending.context
    file, line = None, None
    if smell.line is not None:
        file, line = context.ignore_name, smell.line
    elif smell.position is not None and context.build is not None:
        outside = os.fspath(context.outside) if context.outside is not None else None
        file = context.dockerfile or outside
        line = context.build.steps[smell.position].line if file is not None else None
    known = smell.files is not None and smell.content_bytes is not None
    return ContextFinding(
        rule=rule.name,
        title=rule.title,
        severity=smell.severity or rule.severity,
        confidence=smell.confidence or rule.confidence,
        message=smell.message,
        advice=smell.advice or rule.advice,
        file=file,
        line=line,
        paths=smell.paths,
        amount=Amount(smell.files or 0, smell.content_bytes or 0) if known else None,
    )
