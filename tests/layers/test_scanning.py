"""The scanner against the standard library's tarfile, which reads as a second opinion."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import xxhash
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from independent.names import clean
from independent.rawtar import END, GNU, V7, base256, gnu_long, header, padded, pax, regular
from independent.records import Record, read_records
from layers.scanned import cut, scan, scan_pieces, stored_content, written
from lightship.errors import CorruptInputError
from lightship.layers.index import NO_HASH
from lightship.layers.limits import Limits
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from lightship.layers.index import LayerIndex

CHUNKS = [1, 511, 512, 513, 3585, 256 * 1024]
FORMATS = {
    "ustar": tarfile.USTAR_FORMAT,
    "gnu": tarfile.GNU_FORMAT,
    "pax": tarfile.PAX_FORMAT,
}
_KINDS = [
    *(tarfile.REGTYPE, tarfile.REGTYPE, tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE),
    *(tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE),
    *(tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE),
]


def _is_name(part: bytes) -> bool:
    return part not in {b".", b".."} and not part.startswith(b".wh.")


def components(longest: int) -> st.SearchStrategy[bytes]:
    letters = st.sampled_from([b"a", b"b", b"-", b".", b" ", "ä".encode(), b"\xff", b"\n", b"\\"])
    text = st.lists(letters, min_size=1, max_size=12).map(b"".join)
    stretched = st.integers(90, longest).map(lambda length: b"n" * length)
    return st.one_of(text, text, text, stretched).filter(_is_name)


def names(tar_format: str) -> st.SearchStrategy[bytes]:
    parts = st.lists(components(100 if tar_format == "ustar" else 260), min_size=1, max_size=4)
    prefixes = st.sampled_from([b"", b"", b"", b"./", b"/", b".//", b"x/../"])
    return st.tuples(prefixes, parts).map(lambda pair: pair[0] + b"/".join(pair[1]))


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


@st.composite
def members(draw: st.DrawFn, tar_format: str) -> tuple[tarfile.TarInfo, bytes]:
    made = tarfile.TarInfo(_text(draw(names(tar_format))))
    made.type = draw(st.sampled_from(_KINDS))
    made.mode = draw(st.integers(0, 0o7777))
    most_id, times = 0o7777777, st.integers(0, 0o77777777777)
    if tar_format != "ustar":
        most_id, times = 2**32 - 1, st.integers(-9_223_372_036, 9_223_372_036)
    made.uid = draw(st.one_of(st.integers(0, 2000), st.integers(0, most_id)))
    made.gid = draw(st.one_of(st.integers(0, 2000), st.integers(0, most_id)))
    made.mtime = draw(times)
    content = b""
    if made.type in {tarfile.SYMTYPE, tarfile.LNKTYPE}:
        target = draw(names(tar_format))
        assume(tar_format != "ustar" or len(target) <= 100)
        made.linkname = _text(target)
    elif made.type in {tarfile.CHRTYPE, tarfile.BLKTYPE}:
        made.devmajor, made.devminor = draw(st.integers(0, 4095)), draw(st.integers(0, 1_048_575))
    elif made.isreg():
        content = draw(st.binary(max_size=40)) * draw(st.sampled_from([1, 1, 13, 100]))
        made.size = len(content)
    if tar_format == "pax":
        made.pax_headers = draw(pax_headers())
    return made, content


@st.composite
def pax_headers(draw: st.DrawFn) -> dict[str, str]:
    found = {}
    if draw(st.booleans()):
        sign, whole = draw(st.sampled_from(["", "-"])), draw(st.integers(0, 2**33))
        digits = draw(st.from_regex(r"[0-9]{1,12}", fullmatch=True))
        found["mtime"] = f"{sign}{whole}.{digits}"
    keys = st.sampled_from(["user.a", "security.capability", "user.with=equals", "trusted.ä"])
    values = st.binary(min_size=1, max_size=300).map(_text)
    for key, value in draw(st.dictionaries(keys, values, max_size=2)).items():
        if "=" not in key:
            found[f"SCHILY.xattr.{key}"] = value
    return found


class Tar(bytes):
    """A tar that says briefly what is in it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"a tar of {len(self)} bytes, {self[:1536].rstrip(END)!r}..."


