"""Which rules `lint` and `fix` ask: chosen by their names, or by hadolint's codes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from msgspec import Struct

from lightship.rules.sending import ContextRule
from lightship.rules.smell import DockerfileRule
from lightship.rules.suppressing import unknown_rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LintRule: TypeAlias = DockerfileRule | ContextRule
"""What `lint` asks."""
R = TypeVar("R", bound=LintRule)
DEFAULT = "default"
"""Stands for all rules that are asked without being named."""
_CODE = re.compile(r"(DL|SC)[0-9]{4}")


class Choice(Struct, Generic[R], frozen=True):
    """The rules to ask, in the order of their names; and which of them somebody named."""

    rules: tuple[R, ...]
    selected: frozenset[str]


def choose(rules: Sequence[R], select: Iterable[str] = (), ignore: Iterable[str] = ()) -> Choice[R]:
    """Those that are selected, without those that are ignored.

    Args:
        rules: all that there are.
        select: names, or codes of hadolint; `default` for those that are asked anyway. Without
            any, those.
        ignore: likewise; a code of hadolint that no rule answers to is nothing to ignore.

    Raises:
        UsageError: no rule has a name.
    """
    wanted = [name for written in select for name in names_in(written)]
    unwanted = [name for written in ignore for name in names_in(written)]
    named: set[str] = set()
    chosen: set[str] = set()
    for name in wanted or [DEFAULT]:
        found = _found(rules, name)
        chosen |= found
        if name != DEFAULT:
            named |= found
    for name in unwanted:
        nothing = frozenset[str]() if _CODE.fullmatch(name.upper()) else None
        away = _found(rules, name, nothing)
        chosen -= away
        named -= away
    kept = tuple(rule for rule in rules if rule.name in chosen)
    return Choice(kept, frozenset(named))


def names_in(written: str) -> list[str]:
    """The names in a list with commas, as rules are named: `Unused_Stage` is `unused-stage`."""
    return [name.strip().lower().replace("_", "-") for name in written.split(",") if name.strip()]


def _found(
    rules: Sequence[LintRule], name: str, otherwise: frozenset[str] | None = None
) -> frozenset[str]:
    if name == DEFAULT:
        return frozenset(rule.name for rule in rules if rule.asked)
    found = frozenset(
        rule.name for rule in rules if rule.name == name or name.upper() in rule.codes
    )
    if found:
        return found
    if otherwise is not None:
        return otherwise
    raise unknown_rule(name, [DEFAULT, *(rule.name for rule in rules)])
