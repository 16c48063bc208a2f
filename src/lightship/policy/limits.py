"""How limits are written, and what they say: exact numbers.

Every limit says on which side equality falls: an image that measures exactly the limit passes.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import UsageError
from lightship.filetree.patterns import Pattern
from lightship.units import parse_bytes

if TYPE_CHECKING:
    from lightship.policy.budgets import Budget

NO_LIMIT = "none"
_MAX_PATTERNS = 1000
_MAX_COUNT = 10**12
_LONGEST_SHOWN = 80
_NUMBER = re.compile(r"([0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18}) ?(%?)")


class Limit(Struct, frozen=True):
    """One limit.

    Attributes:
        amount: bytes, a count or a ratio.
        written: as somebody wrote it.
        origin: where.
        of_baseline: whether `amount` is a share of what the baseline measures.
        reason: why it is the limit; empty if nobody says.
    """

    amount: int | Fraction
    written: str
    origin: str
    of_baseline: bool = False
    reason: str = ""


def parse_limit(budget: Budget, value: object, origin: str, reason: str = "") -> Limit | None:
    """Read one limit; None for `none`, which lifts what a later place says.

    Raises:
        UsageError: it is written wrongly.
    """
    if isinstance(value, str) and value.strip().lower() == NO_LIMIT:
        return None
    amount, share = _amount(budget, value)
    return Limit(amount, str(value).strip(), origin, share, reason)


def parse_patterns(value: object) -> tuple[Pattern, ...]:
    """Read one pattern or a list of them.

    Raises:
        UsageError: one is written wrongly, or there are too many.
    """
    given = value if isinstance(value, list | tuple) else [value]
    if len(given) > _MAX_PATTERNS:
        raise UsageError(f"{len(given)} patterns are more than {_MAX_PATTERNS}")
    written = [text for text in given if isinstance(text, str)]
    if len(written) < len(given):
        raise UsageError(f"{_said(value)} is no list of patterns", 'Write ["**/.git", "*.pem"].')
    return tuple(Pattern.parse(text) for text in written)


def _said(value: object) -> str:
    return repr(value)[:_LONGEST_SHOWN]


def _amount(budget: Budget, value: object) -> tuple[int | Fraction, bool]:
    """The amount, and whether it is a share of the baseline."""
    match budget.kind:
        case "count":
            return _count(value), False
        case "ratio":
            return _ratio(value), False
        case "growth" if isinstance(value, str) and value.strip().endswith("%"):
            return _number(value)[0], True
        case _:
            return _bytes(value), False


def _bytes(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if not isinstance(value, str):
        raise UsageError(
            f"{_said(value)} is no size", 'Write a number and a unit: "500MB", "5GiB".'
        )
    return parse_bytes(value)


def _count(value: object) -> int:
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 20:
        text = int(text)
    if isinstance(text, int) and not isinstance(text, bool) and 0 <= text <= _MAX_COUNT:
        return text
    raise UsageError(f"{_said(value)} is no number from 0 to {_MAX_COUNT}")


def _ratio(value: object) -> Fraction:
    ratio, percent = _number(value)
    if ratio > 1:
        raise UsageError(
            f"{_said(value)} is no ratio from 0 to 1", "" if percent else "Write 0.95 or 95%."
        )
    return ratio


def _number(value: object) -> tuple[Fraction, bool]:
    """A number such as 0.95, `0.95` or `95%`, exactly, and whether it is a percentage."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        # What was written: 0.95 is 19/20, not the nearest number that has a finite binary form.
        value = f"{value:.18f}".rstrip("0") if isinstance(value, int) else repr(value)
    match = _NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise UsageError(f"{_said(value)} is no number", "Write 0.95 or 95%.")
    return Fraction(match[1]) / (100 if match[2] else 1), bool(match[2])
