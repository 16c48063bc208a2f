"""Rules asked about a Dockerfile, and what comments in it suppress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.pragmas import Pragma  # noqa: TC001 - a field's type
from lightship.rules.discovery import dockerfile_rules
from lightship.rules.dockerfile.unused_ignore import RULE as UNUSED
from lightship.rules.dockerfile.unused_ignore import unused
from lightship.rules.smell import DockerfileRule, Smell  # noqa: TC001 - likewise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.rules.smell import Matter


class Said(Struct, frozen=True):
    """What a rule says, and the comment that asks not to hear it, if there is one."""

    rule: DockerfileRule
    smell: Smell
    pragma: Pragma | None


def said_of(matter: Matter, rules: Sequence[DockerfileRule]) -> Iterator[Said]:
    """What the rules say, rule by rule in their order; last, what comments suppress in vain."""
    pragmas = matter.build.pragmas
    used: list[tuple[Pragma, str]] = []
    for rule in rules:
        names = names_of(rule)
        for smell in rule.check(matter):
            pragma = pragmas.found(smell.position, names)
            if pragma is not None:
                used += [(pragma, name) for name in pragma.names & names]
            yield Said(rule, smell, pragma)
    if UNUSED in rules and (pragmas.file or pragmas.by_position):
        yield from _unused(matter, rules, used)


def names_of(rule: DockerfileRule) -> frozenset[str]:
    """All that a comment may call a rule, in lower case."""
    return frozenset((rule.name, *(code.lower() for code in rule.codes)))


def _unused(
    matter: Matter, rules: Sequence[DockerfileRule], used: Sequence[tuple[Pragma, str]]
) -> Iterator[Said]:
    every = dockerfile_rules()
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
        if said.pragma is None:
            yield said.rule, said.smell
