"""Rules asked about a Dockerfile and its build context, and what comments suppress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.pragmas import Pragma  # noqa: TC001 - a field's type
from lightship.rules.choosing import LintRule  # noqa: TC001 - likewise
from lightship.rules.discovery import lint_rules
from lightship.rules.dockerfile.unused_ignore import RULE as UNUSED
from lightship.rules.dockerfile.unused_ignore import unused
from lightship.rules.ignore_comments import ignore_pragmas
from lightship.rules.smell import DockerfileRule, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.rules.sending import Sending
    from lightship.rules.smell import Matter


class Said(Struct, frozen=True):
    """What a rule says, and the comment that asks not to hear it, if there is one.

    Attributes:
        rule: whose.
        smell: what it says.
        pragma: the comment, in the Dockerfile or in the ignore file.
        ignore_line: of the ignore file, that it is about; None for the Dockerfile.
    """

    rule: LintRule
    smell: Smell
    pragma: Pragma | None
    ignore_line: int | None = None


def said_of(
    matter: Matter, rules: Sequence[LintRule], sending: Sending | None = None
) -> Iterator[Said]:
    """What the rules say, rule by rule in their order; last, what comments suppress in vain.

    Args:
        matter: the Dockerfile.
        rules: to ask.
        sending: its build context; None to ask only those for Dockerfiles.
    """
    asked = [one for one in rules if sending is not None or isinstance(one, DockerfileRule)]
    pragmas = matter.build.pragmas
    in_context = ignore_pragmas(sending.context.ignore) if sending is not None else None
    used: list[tuple[Pragma, str]] = []
    for rule in asked:
        names = names_of(rule)
        for smell, line in _answers(rule, matter, sending):
            pragma = pragmas.found(smell.position, names)
            if pragma is not None:
                used += [(pragma, name) for name in pragma.names & names]
            elif in_context is not None and not isinstance(rule, DockerfileRule):
                pragma = in_context.found(line, names)
            yield Said(rule, smell, pragma, line)
    if UNUSED in rules and (pragmas.file or pragmas.by_position):
        yield from _unused(matter, asked, used)


def names_of(rule: LintRule) -> frozenset[str]:
    """All that a comment may call a rule, in lower case."""
    return frozenset((rule.name, *(code.lower() for code in rule.codes)))


def _answers(
    rule: LintRule, matter: Matter, sending: Sending | None
) -> Iterator[tuple[Smell, int | None]]:
    """What a rule says, and the line of the ignore file that it is about."""
    if isinstance(rule, DockerfileRule):
        for smell in rule.check(matter):
            yield smell, None
    elif sending is not None:
        for one in rule.check(sending):
            smell = Smell(
                position=one.position,
                message=one.message,
                advice=one.advice,
                severity=one.severity,
                confidence=one.confidence,
            )
            yield smell, one.line


def _unused(
    matter: Matter, rules: Sequence[LintRule], used: Sequence[tuple[Pragma, str]]
) -> Iterator[Said]:
    every = lint_rules()
    known = frozenset[str]().union(*map(names_of, every))
    # A code is only in vain if each rule that answers to it was asked.
    silent = frozenset[str]().union(*(names_of(rule) for rule in every if rule not in rules))
    for smell in unused(matter.build, used, known - silent, known):
        pragma = matter.build.pragmas.found(smell.position, frozenset((UNUSED.name,)))
        yield Said(UNUSED, smell, pragma)


def smells_of(
    matter: Matter, rules: Sequence[DockerfileRule]
) -> Iterator[tuple[DockerfileRule, Smell]]:
    """What the rules say, rule by rule in their order, without what comments suppress."""
    for said in said_of(matter, rules):
        if said.pragma is None and isinstance(said.rule, DockerfileRule):
            yield said.rule, said.smell
