"""Runtimes of languages: Python, Node, Java, Ruby, Perl and PHP, now and on another base."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from typing import TYPE_CHECKING

import pytest

from analysis.elf_parts import compiled
from bases.moving import ALPINE, DEBIAN, ROOT, judged, moved
from lightship.testing import Symlink

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.model.results.base_verdict import Reason

Files = dict[str, object]
pytestmark = pytest.mark.system("build-essential", "musl-tools")
SOURCE = 'int puts(const char *); int f(void) { return puts("x"); }'
Told = list[tuple[str, str]]


def told(reasons: list[Reason]) -> Told:
    return [(one.weight, one.says) for one in reasons]


@cache
def program(libc: str) -> bytes:
    """A real program of a C library; it stands for a runtime."""
    return compiled(compiler="musl-gcc" if libc == "musl" else "gcc")


@cache
def extension(
    libc: str, source: str = 'int printf(const char *, ...); int f(void) { return printf("x"); }'
) -> bytes:
    """A real library of a C library."""
    needed = "-Wl,-soname,x.so"
    return compiled(
        "-shared", "-fPIC", needed, compiler="musl-gcc" if libc == "musl" else "gcc", source=source
    )


def system(libc: str) -> Files:
    return {"etc/os-release": ALPINE if libc == "musl" else DEBIAN, "etc/passwd": ROOT}


# Python.

STANDARD: dict[str, bytes] = {
    "os": b"import stat\n", "stat": b"", "json": b"import re\n", "re": b"", "cgi": b"", "venv": b"",
}  # fmt: skip


def python(minor: int, libc: str = "glibc", *, without: str = "", **more: object) -> Files:
    """A root with a Python; its sources are as short as can be."""
    library = f"usr/local/lib/python3.{minor}"
    return {
        **system(libc),
        f"usr/local/bin/python3.{minor}": program(libc),
        "usr/local/bin/python3": Symlink(f"python3.{minor}"),
        "usr/local/bin/python": Symlink("python3"),
        **{f"{library}/{name}.py": text for name, text in STANDARD.items() if name != without},
        **more,
    }


def run(tmp_path: Path, now: Files, app: Files, there: Files, *words: str) -> list[Reason]:
    command = list(words) or ["python3", "/app/main.py"]
    move = moved(tmp_path, now, app, there, config={"Cmd": command})
    found = [one for kind in ("python_runtime", "python_wheels") for one in judged(move, kind)]
    return sorted(found, key=lambda one: one.weight)  # what blocks first


def site(minor: int) -> str:
    return f"usr/local/lib/python3.{minor}/site-packages"


def test_the_same_python_is_no_reason(tmp_path: Path) -> None:
    app: Files = {"app/main.py": b"import json, cgi\n", f"{site(11)}/flask/__init__.py": b""}
    assert run(tmp_path, python(11), app, python(11)) == []


def test_another_version_leaves_a_doubt(tmp_path: Path) -> None:
    app: Files = {"app/main.py": b"import json\n"}
    assert told(run(tmp_path, python(11), app, python(13))) == [
        ("unproven", "Python 3.13 would run it, which Python 3.11 runs now")
    ]


@pytest.mark.parametrize(
    ("source", "weight"),
    [
        (b"import json\nimport cgi\n", "blocks"),
        (b"from cgi import parse\n", "blocks"),
        (b"import json as j, cgi as c\n", "blocks"),
        (b"import json, \\\n  cgi\n", "blocks"),
        (b"import helper\n", "blocks"),  # whose own imports are followed
        (b"try:\n    import cgi\nexcept ImportError:\n    cgi = None\n", None),
        (b'"""\nimport cgi\n"""\n', None),
        (b"# import cgi\nx = 'import cgi'\n", None),
        (b"import sys\nsys.path.append('/x')\nimport cgi\n", "unproven"),
        (b"import unheard_of\n", None),  # nor is it there now
    ],
)
def test_a_module_of_the_standard_library_that_is_gone(
    tmp_path: Path, source: bytes, weight: str | None
) -> None:
    app: Files = {"app/main.py": source, "app/helper.py": b"import cgi\n"}
    if b"helper" not in source:
        del app["app/helper.py"]
    found = run(tmp_path, python(11), app, python(11, without="cgi"))
    assert [one.weight for one in found] == ([weight] if weight else [])
    if weight == "blocks":
        assert found[0].says == "it imports cgi, which the Python there does not find"


def test_packages_of_another_version_s_folder_are_not_found(tmp_path: Path) -> None:
    app: Files = {"app/main.py": b"import flask\n", f"{site(11)}/flask/__init__.py": b""}
    found = run(tmp_path, python(11), app, python(13))
    assert found[0].weight == "blocks"
    assert found[0].says == "it imports flask, which the Python there does not find"
    assert found[0].path == "app/main.py"


def test_a_module_that_is_run_is_imported(tmp_path: Path) -> None:
    app: Files = {f"{site(11)}/flask/__init__.py": b""}
    found = run(tmp_path, python(11), app, python(13), "python", "-u", "-m", "flask.cli", "run")
    assert found[0].weight == "blocks"


def test_a_script_of_pip_is_followed(tmp_path: Path) -> None:
    app: Files = {
        "usr/local/bin/serve": b"#!/usr/local/bin/python3\nimport flask\n",
        f"{site(11)}/flask/__init__.py": b"",
    }
    assert run(tmp_path, python(11), app, python(11), "serve") == []
    assert run(tmp_path, python(11), app, python(12), "serve")[0].weight == "blocks"


def test_other_sources_leave_a_doubt(tmp_path: Path) -> None:
    app: Files = {"app/main.py": b"import json\n", "app/seldom.py": b"import cgi\n"}
    (only,) = run(tmp_path, python(11), app, python(11, without="cgi"))
    assert (only.weight, only.evidence) == ("unproven", ("cgi: imported in app/seldom.py",))


def test_a_python_that_comes_along_is_not_asked(tmp_path: Path) -> None:
    own = python(11)
    app = {name: content for name, content in own.items() if name.startswith("usr")}
    assert run(tmp_path, system("glibc"), {**app, "app/main.py": b"import cgi\n"}, python(13)) == []


def numpy() -> Files:
    module = "numpy/core.cpython-311-x86_64-linux-gnu.so"
    return {
        f"{site(11)}/numpy/__init__.py": b"",
        f"{site(11)}/{module}": extension("glibc"),
        f"{site(11)}/numpy-2.1.0.dist-info/METADATA": b"Name: numpy\nVersion: 2.1.0\n",
        f"{site(11)}/numpy-2.1.0.dist-info/RECORD": f"numpy/__init__.py,,\n{module},,\n".encode(),
        "app/main.py": b"import json\n",
    }


def test_wheels_for_glibc_do_not_load_on_musl(tmp_path: Path) -> None:
    (only,) = run(tmp_path, python(11), numpy(), python(11, "musl"))
    assert only.weight == "unproven"
    assert only.says.startswith(
        "1 compiled module made for glibc cannot be loaded in a Python of musl"
    )
    (line,) = only.evidence
    assert line.startswith("numpy 2.1.0: has a wheel for musl as well, as seen on 20")


def test_a_package_that_is_imported_and_needs_its_compiled_parts_blocks(tmp_path: Path) -> None:
    app = {**numpy(), "app/main.py": b"import numpy\n"}
    (only,) = run(tmp_path, python(11), app, python(11, "musl"))
    assert only.weight == "blocks"
    assert run(tmp_path, python(11), app, python(11)) == []


def test_wheels_of_another_version_are_not_taken(tmp_path: Path) -> None:
    found = run(tmp_path, python(11), numpy(), python(13))
    assert "not taken by Python 3.13" in found[-1].says
    assert run(tmp_path, python(11), numpy(), python(11)) == []


# Node.

HEADER = """\
#define NODE_MAJOR_VERSION {0}
#define NODE_MINOR_VERSION 1
#define NODE_PATCH_VERSION 2
#define NODE_MODULE_VERSION {1}
"""
PACKAGE = b'{"name": "sharp", "version": "0.33.1"}'


def node(major: int, abi: int, libc: str = "glibc") -> Files:
    return {
        **system(libc),
        # No two versions are one program.
        "usr/local/bin/node": program(libc) + b"%d" % major,
        "usr/local/include/node/node_version.h": HEADER.format(major, abi).encode(),
    }


def add_on(libc: str, abi: int = 0) -> bytes:
    name = f"node_register_module_v{abi}" if abi else "napi_register_module_v1"
    return extension(libc, f'int puts(const char *); int {name}(void) {{ return puts("x"); }}')


def run_node(tmp_path: Path, app: Files, there: Files) -> Told:
    above = {"app/main.js": b"", "app/node_modules/sharp/package.json": PACKAGE, **app}
    move = moved(tmp_path, node(20, 115), above, there, config={"Cmd": ["node", "/app/main.js"]})
    return told([one for kind in ("node_runtime", "node_addons") for one in judged(move, kind)])


def test_add_ons_by_the_version_that_they_were_made_for(tmp_path: Path) -> None:
    native: Files = {"app/node_modules/sharp/build/a.node": add_on("glibc", 115)}
    assert run_node(tmp_path, native, node(20, 115)) == []
    version, made = run_node(tmp_path, native, node(22, 127))
    assert version == ("unproven", "Node.js 22 would run it, which Node.js 20 runs now")
    assert made[1].startswith("1 add-on made for another version cannot be loaded in Node.js 22")


def test_add_ons_of_node_api_go_with_every_version(tmp_path: Path) -> None:
    native: Files = {"app/node_modules/sharp/build/a.node": add_on("glibc")}
    assert len(run_node(tmp_path, native, node(22, 127))) == 1


def test_add_ons_by_their_c_library(tmp_path: Path) -> None:
    native: Files = {"app/node_modules/sharp/prebuilds/linux-x64/a.glibc.node": add_on("glibc")}
    ((weight, says),) = run_node(tmp_path, native, node(20, 115, "musl"))
    assert weight == "unproven"
    assert says.startswith("1 add-on made for glibc cannot be loaded in a Node.js of musl")
    both = {**native, "app/node_modules/sharp/prebuilds/linux-x64/a.musl.node": add_on("musl")}
    assert run_node(tmp_path, both, node(20, 115, "musl")) == []


# Java.


@cache
def archive(release: int) -> bytes:
    """A jar whose main class is for a version of Java, with a library in it."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as jar:
        jar.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\nMain-Class: a.Main\r\n")
        head = b"\xca\xfe\xba\xbe\0\0" + (44 + release).to_bytes(2)  # JVMS, 4.1
        jar.writestr("a/Main.class", head + b"\0" * 100)
        jar.writestr("native/libx.so", extension("glibc"))
    return data.getvalue()


