"""What a history tells of the base image's end. Never certain: nothing marks it.

In this order:

1. buildah notes the base in the comment of an own step: `FROM docker.io/library/x`. Where it
   keeps layers for later builds, the steps after it name what it kept, by 12 digits.
2. An image ends with CMD or ENTRYPOINT; where steps that make layers follow, they are another
   image's. Of several such places, the last is the nearest base's end.
3. Reproducible builders (bazel, ko, debuerreotype) date their steps at the epoch; where real
   times follow, another builder went on.
4. A base is older than what is built on it: the widest gap in time, if it is a day or more.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.analysis.instructions import Instructions
    from lightship.model.documents import HistoryEntry

_FROM = re.compile(r"FROM (\S{1,512})")
_KEPT = re.compile(r"[0-9a-f]{12}")
_BUILDKIT = "buildkit.dockerfile.v0"
_CLOSING = re.compile(r"(?:/bin/sh -c #\(nop\)\s+)?(CMD|ENTRYPOINT)\b")
_DAY_SECONDS = 86_400.0
# What is dated before had no clock: 1970 with offsets, or Go's zero time.
_EPOCH_ENDS = datetime(1990, 1, 1, tzinfo=UTC)
_SCRATCH = "scratch"


class Guess(Struct, frozen=True):
    """The first `layers` layers are likely the base's."""

    layers: int
    name: str | None
    why: str


def end_by_history(history: Sequence[HistoryEntry], instructions: Instructions) -> Guess | None:
    """The likeliest end of the base; None where nothing points at one.

    A history that does not match the layers tells nothing, and a base of no layers is none.
    """
    if instructions.guessed or len(history) < 2:
        return None
    before = _layers_before(len(history), instructions)
    total = before[-1]

    def guess(entry: int, why: str, name: str | None = None) -> Guess | None:
        layers = before[entry]
        return Guess(layers, name, why) if 0 < layers <= total and entry < len(history) else None

    named = _from_comment(history)
    if named is not None:
        entry, name = named
        why = "the comment of a history entry names it"
        return guess(entry, why, name) if name != _SCRATCH else None
    times = [_time(entry.created) for entry in history]
    closed = _closing(history, before)
    if closed is not None:
        return guess(closed, "steps follow the CMD or ENTRYPOINT that ends an image")
    epoch = _epoch_end(times)
    if epoch is not None and before[epoch] < total:
        return guess(epoch, "steps with real times follow steps dated at the epoch")
    gap = _widest_gap(times, before)
    if gap is not None:
        entry, seconds = gap
        days = round(seconds / _DAY_SECONDS)
        told = "a day" if days == 1 else f"{days:,} days"
        return guess(entry, f"{told} passed between two steps")
    return None


def _layers_before(entries: int, instructions: Instructions) -> list[int]:
    """How many layers the first 0, 1, 2... history entries made."""
    makes = {entry for entry in instructions.entries if entry is not None}
    counts = [0]
    for entry in range(entries):
        counts.append(counts[-1] + (entry in makes))
    return counts


def _from_comment(history: Sequence[HistoryEntry]) -> tuple[int, str] | None:
    """The last entry whose comment names a base, and the base; None if another builder went on."""
    found = None
    for number, entry in enumerate(history):
        match = _FROM.fullmatch((entry.comment or "").strip())
        if match and not _KEPT.fullmatch(match[1]):
            found = number, match[1]
        elif entry.comment == _BUILDKIT:
            found = None
    return found


def _closing(history: Sequence[HistoryEntry], before: Sequence[int]) -> int | None:
    """The entry after the last CMD or ENTRYPOINT that layers follow."""
    found = None
    for number, entry in enumerate(history):
        closes = entry.empty_layer and _CLOSING.match(entry.created_by or "")
        if closes and 0 < before[number] < before[-1]:
            found = number + 1
    return found


def _epoch_end(times: Sequence[datetime | None]) -> int | None:
    """The first entry with a real time, if all before it are dated at the epoch."""
    for number, time in enumerate(times):
        if time is None:
            return None
        if time >= _EPOCH_ENDS:
            return number or None
    return None


def _widest_gap(
    times: Sequence[datetime | None], before: Sequence[int]
) -> tuple[int, float] | None:
    """The entry after the widest gap of a day or more that has layers on both sides."""
    found = None
    for number in range(1, len(times)):
        earlier, later = times[number - 1], times[number]
        if earlier is None or later is None or not 0 < before[number] < before[-1]:
            continue
        seconds = (later - earlier).total_seconds()
        if seconds >= _DAY_SECONDS and earlier >= _EPOCH_ENDS and (not found or seconds > found[1]):
            found = number, seconds
    return found


def _time(created: str | None) -> datetime | None:
    """A moment, in UTC; None where there is none that can be read."""
    try:
        time = datetime.fromisoformat(created or "")
        return time.astimezone(UTC) if time.tzinfo else None
    except (ValueError, OverflowError):
        return None
