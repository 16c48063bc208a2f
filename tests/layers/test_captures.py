from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from independent.rawtar import END, header, pax, regular
from layers.scanned import cut, entry_of, scan, scan_pieces
from lightship.layers import contents
from lightship.layers.captures import NO_CAPTURES, CaptureRequest, Captures, Content
from lightship.layers.limits import Allowance, Limits
from lightship.layers.stored import from_bytes, to_bytes
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
    return {index.path(entry): data["test"] for entry, data in index.rarities.captures.items()}


def request(name: str = "test", **options: object) -> Captures:
    return Captures((CaptureRequest(name=name, version=1, **options),))  # type: ignore[arg-type]


def shape(content: Content) -> bytes:
    """What a reader is given, as an extract."""
    return b"|".join((bytes(content.head), content.tail, b"%d" % content.content_bytes))


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
        (
            request(parents=frozenset({b"status.d", b"etc"})),
            {"var/lib/dpkg/status.d/base", "etc/os-release", "opt/etc/os-release"},
        ),
        (request(parents=frozenset({b"dpkg/status.d"})), set()),
        (request(suffixes=frozenset({b".d", b"status", b""})), set()),
        (request(at_least_bytes=1100), {"var/lib/dpkg/status", "usr/bin/true"}),
        (request(at_least_bytes=1205), set()),
        (NO_CAPTURES, set()),
    ],
    ids=[
        "basename",
        "path",
        "directory",
        "magic",
        "root",
        "parent",
        "parents",
        "suffix",
        "large",
        "larger",
        "none",
    ],
)
def test_each_condition(captures: Captures, paths: set[str], chunk: int) -> None:
    assert captured(captures, chunk) == {path.encode(): LAYER[path] for path in paths}


def test_requests_add_up_and_each_reader_has_its_own_extract() -> None:
    captures = Captures(
        (
            CaptureRequest(name="elf", version=3, magics=frozenset({b"\x7fELF"})),
            CaptureRequest(name="debian", version=1, paths=frozenset({b"etc/os-release"})),
            CaptureRequest(
                name="bin", version=1, directories=frozenset({b"usr/bin"}), extract=shape
            ),
        )
    )
    index = scan(LAYER, captures=captures)
    assert {index.path(entry): data for entry, data in index.rarities.captures.items()} == {
        b"usr/bin/true": {"bin": ELF + b"||1204", "elf": ELF},
        b"etc/os-release": {"debian": b"ID=debian\n"},
    }


@pytest.mark.parametrize("chunk", CHUNKS)
@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 14, 15, 16, 700])
def test_a_reader_is_given_as_much_as_it_asked_for(size: int, chunk: int) -> None:
    """Others, who ask for more of the same file, change nothing."""
    content = bytes(range(256)) * 3
    content = content[:size]
    others = CaptureRequest(name="other", version=1, basenames=frozenset({b"a"}), tail_bytes=40)
    asked = CaptureRequest(
        name="test",
        version=1,
        head_bytes=10,
        tail_bytes=5,
        basenames=frozenset({b"a"}),
        extract=shape,
    )
    for requests in ((asked,), (asked, others)):
        index = scan({"a": content}, chunk, Captures(requests))
        tail = content[-5:] if size > 10 else b""
        assert index.rarities.captures[0]["test"] == content[:10] + b"|" + tail + b"|%d" % size
        assert len(requests) == 1 or index.rarities.captures[0]["other"] == content