def java(major: int, libc: str = "glibc", modules: str = "java.base java.sql") -> Files:
    return {
        **system(libc),
        "opt/java/bin/java": program(libc) + b"%d" % major,
        "usr/bin/java": Symlink("../../opt/java/bin/java"),
        "opt/java/release": f'JAVA_VERSION="{major}.0.5"\nMODULES="{modules}"\n'.encode(),
    }


def run_java(tmp_path: Path, jar: bytes, there: Files) -> Told:
    config = {"Cmd": ["java", "-Xmx1g", "-jar", "/app/x.jar"]}
    move = moved(tmp_path, java(17), {"app/x.jar": jar}, there, config=config)
    return told([one for kind in ("java_runtime", "java_natives") for one in judged(move, kind)])


def test_classes_of_a_newer_java_block(tmp_path: Path) -> None:
    jar = archive(17)
    assert run_java(tmp_path, jar, java(17)) == []
    assert run_java(tmp_path, jar, java(11)) == [
        ("blocks", "its main class asks for Java 17, and Java 11 is there")
    ]
    assert run_java(tmp_path, jar, java(21)) == [
        ("unproven", "Java 21 would run it, which Java 17 runs now")
    ]


def test_native_libraries_in_archives(tmp_path: Path) -> None:
    ((weight, says),) = run_java(tmp_path, archive(17), java(17, "musl"))
    assert weight == "unproven"
    assert says.startswith("1 archive has native libraries for glibc alone")


