"""Every statement about layers, links, names and tars, squashed: none kept, and one kept.

Each stack is read by the independent applier before and after, by a reader that applies markers
where they stand, and as overlay2 unpacks; what came out is squashed again to the same bytes.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from facts.test_names_and_parents import _chain
from facts.test_tar_encoding import DEEP, LONG, SPARSE, SPARSE_FORMS
from independent.rawtar import END, base256, gnu_long, header, padded, pax, regular
from independent.records import Record, read_records
from lightship.errors import CorruptInputError
from lightship.filetree.merging import merge
from lightship.rewrite.changes import Changes
from lightship.rewrite.removing import squashed_without
from lightship.testing import Device, Dir, Fifo, File, Layer, Link, Symlink, layer_tar
from rewrite.in_memory import Stack, kept, squash, tree_of, written

pytestmark = pytest.mark.slow

Layers = list[Layer | bytes]
OWN = Dir(mode=0o700, uid=7, gid=8, mtime=9)
LINKED = {"a": b"xxx", "b": Link("a")}
PING = {"security.capability": b"\x01\0\0\x02\0\x20" + bytes(14)}  # cap_net_raw, as setcap writes

STACKS: dict[str, Layers] = {
    "L2 oldest first": [{"a": b"1"}, {"a": b"22"}, {"a": b"333"}],
    "L2 whiteouts act below": [{"a": b"1"}, {"b": b"2", ".wh.b": b""}, {"c": b"", ".wh.a": b""}],
    "L3 one name replaced": [{"a": b"1", "b": Link("a")}, {"a": b"22"}],
    "W1 a name": [{"a": b"xx", "b": b"y"}, {".wh.a": b""}],
    "W1 a subtree": [{"d/a": b"x", "d/e/b": b"y", "d-a": b"z"}, {".wh.d": b""}, {"c": b""}],
    "W1 in a directory": [{"d": OWN, "d/a": b"x", "d/b": b"y"}, {"d/.wh.a": b""}],
    "W1 of what is not there": [{"a": b"x"}, {".wh.b": b"", "c/.wh.d": b"", "a/.wh.e": b""}],
    "W2 opaque before": [{"d/a": b"x", "d/e/b": b"y"}, [("d/.wh..wh..opq", b""), ("d/n", b"n")]],
    "W2 opaque after": [{"d/a": b"x", "d/e/b": b"y"}, [("d/n", b"n"), ("d/.wh..wh..opq", b"")]],
    "W2 opaque root": [{"a": b"x", "d/e": b"y"}, {".wh..wh..opq": b"", "b": b"z"}],
    "W2 all lower layers": [{"d/a": b"x"}, {"d/b": b"y"}, {"d/.wh..wh..opq": b""}],
    "W4 never through a symlink": [
        {"real/a": b"x", "link": Symlink("real")},
        {"link/.wh..wh..opq": b"", "b": b""},
    ],
    "W4 in place of a symlink": [
        {"real/a": b"x", "link": Symlink("real")},
        {"link": Dir(), "link/.wh..wh..opq": b"", "link/b": b"y"},
    ],
    "W5 an empty whiteout": [{"etc/a": b"x"}, {"etc/.wh.": b"content", ".wh.": Dir()}],
    "W6 opqX": [{"d/a": b"x", "d/.opqX": b"y"}, {"d/.wh..wh..opqX": b""}, {"d/.wh..opqX": b""}],
    "W7 AUFS records": [{"a": b"x"}, {".wh..wh.plnk": Dir(), ".wh..wh.plnk/1.2": b"", "b": b""}],
    "W8 a marker inside a name": [{"b": b"y"}, {"a.wh.b": b"x", ".whb": b"x", "wh.b": b"x"}],
    "W9 in the lowest layer": [{".wh.a": b"xx", "d/.wh..wh..opq": b"", "b": b"y"}, {"c": b""}],
    "W10 a link": [{"a": b"x", "b": b"y"}, {".wh.a": Link("missing")}],
    "W10 content": [{"a": b"x", "b": b"y"}, {".wh.a": b"some" * 300, "c": b"z"}],
    "W11 of kept layers": [{"a": b"x", "b": b"y"}, {".wh.a": b""}, {"c": b"z"}],
    "W12 whiteout first": [{"a": b"x"}, [(".wh.a", b""), ("a", b"new")]],
    "W12 whiteout last": [{"a": b"x"}, [("a", b"new"), (".wh.a", b"")]],
    "W13 made again": [{"d/old": b"x"}, {".wh.d": b""}, {"d": OWN, "d/new": b"y"}],
    "W13 made again above": [
        {"d/e/f/old": b"x", "d/e/g": b""},
        {".wh.d": b""},
        {"d/e/f/new": b"y"},
    ],
    "W14 whiteout in an opaque directory": [
        {"d/a": b"x", "d/b": b"y"},
        {"d/.wh.a": b"", "d/.wh..wh..opq": b"", "d/c": b"z"},
    ],
    "W14 whiteout, then children": [
        {"d": OWN, "d/a": b"x", "d/b": b"y"},
        {".wh.d": b"", "d/a": b"z"},
    ],
    "W15 nested": [{"d/a": b"x", "d/e/b": b"y"}, {".wh.d": b"", "d/.wh.a": b"", "d/e/.wh.b": b""}],
    "W17 both forms": [{"d/a": b"x"}, {"d/.wh.a": b""}, {"d/a": b"y"}, {"d/.wh..wh..opq": b""}],
    "a whiteout through a symlink": [
        {"usr/lib/a": b"x", "usr/lib/b": b"y", "lib": Symlink("usr/lib")},
        {"lib/.wh.a": b""},
    ],
    "H1 no bytes of its own": [{"a": b"xxx", "b": Link("a"), "d/c": Link("./b"), "e": Link("/a")}],
    "H2 target removed": [LINKED, {".wh.a": b""}],
    "H2 target removed above": [{"x": b""}, LINKED, {".wh.a": b""}],
    "H2 all removed": [{"x": b""}, LINKED, {".wh.a": b""}, {".wh.b": b""}],
    "H3 target overwritten": [{"x": b""}, LINKED, {"a": b"new!"}],
    "H4 a chain": [
        {"x": b""},
        {"t1": b"old", "t2": Link("t1"), "t3": Link("t2"), "t4": Link("t3")},
        {"t1": b"new!"},
    ],
    "H5 target in a lower layer": [{"a": b"xxx"}, {"b": Link("a")}, {"c": b""}],
    "H5 in a directory with an owner": [
        {"d": OWN, "d/a": b"xxx", "d/z": Link("d/a")},
        {"b": Link("d/a"), "e/c": Link("b")},
    ],
    "H6 and removed": [{"a": b"xxx"}, {"b": Link("a")}, {".wh.a": b""}],
    "H6 several, and removed": [
        {"a": b"xxx" * 999, "k": b"yy"},
        {"b": Link("a"), "c": Link("a"), "l": Link("k")},
        {".wh.a": b"", "d": Link("b"), ".wh.k": b""},
    ],
    "H6 the inode of that moment": [
        {"a": b"old"},
        [("b", Link("a")), ("a", b"new!"), ("c", Link("a"))],
    ],
    "H7 copied up": [{"a": b"xxx"}, {"a": b"xxx", "b": Link("a")}],
    "H8 replaces a file": [{"a": b"xxx", "b": b"yy"}, {"b": Link("a")}],
    "H8 replaces a directory": [{"a": b"xxx", "d/e": b"yy"}, {"d": Link("a")}],
    "H9 a cache that links": [
        {"x": b""},
        {"cache/f": b"yy", "lib/f": Link("cache/f")},
        {".wh.cache": b""},
    ],
    "a link to itself": [{"a": b"x"}, {"a": Link("a")}, {"a": Link("./a")}],
    "a link to a symlink": [{"a": b"x"}, {"s": Symlink("a"), "l": Link("s")}, {".wh.s": b""}],
    "a link to a kept symlink": [{"a": b"x", "s": Symlink("a")}, {"l": Link("s")}, {".wh.s": b""}],
    "a link to a device": [{"x": b""}, {"n": Device(1, 3), "l": Link("n")}, {".wh.n": b""}],
    "a link to a kept device": [{"n": Device(8, 1, block=True)}, {"l": Link("n")}],
    "a link to a FIFO": [{"x": b""}, {"p": Fifo(mode=0o700, uid=7), "l": Link("p")}, {"p": b"x"}],
    "a target through a symlink": [
        {"usr/a": b"x", "s": Symlink("usr")},
        {"b": Link("s/a"), "s/c": Link("s/a")},
    ],
    "T1 a file over a directory": [{"d/x": b"1", "d/y/z": b"2"}, {"d": b"new"}],
    "T1 a symlink over a directory": [{"d/x": b"1", "e": b""}, {"d": Symlink("e")}],
    "T1 a directory over a file": [{"d": b"11"}, {"d": OWN, "d/x": b"2"}],
    "T1 there and back": [{"d/x": b"1"}, {"d": b"2"}, {"d/y": b"3"}],
    "T1 a directory's facts": [{"d": Dir(), "d/x": b"1"}, {"d": OWN}],
    "T1 a directory after its children": [{"e": b""}, {"d/x": b"1"}, {"d": OWN}],
    "T2 a parent that is a file": [{"a": b"1", "b": Fifo()}, {"a/x/y": b"2", "b/z": b"3"}],
    "T2 a parent that is a symlink": [
        {"r": Dir(), "s": Symlink("r")},
        {".wh.s": b"", "s/x": b"1"},
        {"s": OWN},
    ],
    "T2 no record made it": [{"x": b""}, {"a/b/c": b"", "d/e": b""}, {"d/.wh.e": b""}],
    "T3 symlinked parents": [
        {"usr/lib/x": b"1", "lib": Symlink("usr/lib"), "etc": Symlink("/usr/etc")},
        {"lib/foo": b"22", "etc/deep/conf": b"333", "lib/d": OWN, "lib/h": Link("lib/x")},
    ],
    "T3 a symlink that is gone": [
        {"usr/lib/x": b"1", "lib": Symlink("usr/lib")},
        {"lib/foo": b"22"},
        {"lib": Dir(), "lib/bar": b""},
    ],
    "T3 above the root": [{"d/up": Symlink("../../../.."), "d/up/a": b"1"}, {"d/up/b": b""}],
    "T3 255 symlinks": [_chain(255), {"s1/b": b"y"}],
    "T4 absolute symlinks": [{"x": b""}, {"a": Symlink("/usr/bin/a"), "b": Symlink("//x/../y/")}],
    **{
        f"T5 {name}": [{"d/x": b"old"}, {name: b"new"}, {"y": b""}]
        for name in ("./d/x", "/d/x", "d//x", "//d/./x", "x/../d/x")
    },
    **{
        f"T5 root {name}": [{"x": b"1"}, {name: replace(OWN, xattrs={"user.a": b"1"})}, {"y": b""}]
        for name in (".", "/", "./", "a/..")
    },
    "T6 twice in one layer": [{"c": b""}, [("a", b"1"), ("b", b"x"), ("./a", b"22"), ("/a", b"3")]],
    "T8 bytes": [
        {"x": b""},
        {
            b"\xff\xfe": b"1",
            b"caf\xe9/x": b"2",
            b"l": Symlink(b"\xff\xfe"),
            b"h": Link(b"\xff\xfe"),
            b"h2": Link(b"\xff\xfe"),
        },
        {b".wh.\xff\xfe": b"", b"caf\xe9/.wh.x": b""},
    ],
    "T8 odd names": [{"x": b""}, dict.fromkeys([b"\n", b"a\tb", b" ", b"-rf", b"...", b"*"], b"1")],
    "P1 long names": [{"x": b""}, {DEEP: b"x", "s": Symlink(f"/{DEEP}"), "h": Link(DEEP)}, LINKED],
    "P1 GNU long names": [
        {"x": b""},
        gnu_long(DEEP.encode())
        + regular(b"short", b"1")
        + gnu_long(DEEP.encode(), b"K")
        + gnu_long(b"%bL" % DEEP.encode())
        + header(b"short", b"1", target=b"short")
        + END,
        {f"{DEEP[:-101]}/.wh.{LONG}": b""},
    ],
    "P1 a prefix": [
        {"x": b""},
        header(b"n", b"0", 1, tail=bytes(80) + b"a/p") + padded(b"x") + END,
    ],
    "P2 global headers": [
        {"x": b""},
        pax({b"comment": b"a"}, b"g")
        + regular(b"a", b"x")
        + pax({b"uid": b"7", b"path": b"wrong"}, b"g")
        + regular(b"b", b"yy")
        + regular(b"c")
        + END,
        {"d": b""},
    ],
    "P3 extended attributes": [
        {"x": b""},
        {
            "ping": File(b"x", xattrs=PING),
            "link": Link("ping", xattrs=PING),
            "d": Dir(xattrs={"user.n": b"\xff\x00=\n=\xfe"}),
            "s": Symlink("x", xattrs={"security.selinux": b"x\0"}),
        },
        {".wh.ping": b""},
    ],
    "P7 large owners": [
        {"x": b""},
        {"a": File(b"", uid=2**32 - 2, gid=9), "b": Link("a", uid=2**32 - 2, gid=9)},
    ],
    "P7 large owners, promoted": [
        {"x": b""},
        {"a": File(b"z", uid=2**31, gid=2_097_152), "b": Link("a", uid=2**31, gid=2_097_152)},
        {".wh.a": b""},
    ],
    "P10 times": [
        {"x": b""},
        {"a": File(b"", pax={"mtime": "1.123456789", "atime": "9.9", "ctime": "8.8"})},
        regular(b"b", mtime=base256(-5, 12)) + regular(b"c", mtime=base256(2**33, 12)) + END,
    ],
    "P10 times, promoted": [
        {"x": b""},
        {"a": File(b"1", pax={"mtime": "-1.5"}), "b": Link("a")},
        {".wh.a": b""},
    ],
    "P13 after the end": [{"x": b""}, regular(b"a", b"x") + END + b"junk", regular(b"b", b"y")],
    "P14 devices and FIFOs": [
        {"x": b""},
        {"c": Device(1, 3, mode=0o666), "b": Device(8, 1, block=True), "p": Fifo(mode=0o600)},
        {"c": Device(0, 0)},
    ],
    "C1 a layer twice": [{"a": b"1"}, {".wh.a": b""}, {"a": b"1"}, {".wh.a": b""}],
    "an empty layer": [{"a": b"1"}, {}, {}],
    "nothing is left": [{"a": b"1"}, {"b": b""}, {".wh.a": b"", ".wh.b": b""}],
}


@pytest.mark.parametrize("keep", [0, 1])
@pytest.mark.parametrize("name", STACKS)
def test_a_squash_keeps_the_tree(name: str, keep: int) -> None:
    kept(STACKS[name], min(keep, len(STACKS[name]) - 1))


@pytest.mark.parametrize("form", SPARSE_FORMS)
@pytest.mark.parametrize("chunk", [1, 100, 512, 100_000])
def test_p9_sparse_files_are_written_plainly(form: object, chunk: int) -> None:
    tar = form() + regular(b"after", b"x") + END  # type: ignore[operator]
    new = squash([{"x": b""}, tar], 1, chunk=chunk)
    assert tree_of(new) == tree_of([layer_tar({"x": b""}), tar])
    assert tree_of(new)[b"s"].content == SPARSE
    assert b"GNU.sparse" not in new[1]
    kept([{"x": b""}, tar], 1)
    kept([tar, {"l": Link("s"), "k": Link("s")}, {".wh.s": b""}], 1)  # lent, and promoted
    kept([tar, {"l": Link("s"), "k": Link("s")}, {".wh.s": b""}])


def _new(layers: Layers, keep: int = 1) -> list[Record]:
    return read_records(kept(layers, keep)[keep])


def _names(layers: Layers, keep: int = 1) -> list[bytes]:
    return [record.name for record in _new(layers, keep)]


# What is written, besides that the tree is right.


def test_w3_names_that_went_one_by_one_get_a_whiteout_each() -> None:
    lower = {"d": OWN, "d/a": b"x", "d/b": b"yy"}
    names = _names([lower, {"d/.wh.a": b""}, {"d/.wh.b": b"", "d/c": b""}])
    assert names == [b"d/.wh.a", b"d/.wh.b", b"d", b"d/c"]


def test_w13_a_directory_made_again_is_opaque() -> None:
    names = _names([{"d/a": b"x", "d/e/b": b"y"}, {".wh.d": b""}, {"d": Dir(), "d/e/n": b""}])
    assert names == [b"d/.wh..wh..opq", b"d", b"d/e/n"]


def test_w2_the_root_gets_no_opaque_marker() -> None:
    lower = {"a": b"x", "d/e": b"y", "f": b"", "g": Symlink("d")}
    upper: Layers = [{".wh..wh..opq": b"", "b": b"z"}, {"d/n": b"", "g/m": b"", "f": b"new"}]
    names = _names([lower, *upper])
    assert names == [b".wh.a", b"d/.wh..wh..opq", b"g", b"b", b"d/n", b"g/m", b"f"]


def test_w9_w15_no_whiteout_of_what_is_not_there() -> None:
    upper: Layers = [{"d/.wh.x": b"", ".wh.y": b""}, {"d/e": b"1"}, {"d/.wh.e": b"", "z": b""}]
    assert _names([{"d/a": b"x"}, *upper]) == [b"z"]
    assert _names([{"d/a": b"x", "d/b/c": b""}, {"d/b/.wh.c": b"", ".wh.d": b""}]) == [b".wh.d"]
    assert not any(b".wh." in name for name in _names([{"d/a": b"x"}, *upper], 0))


def test_t6_a_directory_that_loses_all_that_is_in_it_stands_once() -> None:
    layers: Layers = [{"a": b""}, {"d/x": b"1", "e/f/y": b""}, {"z": b""}]
    stack = Stack([layer_tar(layer) for layer in layers])
    changes = Changes(removed=frozenset((b"d/x", b"e/f/y")))
    new = squashed_without(merge(stack.indexes), merge(stack.indexes[:1]), changes, {})
    names = [record.name for record in read_records(written(new, stack.sources())[0])]
    assert names == [b"d", b"e/f", b"z"]


def test_directories_with_something_new_come_with_their_record() -> None:
    lower = {"a": OWN, "a/b": Dir(mode=0o711), "a/b/c": b"x", "q": OWN}
    new = _new([lower, {"a/b/d": b"y"}, {}])
    assert [(record.name, record.mode) for record in new[:2]] == [(b"a", 0o700), (b"a/b", 0o711)]


def test_h5_an_inode_of_a_kept_layer_comes_with_all_its_names() -> None:
    """Engines that unpack each layer by itself have no target for a link to another layer."""
    new = _new([{"a": b"xxx", "z": Link("a")}, {"m": Link("z")}, {"y": b""}])
    assert [(record.name, record.kind, record.target) for record in new] == [
        (b"a", "regular", b""),
        (b"z", "hard_link", b"a"),
        (b"m", "hard_link", b"a"),
        (b"y", "regular", b""),
    ]


def test_a_lender_is_read_once() -> None:
    lower = {f"f{number}": b"x" * number for number in range(20)}
    upper = {f"g{number}": Link(f"f{number}") for number in range(20)}
    layer = Stack([layer_tar(lower), layer_tar(upper)])
    planned = layer.planned(1, Changes())
    assert [*planned.cuts] == [1, 2]
    assert len(planned.cuts[1].contents) == 19


def test_a_link_keeps_what_its_own_header_says() -> None:
    """Engines apply it to the inode; the tree says that the first name's record counts."""
    upper = {"a": File(b"x", mode=0o4755), "b": Link("a"), "c": Link("a", mode=0o600, uid=3)}
    new = {record.name: record for record in _new([{"x": b""}, upper, {".wh.a": b""}])}
    assert (new[b"b"].kind, new[b"b"].mode) == ("regular", 0o4755)
    assert (new[b"c"].kind, new[b"c"].mode, new[b"c"].uid) == ("hard_link", 0o600, 3)


