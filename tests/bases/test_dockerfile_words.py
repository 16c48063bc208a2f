"""Instructions that take files out of a base, by the names that bases have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from bases.moving import opened
from lightship.bases.dockerfile_change import rebased
from lightship.bases.dockerfile_words import copied, from_base, with_before_told
from lightship.dockerfile.build import Build

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("debian:13-slim", "debian:13-slim"),
        ("localhost:5000/team/app:1", "localhost:5000/team/app:1"),
        ("debian@sha256:" + "a" * 64, "debian@sha256:" + "a" * 64),
        ("oci:/images/app:latest", "before"),
        ("oci:images", "before"),
        ("docker-archive:app.tar:app:1", "before"),
        ("rootfs:/srv/root", "before"),
        ("Not an image", "before"),
        ("a\nRUN x", "before"),
    ],
)
def test_files_are_taken_from_what_docker_finds(tmp_path: Path, name: str, source: str) -> None:
    base = replace(opened(tmp_path, [{"a": b""}]), base_name=name)
    line = copied(base, "/usr/share/zoneinfo")
    assert line == f"COPY --from={source} /usr/share/zoneinfo /usr/share/zoneinfo"
    told = with_before_told([line, line])
    assert told[-1] == line
    assert [one[0] for one in told[:-1]] == (["#"] if source == "before" else [])
    assert from_base(told, "old:1") == (line.replace("before", "old:1"),)


def test_a_dockerfile_takes_them_from_its_own_base(tmp_path: Path) -> None:
    base = replace(opened(tmp_path, [{"a": b""}]), base_name="oci:images")
    build = Build.read(b"FROM debian:13\nCMD a\n")
    edits = rebased(
        build, build.stages.all[0], "debian:13-slim", with_before_told([copied(base, "/a")])
    ).edits
    assert [one.replacement for one in edits] == ["13-slim", "\nCOPY --from=debian:13 /a /a"]
