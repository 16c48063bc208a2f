"""`base compare` and `base list` on real images, beside what they hold."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from lightship.api.base_comparing import base_compare
from lightship.api.base_listing import base_list
from lightship.errors import UnreachableError, UsageError
from lightship.net.options import NetOptions
from lightship.testing import File

from .base_images_made import STATIC, debian, image

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 25)
OFFLINE = NetOptions(offline=True)


def test_a_base_and_an_image_on_it(tmp_path: Path) -> None:
    base = image(tmp_path, debian(), name="example.com/debian:13")
    su = File(b"su program", mode=0o4755)
    over = image(tmp_path, debian(), {"usr/bin/gcc": STATIC, "usr/bin/su": su}, user="app")
    result = base_compare([base, over], today=TODAY)
    first, second = result.images
    assert (first.facts.system.value, first.facts.packages.value) == ("debian 13", 1)
    assert (first.facts.user.value, second.facts.user.value) == ("root", "app")
    assert first.facts.support[0].days == (date(2028, 8, 9) - TODAY).days
    assert first.seen is not None
    assert second.seen is not None
    assert (first.seen.compilers, second.seen.compilers) == ((), ("gcc",))
    assert (first.seen.setuid_count, second.seen.setuid_programs) == (0, ("usr/bin/su",))
    assert second.facts.unpacked_bytes.value is not None
    assert first.facts.unpacked_bytes.value is not None
    added = second.facts.unpacked_bytes.value - first.facts.unpacked_bytes.value
    up, down = result.pairs
    assert (up.has, up.pulls, down.has, down.pulls) == (0, 1, 1, 0)
    assert (up.added_unpacked_bytes, down.added_unpacked_bytes) == (added, 0)
    assert up.common_files == down.common_files == first.seen.files
    assert up.common_bytes == first.seen.visible_bytes
    assert up.common_layers == 1
    assert first.seen.vulnerabilities is None


def test_equal_names_with_other_content_and_hard_links_are_not_counted_twice(
    tmp_path: Path,
) -> None:
    one = image(tmp_path, {"a": b"same", "b": b"one"}, name="example.com/a:1")
    two = image(tmp_path, {"a": b"same", "b": b"two", "c": b"same"}, name="example.com/b:1")
    pair = base_compare([one, two], today=TODAY).pairs[0]
    assert (pair.common_files, pair.common_bytes, pair.common_layers) == (1, 4, 0)


def test_what_cannot_be_opened_is_compared_by_the_catalogue(tmp_path: Path) -> None:
    base = image(tmp_path, debian(), name="example.com/debian:13")
    result = base_compare([base, "alpine:3.24"], today=TODAY, network=OFFLINE)
    alpine = result.images[1]
    assert alpine.seen is None
    assert alpine.facts.libc.value == "musl"
    assert alpine.facts.libc.source
    assert result.pairs == ()
    assert "alpine:3.24" in result.warnings[-1]
    with pytest.raises(UnreachableError, match="nobody"):
        base_compare([base, "example.com/unheard:1"], today=TODAY, network=OFFLINE)


def test_nonsense_dates_are_unknown_and_too_many_images_refused(tmp_path: Path) -> None:
    base = image(tmp_path, debian(), name="example.com/debian:13")
    assert base_compare([base], today=TODAY).images[0].facts.age_days is None
    for wrong in ([], ["a"] * 21):
        with pytest.raises(UsageError):
            base_compare(wrong, today=TODAY)


def test_advisories_that_cannot_be_read_are_a_line(tmp_path: Path) -> None:
    base = image(tmp_path, debian(), name="example.com/debian:13")
    broken = tmp_path / "broken.json"
    broken.write_bytes(b'{"a": [')
    result = base_compare([base], advisories=[str(broken)], today=TODAY)
    seen = result.images[0].seen
    assert seen is not None
    assert seen.vulnerabilities is not None
    assert seen.vulnerabilities.vulnerabilities is None
    assert len([line for line in result.warnings if "broken.json" in line]) == 1


def test_a_list_is_what_was_asked_for_and_what_has_ended_is_last() -> None:
    everything = base_list(today=TODAY, platform="linux/amd64")
    assert len(everything.bases) == everything.known
    ended = [one.facts.has_ended for one in everything.bases]
    assert ended == sorted(ended)
    sizes = [
        one.facts.wire_bytes.value
        for one in everything.bases
        if not one.facts.has_ended and one.facts.wire_bytes.value is not None
    ]
    assert sizes == sorted(sizes)
    small = base_list(language="python", libc="musl", max_wire_bytes=50_000_000, today=TODAY)
    assert small.bases
    assert all("python" in one.languages and one.facts.libc.value == "musl" for one in small.bases)
    debians = base_list(system="debian:13", order="name", today=TODAY)
    assert {one.facts.system.value for one in debians.bases} == {"debian 13"}
    for wrong in ({"language": "klingon"}, {"system": "nonesuch"}):
        with pytest.raises(UsageError, match="no base"):
            base_list(**wrong, today=TODAY)  # type: ignore[arg-type]  # two texts


def test_known_vulnerabilities_are_counted_and_their_source_is_told(tmp_path: Path) -> None:
    base = image(tmp_path, debian(), name="example.com/debian:13")
    tracker = {
        "dash": {
            "CVE-2026-1": {
                "releases": {
                    "trixie": {"status": "resolved", "fixed_version": "2", "urgency": "high"}
                }
            },
            "CVE-2026-2": {
                "releases": {
                    "trixie": {"status": "resolved", "fixed_version": "0.5", "urgency": "high"}
                }
            },
        }
    }
    file = tmp_path / "debian.json"
    file.write_text(json.dumps(tracker))
    seen = base_compare([base], advisories=[str(file)], today=TODAY).images[0].seen
    assert seen is not None
    counts = seen.vulnerabilities
    assert counts is not None
    assert counts.vulnerabilities is not None
    assert (counts.vulnerabilities.all, counts.vulnerabilities.fixable) == (1, 1)
    assert counts.sources[0].place == str(file)
