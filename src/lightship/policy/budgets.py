"""The budgets that `check` knows, in one table, and how their limits are written.

Every limit says on which side equality falls: an image that measures exactly the limit passes.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from lightship.errors import UsageError
from lightship.policy.patterns import Pattern
from lightship.units import parse_bytes

if TYPE_CHECKING:
    from lightship.model.results.check import Bound, Unit

Kind = Literal["bytes", "count", "ratio", "growth", "paths"]
NO_LIMIT = "none"
_MAX_PATTERNS = 1000
_MAX_COUNT = 10**12
_NUMBER = re.compile(r"([0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18}) ?(%?)")


class Budget(Struct, frozen=True):
    """Something that is measured and held against limits.

    Attributes:
        name: of the budget, and of the limit beyond which the check fails, as an option and in
            files.
        warn_name: of the limit beyond which it warns; empty if it never only warns. The same as
            `name` where it only warns.
        what: is measured, in words.
        kind: how its limits are written.
        bound: the side on which an image passes; equality passes on both.
        doc: one sentence.
        needs_layers: whether the manifest alone does not tell it.
        advice: what to do where it is broken.
    """

    name: str
    warn_name: str
    what: str
    kind: Kind
    doc: str
    advice: str
    bound: Bound = "at_most"
    needs_layers: bool = True

    @property
    def fail_name(self) -> str:
        """Of the limit beyond which the check fails; empty if it only warns."""
        return "" if self.name == self.warn_name else self.name

    @property
    def limit_names(self) -> tuple[str, ...]:
        """Of all its limits."""
        return tuple(filter(None, (self.fail_name, self.warn_name)))

    @property
    def unit(self) -> Unit:
        """What it is measured in."""
        return "bytes" if self.kind == "growth" else self.kind

    @property
    def metavar(self) -> str:
        """How a limit is written, in one word."""
        words = {"growth": "SIZE|PERCENT", "paths": "PATTERN", "count": "N", "ratio": "RATIO"}
        return words.get(self.kind, "SIZE")


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


_KEEP_OUT = (
    "Keep them out of the build (.dockerignore), or remove them in the RUN that makes them: "
    "a later layer only hides them."
)
BUDGETS = (
    Budget(
        "max-wire",
        "warn-wire",
        "wire bytes",
        "bytes",
        "Config and distinct layer blobs, compressed: what a node pulls.",
        "Make the heaviest layers smaller: lightship inspect --details lists what is in them.",
        needs_layers=False,
    ),
    Budget(
        "max-blob",
        "warn-blob",
        "wire bytes of the largest layer blob",
        "bytes",
        "Each layer blob by itself, compressed.",
        "Split the instruction that makes the layer, or make it bring less.",
        needs_layers=False,
    ),
    Budget(
        "max-unpacked",
        "warn-unpacked",
        "unpacked bytes",
        "bytes",
        "Content of all files in all layers.",
        "Remove what the application does not need: lightship inspect --details lists it.",
    ),
    Budget(
        "max-layer",
        "warn-layer",
        "unpacked bytes of the largest layer",
        "bytes",
        "Each layer by itself, unpacked.",
        "Split the instruction that makes the layer, or make it bring less.",
    ),
    Budget(
        "max-dead",
        "warn-dead",
        "dead bytes",
        "bytes",
        "What layers hold and the final tree does not show.",
        "Delete files in the RUN that makes them, and write each file once.",
    ),
    Budget(
        "max-duplicate",
        "warn-duplicate",
        "duplicate bytes",
        "bytes",
        "Equal content at several paths of the final tree, all copies but one.",
        "Keep one copy and link to it, or find out what installs them twice.",
    ),
    Budget(
        "min-efficiency",
        "warn-efficiency",
        "efficiency",
        "ratio",
        "Visible through unpacked bytes: 1 if nothing is dead.",
        "Delete files in the RUN that makes them, and write each file once.",
        bound="at_least",
    ),
    Budget(
        "max-layers",
        "warn-layers",
        "layers",
        "count",
        "Number of layers, one that is listed twice counted twice.",
        "Combine instructions that change together.",
        needs_layers=False,
    ),
    Budget(
        "max-files",
        "warn-files",
        "files",
        "count",
        "Names of regular files in the final tree.",
        "Leave out caches, tests and documentation; archive what is only read as a whole.",
    ),
    Budget(
        "forbid",
        "",
        "forbidden paths",
        "paths",
        "Paths that must not be in any layer, also where a higher layer removes them.",
        _KEEP_OUT,
    ),
    Budget(
        "warn-path",
        "warn-path",
        "unwanted paths",
        "paths",
        "Paths that should not be in any layer; otherwise as forbid.",
        _KEEP_OUT,
    ),
    Budget(
        "max-growth",
        "warn-growth",
        "growth in wire bytes",
        "growth",
        "Wire bytes more than the baseline has, as bytes or percent of it.",
        "See what is new: lightship diff BASELINE IMAGE.",
        needs_layers=False,
    ),
    Budget(
        "max-growth-unpacked",
        "warn-growth-unpacked",
        "growth in unpacked bytes",
        "growth",
        "Unpacked bytes more than the baseline has, as bytes or percent of it.",
        "See what is new: lightship diff BASELINE IMAGE.",
    ),
)
BY_LIMIT = {name: budget for budget in BUDGETS for name in budget.limit_names}
"""Each budget by the names of its limits."""


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
        raise UsageError(f"{value!r} is no list of patterns", 'Write ["**/.git", "*.pem"].')
    return tuple(Pattern.parse(text) for text in written)


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
        raise UsageError(f"{value!r} is no size", 'Write a number and a unit: "500MB", "5GiB".')
    return parse_bytes(value)


def _count(value: object) -> int:
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 20:
        text = int(text)
    if isinstance(text, int) and not isinstance(text, bool) and 0 <= text <= _MAX_COUNT:
        return text
    raise UsageError(f"{value!r} is no number from 0 to {_MAX_COUNT}")


def _ratio(value: object) -> Fraction:
    ratio, percent = _number(value)
    if ratio > 1:
        raise UsageError(
            f"{value!r} is no ratio from 0 to 1", "" if percent else "Write 0.95 or 95%."
        )
    return ratio


def _number(value: object) -> tuple[Fraction, bool]:
    """A number such as 0.95, `0.95` or `95%`, exactly, and whether it is a percentage."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        # What was written: 0.95 is 19/20, not the nearest number that has a finite binary form.
        value = f"{value:.18f}".rstrip("0") if isinstance(value, int) else repr(value)
    match = _NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise UsageError(f"{value!r} is no number", "Write 0.95 or 95%.")
    return Fraction(match[1]) / (100 if match[2] else 1), bool(match[2])
