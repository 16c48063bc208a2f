"""Programs that a move starts: real ones of this machine, on roots that have them or lack them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from analysis.elf_parts import compiled
from bases.moving import ALPINE, DEBIAN, dpkg, judged, moved, this_machine, told
from lightship.bases.judging import verdict
from lightship.catalogue.base_images import base_images
from lightship.testing import File, Symlink

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.model.results.base_verdict import Reason

HELLO = '#include <stdio.h>\nint main(void) { return printf("%d", 1) < 0; }\n'
LIBRARY = "int answer(void) { return 42; }\n"


def one(reasons: list[Reason]) -> Reason:
    assert len(reasons) == 1, reasons
    return reasons[0]


@pytest.mark.system("build-essential")
def test_a_program_whose_closure_binds_runs(tmp_path: Path) -> None:
    base = this_machine()
    hello = File(content=compiled(source=HELLO), mode=0o755)
    move = moved(tmp_path, base, {"app": hello}, dict(base), config={"Cmd": ["/app"]})
    assert told(verdict(move)) == []
    assert verdict(move).answer == "runs"


@pytest.mark.system("build-essential")
def test_a_static_program_runs_on_nothing(tmp_path: Path) -> None:
    hello = compiled("-static", "-nostdlib", source="void _start(void) { for (;;) ; }")
    move = moved(tmp_path, this_machine(), {"app": hello}, {"etc/x": b""}, config={"Cmd": ["/app"]})
    assert verdict(move).answer == "runs"


@pytest.mark.system("build-essential")
def test_a_program_of_glibc_does_not_start_without_it(tmp_path: Path) -> None:
    hello = compiled(source=HELLO)
    base = {"etc/os-release": ALPINE}
    move = moved(tmp_path, this_machine(), {"app": hello}, base, config={"Cmd": ["/app"]})
    found = one(judged(move, "loader"))
    assert (found.weight, found.path) == ("blocks", "app")
    assert "ld-linux" in found.says
    assert verdict(move).answer == "will not run"


@pytest.mark.system("build-essential", "musl-tools")
def test_a_program_of_musl_does_not_start_without_it(tmp_path: Path) -> None:
    hello = compiled(compiler="musl-gcc", source=HELLO)
    base = this_machine()
    move = moved(tmp_path, base, {"app": hello}, dict(base), config={"Cmd": ["/app"]})
    # It does not start where it is now either: no verdict against the base.
    assert one(judged(move, "loader")).weight == "unproven"


@pytest.mark.system("build-essential")
def test_by_the_catalogue_alone_a_base_of_musl_lacks_the_loader(tmp_path: Path) -> None:
    row = next(row for row in base_images() if row.image == "alpine" and row.libc == "musl")
    hello = compiled(source=HELLO)
    move = moved(tmp_path, this_machine(), {"app": hello}, row, config={"Cmd": ["/app"]})
    assert one(judged(move, "loader")).weight == "blocks"
    slim = next(row for row in base_images() if row.image == "debian" and row.tag == "13-slim")
    move = moved(tmp_path, this_machine(), {"app": hello}, slim, config={"Cmd": ["/app"]})
    assert told(verdict(move)) == [("unproven", "seen")]


@pytest.mark.system("build-essential")
def test_a_library_of_the_old_base_is_missed(tmp_path: Path) -> None:
    base = this_machine()
    library = compiled("-shared", "-fPIC", "-Wl,-soname,libanswer.so.1", source=LIBRARY)
    (tmp_path / "libanswer.so").write_bytes(library)
    user = compiled(
        f"-L{tmp_path}", "-Wl,--no-as-needed", "-lanswer", source="int main(void) { return 0; }"
    )
    full = {**base, "usr/lib/libanswer.so.1": library}
    move = moved(tmp_path, full, {"app": user}, dict(base), config={"Cmd": ["/app"]})
    found = one(judged(move, "libraries"))
    assert (found.weight, found.evidence) == ("blocks", ("libanswer.so.1",))
    assert "libanswer.so.1" in found.says
    carried = {"app": user, "usr/lib/libanswer.so.1": library}
    move = moved(tmp_path, base, carried, dict(base), config={"Cmd": ["/app"]})
    assert verdict(move).answer == "runs"


@pytest.mark.system("build-essential")
def test_what_may_be_loaded_is_told_in_one_line(tmp_path: Path) -> None:
    base = this_machine()
    library = compiled("-shared", "-fPIC", "-Wl,-soname,libanswer.so.1", source=LIBRARY)
    (tmp_path / "libanswer.so").write_bytes(library)
    options = ("-shared", "-fPIC", f"-L{tmp_path}", "-Wl,--no-as-needed", "-lanswer")
    plugin = compiled(*options, source="int plugin(void) { return 0; }")
    full = {**base, "usr/lib/libanswer.so.1": library}
    hello = compiled(source=HELLO)
    plugins = {f"plugins/{number}.so": plugin for number in range(20)}
    move = moved(tmp_path, full, {"app": hello, **plugins}, dict(base), config={"Cmd": ["/app"]})
    found = one(judged(move, "libraries"))
    assert (found.weight, found.path) == ("unproven", None)
    assert found.says.startswith("20 programs and libraries")
    assert len(found.evidence) == 9
    assert found.evidence[0] == "plugins/0.so: libanswer.so.1"


def scripted(
    tmp_path: Path, script: bytes, onto: dict[str, object], **extra: object
) -> list[Reason]:
    base = {**this_machine(), "usr/bin/tool": b"#!/bin/sh\n", "bin/bash": b"\x7fELF"}
    above = {"start": File(content=script, mode=0o755), **extra}
    return list(verdict(moved(tmp_path, base, above, onto, config={"Cmd": ["/start"]})).reasons)


def test_the_interpreter_of_a_script_is_missed(tmp_path: Path) -> None:
    found = scripted(tmp_path, b"#!/bin/bash\nexec app\n", this_machine())
    assert (found[0].weight, found[0].kind, found[0].path) == (
        "blocks",
        "scripts",
        "start",
    )
    assert "/bin/bash" in found[0].says


@pytest.mark.parametrize(
    ("script", "weight"),
    [
        (b"#!/bin/sh\nexec tool\n", "blocks"),
        (b"#!/bin/sh\ntool\n", "blocks"),
        (b"#!/bin/sh\nset -e\ntool\nexec sh -c true\n", "blocks"),
        (b"#!/bin/sh -e\ntool\necho done\n", "blocks"),
        (b"#!/bin/sh\ntool\necho done\n", "unproven"),
        (b"#!/bin/sh\nset -e\ntool || true\necho done\n", "unproven"),
        (b'#!/bin/sh\nset -e\nif [ -n "$X" ]; then tool; fi\necho done\n', "unproven"),
        (b'#!/bin/sh\nif [ -n "$X" ]; then exit 0; fi\nexec tool\n', "unproven"),
        (b"#!/bin/sh\nset -e\ntool() { :; }\ntool\n", "unproven"),
        (b"#!/bin/sh\nset -- true\nexec tool\n", "unproven"),
        (b"#!/bin/sh\nset -e\ncommand -v tool\necho done\n", None),
    ],
)
def test_a_tool_that_is_called_for_certain_blocks(
    tmp_path: Path, script: bytes, weight: str | None
) -> None:
    found = [one for one in scripted(tmp_path, script, this_machine()) if "tool" in str(one)]
    assert [one.weight for one in found] == ([weight] if weight else [])


def test_a_tool_is_known_by_the_word_that_calls_it(tmp_path: Path) -> None:
    """A shell is `sh` whoever makes it, and `awk` is there under either name."""
    now = {"usr/bin/mawk": File(content=b"", mode=0o755), "usr/bin/awk": Symlink("mawk")}
    there = {"usr/bin/gawk": File(content=b"", mode=0o755), "usr/bin/awk": Symlink("gawk")}
    script = File(content=b"#!/bin/sh\nawk 1 || true\n", mode=0o755)
    config = {"Cmd": ["/start"]}
    for onto, kinds in ((there, []), ({}, ["tools"])):
        base = {**this_machine(), **now}
        move = moved(tmp_path, base, {"start": script}, {**this_machine(), **onto}, config=config)
        assert [one.kind for one in judged(move, "tools")] == kinds


@pytest.mark.system("build-essential")
def test_what_a_base_has_of_its_own_works_there(tmp_path: Path) -> None:
    """A static shell of glibc, which would open libraries when it looks up names."""
    asks = """const char *volatile at = "/etc/nsswitch.conf";
