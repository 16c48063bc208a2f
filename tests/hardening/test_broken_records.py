"""Broken package databases and files: each is noted, nothing stops, every byte has its place."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from hardening.outcome import assert_printable, command
from lightship.testing import File, build_image

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.testing import Layer

HALF_A_GIGABYTE = 500_000_000
MEMORY = 1_500_000_000
ESCAPING = b"../../etc/passwd,sha256=x,5\n/etc/passwd,,\n../../../../etc/shadow,,\n"
DEEP = b'{"a":' * 100_000
NAME = "evil\x1b[31m\u202e.json"
ELF = b"\x7fELF\x02\x01\x01" + bytes(9)
BROKEN: dict[str, object] = {
    "etc/passwd": b"root:x:0:0\n",
    "var/lib/dpkg/status": b"\xff\xfe not a stanza\n" * 1000,
    "var/lib/dpkg/info/a.list": b"/../../etc/passwd\n/etc/passwd/x\n" * 1000,
    "var/lib/rpm/rpmdb.sqlite": b"SQLite format 3\0" + b"\xff" * 4000,
    "var/lib/rpm/Packages": b"\0" * 100,
    "lib/apk/db/installed": b"P:\nF:../..\nR:etc/passwd\n\nP:x\nF:..\nR:etc/passwd\n",
    "usr/lib/python3/dist-packages/a-1.dist-info/RECORD": ESCAPING,
    "usr/lib/python3/dist-packages/a-1.dist-info/METADATA": b"Name: a\nVersion: 1\n\n",
    "usr/lib/python3/dist-packages/b-1.dist-info/METADATA": b"Name: b\nVersion: 1\n\n",
    "app/node_modules/bad/package.json": b"this is no JSON",
    "app/node_modules/deep/package.json": DEEP,
    f"app/node_modules/{NAME}/package.json": b"{",
    "opt/conda/conda-meta/x-1-0.json": DEEP,
    "vendor/composer/installed.json": b"[[[",
    "usr/bin/cut": ELF,
    "usr/lib/cut.so": ELF + b"\xff" * 48,
    "opt/app.jar": b"PK\x03\x04" + b"\xff" * 100,
    "data/model.safetensors": b"\xff" * 200_000,
}


def with_giant(whole: str, size: int) -> Layer:
    """The broken files, and one that is giant but for its holes."""
    return {
        **BROKEN,
        whole: File(
            content=b"1\n0\n4\n".ljust(512, b"\0") + b"Pack".ljust(4),
            pax={
                "GNU.sparse.major": "1",
                "GNU.sparse.minor": "0",
                "GNU.sparse.name": whole,
                "GNU.sparse.realsize": str(size),
            },
        ),
    }


def test_everything_broken_at_once(tmp_path: Path) -> None:
    reference = build_image([BROKEN], directory=tmp_path)
    told = command("inspect", reference, "--format", "json", "--no-cache")
    assert told.exit_code == 0, told.stderr
    report = json.loads(told.stdout)
    contents, image = report["contents"], report["image"]
    for rows in ("packages", "categories", "instructions", "directories", "types"):
        assert sum(row["visible_bytes"] for row in contents[rows]) == image["visible_bytes"]
    notes = "\n".join(contents["notes"])
    for path in ("rpmdb.sqlite", "var/lib/rpm/Packages", "bad/package.json", "deep/package.json"):
        assert path in notes, path
    shown = command("inspect", reference, "--no-cache", "--all")
    assert shown.exit_code == 0
    assert "rpmdb.sqlite" in shown.stdout
    assert_printable(shown.stdout)
    for page in ("report.md", "report.html"):
        written = command("inspect", reference, "--no-cache", "-o", str(tmp_path / page))
        assert written.exit_code == 0, written.stderr
        assert "\x1b" not in (tmp_path / page).read_text()


def test_nobody_owns_what_lists_lead_out_to(tmp_path: Path) -> None:
    reference = build_image([BROKEN], directory=tmp_path)
    report = json.loads(command("inspect", reference, "--format", "json", "--no-cache").stdout)
    owned = {row["name"]: row["files"] for row in report["contents"]["packages"] if row["system"]}
    assert owned.get("a", 0) <= 2  # its own two records, and nothing in /etc
    assert owned.get("x", 0) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        "var/lib/dpkg/status",
        "var/lib/rpm/rpmdb.sqlite",
        "usr/lib/python3/dist-packages/b-1.dist-info/RECORD",
        "app/node_modules/c/package.json",
    ],
)
def test_half_a_gigabyte_of_it_is_noted_in_bounded_memory(tmp_path: Path, path: str) -> None:
    layer = with_giant(path, HALF_A_GIGABYTE)
    reference = build_image([layer], directory=tmp_path)
    options = ("--format", "json", "--no-cache", "--jobs", "1")
    told = command("inspect", reference, *options, memory_bytes=MEMORY)
    assert told.exit_code == 0, told.stderr
    notes = "\n".join(json.loads(told.stdout)["contents"]["notes"])
    assert path in notes


@pytest.mark.parametrize("size", [0, 3, 15, 16, 40, 63, 64, 100, 1000, 5000])
def test_a_real_program_cut_short_anywhere(tmp_path: Path, size: int) -> None:
    with open(sys.executable, "rb") as program:  # noqa: PTH123 - a link to the real one
        head = program.read(size)
    reference = build_image([{"usr/bin/python3": head}], directory=tmp_path)
    told = command("inspect", reference, "--format", "json", "--no-cache")
    assert told.exit_code == 0, told.stderr
    assert json.loads(told.stdout)["image"]["visible_bytes"] == size


def test_the_same_through_the_cache(tmp_path: Path) -> None:
    reference = build_image([BROKEN], directory=tmp_path)
    runs = [
        command("inspect", reference, "--format", "json", cache=tmp_path / "cache").stdout
        for _ in range(2)
    ]
    first, again = (json.loads(text) for text in runs)
    assert first["contents"] == again["contents"]
    assert first["findings"] == again["findings"]
