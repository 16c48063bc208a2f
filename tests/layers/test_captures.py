from __future__ import annotations

import pytest

from independent.rawtar import END, header, pax, regular
from layers.scanned import cut, entry_of, scan, scan_pieces
from lightship.layers import contents
from lightship.layers.captures import NO_CAPTURES, CaptureRequest, Captures
from lightship.layers.limits import Allowance, Limits
from lightship.layers.window import Window
from lightship.model.entry import Kind
from lightship.testing import Dir, File, Link, Symlink, layer_tar

CHUNKS = [1, 511, 512, 513, 515, 3585, 256 * 1024]
ELF = b"\x7fELF" + b"\x02\x01\x01" * 400
LAYER = {
    "var/lib/dpkg/status": b"Package: a\n" * 100,
    "var/lib/dpkg/status-old": b"Package: b\n",
    "srv/status": b"mine\n",
    "var/lib/dpkg/status.d/base": b"Package: c\n",
    "var/lib/dpkg/status.d/deep/er": b"no",
    "usr/bin/true": ELF,
    "usr/bin/sh": Symlink("true"),
    "usr/bin/false": Link("usr/bin/true"),
    "etc/os-release": b"ID=debian\n",
    "opt/etc/os-release": b"ID=other\n",
}


def captured(captures: Captures, chunk: int = 10**6) -> dict[bytes, bytes]:
    index = scan(LAYER, chunk, captures)
    assert index.captures_complete
    return {index.path(entry): data for entry, data in index.rarities.captures.items()}


def request(name: str = "test", **conditions: frozenset[bytes]) -> Captures:
    return Captures((CaptureRequest(name=name, version=1, **conditions),))


@pytest.mark.parametrize("chunk", CHUNKS)
@pytest.mark.parametrize(
    ("captures", "paths"),
    [
        (request(basenames=frozenset({b"status"})), {"var/lib/dpkg/status", "srv/status"}),
        (request(paths=frozenset({b"etc/os-release"})), {"etc/os-release"}),
        (
            request(directories=frozenset({b"var/lib/dpkg/status.d"})),
            {"var/lib/dpkg/status.d/base"},
        ),
        (request(magics=frozenset({b"\x7fELF"})), {"usr/bin/true"}),
        (request(directories=frozenset({b""})), set()),
        (NO_CAPTURES, set()),
    ],
    ids=["basename", "path", "directory", "magic", "root", "none"],
)
def test_each_condition(captures: Captures, paths: set[str], chunk: int) -> None:
    assert captured(captures, chunk) == {path.encode(): LAYER[path] for path in paths}


def test_requests_add_up() -> None:
    captures = Captures(
        (
            CaptureRequest(name="elf", version=3, magics=frozenset({b"\x7fELF"})),
            CaptureRequest(name="debian", version=1, paths=frozenset({b"etc/os-release"})),
        )
    )
    assert set(captured(captures)) == {b"usr/bin/true", b"etc/os-release"}


def test_the_fingerprint_tells_names_and_versions_in_any_order() -> None:
    one = CaptureRequest(name="a", version=1)
    two = CaptureRequest(name="b", version=2)
    assert Captures((one, two)).fingerprint == Captures((two, one)).fingerprint == "a=1,b=2"
    assert Captures((one,)).fingerprint != Captures((one, two)).fingerprint
    assert NO_CAPTURES.fingerprint == ""
    assert scan(LAYER, captures=Captures((two,))).captures_fingerprint == "b=2"


@pytest.mark.parametrize("chunk", CHUNKS)
def test_captures_change_nothing_else(chunk: int) -> None:
    every = request(directories=frozenset({b"usr/bin"}), magics=frozenset({b"ID=d", b"Pack"}))
    tar = layer_tar(LAYER)
    with_captures, without = scan(tar, chunk, every), scan(tar)
    assert len(with_captures.rarities.captures) == 5
    assert with_captures.columns == without.columns
    assert with_captures.directories == without.directories
    assert with_captures.tar_bytes == without.tar_bytes


