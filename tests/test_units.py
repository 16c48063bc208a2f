from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.errors import UsageError
from lightship.units import (
    format_bandwidth,
    format_bytes,
    format_seconds,
    parse_bandwidth,
    parse_bytes,
    parse_duration,
    parse_percent,
)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (9_994, "9.99 kB"),
        (9_995, "10.0 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.00 MB"),
        (12_345_678, "12.3 MB"),
        (5 * 10**9, "5.00 GB"),
        (10**15, "1.00 PB"),
        (10**19, "10000 PB"),
        (-5, "-5 B"),
        (-12_345, "-12.3 kB"),
    ],
)
def test_bytes_are_written_decimal(count: int, text: str) -> None:
    assert format_bytes(count) == text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0", 0),
        ("1024", 1024),
        ("20MB", 20_000_000),
        ("20 MB", 20_000_000),
        ("20mb", 20_000_000),
        ("20M", 20_000_000),
        ("20MiB", 20 * 2**20),
        ("5Gi", 5 * 2**30),
        ("5GiB", 5 * 2**30),
        ("1.5kB", 1500),
        (".5k", 500),
        ("0.1GB", 100_000_000),
        ("0.3KiB", 307),
        ("12b", 12),
        (" 7 kB ", 7000),
        ("2PB", 2 * 10**15),
    ],
)
def test_bytes_are_read_decimal_and_binary(text: str, count: int) -> None:
    assert parse_bytes(text) == count


@pytest.mark.parametrize(
    "text",
    [
        "",
        "MB",
        "-1",
        "1e3",
        "1,5MB",
        "1.2.3",
        "1 0",
        "12XB",
        "nan",
        "inf",
        "٣MB",
        "1" * 5000,
        "5ib",
    ],
)
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UsageError, match="is no size") as raised:
        parse_bytes(text)
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("100Mbit/s", 12_500_000),
        ("100 mbit/s", 12_500_000),
        ("1Gbps", 125_000_000),
        ("1Gb/s", 125_000_000),
        ("12MB/s", 12_000_000),
        ("12MBps", 12_000_000),
        ("1MiB/s", 2**20),
        ("0.1Gbit/s", 12_500_000),
        ("8bit/s", 1),
        ("1B/s", 1),
    ],
)
def test_bandwidth_is_read_in_bits_and_bytes(text: str, rate: int) -> None:
    assert parse_bandwidth(text) == rate


@pytest.mark.parametrize(
    "text", ["", "100", "100M", "0MB/s", "7bit/s", "-1MB/s", "1MB/h", "9" * 400 + "MB/s", "infB/s"]
)
def test_what_is_no_bandwidth(text: str) -> None:
    with pytest.raises(UsageError, match="is no bandwidth"):
        parse_bandwidth(text)


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (12_500_000, "100 Mbit/s"),
        (125_000_000, "1 Gbit/s"),
        (1, "8 bit/s"),
        (1_562_500, "12.5 Mbit/s"),
        (10**15, "8e+03 Tbit/s"),
    ],
)
def test_bandwidth_is_written_in_bits(rate: int, text: str) -> None:
    assert format_bandwidth(rate) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.001, "1.0 ms"),
        (0.0123, "12 ms"),
        (0.42, "420 ms"),
        (0.999, "1.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (68.8, "1 min 9 s"),
        (3599.6, "1 h"),
        (7500, "2 h 5 min"),
        (48 * 3600, "2 days"),
        (10**9, "11,574 days"),
    ],
)
def test_seconds_are_written_in_two_parts(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text


@given(st.integers(0, 10**17))
def test_a_written_size_reads_back_as_nearly_the_same(count: int) -> None:
    assert abs(parse_bytes(format_bytes(count)) - count) <= count * 0.0051


@given(st.text())
def test_any_text_is_a_size_or_a_usage_error(text: str) -> None:
    for parse in (parse_bytes, parse_bandwidth):
        with suppress(UsageError):
            assert parse(text) >= 0


@pytest.mark.parametrize(
    ("text", "percent"),
    [("0", 0), ("85", 85), ("85%", 85), (" 12.5 % ", 12.5), ("100%", 100), ("099", 99)],
)
def test_percentages_are_read(text: str, percent: float) -> None:
    assert parse_percent(text) == percent


@pytest.mark.parametrize("text", ["", "%", "-1", "101", "100.1%", "1e1", "٣", "85 % %", "nan"])
def test_what_is_no_percentage(text: str) -> None:
    with pytest.raises(UsageError):
        parse_percent(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0s", 0),
        ("2m", 120),
        ("2m0s", 120),
        ("1h30m", 5400),
        ("14d", 1_209_600),
        (" 336h ", 1_209_600),
    ],
)
def test_durations_are_read(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "2", "m", "2 m", "2m 3s", "-2m", "2w", "1.5h", "2mx", "2" * 99 + "s"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(UsageError):
        parse_duration(text)


@given(st.text(max_size=50))
def test_any_text_is_read_or_a_usage_error(text: str) -> None:
    for parse in (parse_percent, parse_duration):
        with suppress(UsageError):
            parse(text)
