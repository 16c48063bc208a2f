"""Bases that are known: found by any spelling, and what was refreshed laid over what came along."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path  # noqa: TC003 - hypothesis reads the annotations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightship.bases.freshness import fact
from lightship.bases.known import Known, known_bases
from lightship.bases.refreshed import (
    FILE,
    PlatformFacts,
    Refreshed,
    RefreshedProduct,
    RefreshedRelease,
    RefreshedRow,
    read_refreshed,
    write_refreshed,
)
from lightship.bases.support import support_of_row, support_of_system
from lightship.catalogue.base_images import Origin
from lightship.errors import CorruptInputError, DestinationError

_TODAY = date(2026, 11, 25)
_DIGEST = "sha256:" + "7" * 64
_REGISTRY = Origin("registry-1.docker.io", date(2026, 11, 20))


def _known(tmp_path: Path, *rows: RefreshedRow, products: Any = ()) -> Known:
    write_refreshed(tmp_path, Refreshed(rows=rows, products=tuple(products)))
    return known_bases(tmp_path, _TODAY)


def _row(image: str = "python", tag: str = "3.13-slim", **said: Any) -> RefreshedRow:
    return RefreshedRow(
        image=image, tag=tag, source=_REGISTRY.source, seen=said.pop("seen", _REGISTRY.seen), **said
    )


@pytest.mark.parametrize(
    "name",
    [
        "python:3.13-slim",
        "library/python:3.13-slim",
        "docker.io/library/python:3.13-slim",
        "index.docker.io/python:3.13-slim",
        "public.ecr.aws/docker/library/python:3.13-slim",
        f"python:3.13-slim@{_DIGEST}",
    ],
)
def test_a_row_is_found_by_any_spelling(name: str) -> None:
    row = known_bases(None, _TODAY).find(name)
    assert row is not None
    assert row.name == "python:3.13-slim"


def test_without_a_tag_the_latest_is_meant() -> None:
    known = known_bases(None, _TODAY)
    found = known.find("r-base"), known.find("gcr.io/distroless/static-debian12")
    assert [row and row.tag for row in found] == ["latest", "latest"]


@pytest.mark.parametrize(
    "name", ["", ":", "@", "python", "python:9.9", "x/python:3.13", "\0", "[["]
)
def test_what_is_not_known_is_not_found(name: str) -> None:
    assert known_bases(None, _TODAY).find(name) is None


def test_a_digest_finds_the_very_image_whatever_its_name() -> None:
    known = known_bases(None, _TODAY)
    row = known.find("alpine:3.22")
    assert row is not None
    assert known.find(f"mirror.example/alpine@{row.digests['linux/amd64']}") is row
    assert known.find(f"alpine@{_DIGEST}") is None


def test_rows_by_language() -> None:
    known = known_bases(None, _TODAY)
    assert {row.image for row in known.for_language(" Python")} >= {"python"}
    assert known.for_language("node") == known.for_language("JavaScript") != ()
    assert known.for_language("cobol") == ()
    assert "python" in known.languages


def test_what_was_refreshed_has_its_own_origin_and_the_rest_keeps_its(tmp_path: Path) -> None:
    said = PlatformFacts(digest=_DIGEST, wire_bytes=42_000_000, layer_wire_bytes=(40, 2))
    known = _known(tmp_path, _row(platforms={"linux/amd64": said}, version="3.13.20"))
    row = known.find("python:3.13-slim")
    assert row is not None
    assert row.wire_bytes == {"linux/amd64": 42_000_000}
    assert row.origin("wire_bytes", "linux/amd64") == _REGISTRY
    assert row.origin("version") == _REGISTRY
    assert (row.layers, row.libc, row.system) == (2, "glibc", "debian 13")
    assert row.origin("libc").seen != _REGISTRY.seen
    assert row.origin("created").source.startswith("docker-library/repo-info")
    assert known.find(f"x@{_DIGEST}") is row


def test_other_platforms_keep_their_figures_and_their_day(tmp_path: Path) -> None:
    known = _known(
        tmp_path,
        _row("alpine", "3.22", platforms={"linux/amd64": PlatformFacts(wire_bytes=1)}),
    )
    row = known.find("alpine:3.22")
    assert row is not None
    assert row.wire_bytes == {"linux/amd64": 1, "linux/arm64": 4_123_084}
    assert row.origin("wire_bytes", "linux/arm64").seen == date(2026, 9, 17)


def test_what_was_refreshed_before_the_row_was_read_counts_for_nothing(tmp_path: Path) -> None:
    old = _row(seen=date(2020, 1, 1), version="3.13.0")
    row = _known(tmp_path, old).find("python:3.13-slim")
    assert row is not None
    assert row.version == "3.13.14"


def test_an_image_that_nobody_shipped_is_known_once_it_was_refreshed(tmp_path: Path) -> None:
    row = _known(tmp_path, _row("quay.io/x/y", "1", libc="musl")).find("quay.io/x/y:1")
    assert row is not None
    assert (row.libc, row.origin("libc"), row.system) == ("musl", _REGISTRY, None)


def test_a_refreshed_last_day_counts(tmp_path: Path) -> None:
    ends = {"13": RefreshedRelease(ends=date(2029, 1, 1)), "12": RefreshedRelease()}
    told = RefreshedProduct(name="Debian", source="x", seen=_REGISTRY.seen, releases=ends)
    known = _known(tmp_path, products=[told])
    new, undated = support_of_system("debian 13", known), support_of_system("debian 12", known)
    assert new is not None
    assert (new.ends, new.origin, new.state) == (date(2029, 1, 1), told.origin, "supported")
    assert undated is not None
    assert (undated.ends, undated.state) == (None, "no date")
    assert undated.why


def test_facts_are_fresh_then_stale_and_unknown_is_never_guessed() -> None:
    row = known_bases(None, _TODAY).find("alpine:3.23")
    assert row is not None
    fresh = fact(row, "wire_bytes", date(2027, 3, 16), "linux/amd64")
    assert (fresh.value, fresh.state, fresh.why) == (3_848_507, "fresh", "")
    stale = fact(row, "wire_bytes", date(2027, 3, 17), "linux/amd64")
    assert (stale.value, stale.state, stale.why) == (3_848_507, "stale", "it is 181 days old")
    unknown = fact(row, "wire_bytes", _TODAY, "linux/s390x")
    assert (unknown.value, unknown.origin, unknown.state) == (None, None, "unknown")
    assert fact(row, "user", _TODAY).state == "unknown"


def test_what_a_row_says_against_itself_goes_with_a_refreshed_fact(tmp_path: Path) -> None:
    before = known_bases(None, date(2023, 1, 5)).find("busybox:glibc")
    assert before is not None
    assert fact(before, "wire_bytes", date(2023, 1, 5), "linux/amd64").why.startswith(
        "page is from"
    )
    said = {"linux/amd64": PlatformFacts(wire_bytes=2_000_000)}
    after = _known(tmp_path, _row("busybox", "glibc", platforms=said)).find("busybox:glibc")
    assert after is not None
    assert fact(after, "wire_bytes", _TODAY, "linux/amd64").state == "fresh"
    assert fact(after, "shell", _TODAY).state == "stale"


def test_a_rounded_figure_says_so() -> None:
    row = known_bases(None, _TODAY).find("debian:13-slim")
    assert row is not None
    assert fact(row, "unpacked_bytes", _TODAY, "linux/amd64").rounded
    assert not fact(row, "wire_bytes", _TODAY, "linux/amd64").rounded


def test_nothing_refreshed_is_no_note(tmp_path: Path) -> None:
    assert read_refreshed(tmp_path) is None
    assert known_bases(tmp_path, _TODAY).notes == ()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"schema": "lightship.bases/2"}',
        b'{"rows": [{"image": "x"}]}',
        b'{"rows": [{"image": "x", "tag": "1", "source": "s", "seen": "yesterday"}]}',
        b'{"rows": "\xff\xfe"}',
        b'{"rows": [{"image": "", "tag": "", "source": "", "seen": "2026-01-01", "packages": -1}]}',
        b"[" * 100_000,
        b'{"rows": ' + b"[" * 100_000,
        b"\0" * 1000,
    ],
)
def test_a_broken_file_is_one_note_and_the_shipped_rows_serve(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / FILE).write_bytes(content)
    known = known_bases(tmp_path, _TODAY)
    assert len(known.notes) == 1
    assert FILE in known.notes[0]
    assert "\n" not in known.notes[0]
    assert known.rows == known_bases(None, _TODAY).rows


def test_a_file_without_an_end_is_not_read_to_it(tmp_path: Path) -> None:
    with (tmp_path / FILE).open("wb") as stream:
        stream.truncate(2**40)
    with pytest.raises(CorruptInputError, match="longer than"):
        read_refreshed(tmp_path)


def test_a_folder_in_the_files_place_is_one_note(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    assert len(known_bases(tmp_path, _TODAY).notes) == 1


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DestinationError, match="file"):
        write_refreshed(tmp_path / "file" / "folder", Refreshed())


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("2026-01-01"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    row=st.fixed_dictionaries(
        {
            "image": st.sampled_from(["python", "x", "a/b"]) | _JSON,
            "tag": st.sampled_from(["3.13-slim", "1"]) | _JSON,
            "source": st.text(max_size=5),
            "seen": st.sampled_from(["2026-10-01", "9999-12-31", "0001-01-01"]) | _JSON,
        },
        optional={"platforms": _JSON, "libc": _JSON, "version": _JSON, "created": _JSON},
    )
)
def test_whatever_a_file_says_the_rows_can_be_asked(tmp_path: Path, row: dict[str, Any]) -> None:
    (tmp_path / FILE).write_text(json.dumps({"schema": "lightship.bases/1", "rows": [row]}))
    known = known_bases(tmp_path, _TODAY)
    assert len(known.rows) >= 140
    for one in known.rows:
        support_of_row(one, known)
        fact(one, "wire_bytes", _TODAY, "linux/amd64")


def test_a_name_that_nobody_has_is_answered_with_the_nearest_one() -> None:
    known = known_bases(None, date(2026, 11, 25))
    assert known.not_known("debain:13-slim", "Look.") == (
        "Look. The catalogue of bases does not know it either: did you mean debian:13-slim?"
    )
    told = "The catalogue of bases does not know it either."
    assert known.not_known("example.org/team/shop:1", None) == told
