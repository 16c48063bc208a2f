"""When a server wants us again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lightship.net.retrying import again_after

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 120 ", 120),
        ("Wed, 02 Jan 2030 03:05:05 GMT", 60),
        ("Wednesday, 02-Jan-30 03:05:05 GMT", 60),
        ("Wed Jan  2 03:05:05 2030", 60),
        ("Wed, 02 Jan 2030 04:05:05 +0100", 60),
        ("Wed, 02 Jan 2030 03:04:00 GMT", -5),
        ("1893553505", 60),
        ("-7", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("\u0667", None),
        ("99999999999999999999", None),
        ("Wed, 99 Jan 2030 03:05:05 GMT", None),
    ],
)
def test_retry_after(value: str, seconds: int | None) -> None:
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert again_after(503, {"retry-after": value}, NOW) == expected


@pytest.mark.parametrize("name", ["x-retry-after", "x-ratelimit-reset"])
def test_points_in_time_of_rate_limits(name: str) -> None:
    assert again_after(429, {name: "1893553505"}, NOW) == NOW + timedelta(seconds=60)
    assert again_after(503, {name: "1893553505"}, NOW) is None
    assert again_after(429, {"retry-after": "5", name: "1893553505"}, NOW) == NOW + timedelta(
        seconds=5
    )
    assert again_after(429, {}, NOW) is None
