"""What is said of a base that nobody looked into, by the C library that it is known to have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analysis.elf_parts import compiled
from bases.moving import judged, moved, this_machine, told
from lightship.bases import loads
from lightship.bases.judging import verdict
from lightship.catalogue.base_images import BaseRow, base_images
from lightship.catalogue.c_libraries import CLibrary

if TYPE_CHECKING:
    from pathlib import Path

HELLO = '#include <stdio.h>\nint main(void) { return printf("%d", 1) < 0; }\n'


def _row(image: str) -> BaseRow:
    return next(row for row in base_images() if row.image == image and row.libc is not None)


@pytest.mark.system("build-essential")
@pytest.mark.parametrize(("verified", "weight"), [(True, "blocks"), (False, "unproven")])
def test_a_version_that_nobody_read_blocks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verified: bool, weight: str
) -> None:
    older = CLibrary(system="x 1", libc="glibc", version="2.2.1", source="x", verified=verified)
    monkeypatch.setattr(loads, "c_library_of", lambda _: older)
    program = compiled(source=HELLO)
    base = this_machine()
    move = moved(tmp_path, base, {"app": program}, _row("debian"), config={"Cmd": ["/app"]})
    assert [one.weight for one in judged(move, "symbols")] == [weight]
    assert (weight, "symbols") in told(verdict(move))


@pytest.mark.system("build-essential")
def test_without_its_loader_nothing_starts_whatever_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = CLibrary(system="x 1", libc="musl", version="1.2.5", source="x", verified=False)
    monkeypatch.setattr(loads, "c_library_of", lambda _: other)
    program = compiled(source=HELLO)
    base = this_machine()
    move = moved(tmp_path, base, {"app": program}, _row("alpine"), config={"Cmd": ["/app"]})
    assert [one.weight for one in judged(move, "loader")] == ["blocks"]
