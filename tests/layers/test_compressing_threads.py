from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING

import deflate
import pytest

from layers.blobs import compressed, fed
from layers.scanned import pieces
from lightship.layers.compressing import Compression, compressor
from lightship.layers.gzip_members import MEMBER_BYTES, GzipMembers
from lightship.layers.scan import Codec
from lightship.layers.zstd_frames import JOB_BYTES, ZstdFrame

if TYPE_CHECKING:
    from lightship.layers.compressing import Compressor

TEXT = b"".join(b"line %d of a text that compresses\n" % number for number in range(300_000))
LONG = TEXT[: 2 * JOB_BYTES + 1]


@pytest.mark.parametrize("threads", [1, 2, 7])
@pytest.mark.parametrize("level", [1, 6, 12])
def test_gzip_does_not_depend_on_the_threads(threads: int, level: int) -> None:
    content = TEXT[: 3 * MEMBER_BYTES + 5]
    members = (deflate.gzip_compress(part, level) for part in pieces(content, MEMBER_BYTES))
    blob = fed(lambda give: GzipMembers(level, give, threads), pieces(content, 262_144))
    assert blob == b"".join(members)


@pytest.mark.parametrize("threads", [1, 2, 7])
@pytest.mark.parametrize("level", [1, 3, 9, 12])
def test_zstd_does_not_depend_on_the_threads(threads: int, level: int) -> None:
    two = fed(lambda give: ZstdFrame(level, give, 2), [LONG])
    assert fed(lambda give: ZstdFrame(level, give, threads), pieces(LONG, 262_144)) == two


def own_threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name.startswith("lightship-gzip")]


def send(sink: Compressor, data: bytes) -> None:
    for piece in pieces(data, 262_144):
        sink.write(piece)
    sink.finish()


class BrokenError(Exception):
    pass


@pytest.mark.parametrize("members", [1, 2, 40])
def test_what_breaks_in_a_thread_is_raised(monkeypatch: pytest.MonkeyPatch, members: int) -> None:
    calls = iter(range(100))

    def break_the_last(data: bytes, level: int) -> bytearray:
        if next(calls) == members - 1:
            raise BrokenError
        return bytearray(data[:level])

    monkeypatch.setattr(deflate, "gzip_compress", break_the_last)
    with pytest.raises(BrokenError):
        compressed(Compression(Codec.GZIP), [bytes(MEMBER_BYTES)] * members)
    assert not own_threads()


@pytest.mark.parametrize("codec", list(Codec))
def test_what_the_taker_raises_comes_through_and_no_thread_stays(codec: Codec) -> None:
    def take(_: bytes | memoryview) -> None:
        raise BrokenError

    with pytest.raises(BrokenError), closing(compressor(Compression(codec), take)) as sink:
        send(sink, TEXT * 3)
    assert not own_threads()


@pytest.mark.parametrize("codec", list(Codec))
def test_closed_twice_and_half_way(codec: Codec) -> None:
    sink = compressor(Compression(codec), len)
    sink.write(LONG)
    sink.close()
    sink.close()
    assert not own_threads()


def test_blobs_are_given_in_the_callers_thread() -> None:
    threads = set()

    def take(_: bytes | memoryview) -> None:
        threads.add(threading.current_thread())

    with closing(compressor(Compression(Codec.GZIP), take)) as sink:
        sink.write(LONG)
        sink.finish()
    assert threads == {threading.current_thread()}


def test_few_members_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the threads are: `write` waits for them."""
    started, most, given = 0, 0, 0
    real = deflate.gzip_compress

    def count(data: bytes, level: int) -> bytearray:
        nonlocal started
        started += 1
        return real(data, level)

    def take(_: bytes | memoryview) -> None:
        nonlocal given
        given += 1

    monkeypatch.setattr(deflate, "gzip_compress", count)
    with closing(GzipMembers(1, take, 2)) as sink:
        for _ in range(40):
            sink.write(bytes(MEMBER_BYTES))
            most = max(most, started - given)
        sink.finish()
    assert given == 40
    assert most <= 4
