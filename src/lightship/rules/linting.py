"""Rules asked about a Dockerfile, and what comments in it suppress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.pragmas import Pragma  # noqa: TC001 - a field's type
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
    """What the rules say, rule by rule in their order."""
    pragmas = matter.build.pragmas
    for rule in rules:
        names = frozenset((rule.name, *rule.codes))
        for smell in rule.check(matter):
            yield Said(rule, smell, pragmas.found(smell.position, names))


def smells_of(
    matter: Matter, rules: Sequence[DockerfileRule]
) -> Iterator[tuple[DockerfileRule, Smell]]:
    """What the rules say, rule by rule in their order, without what comments suppress."""
    for said in said_of(matter, rules):
        if said.pragma is None:
            yield said.rule, said.smell
