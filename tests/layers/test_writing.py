import io
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.layers import writing
from lightship.layers.writing import TarRecord


def read_back(record: TarRecord) -> tarfile.TarInfo:
    data = writing.header(record)
    assert len(data) % 512 == 0
    data += bytes(min(record.content_bytes, 1024)) + writing.END
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
        member = tar.next()
    assert member is not None
    return member


COMPONENT = st.binary(min_size=1, max_size=120).map(
    lambda name: name.replace(b"/", b"_").replace(b"\0", b"_")
)
NAMES = st.lists(COMPONENT, min_size=1, max_size=4).map(b"/".join)
IDS = st.integers(0, 2**31)
XATTRS = st.dictionaries(
    st.from_regex(rb"[a-z]{1,8}\.[a-z0-9]{1,20}", fullmatch=True),
    st.binary(max_size=60),
    max_size=3,
)


@settings(deadline=None)
@given(
    NAMES,
    st.sampled_from([writing.REGULAR, writing.DIRECTORY, writing.SYMLINK, writing.HARD_LINK]),
    st.integers(0, 0o7777),
    IDS,
    IDS,
    st.integers(-(2**62), 2**62),
    NAMES,
    XATTRS,
)
def test_what_is_written_is_read_back(  # noqa: PLR0917
    name: bytes,
    kind: bytes,
    mode: int,
    uid: int,
    gid: int,
    mtime_ns: int,
    target: bytes,
    xattrs: dict[bytes, bytes],
) -> None:
    link = target if kind in (writing.SYMLINK, writing.HARD_LINK) else b""
    record = TarRecord(name, kind, mode, uid, gid, mtime_ns=mtime_ns, target=link, xattrs=xattrs)
    member = read_back(record)
    assert member.name.encode("utf-8", "surrogateescape").rstrip(b"/") == name.rstrip(b"/")
    assert (member.type, member.mode, member.uid, member.gid) == (kind, mode, uid, gid)
    assert member.linkname.encode("utf-8", "surrogateescape") == link
    assert member.mtime == pytest.approx(mtime_ns / 1e9)
    found = {
        key.removeprefix("SCHILY.xattr."): value.encode("utf-8", "surrogateescape")
        for key, value in member.pax_headers.items()
        if key.startswith("SCHILY.xattr.")
    }
    assert found == {key.decode(): value for key, value in xattrs.items()}


@settings(deadline=None)
@given(st.integers(0, 2**60))
def test_sizes_are_read_back(size: int) -> None:
    data = writing.header(TarRecord(b"big", content_bytes=size))
    with tarfile.open(fileobj=io.BytesIO(data), mode="r|") as tar:
        member = tar.next()
    assert member is not None
    assert member.size == size


@pytest.mark.parametrize(
    "record",
    [
        TarRecord(b"a"),
        TarRecord(b"a" * 100),
        TarRecord(b"p" * 155 + b"/" + b"n" * 100),
        TarRecord(b"p" * 155 + b"/" + b"n" * 99, writing.DIRECTORY),
        TarRecord(b"a", content_bytes=8 * 2**30 - 1),
        TarRecord(b"a", uid=2_097_151, gid=2_097_151),
        TarRecord(b"a", writing.SYMLINK, target=b"t" * 100),
        TarRecord(b"dev", writing.CHARACTER_DEVICE, device=(5, 1)),
    ],
    ids=lambda record: record.name[:8].decode() + record.kind.decode(),
)
def test_p12_ustar_where_it_loses_nothing(record: TarRecord) -> None:
    assert len(writing.header(record)) == 512
    member = read_back(record)
    assert member.name.encode() == record.name
    assert (member.devmajor, member.devminor) == record.device


@pytest.mark.parametrize(
    ("record", "key"),
    [
        (TarRecord(b"a" * 101), "path"),
        (TarRecord(b"p" * 156 + b"/" + b"n"), "path"),
        (TarRecord("ä".encode()), "path"),
        (TarRecord(b"a", content_bytes=8 * 2**30), "size"),
        (TarRecord(b"a", uid=2_097_152), "uid"),
        (TarRecord(b"a", writing.SYMLINK, target=b"t" * 101), "linkpath"),
        (TarRecord(b"a", mtime_ns=1), "mtime"),
        (TarRecord(b"a", mtime_ns=-1_000_000_000), "mtime"),
    ],
)
def test_p12_pax_where_ustar_would_lose(record: TarRecord, key: str) -> None:
    assert set(read_back(record).pax_headers) == {key}


def test_t8_a_name_that_is_not_utf8_says_so() -> None:
    assert read_back(TarRecord(b"\xff")).pax_headers["hdrcharset"] == "BINARY"


def test_p3_a_capability_survives_with_its_nuls() -> None:
    value = bytes.fromhex("0100000200040000000000000000000000000000")
    member = read_back(TarRecord(b"ping", xattrs={b"security.capability": value}))
    assert member.pax_headers["SCHILY.xattr.security.capability"].encode() == value


@pytest.mark.parametrize(
    "record",
    [
        TarRecord(b""),
        TarRecord(b"a\0b"),
        TarRecord(b"a", writing.SYMLINK, target=b"\0"),
        TarRecord(b"a", uid=-1),
        TarRecord(b"a", writing.FIFO, content_bytes=1),
        TarRecord(b"a", writing.BLOCK_DEVICE, device=(2**24, 0)),
        TarRecord(b"a", xattrs={b"user.a=b": b""}),
    ],
    ids=str,
)
def test_what_has_no_form_is_refused(record: TarRecord) -> None:
    with pytest.raises(ValueError, match=r"name|number|content"):
        writing.header(record)


@pytest.mark.parametrize("length", range(80, 130))
def test_the_length_of_a_pax_record_counts_its_own_digits(length: int) -> None:
    name = "é" * length
    assert read_back(TarRecord(name.encode())).name == name