@pytest.mark.parametrize("cut_after", range(1, 6))
def test_a_magic_cut_by_the_end_of_a_piece(cut_after: int) -> None:
    """The content's first bytes end one piece and begin the next."""
    tar = regular(b"before", b"x" * 100) + regular(b"elf", ELF) + END
    start = tar.index(ELF)
    chunks = cut(tar, [start + cut_after, start + cut_after + 1])
    index = scan_pieces(chunks, captures=request(magics=frozenset({b"\x7fELF"})))
    assert index.rarities.captures == {1: ELF}
    assert index.columns == scan(tar).columns


@pytest.mark.parametrize("chunk", [512, 10**6])
def test_only_regular_files_are_captured(chunk: int) -> None:
    tar = layer_tar(
        {
            "d/status": Dir(),
            "e/status": Symlink("/etc/passwd"),
            "f/.wh.status": b"marker with content",
            "g/other": File(b"x"),
            "h/status": Link("g/other"),
        }
    )
    index = scan(tar, chunk, request(basenames=frozenset({b"status", b".wh.status"})))
    assert index.rarities.captures == {}
    assert index.columns.kinds[entry_of(index, b"f/status")] == Kind.WHITEOUT


@pytest.mark.parametrize("chunk", [700, 10**6])
def test_a_file_above_the_maximum_is_left_out_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(contents, "MAX_CAPTURED_FILE_BYTES", 1000)
    names = request(basenames=frozenset({b"a", b"b"}))
    for size, kept in ((1000, True), (1001, False)):
        index = scan({"a": b"x" * size, "b": b"y", "c": b"z" * 9000}, chunk, names)
        assert (0 in index.rarities.captures) is kept
        assert index.rarities.captures[1] == b"y"
        assert index.captures_complete is kept
        assert list(index.columns.content_bytes) == [size, 1, 9000]


@pytest.mark.parametrize("chunk", [700, 10**6])
def test_a_layer_above_the_maximum_is_captured_in_part_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(contents, "MAX_CAPTURED_LAYER_BYTES", 1000)
    names = request(directories=frozenset({b""}))
    index = scan({"a": b"x" * 600, "b": b"y" * 400}, chunk, names)
    assert set(index.rarities.captures) == {0, 1}
    assert index.captures_complete
    index = scan({"a": b"x" * 600, "b": b"y" * 401, "c": b"z" * 400}, chunk, names)
    assert set(index.rarities.captures) == {0, 2}
    assert not index.captures_complete


@pytest.mark.parametrize("content", [b"x", b"xy", b"xyz", b"xyzw"])
def test_a_tar_that_ends_within_the_padding_reads_the_same_with_captures(content: bytes) -> None:
    tar = header(b"a", size=len(content)) + content
    plain = scan(tar)
    asked = scan(tar, captures=request(paths=frozenset({b"a"})))
    assert asked.columns == plain.columns
    assert asked.rarities.captures == {0: content}


@pytest.mark.parametrize("chunk", [100, 10**6])
def test_a_magic_is_of_the_content_and_not_of_what_follows_it(chunk: int) -> None:
    tar = header(b"a", size=1) + b"\x7fELF" + bytes(508) + END
    index = scan(tar, chunk, request(magics=frozenset({b"\x7fELF"})))
    assert index.rarities.captures == {}


@pytest.mark.parametrize("places", [[], [1], [1, 2], [2]])
def test_looking_ahead_moves_nothing_also_at_the_end(places: list[int]) -> None:
    window = Window(iter(cut(b"abc", places)), Allowance(Limits()))
    assert [window.peek(count) for count in (2, 3, 4, 9)] == [b"ab", b"abc", b"abc", b"abc"]
    assert window.take(3, "all of it") == b"abc"
    assert window.drain() == 3


def test_an_empty_file_that_is_asked_for_is_captured_as_empty() -> None:
    index = scan({"a": b""}, captures=request(paths=frozenset({b"a"})))
    assert index.rarities.captures.get(0) == b""


def test_a_sparse_file_that_is_asked_for_is_captured_with_its_holes() -> None:
    records = {
        b"GNU.sparse.major": b"0",
        b"GNU.sparse.minor": b"1",
        b"GNU.sparse.size": b"9",
        b"GNU.sparse.numblocks": b"1",
        b"GNU.sparse.map": b"3,4",
    }
    tar = pax(records) + regular(b"a", b"elf!") + END
    index = scan(tar, captures=request(paths=frozenset({b"a"})))
    assert index.rarities.captures == {0: bytes(3) + b"elf!" + bytes(2)}
    assert index.captures_complete
