from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.elf_parts import compiled, written
from analysis.recorded import records_of
from lightship.analysis.elf import elf_requests, elves
from lightship.analysis.libraries import Closure, Libraries
from lightship.analysis.library_places import library_requests
from lightship.analysis.lookup import Lookup
from lightship.testing import Dir, File, Layer, Symlink

LOADER = b"/lib64/ld-linux-x86-64.so.2"
REQUESTS = (*elf_requests(), *library_requests())


def library(soname: str, *needed: str, machine: int = 62, runpath: bytes = b"") -> bytes:
    return written(
        soname=soname.encode(),
        needed=tuple(name.encode() for name in needed),
        machine=machine,
        runpath=runpath,
    )


def program(*needed: str, rpath: bytes = b"", runpath: bytes = b"") -> bytes:
    names = tuple(name.encode() for name in needed)
    return written(interpreter=LOADER, needed=names, rpath=rpath, runpath=runpath)


def closure_of(
    layer: Layer, *starts: str, library_path: tuple[bytes, ...] = ()
) -> tuple[set[str], Closure]:
    """Paths that programs load, themselves included, and all that is said."""
    records = records_of(layer, requests=REQUESTS)
    files = elves(records)
    lookup = Lookup(records.tree)
    found = [lookup.file(start.encode()) for start in starts]
    closure = Libraries(records, files, library_path, b"/srv").closure(
        [file for file in found if file is not None]
    )
    paths = {one.record: one.path.decode() for one in files}
    return {paths[record] for record in closure.records if record in paths}, closure


def test_the_usual_directories_and_what_is_needed_in_turn() -> None:
    loaded, closure = closure_of(
        {
            "bin/app": program("liba.so.1"),
            "usr/lib/x86_64-linux-gnu/liba.so.1": Symlink("liba.so.1.2"),
            "usr/lib/x86_64-linux-gnu/liba.so.1.2": library("liba.so.1", "libb.so"),
            "lib64/libb.so": library("libb.so", "liba.so.1"),
            "lib64/ld-linux-x86-64.so.2": library("ld-linux-x86-64.so.2"),
            "lib64/libother.so": library("libother.so"),
        },
        "bin/app",
    )
    assert loaded == {
        "bin/app",
        "usr/lib/x86_64-linux-gnu/liba.so.1.2",
        "lib64/libb.so",
        "lib64/ld-linux-x86-64.so.2",
    }
    assert closure.missing == ()
    assert closure.is_complete


def test_configured_directories_come_before_the_usual_ones() -> None:
    loaded, _ = closure_of(
        {
            "app": program("liba.so"),
            "etc/ld.so.conf": b"# here\ninclude /etc/ld.so.conf.d/*.conf\n/opt/late\n",
            "etc/ld.so.conf.d/a.conf": b"/opt/early # first\n",
            "etc/ld.so.conf.d/b.txt": b"/opt/none\n",
            "opt/early/liba.so": library("liba.so", "libb.so"),
            "opt/late/liba.so": library("liba.so"),
            "opt/late/libb.so": library("libb.so", "libc.so"),
            "opt/none/libc.so": library("libc.so"),
            "lib/liba.so": library("liba.so"),
        },
        "app",
    )
    assert loaded == {"app", "opt/early/liba.so", "opt/late/libb.so"}


@pytest.mark.parametrize(
    ("paths", "wanted"),
    [
        ({"rpath": b"/r"}, "r/liba.so"),
        ({"rpath": b"/r", "runpath": b"/n"}, "l/liba.so"),
        ({"runpath": b"/n"}, "l/liba.so"),
    ],
)
def test_which_search_path_comes_first(paths: dict[str, bytes], wanted: str) -> None:
    layer = {"app": program("liba.so", **paths)}
    layer |= {f"{folder}/liba.so": library("liba.so") for folder in ("r", "l", "n", "lib")}
    loaded, _ = closure_of(layer, "app", library_path=(b"/l",))
    assert loaded == {"app", wanted}


def test_runpath_is_for_the_file_alone_and_rpath_for_what_it_loads_too() -> None:
    layer = {
        "lib/liba.so": library("liba.so", "libb.so"),
        "own/libb.so": library("libb.so"),
    }
    loaded, closure = closure_of(layer | {"app": program("liba.so", runpath=b"/own")}, "app")
    assert loaded == {"app", "lib/liba.so"}
    assert closure.missing == ((b"lib/liba.so", b"libb.so"),)
    loaded, closure = closure_of(layer | {"app": program("liba.so", rpath=b"/own")}, "app")
    assert loaded == {"app", "lib/liba.so", "own/libb.so"}
    assert closure.missing == ()


def test_origin_is_where_the_file_really_is() -> None:
    loaded, _ = closure_of(
        {
            "usr/bin/app": Symlink("/opt/app/bin/app"),
            "opt/app/bin/app": program("liba.so", runpath=b"${ORIGIN}/../lib:$ORIGIN/$LIB"),
            "opt/app/lib/liba.so": library("liba.so", "libb.so", runpath=b"$ORIGIN/deps"),
            "opt/app/lib/deps/libb.so": library("libb.so"),
        },
        "usr/bin/app",
    )
    assert loaded == {"opt/app/bin/app", "opt/app/lib/liba.so", "opt/app/lib/deps/libb.so"}


