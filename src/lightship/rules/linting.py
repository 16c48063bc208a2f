"""Rules asked about a Dockerfile, and what comments in it suppress."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.rules.smell import DockerfileRule, Matter, Smell


def smells_of(
    matter: Matter, rules: Sequence[DockerfileRule]
) -> Iterator[tuple[DockerfileRule, Smell]]:
    """What the rules say, rule by rule in their order, without what comments suppress."""
    pragmas = matter.build.pragmas
    for rule in rules:
        names = frozenset((rule.name, *rule.codes))
        for smell in rule.check(matter):
            if pragmas.found(smell.position, names) is None:
                yield rule, smell