def test_a_java_with_fewer_modules_leaves_a_doubt(tmp_path: Path) -> None:
    found = run_java(tmp_path, b"PK\x05\x06" + b"\0" * 18, java(17, modules="java.base"))
    assert found == [("unproven", "its Java lacks a module that the one now has")]


# Ruby, Perl, PHP: by the names of folders.


@pytest.mark.parametrize(
    ("kind", "name", "folders", "place"),
    [
        ("ruby_runtime", "ruby", ("usr/local/lib/ruby/3.2.0", "usr/local/lib/ruby/3.3.0"),
         "usr/local/bundle/extensions/x86_64-linux/3.2.0/nokogiri-1/nokogiri.so"),
        ("perl_runtime", "perl", ("usr/share/perl/5.36", "usr/share/perl/5.40"),
         "usr/local/lib/x86_64-linux-gnu/perl/5.36.0/auto/DBI/DBI.so"),
        ("php_runtime", "php", ("usr/lib/php/20220829", "usr/lib/php/20230831"),
         "usr/lib/php/20220829/redis.so"),
    ],
)  # fmt: skip
def test_extensions_by_the_version_in_their_folder(
    tmp_path: Path, kind: str, name: str, folders: tuple[str, str], place: str
) -> None:
    def root(folder: str, libc: str = "glibc", mark: bytes = b"") -> Files:
        return {**system(libc), f"usr/bin/{name}": program(libc) + mark, f"{folder}/own": b""}

    now, there = folders
    app: Files = {place: extension("glibc")}

    def reasons(onto: Files) -> Told:
        move = moved(tmp_path, root(now), app, onto, config={"Cmd": [name, "/app/main"]})
        return told(judged(move, kind))

    assert reasons(root(now)) == []
    found = reasons(root(there, mark=b"2"))
    assert [weight for weight, _ in found] == ["unproven", "unproven"]
    assert any("made for another" in says for _, says in found)
    (musl,) = reasons(root(now, "musl"))
    assert "made for glibc cannot be loaded in one of musl" in musl[1]
