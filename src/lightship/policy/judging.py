"""Holds an image's figures against a gate.

Everything is compared in whole numbers and fractions: an image that measures exactly the limit
passes, one byte more fails.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import UsageError
from lightship.model.results.check import Judged, Unjudged
from lightship.policy.budgets import BUDGETS
from lightship.policy.causes import causes_of
from lightship.policy.figures import blobs
from lightship.policy.wording import Span, message_of

if TYPE_CHECKING:
    from lightship.model.results.check import Verdict
    from lightship.policy.baselines import Baseline
    from lightship.policy.budgets import Budget
    from lightship.policy.figures import Figures
    from lightship.policy.gate import Gate
    from lightship.policy.limits import Limit

# Within the error stands 95 % of what is estimated so; within twice that, all but one in 10,000.
_ERRORS = 2
_WORST: dict[Verdict, int] = {"pass": 0, "warn": 1, "fail": 2}


class Judgement(Struct, frozen=True):
    """All budgets of a gate, judged or not; in the order of the table."""

    judged: tuple[Judged, ...]
    unjudged: tuple[Unjudged, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of all; what was not judged did not pass."""
        worst: Verdict = "warn" if self.unjudged else "pass"
        return worse(worst, *(one.verdict for one in self.judged))


def worse(*verdicts: Verdict) -> Verdict:
    """The worst of several verdicts."""
    return max(verdicts, key=_WORST.__getitem__)


def undecided(figures: Figures, gate: Gate, baseline: Baseline | None) -> tuple[Budget, ...]:
    """The budgets of which an estimate is too near to a limit to tell the verdict."""
    found = []
    for budget in BUDGETS:
        warn, fail = _limits(budget, gate, baseline)
        span = _measure(budget, figures, gate, baseline)
        if span is None or (warn is None and fail is None):
            continue
        if _verdict(budget, span.least, warn, fail) != _verdict(budget, span.most, warn, fail):
            found.append(budget)
    return tuple(found)


def judge(figures: Figures, gate: Gate, baseline: Baseline | None) -> Judgement:
    """Judge every budget of the gate."""
    judged, unjudged = [], []
    for budget in BUDGETS:
        warn, fail = gate.of(budget)
        if warn is None and fail is None:
            continue
        span = _measure(budget, figures, gate, baseline)
        if span is None:
            why = why_unknown(budget, baseline)
            unjudged += [
                Unjudged(budget.name, limit.written, limit.origin, why)
                for limit in (fail, warn)
                if limit is not None
            ]
        else:
            judged.append(_judged(budget, span, figures, gate, baseline))
    return Judgement(tuple(judged), tuple(unjudged))


def why_unknown(budget: Budget, baseline: Baseline | None) -> str:
    """Why a budget could not be measured, and what would measure it."""
    if budget.kind != "growth":
        return "the manifest alone does not tell it: leave out --manifest-only"
    if baseline is None:
        return "there is nothing to compare with: give --baseline"
    return f"the baseline {baseline.name} does not say how large it was: save it again"


def require(gate: Gate, figures: Figures, baseline: Baseline | None, origin: str) -> None:
    """See that every limit which the caller gave can be judged.

    Raises:
        UsageError: one cannot.
    """
    for budget in BUDGETS:
        given = gate.given_by(budget, origin)
        if given and _measure(budget, figures, gate, baseline) is None:
            raise UsageError(f"--{given[0]} cannot be judged: {why_unknown(budget, baseline)}")


def _judged(
    budget: Budget, span: Span, figures: Figures, gate: Gate, baseline: Baseline | None
) -> Judged:
    value = span.value
    warn, fail = _limits(budget, gate, baseline)
    verdict = _verdict(budget, value, warn, fail)
    nearest = fail if fail is not None else warn
    assert nearest is not None  # noqa: S101 - the caller has seen to it
    room = nearest - value if budget.bound == "at_most" else value - nearest
    warning, failing = gate.of(budget)
    # What decided the verdict is what a reader wants to find.
    decisive, beyond = (warning, warn) if verdict == "warn" or failing is None else (failing, fail)
    assert decisive is not None  # noqa: S101 - likewise
    assert beyond is not None  # noqa: S101 - likewise
    return Judged(
        budget=budget.name,
        what=budget.what,
        unit=budget.unit,
        bound=budget.bound,
        measured=_number(value),
        warn=None if warn is None else _number(warn),
        fail=None if fail is None else _number(fail),
        verdict=verdict,
        headroom=_number(room),
        origin=decisive.origin,
        message=message_of(budget, span, beyond, decisive, baseline),
        advice="" if verdict == "pass" else budget.advice,
        causes=() if verdict == "pass" else causes_of(budget, figures, gate, baseline, beyond),
    )