def test_another_machines_library_is_passed_over() -> None:
    loaded, _ = closure_of(
        {
            "app": program("liba.so"),
            "lib/x86_64-linux-gnu/liba.so": library("liba.so", machine=183),
            "lib64/liba.so": b"no library at all",
            "usr/lib/liba.so": library("liba.so"),
        },
        "app",
    )
    assert loaded == {"app", "usr/lib/liba.so"}


def test_variants_for_better_processors_count_along() -> None:
    loaded, _ = closure_of(
        {
            "app": program("liba.so"),
            "lib64/glibc-hwcaps/x86-64-v3/liba.so": library("liba.so", "libfast.so"),
            "lib64/liba.so": library("liba.so"),
            "lib64/libfast.so": library("libfast.so"),
        },
        "app",
    )
    assert loaded == {
        "app",
        "lib64/glibc-hwcaps/x86-64-v3/liba.so",
        "lib64/liba.so",
        "lib64/libfast.so",
    }


def test_musl_has_directories_of_its_own() -> None:
    app = written(interpreter=b"/lib/ld-musl-x86_64.so.1", needed=(b"liba.so", b"libc.musl-x.so.1"))
    layer = {
        "app": app,
        "lib/ld-musl-x86_64.so.1": library("libc.so"),
        "usr/local/lib/liba.so": library("liba.so"),
        "usr/lib/liba.so": library("liba.so"),
        "own/liba.so": library("liba.so"),
    }
    loaded, closure = closure_of(layer, "app")
    assert loaded == {"app", "lib/ld-musl-x86_64.so.1", "usr/local/lib/liba.so"}
    assert closure.missing == ()
    loaded, _ = closure_of(layer | {"etc/ld-musl-x86_64.path": b"/none:/own\n"}, "app")
    assert "own/liba.so" in loaded


def test_a_path_in_place_of_a_name() -> None:
    loaded, closure = closure_of(
        {"app": program("/opt/liba.so", "/opt/gone.so"), "opt/liba.so": library("liba.so")}, "app"
    )
    assert loaded == {"app", "opt/liba.so"}
    assert closure.missing == ((b"app", b"/opt/gone.so"),)


def test_loops_of_links_and_of_libraries_end() -> None:
    loaded, closure = closure_of(
        {
            "app": program("liba.so", "libb.so"),
            "lib/liba.so": Symlink("libb.so"),
            "lib/libb.so": Symlink("liba.so"),
            "etc/ld.so.conf": b"include ld.so.conf.d/*\n",
            "etc/ld.so.conf.d/x": b"include /etc/ld.so.conf.d/x\ninclude /etc/../../[\n/lib\n",
        },
        "app",
    )
    assert loaded == {"app"}
    assert {name for _, name in closure.missing} == {b"liba.so", b"libb.so"}


@given(st.lists(st.sampled_from(["..", "a", "b", "c", ".", "", "x" * 300]), max_size=12))
def test_any_path_may_be_looked_up(parts: list[str]) -> None:
    records = records_of({"a/b": Symlink("../a"), "a/c": b"x", "c": Symlink("a/b/c"), "b": Dir()})
    file = Lookup(records.tree).file("/".join(parts).encode())
    assert file is None or file.path == b"a/c"


@pytest.mark.system("build-essential", "libc-bin")
def test_a_real_program_loads_what_ldd_says() -> None:
    """Programs of this machine, their libraries, and the loader's own answer."""
    programs = [
        path
        for name in ("ls", "sort", "tar", "perl", "bash", "grep", "apt-get", "ssh", "curl", "git")
        if (path := Path("/usr/bin", name).resolve()).is_file()
        and path.read_bytes()[:4] == b"\x7fELF"
    ]
    assert programs
    answers = {path: _ldd(path) for path in programs}
    layer: dict[str, object] = {}
    for folder in ("lib", "lib64", "bin", "sbin"):
        if Path("/", folder).is_symlink():
            layer[folder] = Symlink(str(Path("/", folder).readlink()))
    for path in {*programs, *(file for answer in answers.values() for file in answer)}:
        real = path.resolve()
        layer[str(real).lstrip("/")] = File(real.read_bytes())
        named = path.parent.resolve() / path.name
        if named != real:
            layer[str(named).lstrip("/")] = Symlink(str(real))
    for path in Path("/etc").glob("ld.so.conf*"):
        for file in path.iterdir() if path.is_dir() else [path]:
            layer[str(file).lstrip("/")] = File(file.read_bytes())
    for path, answer in answers.items():
        loaded, closure = closure_of(layer, str(path))
        assert {Path("/", one) for one in loaded} == {path, *(file.resolve() for file in answer)}
        assert closure.missing == ()


def _ldd(path: Path) -> set[Path]:
    said = subprocess.run(
        ["ldd", str(path)], capture_output=True, text=True, check=False, timeout=60
    ).stdout
    return {Path(word) for word in said.split() if word.startswith("/")}


@pytest.mark.system("build-essential")
def test_a_real_static_program_loads_nothing() -> None:
    loaded, closure = closure_of({"app": compiled("-static")}, "app")
    assert loaded == {"app"}
    assert closure.missing == ()


def test_a_search_that_has_no_end_is_given_up() -> None:
    wanted = [f"none{number}.so" for number in range(900)]
    layer: dict[str, object] = {
        f"lib/liba{number}.so": library(f"liba{number}.so", f"liba{number + 1}.so", *wanted)
        for number in range(20)
    }
    layer["etc/ld.so.conf"] = b"".join(b"/directory/%d\n" % number for number in range(1500))
    _, closure = closure_of(layer | {"app": program("liba0.so")}, "app")
    assert not closure.is_complete
