"""`--node`: what it may say, and what is wrong with the rest."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.api.nodes import KEYS, read_images, read_node
from lightship.errors import UsageError
from lightship.model.node import Node, NodeImage

if TYPE_CHECKING:
    from pathlib import Path

GB = 10**9


def test_the_kubelet_s_defaults() -> None:
    assert read_node("disk=100GB,used=70GB") == Node(
        disk_bytes=100 * GB,
        used_bytes=70 * GB,
        high_percent=85,
        low_percent=80,
        evict_below_bytes=15 * GB,
        min_age_seconds=120,
        max_age_seconds=0,
        runtime="containerd",
        has=(),
        images=None,
    )


def test_everything_may_be_said(tmp_path: Path) -> None:
    (tmp_path / "images.json").write_text("[]")
    found = read_node(
        f" disk = 1TiB, used=50.5% ,high=90%,low=70,evict=10GiB,min-age=1h30m,max-age=14d,"
        f"runtime=CRI-O,has=python:3.12,has=oci:x:y,images={tmp_path}/images.json"
    )
    assert found == Node(
        disk_bytes=2**40,
        used_bytes=round(2**40 * 0.505),
        high_percent=90,
        low_percent=70,
        evict_below_bytes=10 * 2**30,
        min_age_seconds=5400,
        max_age_seconds=14 * 86400,
        runtime="cri-o",
        has=("python:3.12", "oci:x:y"),
        images=(),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "''"),
        ("disk=100GB", "used is missing"),
        ("used=1GB", "disk is missing"),
        ("disk=100GB,used=1GB,size=3", "'size=3'"),
        ("disk=100GB,used", "'used'"),
        ("disk=100GB,used=", "used has no value"),
        ("disk=100GB,used=1GB,disk=2GB", "disk is given twice"),
        ("disk=big,used=1GB", "disk: 'big'"),
        ("disk=0,used=0", "disk"),
        ("disk=100GB,used=101GB", "more is used"),
        ("disk=100GB,used=101%", "used: '101%'"),
        ("disk=100GB,used=1GB,high=80,low=80", "low=80 is not below high=80"),
        ("disk=100GB,used=1GB,high=84.5", "high: '84.5'"),
        ("disk=100GB,used=1GB,evict=101GB", "evict"),
        ("disk=100GB,used=1GB,min-age=2", "min-age: '2'"),
        ("disk=100GB,used=1GB,runtime=docker", "runtime: 'docker'"),
        ("disk=100GB,used=1GB,images=/no/such", "images: /no/such: No such file"),
    ],
)
def test_what_is_wrong_is_named(text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_node(text)
    assert told in caught.value.what
    assert caught.value.hint or told.startswith("images")


@settings(deadline=None)
@given(st.text(max_size=30) | st.lists(st.sampled_from([*KEYS, "=", ",", "1", "%"])).map("".join))
def test_any_text_is_a_node_or_a_usage_error(text: str) -> None:
    with suppress(UsageError):
        read_node(text)


def test_a_list_of_images(tmp_path: Path) -> None:
    file = tmp_path / "images.json"
    file.write_text(
        json.dumps(
            [
                {"name": "a:1", "bytes": 5},
                {
                    "name": "b\x1b",
                    "bytes": "1.5GB",
                    "last_used": "2026-11-01T14:00:00+02:00",
                    "first_detected": None,
                    "in_use": True,
                    "pinned": True,
                },
                {"name": "c", "bytes": 0, "first_detected": "0001-01-01T00:00:00+14:00"},
            ]
        )
    )
    assert read_images(str(file)) == (
        NodeImage(name="a:1", reported_bytes=5),
        NodeImage(
            name="b\x1b",
            reported_bytes=1_500_000_000,
            last_used=datetime(2026, 11, 1, 12, tzinfo=UTC),
            in_use=True,
            pinned=True,
        ),
        NodeImage(name="c", reported_bytes=0, first_detected=datetime(1, 1, 1, tzinfo=UTC)),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "truncated"),
        ("{}", "array"),
        ("[{}]", "name"),
        ('[{"name": "a"}]', "bytes"),
        ('[{"name": "a", "bytes": -1}]', "image 1 (a)"),
        ('[{"name": "a", "bytes": "much"}]', "image 1 (a): 'much'"),
        ('[{"name": "a", "bytes": 1, "last_used": "2026-11-01T14:00:00"}]', "offset"),
        ('[{"name": "a", "bytes": 1, "last_used": "monday"}]', "RFC3339"),
        ('[{"name": "a", "bytes": 1, "size": 2}]', "size"),
        ("[" * 100_000, "images.json"),
    ],
)
def test_what_is_wrong_with_a_list_is_named(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "images.json"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_images(str(file))
    assert told in caught.value.what


def test_a_list_without_end_is_refused() -> None:
    with pytest.raises(UsageError, match="no list of images"):
        read_images("/dev/zero")
