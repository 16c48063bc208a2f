from __future__ import annotations

import os
import struct
import subprocess
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.packages.folders import content_of, find, survives
from analysis.recorded import records_of
from lightship.analysis.packages.go import SYSTEM, extract
from lightship.analysis.packages.go_build_info import BuildInfo, Module, read_build_info
from lightship.analysis.packages.owning import find_owners
from lightship.analysis.packages.systems import package_requests
from lightship.testing import Link

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = b"\xff Go buildinf:"
SENTINELS = (bytes(range(16)), bytes(range(16, 32)))
MODULES = (
    "path\texample.com/app/cmd/app\n"
    "mod\texample.com/app\tv1.4.0\th1:abc=\n"
    "dep\texample.com/a\tv0.1.0\th1:def=\n"
    "dep\texample.com/b\tv0.2.0\n"
    "=>\texample.com/fork\tv0.2.1\th1:ghi=\n"
    "dep\texample.com/c\tv0.3.0\n"
    "=>\t./local\t(devel)\n"
    "build\tCGO_ENABLED=0\n"
    'build\t-ldflags="-s -w"\n'
)
INFO = BuildInfo(
    go="go1.22.1",
    path="example.com/app/cmd/app",
    main=Module("example.com/app", "v1.4.0"),
    deps=[
        Module("example.com/a", "v0.1.0"),
        Module("example.com/fork", "v0.2.1"),
        Module("example.com/c", "(devel)"),
    ],
    settings={"CGO_ENABLED": "0", "-ldflags": '"-s -w"'},
)
ADDRESS = 0x400000


def varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*found, value))


def framed(modules: str) -> bytes:
    return SENTINELS[0] + modules.encode() + SENTINELS[1]


def inlined(go: str, modules: str) -> bytes:
    """Build information as Go 1.18 and later write it."""
    texts = (go.encode(), framed(modules))
    header = MAGIC + b"\x08\x02" + bytes(16)
    return header + b"".join(varint(len(text)) + text for text in texts)


def pointed(go: str, modules: str, *, order: str, wide: bool, at: int) -> bytes:
    """Build information as Go wrote it before 1.18, in a segment loaded at `ADDRESS`.

    Args:
        at: offset in the file, which is also the offset in the segment.
    """
    pointer = struct.Struct(order + ("Q" if wide else "I"))
    texts = (go.encode(), framed(modules))
    strings_at = ADDRESS + at + 32
    texts_at = strings_at + 4 * pointer.size
    flags = bytes((pointer.size, 1 if order == ">" else 0))
    header = MAGIC + flags + pointer.pack(strings_at) + pointer.pack(strings_at + 2 * pointer.size)
    strings = b""
    for text in texts:
        strings += pointer.pack(texts_at) + pointer.pack(len(text))
        texts_at += len(text)
    return header.ljust(32, b"\0") + strings + b"".join(texts)


