"""Byte sizes as people write and read them: printed decimal, parsed decimal and binary."""

from __future__ import annotations

import re

from lightship.errors import UsageError

_DECIMAL = ("B", "kB", "MB", "GB", "TB", "PB")
_FACTORS = {
    "": 1,
    "b": 1,
    **{f"{p}b": 1000**i for i, p in enumerate("kmgtp", 1)},
    **{p: 1000**i for i, p in enumerate("kmgtp", 1)},
    **{f"{p}ib": 1024**i for i, p in enumerate("kmgtp", 1)},
    **{f"{p}i": 1024**i for i, p in enumerate("kmgtp", 1)},
}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*([A-Za-z]*)\s*")
_RATE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kMGT]?)(bit|B)(?:/s|ps)\s*", re.IGNORECASE)


def format_bytes(count: int) -> str:
    """Write a number of bytes with a decimal unit and three significant digits: `12.3 MB`."""
    value = float(abs(count))
    unit = 0
    while value >= 999.5 and unit < len(_DECIMAL) - 1:
        value /= 1000
        unit += 1
    sign = "-" if count < 0 else ""
    if unit == 0:
        return f"{count} B"
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{sign}{value:.{digits}f} {_DECIMAL[unit]}"


def parse_bytes(text: str) -> int:
    """Read a size such as `20MB` (10^6), `20MiB` (2^20), `5Gi` or `1024`, in bytes.

    Raises:
        UsageError: the text is no size.
    """
    match = _SIZE.fullmatch(text)
    factor = _FACTORS.get(match[2].lower()) if match else None
    if match is None or factor is None:
        raise UsageError(f"{text!r} is no size", "Write a number and a unit: 500MB, 5GiB, 1024.")
    whole, _, fraction = match[1].partition(".")
    return int((whole or "0") + fraction) * factor // int("1" + "0" * len(fraction))


def parse_bandwidth(text: str) -> int:
    """Read a transfer rate such as `100Mbit/s`, `12MB/s` or `1Gbps`, in bytes a second.

    Raises:
        UsageError: the text is no rate, or it is zero.
    """
    match = _RATE.fullmatch(text)
    rate = 0.0
    if match:
        step = 1000 ** ("kmgt".index(match[2].lower()) + 1 if match[2] else 0)
        rate = float(match[1]) * step / (8 if match[3].lower() == "bit" or match[3] == "b" else 1)
    if rate < 1:
        raise UsageError(f"{text!r} is no bandwidth", "Write 100Mbit/s, 1Gbit/s or 12MB/s.")
    return int(rate)
