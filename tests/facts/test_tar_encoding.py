"""P1-P14 as far as reading goes: forms of a tar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from facts.seen import DIR, Seen
from independent.rawtar import END, GNU, base256, gnu_long, header, padded, pax, regular
from lightship.testing import Device, Dir, Fifo, File, Link, Symlink, build_image, layer_tar
from properties.ours import fingerprint, read_ours

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from facts.seen import Read
    from lightship.testing import Layer
    from lightship.testing.tars import TarFormat

LONG = "n" * 100
DEEP = "/".join([LONG] * 4)


@pytest.mark.parametrize("tar_format", ["ustar", "gnu", "pax"])
def test_p1_the_three_formats_read_the_same(read: Read, tar_format: TarFormat) -> None:
    layer: Layer = {
        "d": Dir(mode=0o700),
        "d/x": File(b"x", uid=1000, gid=1001, mtime=1_700_000_000),
        f"d/{LONG}": File(b"yy"),
        "s": Symlink(LONG),
        "h": Link("d/x"),
    }
    seen = read([layer_tar(layer, tar_format=tar_format)])
    seen.holds({"d": DIR, "d/x": b"x", f"d/{LONG}": b"yy", "s": LONG, "h": b"x"})
    node = seen["h"]
    assert (node.uid, node.gid, node.mtime_ns) == (1000, 1001, 1_700_000_000 * 10**9)


@pytest.mark.parametrize("tar_format", ["gnu", "pax"])
def test_p1_long_names_and_targets(read: Read, tar_format: TarFormat) -> None:
    layer: Layer = {DEEP: b"x", "s": Symlink(f"/{DEEP}"), "h": Link(DEEP), f"{DEEP}2": Dir()}
    seen = read([layer_tar(layer, tar_format=tar_format)])
    assert seen["s"].link_target == f"/{DEEP}".encode()
    assert seen.linked("h", DEEP)
    assert seen[f"{DEEP}2"].kind == "directory"
    seen.counts(1, 1)


def test_p1_gnu_and_pax_long_names_as_others_write_them(read: Read) -> None:
    deep = DEEP.encode()
    tar = b"".join(
        (
            gnu_long(deep) + regular(b"short", b"1"),
            gnu_long(deep, b"K") + gnu_long(deep + b"L") + header(b"short", b"1", target=b"short"),
            pax({b"path": deep + b"x", b"linkpath": deep}) + header(b"short", b"2"),
            END,
        )
    )
    seen = read([tar])
    assert seen.linked(DEEP, f"{DEEP}L")
    assert seen[f"{DEEP}x"].link_target == deep
    assert b"short" not in seen.outcome.tree


def test_p1_a_ustar_prefix(read: Read) -> None:
    tar = header(b"name", b"0", 1, tail=bytes(80) + b"a/prefix") + padded(b"x") + END
    read([tar]).holds({"a": DIR, "a/prefix": DIR, "a/prefix/name": b"x"})


def test_p2_global_pax_headers_change_nothing(read: Read) -> None:
    note = pax({b"comment": b"a commit", b"uid": b"7", b"path": b"wrong", b"mtime": b"5"}, b"g")
    seen = read([note + regular(b"a", b"x") + note + regular(b"b", b"yy") + END])
    seen.holds({"a": b"x", "b": b"yy"})
    assert (seen["a"].uid, seen["b"].uid, seen["a"].mtime_ns) == (0, 0, 0)


@pytest.mark.parametrize(
    "value", [b"\x01\x00\x00\x02\x00\x20\x00\x00", b"\xff\x00=\n=\xfe", b"12 a=b\n", b"text"]
)
def test_p3_extended_attributes_are_bytes(read: Read, value: bytes) -> None:
    seen = read([{"ping": File(b"x", xattrs={"security.capability": value, "user.n": b"1"})}])
    assert seen["ping"].xattrs == ((b"security.capability", value), (b"user.n", b"1"))


def test_p3_extended_attributes_of_every_kind(read: Read) -> None:
    xattrs = {"security.selinux": b"x\0"}
    layer = {
        "f": File(b"", xattrs=xattrs),
        "d": Dir(xattrs=xattrs),
        "s": Symlink("f", xattrs=xattrs),
        "c": Device(1, 3, xattrs=xattrs),
        "p": Fifo(xattrs=xattrs),
        ".": Dir(xattrs=xattrs),
    }
    seen = read([layer])
    assert {node.xattrs for node in seen.outcome.tree.values()} == {
        ((b"security.selinux", b"x\0"),)
    }


def test_p3_extended_attributes_go_with_the_record(read: Read) -> None:
    seen = read([{"a": File(b"x", xattrs={"user.a": b"1"})}, {"a": File(b"x")}])
    assert seen["a"].xattrs == ()
    seen.counts(2, 1, killed={(1, 2, "metadata_copy"): 1})


@pytest.mark.parametrize("number", [2_097_151, 2_097_152, 2**31 - 1, 2**32 - 2])
@pytest.mark.parametrize("tar_format", ["gnu", "pax"])
def test_p7_large_owners(read: Read, tar_format: TarFormat, number: int) -> None:
    seen = read([layer_tar({"a": File(b"", uid=number, gid=number)}, tar_format=tar_format)])
    assert (seen["a"].uid, seen["a"].gid) == (number, number)


SPARSE = b"A" * 512 + bytes(1024 * 10) + b"B" * 512
"""What the sparse files below are: one block, twenty of NULs, one block."""


def _old_gnu() -> bytes:
    stretches = b"".join(b"%011o\0%011o\0" % pair for pair in ((0, 512), (10752, 512)))
    # the sparse area starts at byte 386 of the block, and the magic ends at 265
    tail = bytes(386 - 265) + stretches.ljust(96, b"\0") + b"\0" + b"%011o\0" % len(SPARSE)
    return header(b"s", b"S", 1024, magic=GNU, tail=tail) + b"A" * 512 + b"B" * 512


def _pax_00() -> bytes:
    records = [
        (b"GNU.sparse.size", b"11264"),
        (b"GNU.sparse.numblocks", b"2"),
        *((b"GNU.sparse.offset", b"0"), (b"GNU.sparse.numbytes", b"512")),
        *((b"GNU.sparse.offset", b"10752"), (b"GNU.sparse.numbytes", b"512")),
    ]
    return pax(records) + header(b"s", b"0", 1024) + b"A" * 512 + b"B" * 512


def _pax_01() -> bytes:
    records = {
        b"GNU.sparse.size": b"11264",
        b"GNU.sparse.numblocks": b"2",
        b"GNU.sparse.name": b"s",
        b"GNU.sparse.map": b"0,512,10752,512",
    }
    return pax(records) + header(b"GNUSparseFile.1/s", b"0", 1024) + b"A" * 512 + b"B" * 512


def _pax_10() -> bytes:
    records = {
        b"GNU.sparse.major": b"1",
        b"GNU.sparse.minor": b"0",
        b"GNU.sparse.name": b"s",
        b"GNU.sparse.realsize": b"11264",
    }
    content = padded(b"2\n0\n512\n10752\n512\n") + b"A" * 512 + b"B" * 512
    return pax(records) + header(b"GNUSparseFile.1/s", b"0", 1536) + content


SPARSE_FORMS = [_old_gnu, _pax_00, _pax_01, _pax_10]


@pytest.mark.parametrize("form", SPARSE_FORMS)
def test_p9_sparse_files_count_their_real_size(read: Read, form: Callable[[], bytes]) -> None:
    seen = read([form() + regular(b"after", b"x") + END])
    seen.holds({"s": SPARSE, "after": b"x"})
    seen.counts(11265, 11265)


def test_p9_a_sparse_file_equals_its_plain_form(read: Read) -> None:
    seen = read([_old_gnu() + END, _pax_10() + END, {"s": SPARSE}])
    killed = {(1, 2, "metadata_copy"): 11264, (2, 3, "metadata_copy"): 11264}
    seen.counts(3 * 11264, 11264, killed=killed)


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1.5", 1_500_000_000),
        ("1700000000.123456789", 1_700_000_000_123_456_789),
        ("1.1234567891", 1_123_456_789),
        ("-1.5", -1_500_000_000),
        ("0.000000001", 1),
    ],
)
def test_p10_fractional_times(read: Read, text: str, nanoseconds: int) -> None:
    seen = read([{"a": File(b"", pax={"mtime": text, "atime": "9.9", "ctime": "8.8"})}])
    assert seen["a"].mtime_ns == nanoseconds


def test_p10_times_before_1970_and_far_ahead(read: Read) -> None:
    tar = regular(b"a", mtime=base256(-5, 12)) + regular(b"b", mtime=base256(2**33, 12)) + END
    seen = read([tar])
    assert (seen["a"].mtime_ns, seen["b"].mtime_ns) == (-5 * 10**9, 2**33 * 10**9)


@pytest.mark.parametrize(
    "tail", [b"\0" * 512, b"\0" * 10240, b"junk", b"\0" * 1024 + b"junk" * 999]
)
@pytest.mark.parametrize("codec", ["plain", "gzip", "zstd"])
def test_p13_bytes_after_the_end_belong_to_the_digest(
    tmp_path: Path, tail: bytes, codec: str
) -> None:
    layer = regular(b"a", b"x") + END + tail
    for form in ("oci", "docker-archive"):
        reference = build_image([layer], directory=tmp_path, form=form, codec=codec)  # type: ignore[arg-type]
        Seen(read_ours(reference)).holds({"a": b"x"})


def test_p13_a_second_tar_behind_the_end_is_not_read(read: Read) -> None:
    tar = regular(b"a", b"x") + END
    read([tar + tar.replace(b"a", b"b", 1)]).holds({"a": b"x"})


def test_p13_a_tar_without_end_blocks(read: Read) -> None:
    read([regular(b"a", b"x")]).holds({"a": b"x"})
    read([regular(b"a", b"x") + bytes(512)]).holds({"a": b"x"})


def test_p14_devices_and_fifos(read: Read) -> None:
    layer = {"c": Device(1, 3, mode=0o666), "b": Device(8, 1, block=True), "p": Fifo(mode=0o600)}
    seen = read([layer])
    seen.holds({"c": "character_device", "b": "block_device", "p": "fifo"})
    assert [seen[name].device for name in ("c", "b", "p")] == [(1, 3), (8, 1), (0, 0)]
    assert [seen[name].mode for name in ("c", "p")] == [0o666, 0o600]


def test_p14_overlay_whiteout_devices_are_devices(read: Read) -> None:
    """A 0:0 device is overlayfs' own whiteout; in a layer it is a device like any other."""
    seen = read([{"a": b"x"}, {"a": Device(0, 0)}])
    seen.holds({"a": "character_device"})
    seen.counts(1, 0, killed={(1, 2, "overwritten"): 1})


def test_p5_overlay_attributes_are_kept_when_reading(read: Read) -> None:
    seen = read([{"d": Dir(xattrs={"trusted.overlay.opaque": b"y"}), "d/x": b"1"}])
    assert seen["d"].xattrs == ((b"trusted.overlay.opaque", b"y"),)
    assert seen["d/x"].content == fingerprint(b"1")