@st.composite
def tars(draw: st.DrawFn) -> Tar:
    name = draw(st.sampled_from(sorted(FORMATS)))
    made = draw(st.lists(members(name), max_size=6))
    try:
        return Tar(written(made, FORMATS[name]))
    except ValueError:  # a name that has no place to split
        assume(False)
        raise


def told(index: LayerIndex, tar: bytes) -> list[Record]:
    """The index in the oracle's words; contents are read where the index says they are."""
    columns, rarities = index.columns, index.rarities
    return [
        Record(
            name=index.path(entry),
            kind=Kind(columns.kinds[entry]).name.lower(),
            content=stored_content(tar, index, entry),
            target=rarities.links.get(entry, b""),
            mode=columns.modes[entry],
            uid=columns.uids[entry],
            gid=columns.gids[entry],
            mtime_ns=columns.mtimes_ns[entry],
            device=rarities.devices.get(entry, (0, 0)),
            xattrs=rarities.xattrs.get(entry, {}),
        )
        for entry in range(len(index))
    ]


def expected(tar: bytes) -> list[Record]:
    """What tarfile reads, paths as lightship keeps them."""
    return [
        replace(
            record,
            name=b"/".join(clean(record.name)),
            target=b"/".join(clean(record.target)) if record.kind == "hard_link" else record.target,
        )
        for record in read_records(tar)
    ]


def assert_read_right(tar: bytes, index: LayerIndex) -> None:
    records = expected(tar)
    assert told(index, tar) == records
    for entry, record in enumerate(records):
        digest = index.content_hash(entry)
        assert digest == (hashed(record.content) if record.kind == "regular" else NO_HASH)
    assert index.tar_bytes == len(tar)
    end = 0
    for entry, record in enumerate(records):
        assert index.columns.offsets[entry] == end
        end += index.columns.header_bytes[entry] + len(padded(record.content))
    assert tar[end : end + 1024] == END


def hashed(content: bytes) -> bytes:
    return xxhash.xxh3_128_digest(content)


@settings(max_examples=70, deadline=None, suppress_health_check=list(HealthCheck))
@given(tars(), st.sampled_from(CHUNKS[1:]))
def test_p1_every_dialect_is_read_as_tarfile_reads_it(tar: bytes, chunk: int) -> None:
    assert_read_right(tar, scan(tar, chunk))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(tars(), st.data())
def test_the_index_does_not_depend_on_the_cuts(tar: bytes, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(tar)), max_size=10))
    assert scan_pieces(cut(tar, places)) == scan(tar)


def everything() -> bytes:
    """One of each dialect's extensions, in one tar."""
    capability = b"\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\xff\xfe"
    return b"".join(
        (
            regular(b"plain", b"p" * 1300),
            gnu_long(b"g" * 600) + regular(b"g" * 99, b"gnu"),
            gnu_long(b"t" * 300, b"K") + header(b"symlink", b"2", target=b"t" * 99, magic=GNU),
            pax({b"path": b"d/" * 90 + b"x", b"size": b"5", b"uid": b"4294967295"}),
            regular(b"short", b"12345"),
            pax({b"SCHILY.xattr.security.capability": capability}) + header(b"ping", b"0"),
            pax({b"comment": b"global"}, kind=b"g"),
            header(b"old", b"0", base256(3, 12), uid=base256(2**31, 8), magic=GNU) + padded(b"old"),
            header(b"negative", b"5", mtime=base256(-5, 12), magic=GNU),
            header(b"v7/", b"\0", magic=V7) + header(b"v7/file", b"\0", 2, magic=V7),
            padded(b"v7"),
            END,
            b"bytes behind the end",
        )
    )


@pytest.mark.parametrize("chunk", CHUNKS)
def test_the_same_index_whatever_the_chunks(chunk: int) -> None:
    tar = everything()
    index = scan(tar, chunk)
    assert index == scan(tar, len(tar))
    assert [index.path(entry)[:9] for entry in range(len(index))] == [
        *(b"plain", b"ggggggggg", b"symlink", b"d/d/d/d/d", b"ping", b"old", b"negative"),
        *(b"v7", b"v7/file"),
    ]
    assert told(index, tar)[4].xattrs[b"security.capability"].endswith(b"\xff\xfe")
    assert told(index, tar)[3].uid == 2**32 - 1
    assert told(index, tar)[6].mtime_ns == -5_000_000_000
    assert index.columns.kinds[7] == Kind.DIRECTORY
    assert index.tar_bytes == len(tar)


