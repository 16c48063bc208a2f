"""Which rules there are.

For images every module of `rules/image/` that has a `RULE`, and the rows of a table; for
Dockerfiles every module of `rules/dockerfile/` that has a `RULE` or `RULES`, and for build contexts
those of `rules/context/`.

Nothing is imported before somebody asks: a command that judges nothing pays for no rule.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from lightship.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lightship.layers.captures import CaptureRequest
    from lightship.rules.rule import Rule
    from lightship.rules.sending import ContextRule
    from lightship.rules.smell import DockerfileRule

_CONTEXT_RULES = "lightship.rules.context"
_DOCKERFILE_RULES = "lightship.rules.dockerfile"
_RULES = "lightship.rules.image"
_ROWS = "lightship.rules.removable_paths"


@cache
def image_rules() -> tuple[Rule, ...]:
    """All rules for images, by name.

    Raises:
        InternalError: two have one name.
        Exception: whatever importing a rule's module raises; a rule is never just left out.
    """
    rules: list[Rule] = sorted([*_found(_RULES), *_rows()], key=lambda rule: rule.name)
    _told_apart(rules)
    return tuple(rules)


@cache
def dockerfile_rules() -> tuple[DockerfileRule, ...]:
    """All rules for Dockerfiles, by name, those that are only asked by name among them.

    Raises:
        InternalError: two have one name.
        Exception: whatever importing a rule's module raises.
    """
    rules: list[DockerfileRule] = sorted(_found(_DOCKERFILE_RULES), key=lambda rule: rule.name)
    _told_apart(rules)
    return tuple(rules)


@cache
def context_rules() -> tuple[ContextRule, ...]:
    """All rules for build contexts, by name, also those that `lint` does not ask.

    Raises:
        InternalError: two have one name.
        Exception: whatever importing a rule's module raises.
    """
    rules: list[ContextRule] = sorted(_found(_CONTEXT_RULES), key=lambda rule: rule.name)
    _told_apart(rules)
    return tuple(rules)


def lint_rules() -> tuple[DockerfileRule | ContextRule, ...]:
    """All rules that `lint` knows: those for Dockerfiles, then those for build contexts."""
    return (*dockerfile_rules(), *context_rules())


def rule_requests(rules: Iterable[Rule] | None = None) -> tuple[CaptureRequest, ...]:
    """What the rules, by default all, want captured beside what package systems do; each once.

    Raises:
        InternalError: two different requests have one name.
    """
    requests: dict[str, CaptureRequest] = {}
    for rule in image_rules() if rules is None else rules:
        for request in rule.requests:
            if requests.setdefault(request.name, request) != request:
                raise InternalError(f"two capture requests are named {request.name!r}")
    return tuple(requests[name] for name in sorted(requests))


def _told_apart(rules: Sequence[Rule | DockerfileRule | ContextRule]) -> None:
    for one, other in pairwise(rules):
        if one.name == other.name:
            raise InternalError(f"two rules are named {one.name!r}")


def _found(package: str) -> Iterator[Any]:
    """Every `RULE` and `RULES` of a package's modules."""
    for module in pkgutil.iter_modules(import_module(package).__path__):
        imported = import_module(f"{package}.{module.name}")
        yield from getattr(imported, "RULES", ())
        if hasattr(imported, "RULE"):
            yield imported.RULE


def _rows() -> tuple[Rule, ...]:
    rows: tuple[Rule, ...] = import_module(_ROWS).RULES
    return rows
