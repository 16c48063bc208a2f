"""Sizes and ages as `docker history` writes them (docker/go-units, size.go and duration.go)."""

from __future__ import annotations

from datetime import UTC, datetime

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")
# What claims to be older has no age: reproducible builds date at 0.
_UNKNOWN_AGE = "N/A"
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)


def docker_size(count: int) -> str:
    """Three significant digits, no space: `5.61MB`, `0B` (HumanSizeWithPrecision)."""
    value = float(count)
    unit = 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value /= 1000
        unit += 1
    return f"{value:.3g}{_UNITS[unit]}"


def docker_duration(seconds: float) -> str:
    """A duration in words (HumanDuration): `About a minute`, `2 weeks`."""
    whole = int(seconds)
    minutes = int(seconds / 60)
    hours = int(seconds / 3600 + 0.5)
    if whole < 1:
        return "Less than a second"
    if whole == 1:
        return "1 second"
    if whole < 60:
        return f"{whole} seconds"
    if minutes == 1:
        return "About a minute"
    if minutes < 60:
        return f"{minutes} minutes"
    if hours == 1:
        return "About an hour"
    if hours < 48:
        return f"{hours} hours"
    if hours < 24 * 7 * 2:
        return f"{hours // 24} days"
    if hours < 24 * 30 * 2:
        return f"{hours // 24 // 7} weeks"
    if hours < 24 * 365 * 2:
        return f"{hours // 24 // 30} months"
    return f"{int(seconds / 3600) // 24 // 365} years"


def docker_age(created: str | None, now: datetime) -> str:
    """`2 weeks ago`; `N/A` for a missing, unreadable or ancient date, as Docker 28 has it."""
    try:
        moment = datetime.fromisoformat(created or "")
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        if moment <= _OLDEST:
            return _UNKNOWN_AGE
        # The engine hands whole seconds on, rounded down.
        moment = moment.replace(microsecond=0)
        return f"{docker_duration((now - moment).total_seconds())} ago"
    except (ValueError, OverflowError):
        return _UNKNOWN_AGE
