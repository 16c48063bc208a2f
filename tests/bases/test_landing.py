"""The landing: the base with what comes along over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bases.moving import ALPINE, DEBIAN, ROOT, dpkg, judged, moved
from lightship.testing import Link, Symlink

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.bases.move import Move


def names(move: Move) -> set[str]:
    assert move.landing is not None
    return {
        entry.path.decode()
        for entry in move.landing.tree.walk()
        if entry.kind.name.lower() != "directory"
    }


def content(move: Move, path: str) -> int:
    assert move.landing is not None
    return move.landing.records.content_bytes(path.encode())


def test_files_above_the_base_come_along_and_the_base_s_own_stay_behind(tmp_path: Path) -> None:
    move = moved(
        tmp_path,
        {"old": b"1", "both": b"old"},
        {"app/run": b"2", "app/also": Link("app/run"), "both": b"changed"},
        {"new": b"3", "both": b"x"},
    )
    assert names(move) == {"app/run", "app/also", "new", "both"}
    assert content(move, "both") == len(b"changed")


def test_accounts_and_package_databases_stay_the_base_s(tmp_path: Path) -> None:
    move = moved(
        tmp_path,
        {"etc/passwd": ROOT},
        {
            "etc/passwd": ROOT + b"app:x:1:1::/:/bin/sh\n",
            "var/lib/dpkg/status": b"Package: a\n",
            "etc/ld.so.cache": b"old",
            "etc/app.conf": b"1",
        },
        {"etc/passwd": b"root:x:0:0::/:/x\n", "etc/ld.so.cache": b"n"},
    )
    assert names(move) == {"etc/passwd", "etc/ld.so.cache", "etc/app.conf"}
    assert content(move, "etc/passwd") == len(b"root:x:0:0::/:/x\n")
    assert content(move, "etc/ld.so.cache") == 1


def installed(tmp_path: Path, system: bytes) -> Move:
    base = {"etc/os-release": DEBIAN, **dpkg(("c", "1", "usr/lib/libc")), "usr/lib/libc": b"c"}
    above = {
        **dpkg(("tool", "2", "usr/bin/tool"), ("c", "1", "usr/lib/libc"), depends="c"),
        "usr/bin/tool": b"tool",
        "usr/bin/t": Symlink("tool"),
        "etc/alternatives/t": Symlink("/usr/bin/tool"),
        "app": b"1",
    }
    return moved(tmp_path, base, above, {"etc/os-release": system})


def test_packages_of_the_same_release_are_there_with_what_they_need(tmp_path: Path) -> None:
    move = installed(tmp_path, DEBIAN)
    assert names(move) == {
        "app",
        "etc/alternatives/t",
        "etc/os-release",
        "usr/bin/t",
        "usr/bin/tool",
        "usr/lib/libc",
    }


def test_packages_of_another_system_are_not(tmp_path: Path) -> None:
    assert names(installed(tmp_path, ALPINE)) == {"app", "etc/os-release", "usr/bin/t"}


def test_a_link_of_the_old_base_hides_no_file_of_the_new_one(tmp_path: Path) -> None:
    move = moved(
        tmp_path,
        {"etc/os-release": DEBIAN},
        {"usr/bin/python": Symlink("python3.13")},
        {"etc/os-release": ALPINE, "usr/bin/python": b"real"},
    )
    assert content(move, "usr/bin/python") == 4


def test_links_of_a_base_that_run_in_a_circle_are_a_doubt_and_no_error(tmp_path: Path) -> None:
    move = moved(tmp_path, {}, {"a/b": b"1"}, {"a": Symlink("b"), "b": Symlink("a")})
    assert move.landing is None
    assert [one.weight for one in judged(move, "seen")] == ["unproven"]


def test_the_environment_is_the_application_s_on_that_of_the_base(tmp_path: Path) -> None:
    move = moved(
        tmp_path,
        {},
        {"a": b"1"},
        {"b": b"1"},
        config={"Env": ["PATH=/app/bin:/bin", "A=1"]},
        onto_config={"Env": ["PATH=/opt/java/bin:/bin", "A=2", "B=3"]},
    )
    assert move.landing is not None
    assert move.landing.settings.environment == {
        b"PATH": b"/app/bin:/bin:/opt/java/bin",
        b"A": b"1",
        b"B": b"3",
    }