def elf(
    data: bytes, *, order: str = "<", wide: bool = True, flags: int = 6, kind: int = 1
) -> bytes:
    """An ELF file without sections: a header, one segment, and data at `data_at`."""
    ident = b"\x7fELF" + bytes((2 if wide else 1, 1 if order == "<" else 2, 1)) + bytes(9)
    total = data_at(wide=wide) + len(data)
    if wide:
        header = struct.pack(order + "HHIQQQIHHHHHH", 2, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
        segment = (kind, flags, 0, ADDRESS, ADDRESS, total, total, 4096)
        table = struct.pack(order + "IIQQQQQQ", *segment)
    else:
        header = struct.pack(order + "HHIIIIIHHHHHH", 2, 3, 1, 0, 52, 0, 0, 52, 32, 1, 0, 0, 0)
        segment = (kind, 0, ADDRESS, ADDRESS, total, total, flags, 4096)
        table = struct.pack(order + "IIIIIIII", *segment)
    return (ident + header + table).ljust(data_at(wide=wide), b"\0") + data


def data_at(*, wide: bool) -> int:
    return 128 if wide else 96


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Programs that Go builds: plain, stripped, relocatable, for 32 bits, and without a module."""
    folder = tmp_path_factory.mktemp("go")
    (folder / "dep").mkdir()
    (folder / "dep" / "go.mod").write_text("module example.com/greeting\ngo 1.16\n")
    (folder / "dep" / "g.go").write_text("package greeting\n\nconst Hello = 1\n")
    (folder / "go.mod").write_text(
        "module example.com/app\ngo 1.16\nrequire example.com/greeting v1.2.3\n"
        "replace example.com/greeting v1.2.3 => ./dep\n"
    )
    (folder / "main.go").write_text(
        'package main\n\nimport "example.com/greeting"\n\nfunc main() { println(greeting.Hello) }\n'
    )
    (folder / "single").mkdir()
    (folder / "single" / "s.go").write_text("package main\n\nfunc main() {}\n")
    go(folder, "build", "-o", "plain", ".")
    go(folder, "build", "-ldflags=-s -w", "-o", "stripped", ".")
    go(folder, "build", "-buildmode=pie", "-o", "pie", ".")
    go(folder, "build", "-o", "386", ".", GOARCH="386")
    go(folder / "single", "build", "-o", "../tool", "s.go", GO111MODULE="off")
    return folder


def go(folder: Path, *arguments: str, **settings: str) -> None:
    settings = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GOPROXY": "off", **settings}
    subprocess.run(
        ["go", *arguments],
        cwd=folder,
        env={**os.environ, **settings},
        check=True,
    )


@pytest.mark.system("golang-go")
def test_what_go_builds(programs: Path) -> None:
    names = ("plain", "stripped", "pie", "386", "tool")
    layer = {f"bin/{name}": (programs / name).read_bytes() for name in names}
    found = find(SYSTEM, {**layer, "usr/bin/app": Link("bin/plain"), "bin/sh": elf(b"x" * 100)})
    *apps, tool = found.packages
    assert {(one.name, one.version) for one in apps} == {("example.com/app", "(devel)")}
    assert {path.decode() for one in apps for path in one.paths} == set(layer) - {"bin/tool"}
    assert {one.depends for one in apps} == {("example.com/greeting",)}
    assert (tool.name, tool.version, list(tool.paths)) == ("tool", None, [b"bin/tool"])
    assert found.notes == []


@pytest.mark.system("golang-go")
def test_what_go_says_itself_of_a_program(programs: Path) -> None:
    said = subprocess.run(
        ["go", "version", "-m", programs / "plain"], check=True, capture_output=True, text=True
    ).stdout
    found = read_build_info(content_of((programs / "plain").read_bytes()))
    assert found is not None
    assert said.startswith(f"{programs / 'plain'}: {found.go}\n")
    for key, value in found.settings.items():
        assert f"\tbuild\t{key}={value}\n" in said
    assert said.count("\tbuild\t") == len(found.settings) > 3


def test_strings_in_place() -> None:
    assert read_build_info(content_of(elf(inlined("go1.22.1", MODULES)))) == INFO


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("wide", [True, False])
def test_strings_behind_pointers(order: str, wide: bool) -> None:
    data = pointed("go1.22.1", MODULES, order=order, wide=wide, at=data_at(wide=wide))
    assert read_build_info(content_of(elf(data, order=order, wide=wide))) == INFO


def test_the_magic_counts_where_it_is_aligned() -> None:
    data = b"x" * 8 + inlined("go1.22.1", MODULES) + b"\0" * 8
    assert read_build_info(content_of(elf(data))) is None
    data += b"\0" * (-len(data) % 16)
    assert read_build_info(content_of(elf(data + inlined("go1.22.1", MODULES)))) == INFO


@pytest.mark.parametrize("flags", [4, 5, 7])
def test_only_data_that_can_be_written_is_searched(flags: int) -> None:
    assert read_build_info(content_of(elf(inlined("go1.22.1", MODULES), flags=flags))) is None


def test_other_files_are_not_gos_and_say_nothing() -> None:
    whole = elf(inlined("go1.22.1", MODULES))
    layer = {f"cut/{length}": whole[:length] for length in range(4, 130)}
    found = find(SYSTEM, {**layer, "c": b"\x7fELF" + b"\xff" * 200, "text": MAGIC})
    assert found.packages == []
    assert found.notes == []


@pytest.mark.parametrize(
    "info",
    [
        MAGIC + b"\x08\x02",
        MAGIC + b"\x08\x02" + bytes(16) + b"\xff" * 40,
        MAGIC + b"\x08\x02" + bytes(16) + varint(2**62) + b"go",
        MAGIC + b"\x08\x02" + bytes(16) + varint(5000) + b"go",
        MAGIC + b"\x08\x02" + bytes(16) + varint(2) + b"go",
        MAGIC + b"\x08\x00" + b"\xff" * 16,
        MAGIC + b"\x08\x00" + struct.pack("<QQ", ADDRESS, ADDRESS),
        MAGIC + b"\x63\x00" + struct.pack("<QQ", ADDRESS + 1, ADDRESS + 2),
    ],
)
def test_damaged_build_information_is_noted(info: bytes) -> None:
    found = find(SYSTEM, {"bin/bad": elf(info), "bin/good": elf(inlined("go1", MODULES))})
    assert [one.source for one in found.packages] == [b"bin/good"]
    (note,) = found.notes
    assert note.startswith("go: bin/bad: its build information is ")


def test_a_program_longer_than_what_is_read_is_told_by_its_note() -> None:
    note = struct.pack("<III", 4, 1, 4) + b"Go\0\0" + b"x"
    whole = elf(note + bytes(2000), kind=4)
    at = whole.index(note)
    whole = whole[:72] + struct.pack("<Q", at) + whole[80:]
    assert read_build_info(content_of(whole)) is None
    assert read_build_info(content_of(whole, head=1000)) == BuildInfo("", "", None, [], {})


def test_a_tail_is_enough_where_the_data_comes_last() -> None:
    whole = elf(bytes(320_000) + inlined("go1.22.1", MODULES))
    at = 128 + 320_000  # the segment begins there
    whole = whole[:72] + struct.pack("<QQ", at, ADDRESS + at) + whole[88:]
    assert read_build_info(content_of(whole, head=1000)) is None
    assert read_build_info(content_of(whole, head=1000, tail=2000)) == INFO


def test_a_program_that_another_systems_package_brought_is_that_packages() -> None:
    program = elf(inlined("go1.22.1", MODULES))
    layer = {
        "app/node_modules/esbuild/package.json": b'{"name": "esbuild"}',
        "app/node_modules/esbuild/bin/esbuild": program,
        "app/tool": program,
    }
    owners = find_owners(records_of(layer, requests=package_requests()))
    assert [(one.system, one.name, one.source) for one in owners.packages] == [
        ("npm", "esbuild", b"app/node_modules/esbuild/package.json"),
        ("go", "example.com/app", b"app/tool"),
    ]
    assert list(owners.owner_of) == [1, 1, 2]


def test_a_program_that_is_not_told_of_is_named_by_its_file() -> None:
    record = msgspec.msgpack.encode(["", "", [], False])
    told = msgspec.structs.replace(SYSTEM.requests[0], extract=lambda _: record)
    found = SYSTEM.find(records_of({"bin/tool": elf(b"")}, requests=[told]))
    assert [(one.name, one.version) for one in found.packages] == [("tool", None)]
    (note,) = found.notes
    assert note.startswith("go: bin/tool: too large a Go program ")


def test_what_a_program_says_may_be_anything() -> None:
    odd = "mod\n=>\tx\ty\ndep\n=>\nbuild\nmod\t" + "n" * 5000 + "\tv\x1b[1m\npath\t\n"
    (one,) = find(SYSTEM, {"bin/odd": elf(inlined("go1", odd))}).packages
    assert (one.name, one.version) == ("n" * 1000, "v\x1b[1m")


@given(
    st.text(max_size=50),
    st.text(st.characters(codec="utf-8", exclude_characters="\t\n"), min_size=1),
)
def test_any_module_is_read_as_it_is_written(go_version: str, name: str) -> None:
    text = f"mod\t{name}\tv1\n"
    found = read_build_info(content_of(elf(inlined(go_version, text))))
    assert found is not None
    assert (found.go, found.main) == (go_version, Module(name, "v1"))


@given(st.binary(max_size=200), st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_any_damage_is_read_or_refused(tail: bytes, at: int, damage: bytes) -> None:
    for whole in (
        elf(inlined("go1.22.1", MODULES)),
        elf(pointed("go1.22.1", MODULES, order="<", wide=True, at=128)),
    ):
        survives(extract, whole[:at] + damage + whole[at + len(damage) :])
    survives(extract, b"\x7fELF" + tail)
    survives(extract, elf(MAGIC + tail))