void _start(void) { for (;;) ; }"""
    shell = File(content=compiled("-static", "-nostdlib", source=asks), mode=0o755)
    script = File(content=b"#!/bin/sh\necho 1\n", mode=0o755)
    move = moved(
        tmp_path, this_machine(), {"start": script}, {"bin/sh": shell}, config={"Cmd": ["/start"]}
    )
    assert judged(move, "libraries") == []
    move = moved(tmp_path, this_machine(), {"app": shell}, {"etc/x": b""}, config={"Cmd": ["/app"]})
    assert [one.weight for one in judged(move, "libraries")] == ["unproven"]


def test_no_shell_no_script(tmp_path: Path) -> None:
    found = scripted(tmp_path, b"#!/bin/sh\nexec tool\n", {"etc/x": b""})
    assert ("blocks", "scripts") in [(one.weight, one.kind) for one in found]
    row = next(row for row in base_images() if row.shell == "none")
    move = moved(
        tmp_path, this_machine(), {"a": b"1"}, row, config={"Cmd": ["/bin/sh", "-c", "exec a"]}
    )
    assert [one.weight for one in judged(move, "shell")] == ["blocks", "note"]


def test_what_is_not_there_now_is_no_reason_against_a_base(tmp_path: Path) -> None:
    move = moved(tmp_path, {"x": b""}, {"a": b"1"}, {"y": b""}, config={"Cmd": ["/nothing"]})
    assert one(judged(move, "entrypoint")).weight == "unproven"


def test_a_source_that_is_not_there_proves_nothing(tmp_path: Path) -> None:
    python = {"usr/bin/python3": File(content=b"", mode=0o755)}
    for words, count in (
        (["python3", "/app/main.py"], 1),
        (["python3", "main.py"], 0),
        (["python3", "-m", "main"], 0),
        (["python3", "-c", "1", "x.py"], 0),
    ):
        move = moved(tmp_path, python, {"main.py": b"1"}, python, config={"Cmd": words})
        found = [one.weight for one in judged(move, "entrypoint") if "not in the image" in one.says]
        assert found == ["unproven"] * count


def test_an_image_to_work_in_proves_nothing(tmp_path: Path) -> None:
    base = this_machine()
    for config in ({}, {"Cmd": ["sh"]}):
        move = moved(tmp_path, base, {"a": b"1"}, dict(base), config=config)
        assert one(judged(move, "entrypoint")).weight == "unproven"


def test_another_machine(tmp_path: Path) -> None:
    row = replace(base_images()[0], platforms=("linux/riscv64",))
    move = moved(tmp_path, {"x": b""}, {"a": b"1"}, row, config={"Cmd": ["/a"]})
    assert one(judged(move, "machine")).weight == "blocks"
    same = replace(row, platforms=("linux/amd64",))
    assert judged(moved(tmp_path, {"x": b""}, {"a": b"1"}, same), "machine") == []


def test_what_a_package_brings_there_is_no_certain_loss(tmp_path: Path) -> None:
    base = {"etc/os-release": DEBIAN, **dpkg(("c", "1", "lib/c")), "lib/c": b"c"}
    packages = dpkg(("server", "2", "usr/bin/server"), ("c", "1", "lib/c"))
    above = {**packages, "usr/bin/server": b"\x7fELF"}
    config = {"Cmd": ["server"]}
    move = moved(tmp_path, base, above, {"etc/os-release": ALPINE}, config=config)
    found = one(judged(move, "entrypoint"))
    assert (found.weight, "package" in found.says) == ("unproven", True)
    lent = {**base, **dpkg(("server", "2", "usr/bin/server")), "usr/bin/server": b"\x7fELF"}
    move = moved(tmp_path, lent, {"a": b""}, {"etc/os-release": ALPINE}, config=config)
    assert one(judged(move, "entrypoint")).weight == "blocks"


@pytest.mark.system("build-essential")
def test_a_library_that_a_package_brings_there_is_no_certain_loss(tmp_path: Path) -> None:
    base = this_machine()
    library = compiled("-shared", "-fPIC", "-Wl,-soname,libanswer.so.1", source=LIBRARY)
    (tmp_path / "libanswer.so").write_bytes(library)
    options = (f"-L{tmp_path}", "-Wl,--no-as-needed", "-lanswer")
    user = compiled(*options, source="int answer(void); int main(void) { return answer(); }")
    place = "usr/lib/libanswer.so.1"
    above = {"app": user, place: library, **dpkg(("libanswer1", "1", place))}
    other = {**base, "etc/os-release": ALPINE}
    move = moved(tmp_path, base, above, other, config={"Cmd": ["/app"]})
    assert one(judged(move, "libraries")).weight == "unproven"
    assert not [one for one in verdict(move).reasons if one.weight == "blocks"]