@pytest.mark.parametrize("chunk", [700, 10**6])
def test_no_reader_is_given_more_than_the_maximum(
    monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(contents, "MAX_HEAD_BYTES", 1000)
    for size in (1000, 1001):
        index = scan({"a": b"x" * size}, chunk, request(basenames=frozenset({b"a"})))
        kept = {0: {"test": b"x" * 1000}} if size == 1000 else {}
        assert index.rarities.captures == kept
        said = {} if kept else {0: {"test": "1001 bytes are more than is read"}}
        assert index.rarities.unreadable == said


def _refuses(content: Content) -> bytes | None:
    if bytes(content.head) == b"deep":
        raise RecursionError
    if bytes(content.head) == b"none":
        return None
    return bytes(content.head).decode().encode() if content.content_bytes else _odd()


def _odd() -> bytes:
    raise ValueError("\udcff" + "x" * 5000)


@pytest.mark.parametrize("chunk", [5, 10**6])
def test_what_a_reader_cannot_read_is_said_and_stops_nothing(chunk: int) -> None:
    layer = {"a": b"deep", "b": b"none", "c": b"\xff", "d": b"good", "e": b""}
    index = scan(layer, chunk, request(directories=frozenset({b""}), extract=_refuses))
    assert index.rarities.captures == {3: {"test": b"good"}}
    said = {entry: reason["test"] for entry, reason in index.rarities.unreadable.items()}
    assert said[0] == "nested too deeply"
    assert said[1] == "nothing could be read from it"
    assert "codec can't decode" in said[2]
    assert said[4] == "?" + "x" * 299
    assert from_bytes(to_bytes(index)) == index
    assert index.captures_complete


NAMES = st.sampled_from([b"a", b"b.x", b".x", b"c.x.y", b"x"])
DIRECTORIES = st.sampled_from([b"", b"a", b"a/b.x", b"x/a", b"x/a/x"])
SOME = st.frozensets(NAMES | DIRECTORIES, max_size=3)
REQUESTS = st.fixed_dictionaries(
    {
        "basenames": SOME,
        "paths": st.frozensets(
            st.builds(lambda d, n: d + b"/" + n if d else n, DIRECTORIES, NAMES)
        ),
        "directories": SOME,
        "parents": SOME,
        "suffixes": st.frozensets(st.sampled_from([b".x", b".y", b"x", b".x.y"])),
        "magics": st.frozensets(st.sampled_from([b"1234", b"12"])),
        "at_least_bytes": st.none() | st.integers(0, 9),
    }
).map(
    lambda conditions: CaptureRequest(
        name=str(sorted(map(str, conditions.items()))),
        version=1,
        **conditions,  # type: ignore[arg-type] # each of its own type, as drawn
    )
)


def _asks(request: CaptureRequest, head: bytes, directory: bytes, name: bytes, size: int) -> bool:
    """The conditions as they are documented, one after the other."""
    path = directory + b"/" + name if directory else name
    suffix = name[name.rindex(b".") :] if b"." in name else None
    return (
        name in request.basenames
        or path in request.paths
        or directory in request.directories
        or directory.split(b"/")[-1] in request.parents
        or suffix in request.suffixes
        or head in request.magics
        or (request.at_least_bytes is not None and size >= request.at_least_bytes)
    )


@given(
    st.lists(REQUESTS, max_size=3),
    st.lists(st.tuples(st.sampled_from([b"1234", b"12"]), DIRECTORIES, NAMES, st.integers(0, 9))),
)
def test_who_asks_for_a_file_is_as_documented(
    requests: list[CaptureRequest], files: list[tuple[bytes, bytes, bytes, int]]
) -> None:
    captures = Captures(tuple(requests))
    wanting = captures.question()
    for file in files:
        expected = tuple(one for one in captures.requests if _asks(one, *file))
        assert wanting(*file) == expected


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
    assert index.rarities.captures == {1: {"test": ELF}}
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
    monkeypatch.setattr(contents, "MAX_EXTRACT_BYTES", 1000)
    names = request(basenames=frozenset({b"a", b"b"}))
    for size, kept in ((1000, True), (1001, False)):
        index = scan({"a": b"x" * size, "b": b"y", "c": b"z" * 9000}, chunk, names)
        assert (0 in index.rarities.captures) is kept
        said = {} if kept else {0: {"test": "too large to be kept"}}
        assert index.rarities.unreadable == said
        assert index.rarities.captures[1] == {"test": b"y"}
        assert index.captures_complete is kept
        assert list(index.columns.content_bytes) == [size, 1, 9000]


@pytest.mark.parametrize("chunk", [700, 10**6])
def test_a_layer_above_the_maximum_is_captured_in_part_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(contents, "MAX_LAYER_EXTRACT_BYTES", 1000)
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
    assert asked.rarities.captures == {0: {"test": content}}


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
    assert index.rarities.captures.get(0) == {"test": b""}


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
    assert index.rarities.captures == {0: {"test": bytes(3) + b"elf!" + bytes(2)}}
    assert index.captures_complete