def test_p2_global_headers_are_left_out() -> None:
    new = kept(STACKS["P2 global headers"])[0]
    assert b"comment=a" not in new
    assert b"path=wrong" not in new


def test_p10_records_of_other_programs_are_kept_byte_for_byte() -> None:
    tar = layer_tar({"a": File(b"x", pax={"mtime": "1.5", "atime": "9.9", "VENDOR.key": "value"})})
    assert tar[:-10240].rstrip(b"\0") in kept([{"x": b""}, tar, {"y": b""}], 1)[1]


def test_p5_overlay_attributes_are_dropped() -> None:
    xattrs = {"trusted.overlay.opaque": b"y", "user.a": b"1"}
    lower = {"d": Dir(xattrs=xattrs), "d/a": b"x"}
    upper = {"e": Dir(xattrs=xattrs), "d/b": b"", "f": File(b"x", xattrs=xattrs), "g": Link("f")}
    for keep in (0, 1):
        tree = tree_of(squash([lower, upper], keep))
        assert tree[b"d"].xattrs == tree[b"e"].xattrs == tree[b"f"].xattrs == ((b"user.a", b"1"),)


def test_a_hard_link_without_a_target_is_refused() -> None:
    with pytest.raises(CorruptInputError, match="no target"):
        squash([{"a": b""}, {"b": Link("missing")}])


@pytest.mark.parametrize("name", [".wh.plnk", ".wh..opq"])
def test_a_name_without_a_whiteout_is_refused(name: str) -> None:
    """A directory can have such a name, if only what is in it has a record."""
    layers: Layers = [{f"d/{name}/x": b"", "d/y": b""}, {"d": b""}, {"d/z": b""}]
    assert kept(layers)
    with pytest.raises(CorruptInputError, match="no whiteout"):
        squash(layers, 1)
