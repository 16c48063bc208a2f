from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from lightship.report.docker_units import docker_age, docker_duration, docker_size
from lightship.report.history_text import GUESSED, history_text
from lightship.report.paper import Look

from .samples import HISTORY, row

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 11, 14, tzinfo=UTC)
MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.mark.parametrize(
    ("name", "truncated"), [("history.txt", True), ("history-no-trunc.txt", False)]
)
def test_looks_as_agreed(name: str, truncated: bool, agrees: Callable[[str, str], None]) -> None:
    agrees(name, history_text(HISTORY, Look(), now=NOW, truncated=truncated))


def test_is_as_wide_as_it_needs_like_the_engines() -> None:
    narrow = history_text(HISTORY, Look(width=40), now=NOW)
    assert narrow == history_text(HISTORY, Look(width=200), now=NOW)


def test_a_guess_is_marked_and_explained() -> None:
    rows = (row(1, "RUN a", None, 5, guessed=True),)
    text = history_text(replace(HISTORY, rows=rows), Look(), now=NOW)
    assert "? RUN a" in text
    assert text.endswith(GUESSED + "\n")


def test_only_the_newest_row_has_the_image_id() -> None:
    lines = history_text(HISTORY, Look(), now=NOW).splitlines()[1:]
    assert [line.split()[0] for line in lines] == ["3f2a9c1b0d4e", "<missing>", "<missing>"]


def test_a_root_file_system_has_no_image_id() -> None:
    lines = history_text(replace(HISTORY, image_id=None), Look(), now=NOW).splitlines()[1:]
    assert {line.split()[0] for line in lines} == {"<missing>"}


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0B"),
        (1, "1B"),
        (999, "999B"),
        (1000, "1kB"),
        (1234, "1.23kB"),
        (12_345, "12.3kB"),
        (123_456, "123kB"),
        # Rounded only after the unit was chosen, as the engine does.
        (999_999, "1e+03kB"),
        (1_000_000, "1MB"),
        (5_610_000, "5.61MB"),
        (72_900_000, "72.9MB"),
        (209_000_000, "209MB"),
        (1_500_000_000, "1.5GB"),
        (10**15, "1PB"),
    ],
)
def test_sizes_as_docker_writes_them(count: int, text: str) -> None:
    assert docker_size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "Less than a second"),
        (-5, "Less than a second"),
        (1, "1 second"),
        (59.9, "59 seconds"),
        (MINUTE, "About a minute"),
        (2 * MINUTE - 1, "About a minute"),
        (2 * MINUTE, "2 minutes"),
        (59 * MINUTE + 59, "59 minutes"),
        (HOUR, "About an hour"),
        (1.49 * HOUR, "About an hour"),
        (1.5 * HOUR, "2 hours"),
        (47.4 * HOUR, "47 hours"),
        (47.5 * HOUR, "2 days"),
        (13.9 * DAY, "13 days"),
        (14 * DAY, "2 weeks"),
        (59 * DAY, "8 weeks"),
        (60 * DAY, "2 months"),
        (729 * DAY, "24 months"),
        (730 * DAY, "2 years"),
        (3650 * DAY, "10 years"),
    ],
)
def test_durations_as_docker_writes_them(seconds: float, text: str) -> None:
    assert docker_duration(seconds) == text


@pytest.mark.parametrize(
    ("created", "text"),
    [
        (None, "N/A"),
        ("", "N/A"),
        ("yesterday", "N/A"),
        ("0001-01-01T00:00:00Z", "N/A"),
        ("1970-01-01T00:00:00Z", "N/A"),
        ("2026-11-13T00:00:00.123456789Z", "24 hours ago"),
        ("2026-11-13T02:00:00+02:00", "24 hours ago"),
        ("2026-11-13T00:00:00", "24 hours ago"),
        ("9999-12-31T23:59:59Z", "Less than a second ago"),
        ("9999-12-31T23:59:59-23:59", "Less than a second ago"),
    ],
)
def test_ages(created: str | None, text: str) -> None:
    assert docker_age(created, NOW) == text


def test_age_of_something_built_this_moment() -> None:
    assert docker_age(NOW.isoformat(), NOW) == "Less than a second ago"
    assert docker_age((NOW - timedelta(seconds=59.5)).isoformat(), NOW) == "About a minute ago"
