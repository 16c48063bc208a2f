"""What the gate says of a budget, in one sentence."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.policy.baselines import Baseline
    from lightship.policy.budgets import Budget
    from lightship.policy.limits import Limit


class Span(Struct, frozen=True):
    """What was measured: the figure, and the least and the most that it may be."""

    value: Fraction
    least: Fraction
    most: Fraction


def message_of(
    budget: Budget, span: Span, amount: Fraction, limit: Limit, baseline: Baseline | None
) -> str:
    """What was measured, against what, and why that is the limit.

    Args:
        budget: that was judged.
        span: measured, in the budget's unit.
        amount: the limit that decides, in the budget's unit.
        limit: the same as it was written.
        baseline: what growth is counted from.
    """
    value = span.value
    reason = f" ({limit.reason})" if limit.reason else ""
    if budget.kind == "paths":
        return f"{_places(value)} in the layers: {limit.written}{reason}."
    measured, bound = shown(budget, value, amount)
    if budget.unit == "bytes" and not limit.of_baseline and "i" in limit.written.lower():
        # Who wrote 5GiB would not know 5.37 GB again.
        bound = f"{bound} ({limit.written})"
    if span.most > value:
        measured = f"≈ {measured}"
    said = f"{budget.what} {measured}" if budget.unit == "ratio" else f"{measured} {budget.what}"
    if budget.kind == "growth" and baseline is not None:
        said = f"{said} over {baseline.name}"
        if limit.of_baseline:
            bound = f"{limit.written} of it, {bound}"
    is_most = budget.bound == "at_most"
    room = amount - value if is_most else value - amount
    if room == 0:
        told = f"exactly the limit of {bound}, which passes"
    elif room > 0:
        told = f"{_room(budget, room)} {'under' if is_most else 'over'} the limit of {bound}"
    else:
        told = f"{_room(budget, -room)} {'over' if is_most else 'under'} the limit of {bound}"
    return f"{said}, {told}{reason}."


def shown(budget: Budget, value: Fraction, amount: Fraction) -> tuple[str, str]:
    """Both as people read them; exactly, where rounding would make them look equal."""
    texts = _shown(budget, value), _shown(budget, amount)
    if texts[0] != texts[1] or value == amount:
        return texts
    if budget.unit == "bytes":
        return f"{int(value):,} B", f"{int(amount):,} B"
    return f"{float(value):.6g}", f"{float(amount):.6g}"


def _shown(budget: Budget, value: Fraction) -> str:
    if budget.unit == "bytes":
        return format_bytes(int(value))
    return f"{float(value):.3f}" if budget.unit == "ratio" else f"{int(value):,}"


def _room(budget: Budget, room: Fraction) -> str:
    if budget.unit == "ratio":
        return f"{float(room):.3f}" if room >= Fraction(1, 1000) else f"{float(room):.2g}"
    return _shown(budget, room)


def _places(value: Fraction) -> str:
    count = int(value)
    return {0: "no path", 1: "1 path"}.get(count, f"{count:,} paths")
