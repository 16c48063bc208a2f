"""The gate: which limits hold for an image, and where each of them comes from."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import UsageError
from lightship.policy.budgets import BUDGETS, BY_LIMIT
from lightship.policy.limits import Limit, parse_limit, parse_patterns
from lightship.policy.profiles import NO_PROFILE, Profile, find_profile
from lightship.settings import COMMAND_LINE, Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lightship.filetree.patterns import Pattern
    from lightship.policy.budgets import Budget

PROFILE = "profile"
_PREFIX = "LIGHTSHIP_CHECK_"
BASELINE_VARIABLE = f"{_PREFIX}BASELINE"
"""Where a baseline may stand besides the command line: never in a project's file."""
_KEYS = (*BY_LIMIT, PROFILE)


class Forbidden(Struct, frozen=True):
    """A pattern for paths, the budget it belongs to, and where it comes from."""

    pattern: Pattern
    budget: str
    origin: str


class Gate(Struct, frozen=True, kw_only=True):
    """All that an image is held against.

    Attributes:
        limits: by name, `max-wire` or `warn-wire`.
        forbidden: patterns for paths.
        profile: the one that was chosen.
    """

    limits: Mapping[str, Limit]
    forbidden: tuple[Forbidden, ...] = ()
    profile: Profile | None = None

    def __bool__(self) -> bool:
        return bool(self.limits or self.forbidden)

    @property
    def weighs_wire(self) -> bool:
        """Whether a limit is on bytes that may be an estimate."""
        return any(
            name in self.limits
            for budget in BUDGETS
            if budget.unit == "bytes" and not budget.needs_layers
            for name in budget.limit_names
        )

    @property
    def counts_growth(self) -> bool:
        """Whether a limit needs a baseline."""
        return any(BY_LIMIT[name].kind == "growth" for name in self.limits)

    def of(self, budget: Budget) -> tuple[Limit | None, Limit | None]:
        """A budget's limits: where it warns, where it fails."""
        if budget.kind != "paths":
            return self.limits.get(budget.warn_name), self.limits.get(budget.name)
        patterns = self.patterns(budget)
        if not patterns:
            return None, None
        # No path at all may match.
        limit = Limit(
            0,
            ", ".join(one.pattern.written for one in patterns),
            ", ".join(dict.fromkeys(one.origin for one in patterns)),
        )
        return (None, limit) if budget.fail_name else (limit, None)

    def patterns(self, budget: Budget) -> tuple[Forbidden, ...]:
        """The patterns of a budget on paths."""
        return tuple(one for one in self.forbidden if one.budget == budget.name)

    def given_by(self, budget: Budget, origin: str) -> list[str]:
        """Names of the budget's limits that come from there."""
        if budget.kind == "paths":
            return [one.budget for one in self.patterns(budget) if one.origin == origin]
        return [
            name
            for name in budget.limit_names
            if name in self.limits and self.limits[name].origin == origin
        ]

    def rows(self) -> list[tuple[str, str, str]]:
        """Name, limit as written and origin of everything, in the order of the budgets."""
        rows = []
        for budget in BUDGETS:
            for name in budget.limit_names:
                limit = self.limits.get(name)
                if limit is not None:
                    rows.append((name, limit.written, limit.origin))
            rows += [(one.budget, one.pattern.written, one.origin) for one in self.patterns(budget)]
        return rows


def places(
    given: Mapping[str, object],
    environment: Mapping[str, str],
    files: Iterable[Section],
    *,
    origin: str = COMMAND_LINE,
) -> tuple[Section, ...]:
    """Everywhere that limits may come from, the first to win first.

    Args:
        given: limits by name as the caller gives them; None and empty lists are not given.
        environment: where `LIGHTSHIP_CHECK_*` is looked up.
        files: their `[check]` tables, the nearest first.
        origin: what to call the caller.

    Raises:
        UsageError: a variable begins as those of limits do, and names none: it would go unseen.
    """
    wanted = {name: value for name, value in given.items() if value is not None and value != ()}
    found = [Section(wanted, origin)]
    variables = {_PREFIX + key.upper().replace("-", "_"): key for key in _KEYS}
    for variable, value in environment.items():
        if not value or not variable.startswith(_PREFIX) or variable == BASELINE_VARIABLE:
            continue
        if variable not in variables:
            close = get_close_matches(variable, variables, 1)
            hint = f"Did you mean {close[0]}?" if close else "Unset it."
            raise UsageError(f"environment, {variable}: no limit of that name", hint)
        found.append(Section({variables[variable]: value}, f"environment, {variable}"))
    return (*found, *files)


def gate_from(sections: Sequence[Section], profiles: Iterable[Section]) -> Gate:
    """The gate that these places make.

    The first place that gives a limit wins; the profile, which the first place that names one
    chooses, comes last. Patterns for paths add up: a gate must not lose one unseen.

    Raises:
        UsageError: a key is unknown, a value is wrong, or there is no such profile.
    """
    tables = [Section(_checked(section), section.origin) for section in sections]
    profile = _profile(tables, profiles)
    if profile is not None:
        tables.append(Section(_checked(Section(profile.limits, profile.origin)), profile.origin))
    limits: dict[str, Limit | None] = {}
    forbidden: dict[tuple[str, str], Forbidden] = {}
    for section in tables:
        reasons = profile.reasons if profile and section.origin == profile.origin else {}
        for name, value in section.table.items():
            if name == PROFILE:
                continue
            budget = BY_LIMIT[name]
            try:
                if budget.kind == "paths":
                    for pattern in parse_patterns(value):
                        one = Forbidden(pattern, name, section.origin)
                        forbidden.setdefault((pattern.written, name), one)
                    continue
                limit = parse_limit(budget, value, section.origin, reasons.get(name, ""))
            except UsageError as error:
                raise UsageError(f"{section.origin}: {name}: {error.what}", error.hint) from None
            # What stands further down is read as well: a mistake there is said.
            limits.setdefault(name, limit)
    return Gate(
        limits={name: limit for name, limit in limits.items() if limit is not None},
        forbidden=tuple(forbidden.values()),
        profile=profile,
    )


def _checked(section: Section) -> dict[str, object]:
    """The table with its keys as they are called here."""
    table: dict[str, object] = {}
    for key, value in section.table.items():
        name = key.replace("_", "-")
        if name not in _KEYS:
            close = get_close_matches(name, _KEYS, 1)
            hint = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(_KEYS)}."
            raise UsageError(f"{section.origin}: no limit {key!r}", hint)
        table[name] = value
    return table


def _profile(sections: Iterable[Section], profiles: Iterable[Section]) -> Profile | None:
    for section in sections:
        name = section.table.get(PROFILE)
        if name is None:
            continue
        if not isinstance(name, str) or not name.strip():
            raise UsageError(f"{section.origin}: profile: {name!r} is no text")
        if name.strip() == NO_PROFILE:
            return None
        try:
            return find_profile(name.strip(), profiles)
        except UsageError as error:
            raise UsageError(f"{section.origin}: {error.what}", error.hint) from None
    return None