def _limits(
    budget: Budget, gate: Gate, baseline: Baseline | None
) -> tuple[Fraction | None, Fraction | None]:
    """Where a budget warns and where it fails, in its unit."""
    warn, fail = (_amount(limit, budget, baseline) for limit in gate.of(budget))
    return warn, fail


def _amount(limit: Limit | None, budget: Budget, baseline: Baseline | None) -> Fraction | None:
    if limit is None:
        return None
    if not limit.of_baseline:
        return Fraction(limit.amount)
    whole = _baseline_bytes(budget, baseline)
    # Whole bytes: what grows by more than the share grows by more than its whole bytes.
    return Fraction(int(whole * limit.amount)) if whole is not None else None


def _verdict(
    budget: Budget, value: Fraction, warn: Fraction | None, fail: Fraction | None
) -> Verdict:
    if fail is not None and _is_beyond(budget, value, fail):
        return "fail"
    if warn is not None and _is_beyond(budget, value, warn):
        return "warn"
    return "pass"


def _is_beyond(budget: Budget, value: Fraction, limit: Fraction) -> bool:
    return value > limit if budget.bound == "at_most" else value < limit


def _measure(
    budget: Budget, figures: Figures, gate: Gate, baseline: Baseline | None
) -> Span | None:
    """None where it is not known."""
    match budget.name:
        case "max-wire":
            return _estimate(figures.image.wire_bytes, figures.image.wire_bytes_error)
        case "max-blob":
            spans = [_within(one.wire_bytes, one.wire_bytes_error) for one in blobs(figures.layers)]
            return Span(*(max(column) for column in zip(*spans, strict=True))) if spans else _at(0)
        case "max-growth" | "max-growth-unpacked":
            return _growth(budget, figures, gate, baseline)
        case "max-layers":
            return _at(figures.image.layers)
    if figures.image.unpacked_bytes is None:
        return None
    return _at(_known(budget, figures))


def _known(budget: Budget, figures: Figures) -> Fraction | int:
    """What only the layers tell, where they were read."""
    image = figures.image
    match budget.name:
        case "max-unpacked":
            return image.unpacked_bytes or 0
        case "max-layer":
            return max((one.unpacked_bytes or 0 for one in figures.layers), default=0)
        case "max-dead":
            return image.dead_bytes or 0
        case "max-duplicate":
            return image.duplicate_bytes or 0
        case "max-files":
            return image.files or 0
        case "min-efficiency":
            whole = image.unpacked_bytes or 0
            return Fraction(image.visible_bytes or 0, whole) if whole else 1
        case _:
            return len(figures.places.get(budget.name, ()))


def _growth(budget: Budget, figures: Figures, gate: Gate, baseline: Baseline | None) -> Span | None:
    before = _baseline_bytes(budget, baseline)
    if before is None or baseline is None:
        return None
    if budget.name == "max-growth-unpacked":
        now = figures.image.unpacked_bytes
        return None if now is None else _at(now - before)
    wire = figures.image.wire_bytes
    if wire is None:
        return None
    # A limit in percent of an estimate errs with it.
    shares = [limit.amount for limit in gate.of(budget) if limit and limit.of_baseline]
    of_baseline = baseline.wire_bytes_error * (1 + max(shares, default=0))
    error = _ERRORS * (figures.image.wire_bytes_error + Fraction(of_baseline))
    return Span(Fraction(wire - before), wire - before - error, wire - before + error)


def _baseline_bytes(budget: Budget, baseline: Baseline | None) -> int | None:
    if baseline is None:
        return None
    return baseline.wire_bytes if budget.name == "max-growth" else baseline.unpacked_bytes


def _estimate(value: int | None, error: int) -> Span | None:
    return None if value is None else Span(*map(Fraction, _within(value, error)))


def _within(value: int, error: int) -> tuple[Fraction, Fraction, Fraction]:
    return (
        Fraction(value),
        Fraction(max(value - _ERRORS * error, 0)),
        Fraction(value + _ERRORS * error),
    )


def _at(value: Fraction | int) -> Span:
    return Span(Fraction(value), Fraction(value), Fraction(value))


def _number(value: Fraction) -> float:
    return value.numerator if value.denominator == 1 else float(value)
