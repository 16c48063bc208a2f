"""Byte sizes, rates, shares and times as people write and read them.

Sizes are printed decimal and parsed both ways.
"""

from __future__ import annotations

import re

from lightship.errors import UsageError

_DECIMAL = ("B", "kB", "MB", "GB", "TB", "PB")
_PREFIXES = "kmgtp"
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+) ?(?:([kmgtp])(i?))?b?", re.IGNORECASE)
_RATE = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+) ?(?:([kmgtKMGT])(i?))?(bit|[bB])(?:/s|ps)")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{0,6})?) ?%?")
_DURATION_PART = re.compile(r"([0-9]+)(d|h|m|s)")
_SECONDS = {"d": 86_400, "h": 3600, "m": 60, "s": 1}
# More digits than this say nothing, and Python refuses to convert very long ones.
_LONGEST = 40


def format_bytes(count: int) -> str:
    """Write a number of bytes with a decimal unit and three significant digits: `12.3 MB`."""
    value = float(abs(count))
    unit = 0
    while value >= 999.5 and unit < len(_DECIMAL) - 1:
        value /= 1000
        unit += 1
    if unit == 0:
        return f"{count} B"
    sign = "-" if count < 0 else ""
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{sign}{value:.{digits}f} {_DECIMAL[unit]}"


def parse_bytes(text: str) -> int:
    """Read a size such as `20MB` (10^6), `20MiB` (2^20), `5Gi` or `1024`, in bytes.

    Raises:
        UsageError: the text is no size.
    """
    match = _SIZE.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if match is None:
        raise UsageError(
            f"{text[:_LONGEST]!r} is no size", "Write a number and a unit: 500MB, 5GiB, 1024."
        )
    return _scaled(match[1], match[2], match[3])


def format_bandwidth(bytes_per_second: int) -> str:
    """Write a rate in bits a second, as networks are sold: `100 Mbit/s`."""
    value = float(bytes_per_second * 8)
    unit = 0
    while value >= 999.5 and unit < 4:
        value /= 1000
        unit += 1
    return f"{value:.3g} {('', 'k', 'M', 'G', 'T')[unit]}bit/s"


def parse_bandwidth(text: str) -> int:
    """Read a transfer rate such as `100Mbit/s`, `12MB/s` or `1Gbps`, in bytes a second.

    As on data sheets, `b` is a bit and `B` is a byte.

    Raises:
        UsageError: the text is no rate, or less than a byte a second.
    """
    match = _RATE.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    rate = 0
    if match:
        rate = _scaled(match[1], match[2], match[3]) // (1 if match[4] == "B" else 8)
    if rate < 1:
        raise UsageError(
            f"{text[:_LONGEST]!r} is no bandwidth", "Write 100Mbit/s, 1Gbit/s or 12MB/s."
        )
    return rate


def parse_percent(text: str) -> float:
    """Read `85%`, `85` or `12.5%`: a percentage from 0 to 100.

    Raises:
        UsageError: it is none.
    """
    match = _PERCENT.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if match is None or float(match[1]) > 100:
        raise UsageError(f"{text[:_LONGEST]!r} is no percentage", "Write 85% or 85.")
    return float(match[1])


def parse_duration(text: str) -> int:
    """Read a duration such as `2m`, `1h30m`, `14d` or `0s`, in seconds.

    The units are those of Kubernetes (Go's), and `d` for days.

    Raises:
        UsageError: it is none.
    """
    clean = text.strip() if len(text) <= _LONGEST else ""
    parts = _DURATION_PART.findall(clean)
    if not parts or "".join(number + unit for number, unit in parts) != clean:
        raise UsageError(f"{text[:_LONGEST]!r} is no duration", "Write 2m, 1h30m or 14d.")
    return sum(int(number) * _SECONDS[unit] for number, unit in parts)


def _scaled(number: str, prefix: str | None, binary: str | None) -> int:
    # Whole numbers throughout: 0.1 of a unit must not turn into 0.09999.
    whole, _, fraction = number.partition(".")
    power = _PREFIXES.index(prefix.lower()) + 1 if prefix else 0
    factor = int((1024 if binary else 1000) ** power)
    return int((whole or "0") + fraction) * factor // int(10 ** len(fraction))


def format_seconds(seconds: float) -> str:
    """Write a time with two significant parts: `420 ms`, `1.5 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 0.995:
        return f"{seconds * 1000:.{0 if seconds >= 0.00995 else 1}f} ms" if seconds else "0 s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{round(seconds / 86400):,} days"
