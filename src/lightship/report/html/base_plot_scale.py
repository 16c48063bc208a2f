"""Scales of the plot of bases: logarithmic where values are of different magnitudes."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOG_FROM = 12
"""How many times the least the most must be."""
_DAYS = (1, 2, 7, 14, 30, 60, 91, 182, 365, 730, 1461, 2922)
_NAMED = {7: "1 week", 14: "2 weeks", 30: "1 month", 60: "2 months", 91: "3 months"}
_MOST_TICKS = 8


class Scale(Struct, frozen=True, kw_only=True):
    """Where values lie on a line of the sheet.

    Attributes:
        least, most: values at its ends.
        start, end: where these ends are.
        is_log: whether equal ways are equal factors.
        ticks: values that are written beside it, with what is written.
    """

    least: float
    most: float
    start: float
    end: float
    is_log: bool
    ticks: tuple[tuple[float, str], ...]

    def at(self, value: float) -> float:
        """Where a value is."""
        if self.is_log:
            share = log(max(value, self.least) / self.least) / log(self.most / self.least)
        else:
            share = (value - self.least) / (self.most - self.least)
        return self.start + share * (self.end - self.start)


def byte_scale(values: Sequence[int], start: float, end: float) -> Scale:
    """Of sizes: ticks at 1, 2 and 5 times powers of ten."""
    least, most, is_log = _ends(values)
    steps = [m * 10.0**e for e in range(19) for m in ((1, 2, 5) if is_log else (1,))]
    if not is_log:
        step = next(
            (m * 10.0**e for e in range(19) for m in (1, 2, 5) if m * 10.0**e * 6 >= most), most
        )
        steps = [step * number for number in range(8)]
    ticks = [value for value in steps if least <= value <= most]
    if len(ticks) > _MOST_TICKS:
        ticks = [value for value in ticks if f"{value:.0f}".strip("0") == "1"]
    return Scale(
        least=least,
        most=most,
        start=start,
        end=end,
        is_log=is_log,
        ticks=tuple((value, _short(int(value))) for value in ticks),
    )


def day_scale(values: Sequence[int], start: float, end: float) -> Scale:
    """Of days: ticks at weeks, months and years."""
    least, most, is_log = _ends([max(value, 1) for value in values])
    ticks = [value for value in _DAYS if least <= value <= most]
    scale = Scale(least=least, most=most, start=start, end=end, is_log=is_log, ticks=())
    apart: list[int] = []
    for value in reversed(ticks):  # names of days need room: the longest times first
        if not apart or abs(scale.at(apart[-1]) - scale.at(value)) >= 64:
            apart.append(value)
    return Scale(
        least=least,
        most=most,
        start=start,
        end=end,
        is_log=is_log,
        ticks=tuple((value, _day(value)) for value in reversed(apart)),
    )


def _ends(values: Sequence[int]) -> tuple[float, float, bool]:
    least, most = float(min(values)), float(max(values))
    if most > _LOG_FROM * least > 0:
        return least / 1.25, most * 1.25, True
    return 0.0, most * 1.1 or 1.0, False


def _short(count: int) -> str:
    """`5 MB` for `5.00 MB`."""
    number, _, unit = format_bytes(count).partition(" ")
    return f"{number.rstrip('0').rstrip('.') if '.' in number else number} {unit}"


def _day(value: int) -> str:
    if value in _NAMED:
        return _NAMED[value]
    if value < 182:
        return f"{value} d"
    if value == 182:
        return "6 months"
    years = round(value / 365.25)
    return "1 year" if years == 1 else f"{years} years"