@pytest.mark.parametrize("first", ["gnu", "pax"])
def test_p1_a_gnu_long_name_beats_a_pax_path_as_in_go(first: str) -> None:
    records = [gnu_long(b"long"), pax({b"path": b"pax"}), gnu_long(b"target", b"K")]
    records.append(pax({b"path": b"pax", b"linkpath": b"other"}))
    if first == "pax":
        records.reverse()
    index = scan(b"".join(records) + header(b"short", b"2", target=b"t", magic=GNU) + END)
    assert index.path(0) == b"long"
    assert index.rarities.links[0] == b"target"


@pytest.mark.parametrize("chunk", CHUNKS[1:])
def test_contents_larger_than_a_chunk(chunk: int) -> None:
    contents = [b"ab" * length for length in (0, 1, 255, 256, 257, 1792, 4000, 300_000)]
    tar = b"".join(regular(b"%d" % n, content) for n, content in enumerate(contents)) + END
    index = scan(tar, chunk)
    assert [stored_content(tar, index, entry) for entry in range(len(index))] == contents
    assert index == scan(tar, len(tar))


@pytest.mark.parametrize("behind", [b"", bytes(512), END, END + bytes(9000), END + b"\x01" * 700])
@pytest.mark.parametrize("chunk", [512, 700, 10**6])
def test_p13_what_ends_a_tar(behind: bytes, chunk: int) -> None:
    tar = regular(b"a", b"x") + behind
    index = scan(tar, chunk)
    assert len(index) == 1
    assert index.tar_bytes == len(tar)


@pytest.mark.parametrize("chunk", [100, 512, 10**6])
@pytest.mark.parametrize(
    "tar",
    [
        regular(b"a", b"x")[:-512] + b"x" + END,
        regular(b"a")[:-1],
        regular(b"a", b"x" * 600)[:1100],
        pax({b"path": b"b"})[:-510],
        gnu_long(b"b" * 700)[:-600],
        bytes(512) + regular(b"a"),
        regular(b"a") + b"\x01" * 512,
    ],
    ids=["no padding", "header", "content", "pax", "long name", "one NUL block", "no header"],
)
def test_a_tar_that_breaks_off_or_goes_wrong_is_refused(tar: bytes, chunk: int) -> None:
    with pytest.raises(CorruptInputError, match="byte"):
        scan(tar, chunk)


def test_the_message_tells_where() -> None:
    tar = bytearray(regular(b"a", b"x" * 600) + regular(b"b"))
    tar[1536 + 100] ^= 1
    with pytest.raises(CorruptInputError, match="at byte 1536 of the tar"):
        scan(bytes(tar))


@pytest.mark.parametrize("tar_format", FORMATS)
def test_a_real_directory_as_tarfile_packs_it(tar_format: str) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=FORMATS[tar_format]) as archive:
        archive.add("/etc", "etc", filter=_no_marker)
    tar = buffer.getvalue()
    assert_read_right(tar, scan(tar))
    assert scan(tar, 1000) == scan(tar)


def _no_marker(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if member.name.rpartition("/")[2].startswith(".wh.") else member


def test_entries_of_one_directory_share_its_number() -> None:
    tar = regular(b"d/a") + regular(b"./d//b") + regular(b"/d/c") + regular(b"e/a") + END
    index = scan(tar)
    assert index.directories == [b"", b"d", b"e"]
    assert list(index.columns.directories) == [1, 1, 1, 2]


def test_a_limit_on_entries_counts_records() -> None:
    tar = b"".join(regular(b"%d" % number) for number in range(5)) + END
    assert len(scan_pieces([tar], limits=Limits(max_entries=5))) == 5
    with pytest.raises(CorruptInputError, match="--max-entries"):
        scan_pieces([tar], limits=Limits(max_entries=4))
