"""Facts of a base as they are shown: the value, where it is from, and whether it is still good."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from lightship.catalogue.base_images import Origin  # noqa: TC001 - msgspec reads the annotations

if TYPE_CHECKING:
    from lightship.catalogue.base_images import BaseRow

State = Literal["fresh", "stale", "unknown"]
Value = str | int | date | tuple[str, ...] | tuple[int, ...]
GOOD_FOR = timedelta(days=180)
"""How long a fact serves: a base is built anew every few weeks."""


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One fact.

    Attributes:
        value: None if nobody knows it; then `origin` is None as well.
        origin: where it is from.
        state: `stale` after `GOOD_FOR`, or where the row says so.
        why: it is stale, a clause; empty where it is not.
        rounded: whether its source rounds it.
    """

    value: Value | None = None
    origin: Origin | None = None
    state: State = "unknown"
    why: str = ""
    rounded: bool = False


UNKNOWN = Fact()


def fact(row: BaseRow, name: str, today: date, platform: str | None = None) -> Fact:
    """A fact of a row.

    Args:
        row: of a base.
        name: an attribute of `BaseRow`.
        today: the day by which it is fresh or stale.
        platform: `linux/amd64`, for attributes that are known by platform.
    """
    value = getattr(row, name)
    if platform is not None:
        value = value.get(platform)
    if value is None or value == ():
        return UNKNOWN
    origin = row.origin(name, platform)
    why = _stale(row, origin, today)
    return Fact(
        value=value,
        origin=origin,
        state="stale" if why else "fresh",
        why=why,
        rounded=name in row.rounded,
    )


def _stale(row: BaseRow, origin: Origin, today: date) -> str:
    """Why nobody should rely on a fact.

    What a row says of itself does not hold for facts that are from elsewhere.
    """
    if row.stale is not None and (origin.source, origin.seen) == (row.source, row.seen):
        return row.stale
    return stale_by_age(origin, today)


def stale_by_age(origin: Origin, today: date) -> str:
    """Why a fact is stale by its age, a clause; empty where it is not."""
    days = (today - origin.seen).days
    return f"it is {days} days old" if days > GOOD_FOR.days else ""
