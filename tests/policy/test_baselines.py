"""Saved baselines, also such as nobody should have saved."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.errors import CorruptInputError, LightshipError, UsageError
from lightship.policy.baselines import Baseline, read_baseline


def read(document: object, platform: str = "linux/amd64") -> Baseline:
    return read_baseline(json.dumps(document).encode(), "base.json", platform)


def report(platform: str = "linux/amd64", **image: object) -> dict[str, Any]:
    return {
        "schema": "lightship.report/1",
        "image": {"platform": platform, "wire_bytes": 5, "unpacked_bytes": 9, **image},
        "layers": [{"digest": "sha256:aa", "diff_id": "sha256:bb"}, {"digest": None}],
    }


@pytest.mark.parametrize(
    "schema", ["lightship.report/1", "lightship.check/1", "lightship.manifest/1"]
)
def test_what_lightship_wrote_is_read(schema: str) -> None:
    found = read({**report(wire_bytes_error=2), "schema": schema})
    assert (found.wire_bytes, found.wire_bytes_error, found.unpacked_bytes) == (5, 2, 9)
    assert found.layers == {"sha256:aa", "sha256:bb"}


def test_a_figure_that_is_null_is_not_known() -> None:
    assert read(report(unpacked_bytes=None)).unpacked_bytes is None


def test_the_report_for_the_platform_is_taken() -> None:
    reports = [report("linux/arm64", wire_bytes=1), report("linux/amd64", wire_bytes=2)]
    document = {"schema": "lightship.report-list/1", "reports": reports}
    assert read(document).wire_bytes == 2
    assert read(document, "linux/arm64/v8").wire_bytes == 1
    with pytest.raises(UsageError, match="no report for linux/riscv64"):
        read(document, "linux/riscv64")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "names no schema"),
        ({}, "names no schema"),
        ({"schema": "lightship.history/1"}, "'lightship.history/1', not one of"),
        ({"schema": 3}, "names no schema"),
        ({"schema": "lightship.report-list/1"}, "no report for"),
        ({"schema": "lightship.report-list/1", "reports": [1, {"image": 3}]}, "no report for"),
    ],
)
def test_other_json_is_a_usage_error(document: object, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(document)
    assert said in str(raised.value)
    assert "base.json" in str(raised.value)


@pytest.mark.parametrize("value", ["5", -1, 1.5, True, [], {}])
def test_a_figure_that_is_none_is_corrupt(value: object) -> None:
    with pytest.raises(CorruptInputError, match=r"image\.wire_bytes"):
        read(report(wire_bytes=value))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"schema": "lightship.report/1", "schema": "lightship.check/1"}',
        b'{"schema": "lightship.report/1"}',
        b'{"schema": "lightship.report/1", "image": []}',
        b"[" * 100_000,
        b'{"schema": NaN}',
        b'{"schema": "lightship.report/1", "image": {"wire_bytes": ' + b"9" * 5000 + b"}}",
    ],
)
def test_what_is_no_report_is_corrupt(data: bytes) -> None:
    with pytest.raises(CorruptInputError, match=r"base\.json"):
        read_baseline(data, "base.json", "linux/amd64")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.sampled_from(["image", "layers", "reports", "schema"]), _JSON)
def test_any_json_is_read_or_an_error_of_ours(place: str, value: object) -> None:
    for base in (report(), {"schema": "lightship.report-list/1", "reports": [report()]}):
        with suppress(LightshipError):
            read({**base, place: value})
