"""What is wrong with a base by what an application uses of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from bases.moving import DEBIAN, Files, dpkg, opened
from lightship.bases.application import application_of
from lightship.bases.findings import usage_findings
from lightship.bases.known import known_bases
from lightship.bases.usage import usage_of
from lightship.testing import File

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.bases.application import Application

_KNOWN = known_bases(None, date(2026, 11, 25))
_LARGE = 30_000_000
_PACKAGES = dpkg(
    ("py", "3", "usr/bin/py"), ("libc", "2", "lib/c"), ("gcc", "14", "usr/bin/gcc"), depends="libc"
)


def application(folder: Path, base: Files, app: Files, command: list[str]) -> Application:
    image = opened(folder, [{"etc/os-release": DEBIAN, **base}, app], Cmd=command)
    return application_of(replace(image, base_layers=1))


def scripted(folder: Path, text: bytes = b"", **base: object) -> Application:
    files: Files = {
        **_PACKAGES,
        "usr/bin/py": b"p" * 1000,
        "lib/c": b"c" * 500,
        "usr/bin/gcc": b"g" * _LARGE,
        **base,
    }
    script = File(content=b"#!/usr/bin/py\n" + text, mode=0o755)
    return application(folder, files, {"app.py": script}, ["/app.py"])


def test_the_bytes_of_what_is_used_with_what_it_depends_on(tmp_path: Path) -> None:
    usage = usage_of(scripted(tmp_path))
    assert usage.unused == (("gcc", _LARGE),)
    assert usage.used_bytes == 1500
    assert (
        usage.base_bytes
        == sum(len(one) for one in _PACKAGES.values() if isinstance(one, bytes))
        + len(DEBIAN)
        + 1500
        + _LARGE
    )


def test_what_sources_call_is_used(tmp_path: Path) -> None:
    usage = usage_of(scripted(tmp_path, b'subprocess.run(["gcc", "x"])\n'))
    assert usage.unused == ()
    assert b"gcc" in usage.programs


def test_a_prefix_without_a_package_is_used_as_a_whole(tmp_path: Path) -> None:
    base: Files = {"usr/local/bin/python": b"1" * 10, "usr/local/lib/os.py": b"2" * 20, "x": b"3"}
    script = File(content=b"#!/usr/local/bin/python\n", mode=0o755)
    usage = usage_of(application(tmp_path, base, {"app": script}, ["/app"]))
    assert usage.used_bytes == 30


def test_little_is_used(tmp_path: Path) -> None:
    (found,) = usage_findings(scripted(tmp_path), "debian:13-slim", _KNOWN)
    assert (found.rule, found.severity) == ("little-used", "info")
    assert found.evidence[1] == "unused: gcc: 30.0 MB"


def test_a_full_variant_is_told_unless_something_of_it_is_called(tmp_path: Path) -> None:
    (found,) = usage_findings(scripted(tmp_path), "python:3.13", _KNOWN)
    assert found.rule == "full-variant"
    assert "python:3.13-slim" in found.todo
    assert found.wire_bytes == 412_872_069 - 42_961_458
    calls = scripted(tmp_path, b'subprocess.run(["gcc", "x"])\n')
    assert usage_findings(calls, "python:3.13", _KNOWN) == ()


@pytest.mark.parametrize("base", ["python:3.13-slim", "example.org/own:1", None])
def test_what_has_no_smaller_variant_is_asked_for_its_use_alone(
    tmp_path: Path, base: str | None
) -> None:
    found = usage_findings(scripted(tmp_path), base, _KNOWN)
    assert [one.rule for one in found] == ["little-used"]


def test_nothing_is_said_where_nobody_knows(tmp_path: Path) -> None:
    ours = scripted(tmp_path)
    unknown = application_of(replace(ours.inside, base_layers=None))
    assert usage_findings(unknown, "python:3.13", _KNOWN) == ()
    worked_in = application(tmp_path, {"bin/sh": b"1" * _LARGE}, {"a": b""}, ["/bin/sh"])
    assert usage_findings(worked_in, "debian:13", _KNOWN) == ()
