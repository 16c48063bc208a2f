"""Libraries that only ldconfig's cache leads to, on a move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analysis.elf_parts import compiled
from bases.moving import judged, moved, this_machine
from lightship.testing import File

if TYPE_CHECKING:
    from pathlib import Path

    from bases.moving import Files

CONF: Files = {"etc/ld.so.conf": b"/opt/lib\n"}
TOOL: Files = {"sbin/ldconfig": File(content=b"\x7fELF", mode=0o755)}


@pytest.mark.system("build-essential")
@pytest.mark.parametrize(
    ("place", "of_base", "there", "said"),
    [
        ("opt/lib", {}, TOOL, [("carry", "RUN ldconfig")]),
        ("opt/lib", {}, {}, [("unproven", None)]),
        ("usr/lib", {}, TOOL, []),
        ("opt/lib", {"etc/ld.so.conf": b""}, TOOL, []),
    ],
)
def test_the_cache_is_written_anew(
    tmp_path: Path, place: str, of_base: Files, there: Files, said: list[tuple[str, str | None]]
) -> None:
    options = ("-shared", "-fPIC", "-Wl,-soname,libanswer.so.1")
    library = compiled(*options, source="int answer(void) { return 42; }")
    (tmp_path / "libanswer.so").write_bytes(library)
    user = compiled(
        f"-L{tmp_path}", "-Wl,--no-as-needed", "-lanswer", source="int main(void) { return 0; }"
    )
    above: Files = {"app": user, f"{place}/libanswer.so.1": library, "etc/ld.so.cache": b"old"}
    base = {**this_machine(), **CONF}
    onto = {**base, **of_base, **there}
    move = moved(tmp_path, base, above, onto, config={"Cmd": ["/app"]})
    assert [(one.weight, one.todo) for one in judged(move, "library_cache")] == said
    assert move.landing is not None
    assert not move.landing.records.exists(b"etc/ld.so.cache")


@pytest.mark.system("build-essential")
def test_a_library_of_the_base_is_in_the_base_s_own_cache(tmp_path: Path) -> None:
    options = ("-shared", "-fPIC", "-Wl,-soname,libanswer.so.1")
    library = compiled(*options, source="int answer(void) { return 42; }")
    (tmp_path / "libanswer.so").write_bytes(library)
    user = compiled(
        f"-L{tmp_path}", "-Wl,--no-as-needed", "-lanswer", source="int main(void) { return 0; }"
    )
    base = {**this_machine(), **CONF, **TOOL, "opt/lib/libanswer.so.1": library}
    move = moved(tmp_path, base, {"app": user}, dict(base), config={"Cmd": ["/app"]})
    assert judged(move, "library_cache") == []
