"""A new layer's tar as it is copied from the old ones: pieces, holes, and layers that change."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from facts.test_tar_encoding import SPARSE_FORMS
from independent.rawtar import END, GNU, header, pax, regular, sealed
from independent.records import read_records
from lightship.errors import CorruptInputError
from lightship.progress import SILENT
from lightship.rewrite.changes import Changes
from lightship.rewrite.copying import SHA_BYTES, Sources, write_tar
from lightship.rewrite.expanding import MOST_BYTES
from lightship.testing import Dir, File, Link, layer_tar
from rewrite.in_memory import InMemory, Stack, kept, squash, tree_of, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.testing import Layer

NOTHING = Changes()
FILES = {f"f{number}": bytes([number]) * (number * 97) for number in range(40)}


@dataclass(frozen=True)
class Replaced(Stack):
    """Layers that are others when they are read again."""

    again: tuple[bytes, ...] = ()

    def sources(self) -> Sources:
        layers = [InMemory(number, tar) for number, tar in enumerate(self.again, 1)]
        return Sources(layers, self.scans, SILENT)


def _read_again(first: bytes, second: bytes) -> None:
    stack = Replaced([layer_tar({"x": b""}), first], again=(layer_tar({"x": b""}), second))
    written(stack.planned(1, NOTHING), stack.sources())


def _refused(first: bytes, second: bytes) -> None:
    with pytest.raises(CorruptInputError):
        _read_again(first, second)


# Pieces.


@pytest.mark.parametrize("chunk", [1, 7, 511, 512, 513, 4096, 10**6])
def test_pieces_may_end_anywhere(chunk: int) -> None:
    upper: Layer = {**FILES, "l": Link("f3"), "d": Dir(), "long": b"x" * 70_000}
    again: Layer = {".wh.f3": b"", "f9": b"new", ".wh.f10": b"", ".wh.f11": b"", ".wh.f39": b""}
    assert squash([{}, upper, again], 1, chunk=chunk) == squash([{}, upper, again], 1)


def test_hashes_are_those_of_the_contents_in_the_order_of_the_new_tar() -> None:
    stack = Stack([layer_tar({**FILES, "l": Link("f3")}), layer_tar({".wh.f3": b"", "f9": b"n"})])
    tar, hashes = written(stack.planned(0, NOTHING), stack.sources())
    contents = [record.content for record in read_records(tar) if record.content]
    assert hashes == b"".join(hashlib.sha256(content).digest() for content in contents)
    assert len(hashes) == SHA_BYTES * 39


def test_a_tar_that_ends_in_its_last_padding_gets_it() -> None:
    tar = regular(b"a") + regular(b"b", b"content")[: 512 + 9]
    whole = regular(b"a") + regular(b"b", b"content")
    assert squash([{"x": b""}, tar, {"c": b""}], 1)[1][: 3 * 512] == whole
    assert squash([{"x": b""}, {"c": b""}, tar], 1)[1][512:] == whole + END


def test_compressed_layers_are_read_too() -> None:
    lower, upper = layer_tar({"a": b"x" * 5000}), layer_tar({"b": b"y"})
    stack = Stack([gzip.compress(lower), gzip.compress(upper)])
    tar, _ = written(stack.planned(0, NOTHING), stack.sources())
    assert [record.name for record in read_records(tar)] == [b"a", b"b"]


def test_a_layer_that_nothing_is_taken_from_is_not_read() -> None:
    stack = Replaced([layer_tar({"a": b"x"}), layer_tar({"a": b"y"})], again=(b"gone",) * 2)
    planned = stack.planned(0, NOTHING)
    stack = replace(stack, again=(b"gone", stack.tars[1]))
    assert read_records(written(planned, stack.sources())[0])[0].content == b"y"


# Layers that change between the two readings.


def test_the_same_layer_again_is_fine() -> None:
    _read_again(layer_tar(FILES), layer_tar(FILES))
    _read_again(layer_tar(FILES), gzip.compress(layer_tar(FILES)))


@pytest.mark.parametrize("place", [0, 600, 5_000, -1])
def test_another_byte_is_seen(place: int) -> None:
    tar = bytearray(layer_tar(FILES))
    tar[place] ^= 1
    _refused(layer_tar(FILES), bytes(tar))


@pytest.mark.parametrize("length", [0, 100, 512, 5_000, -1])
def test_a_layer_that_has_become_shorter_is_seen(length: int) -> None:
    _refused(layer_tar(FILES), layer_tar(FILES)[:length])


def test_a_layer_that_has_become_longer_is_seen() -> None:
    _refused(layer_tar(FILES), layer_tar(FILES) + b"\0")


def test_a_layer_without_an_end_is_given_up() -> None:
    """What follows the tar that was indexed is not read: it could be a bomb."""
    tar = layer_tar(FILES)
    bomb = gzip.compress(tar + bytes(50_000_000))
    stack = Replaced([layer_tar({}), tar], again=(b"", bomb))
    read = 0
    with pytest.raises(CorruptInputError):  # noqa: PT012 - counts until then
        for piece in stack.sources().pieces(2):
            read += len(piece)
    assert read <= len(tar)


def test_a_damaged_compressed_layer_is_seen() -> None:
    good = gzip.compress(layer_tar(FILES))
    _refused(layer_tar(FILES), good[:-20])
    _refused(layer_tar(FILES), good[:200] + b"\xff" * 9 + good[209:])


# Sparse files.


@pytest.mark.parametrize("form", SPARSE_FORMS)
def test_a_sparse_file_that_changed_is_seen(form: Callable[[], bytes]) -> None:
    tar = form() + regular(b"after", b"x") + END
    for place in range(0, len(form()), 101):
        other = bytearray(tar)
        other[place] ^= 3
        _refused(tar, bytes(other))


def test_a_map_that_lies_the_second_time_fills_no_disk() -> None:
    records = {
        b"GNU.sparse.size": b"11264",
        b"GNU.sparse.numblocks": b"1",
        b"GNU.sparse.map": b"0,512",
    }
    true = pax(records) + header(b"s", b"0", 512) + b"A" * 512 + END
    large = pax({**records, b"GNU.sparse.size": b"99999"}) + true[1024:]
    moved = pax({**records, b"GNU.sparse.map": b"9,512"}) + true[1024:]
    for other in (large, moved):
        assert len(other) == len(true)
        stack = Replaced([layer_tar({}), true], again=(b"", other))
        given = bytearray()
        with pytest.raises(CorruptInputError):
            write_tar(stack.planned(1, NOTHING), stack.sources(), given.extend)
        assert len(given) < 20_000


def _old_gnu(stretches: list[tuple[int, int]], size: int, content: bytes) -> bytes:
    """As GNU tar writes it, the map going on in blocks of its own after four stretches."""
    entries = [b"%011o\0%011o\0" % pair for pair in stretches]
    first, rest = b"".join(entries[:4]), entries[4:]
    tail = bytes(386 - 265) + first.ljust(96, b"\0") + bytes([bool(rest)]) + b"%011o\0" % size
    blocks = b""
    while rest:
        blocks += b"".join(rest[:21]).ljust(504, b"\0") + bytes([len(rest) > 21]) + bytes(7)
        rest = rest[21:]
    return header(b"s", b"S", len(content), magic=GNU, tail=tail) + blocks + content


@pytest.mark.parametrize("count", [0, 1, 4, 5, 25, 26, 100])
@pytest.mark.parametrize("chunk", [300, 512, 100_000])
def test_p9_maps_in_blocks_of_their_own(count: int, chunk: int) -> None:
    stretches = [(1024 * number, 512) for number in range(count)]
    content = b"".join(bytes([65 + number % 26]) * 512 for number in range(count))
    tar = _old_gnu(stretches, 1024 * count + 100, content) + regular(b"after", b"x") + END
    new = squash([{"x": b""}, tar, {"y": b""}], 1, chunk=chunk)
    assert tree_of(new) == tree_of([layer_tar({"x": b""}), tar, layer_tar({"y": b""})])


def test_a_sparse_file_of_nothing_but_a_hole() -> None:
    tar = _old_gnu([], 3_000_000, b"") + END
    assert tree_of(squash([{"x": b""}, tar], 1))[b"s"].content == bytes(3_000_000)
    tar = _old_gnu([], 0, b"") + END
    assert tree_of(squash([{"x": b""}, tar], 1))[b"s"].content == b""


def test_a_sparse_file_that_is_too_large_is_refused_by_name() -> None:
    records = {b"GNU.sparse.numblocks": b"0", b"GNU.sparse.size": b"%d" % (MOST_BYTES + 1)}
    tar = pax({**records, b"GNU.sparse.map": b"0,0", b"GNU.sparse.numblocks": b"1"})
    layer = Stack([layer_tar({"x": b""}), tar + header(b"var/log/lastlog", b"0") + END])
    with pytest.raises(CorruptInputError, match=r"'var/log/lastlog' is sparse and has 4\.29 GB"):
        layer.planned(1, NOTHING)
    gone = Stack([*layer.tars, layer_tar({"var/log/.wh.lastlog": b""})])
    gone.planned(1, NOTHING)
    gone.planned(0, NOTHING)


# Many, deep, large.


def test_a_deep_tree() -> None:
    deep = "/".join(["d"] * 300)
    lower: Layer = {deep: b"x", f"{deep}2": Link(deep)}
    kept([lower, {f"{deep[:-1]}.wh.d": b"", f"{deep}3": b"y"}, {"e": b""}], 1)
    kept([{"e": b""}, lower, {f"{deep[:-1]}.wh.d": b""}], 1)


def test_many_links_to_one_inode() -> None:
    names: Layer = {"a": b"x", **{f"l{number}": Link("a") for number in range(2_000)}}
    new = read_records(squash([{"x": b""}, names, {".wh.a": b""}], 1)[1])
    assert (new[0].name, new[0].content) == (b"l0", b"x")
    assert {record.target for record in new[1:]} == {b"l0"}
    new = read_records(squash([names, {"z": Link("a")}, {".wh.a": b""}], 1)[1])
    assert len(new) == 2_002
    assert not [record for record in new[2:] if record.target != new[1].name]


def test_records_taken_as_they_stand_cost_no_object() -> None:
    """A stretch for each gap, whatever the number of records."""
    files = {f"d/{number:05}": b"x" * (number % 3) for number in range(8_000)}
    stack = Stack([layer_tar(files), layer_tar({"d/.wh.04000": b""})], chunk=100_000)
    cut = stack.planned(0, NOTHING).cuts[1]
    assert len(cut.bounds) == 4
    assert not cut.before


def test_a_link_to_a_file_with_odd_sizes_in_its_header() -> None:
    """Go ignores the size of a link, and so nothing is taken for its content."""
    tar = regular(b"a", b"x") + sealed(header(b"b", b"1", 700, target=b"a")) + regular(b"c") + END
    stack = Stack([layer_tar({"x": b""}), tar])
    new, _ = written(stack.planned(1, NOTHING), stack.sources())
    assert new == tar


def test_xattrs_of_a_lent_file_come_along() -> None:
    lower = {"a": File(b"x", xattrs={"security.capability": b"\0\1"}, uid=2**31)}
    new = read_records(kept([lower, {"b": Link("a")}, {".wh.a": b""}], 1)[1])
    assert new[1].xattrs == {b"security.capability": b"\0\1"}
    assert new[1].uid == 2**31
