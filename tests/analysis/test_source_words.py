"""What sources call, as each language writes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.recorded import records_of
from lightship.analysis.source_words import (
    SourceWords,
    read_source,
    source_requests,
    source_words,
)


@pytest.mark.parametrize(
    ("text", "programs"),
    [
        (b'subprocess.run(["git", "log"])', [b"git"]),
        (b'subprocess.check_output( [ "/usr/bin/git", x ] )', [b"/usr/bin/git"]),
        (b'os.system("convert a b")', [b"convert"]),
        (b"subprocess.Popen('ffmpeg -i x', shell=True)", [b"ffmpeg"]),
        (b'await asyncio.create_subprocess_exec("pg_dump", "-x")', [b"pg_dump"]),
        (b'shutil.which("dot")', [b"dot"]),
        (b"execFile('convert', [])", [b"convert"]),
        (b"child_process.spawnSync(`gs`, args)", [b"gs"]),
        (b"my $x = `uname -a`;", [b"uname"]),
        (b"system 'tar', 'x'", [b"tar"]),
        (b"$v = qx{dig +short};", [b"dig"]),
        (b'<?php shell_exec("wkhtmltopdf a");', [b"wkhtmltopdf"]),
        (b'Open3.capture2("jq .")', [b"jq"]),
        (b'print("git")', []),
        (b"# use `git log` for more", []),
        (b"const name = `${x} git`", []),
        (b"run(program)", []),
    ],
)
def test_programs(text: bytes, programs: list[bytes]) -> None:
    assert list(read_source(text).programs) == programs


@pytest.mark.parametrize(
    ("text", "libraries"),
    [
        (b'ctypes.CDLL("libmagic.so.1")', [b"libmagic.so.1"]),
        (b"cdll.LoadLibrary('/opt/x/libx.so')", [b"/opt/x/libx.so"]),
        (b'ctypes.util.find_library("magic")', [b"magic"]),
        (b'ffi_lib "sodium"', [b"sodium"]),
        (b'ffi.dlopen("libz.so")', [b"libz.so"]),
        (b'name = "libz.so"', []),
    ],
)
def test_libraries(text: bytes, libraries: list[bytes]) -> None:
    assert list(read_source(text).libraries) == libraries


def test_topics() -> None:
    assert read_source(b"from zoneinfo import ZoneInfo").topics == (b"zones",)
    assert read_source(b'get("https://example.org")').topics == (b"tls",)
    assert read_source(b"x = 1").topics == ()


def test_sources_of_an_image_are_read_by_their_endings() -> None:
    call = b'subprocess.run(["git"])'
    layer = {"a.py": call, "b.txt": call, "c.js": b"1", "d.py": b"\0\xff" * 100}
    records = records_of(layer, requests=source_requests())
    words = source_words(records)
    assert {records.tree.path(one): found for one, found in words.items()} == {
        b"a.py": SourceWords((b"git",))
    }


@given(st.binary(max_size=2000))
def test_any_bytes_are_read(text: bytes) -> None:
    words = read_source(b"subprocess.run(['git" + text + b"`system('a')" + text)
    assert len(words.programs) <= 40
    assert all(len(one) <= 80 for one in words.programs + words.libraries)


def test_no_more_than_a_few_words_are_kept() -> None:
    text = b"".join(b'run("p%d")\n' % number for number in range(1000))
    assert len(read_source(text).programs) == 40
