"""`Client.open`: every byte, or an error; never another byte, and never one too few."""

from __future__ import annotations

import io
import random
import socket
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.errors import UnreachableError
from lightship.net.errors import RateLimitedError, RequestError, StatusError
from lightship.net.secret import Secret
from net.serving import (
    MOMENT,
    Naps,
    Notes,
    Request,
    Server,
    answer,
    client,
    options,
    redirect,
    saying,
    saying_once,
)

if TYPE_CHECKING:
    from lightship.net.answers import Response
    from net.serving import Answering

BLOB = random.Random(7).randbytes(300_000)  # noqa: S311 - any bytes do
SMALL = BLOB[:40_000]


def read(server: Server, expected: int | None = len(BLOB), **changes: object) -> bytes:
    with (
        client(options(**changes)) as asking,
        asking.open(f"{server.url}/blob?token=hush", expected_bytes=expected) as body,
    ):
        return body.read()


def ranged(
    blob: bytes, request: Request, *, claims: int | None = -1, etag: str | None = None
) -> bytes:
    """What a server that knows ranges answers, whole."""
    named = {"ETag": etag} if etag else {}
    if "range" not in request.headers:
        return answer(blob, length=claims, named=named)
    where = f"bytes {request.offset}-{len(blob) - 1}/{len(blob)}"
    return answer(blob[request.offset :], 206, Content_Range=where, named=named)


def cutting(*cuts: int, ranges: bool = True, reset: bool = False) -> Answering:
    """Cuts its answers after so many bytes of the body, one after the other; then serves whole."""
    left = list(cuts)

    def respond(request: Request, sock: socket.socket) -> bool:
        said = ranged(BLOB, request) if ranges else answer(BLOB)
        if not left:
            sock.sendall(said)
            return True
        head = said.index(b"\r\n\r\n") + 4
        sock.sendall(said[: head + left.pop(0)])
        if reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        return False

    return respond


def test_a_body_is_read_and_its_connection_used_again() -> None:
    with Server(saying(answer(BLOB))) as server, client() as asking:
        for _ in range(3):
            with asking.open(server.url, expected_bytes=len(BLOB)) as body:
                assert body.read() == BLOB
                assert body.read() == b""
    assert server.connections == 1
    assert server.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("expected", [len(BLOB), None])
@pytest.mark.parametrize("step", [1, 511, 65_536, 1_000_000])
def test_reads_give_as_many_bytes_as_asked_for(step: int, expected: int | None) -> None:
    blob = BLOB[:3000] if step == 1 else BLOB
    with (
        Server(saying(answer(blob))) as server,
        client() as asking,
        asking.open(server.url, expected_bytes=expected and len(blob)) as body,
    ):
        pieces = list(iter(lambda: body.read(step), b""))
    assert b"".join(pieces) == blob
    assert {len(piece) for piece in pieces[:-1]} <= {step}


def test_the_stream_does_what_binary_files_do() -> None:
    with Server(saying(answer(BLOB))) as server, client() as asking:
        body = asking.open(server.url, expected_bytes=len(BLOB))
        room = bytearray(10)
        assert body.read(0) == b""
        assert body.readinto(room) == 10  # type: ignore[attr-defined]
        assert body.read1(5)  # type: ignore[attr-defined]
        assert body.readable()
        assert not body.seekable()
        assert not body.writable()
        body.close()
        body.close()
        with pytest.raises(ValueError, match="closed"):
            body.read(1)
        unbuffered = asking.open(server.url, expected_bytes=len(BLOB))
        buffered = io.BufferedReader(unbuffered)  # type: ignore[type-var]
        assert (bytes(room), buffered.read()) == (BLOB[:10], BLOB)
        buffered.close()


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("reset", [True, False])
def test_a_body_that_is_cut_goes_on_where_it_was(ranges: bool, reset: bool) -> None:
    cuts = (0, 1, 100_000, 0, 150_000) if ranges else (0, 1, 100_000, 120_000)
    with Server(cutting(*cuts, ranges=ranges, reset=reset)) as server:
        assert read(server) == BLOB
    if ranges and not reset:
        asked = [request.offset for request in server.requests]
        assert asked == [0, 0, 1, 100_001, 100_001, 250_001]


@settings(max_examples=50, deadline=None)
@given(
    cuts=st.lists(st.integers(0, len(SMALL)), max_size=6),
    steps=st.lists(st.integers(1, 60_000), min_size=1, max_size=4),
    ranges=st.booleans(),
    chunked=st.booleans(),
    expected=st.sampled_from([len(SMALL), len(SMALL), None]),
    seed=st.integers(0, 999),
)
def test_any_cuts_give_the_bytes_or_an_error(
    *,
    cuts: list[int],
    steps: list[int],
    ranges: bool,
    chunked: bool,
    expected: int | None,
    seed: int,
) -> None:
    left = list(cuts)
    dice = random.Random(seed)  # noqa: S311 - any bytes do

    def respond(request: Request, sock: socket.socket) -> bool:
        offset = request.offset if ranges else 0
        body = SMALL[offset:]
        if chunked:
            body = b"".join(_chunks(body, dice)) + b"0\r\n\r\n"
        headers = {"Transfer_Encoding": "chunked"} if chunked else {}
        status = 206 if offset else 200
        if offset:
            headers["Content_Range"] = f"bytes {offset}-{len(SMALL) - 1}/{len(SMALL)}"
        said = answer(body, status, length=None if chunked else -1, named=headers)
        cut = left.pop(0) if left else len(said)
        sock.sendall(said[:cut])
        return cut >= len(said)

    pieces = []
    failed = False
    with Server(respond) as server, client(options(attempts=4)) as asking:
        try:
            with asking.open(server.url, expected_bytes=expected) as body:
                turn = 0
                while piece := body.read(steps[turn % len(steps)]):
                    pieces.append(piece)
                    turn += 1
        except RequestError:
            failed = True
    got = b"".join(pieces)
    assert got == SMALL[: len(got)]
    assert failed or len(got) == len(SMALL)
    if not cuts:
        assert not failed


def _chunks(body: bytes, dice: random.Random) -> list[bytes]:
    chunks = []
    while body:
        length = dice.choice((100, 1000, 9_000, 30_000))
        piece, body = body[:length], body[length:]
        chunks.append(b"%x;a=b\r\n%b\r\n" % (len(piece), piece))
    return chunks


def test_a_body_that_stalls_is_asked_for_again() -> None:
    left = [100_000]

    def respond(request: Request, sock: socket.socket) -> bool:
        said = ranged(BLOB, request)
        if left:
            sock.sendall(said[: left.pop()])
            sock.recv(1)
            return False
        sock.sendall(said)
        return True

    notes = Notes()
    with (
        Server(respond) as server,
        client(options(stall_seconds=MOMENT), progress=notes) as asking,
        asking.open(f"{server.url}/b?token=hush", expected_bytes=len(BLOB)) as body,
    ):
        assert body.read() == BLOB
    assert "sent nothing for 0.3 s; asking again" in notes.notes[0]
    assert "hush" not in "".join(notes.notes)


def test_without_a_new_byte_the_attempts_end() -> None:
    with Server(cutting(1000, *[0] * 9)) as server, pytest.raises(RequestError, match="broke off"):
        read(server)
    assert [request.offset for request in server.requests] == [0, 1000, 1000]


def test_with_new_bytes_they_do_not() -> None:
    with Server(cutting(*[20_000] * 9)) as server:
        assert read(server) == BLOB
    assert len(server.requests) == 10


def test_but_not_for_ever() -> None:
    def one_byte(request: Request, sock: socket.socket) -> None:
        said = ranged(BLOB, request)
        sock.sendall(said[: said.index(b"\r\n\r\n") + 5])

    with Server(one_byte) as server, pytest.raises(RequestError, match="broke off 100 times"):
        read(server)


def test_an_error_while_reading_stays() -> None:
    with Server(cutting(1000, *[0] * 9)) as server, client() as asking:
        body = asking.open(server.url, expected_bytes=len(BLOB))
        with pytest.raises(RequestError) as first:
            body.read()
        with pytest.raises(RequestError) as second:
            body.read()
        body.close()
    assert str(first.value) == str(second.value)


@pytest.mark.parametrize("expected", [len(BLOB) - 1, len(BLOB) + 1, 0])
def test_a_content_length_that_is_not_what_is_expected_is_an_error_at_once(expected: int) -> None:
    with (
        Server(saying(answer(BLOB))) as server,
        client() as asking,
        pytest.raises(RequestError) as caught,
    ):
        asking.open(server.url, expected_bytes=expected)
    assert f"announces 300,000 bytes where there must be {expected:,}" in str(caught.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize("excess", [b"x", bytes(10_000)])
@pytest.mark.parametrize("chunked", [True, False])
def test_a_byte_too_many_is_an_error(excess: bytes, chunked: bool) -> None:
    body = BLOB + excess
    if chunked:
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        said = answer(body, length=None, Transfer_Encoding="chunked")
    else:
        said = answer(body, length=None)
    with (
        Server(saying_once(said)) as server,
        pytest.raises(RequestError, match="more than the 300,000 bytes"),
    ):
        read(server)


def test_an_endless_body_ends_where_it_must() -> None:
    def endless(_: Request, sock: socket.socket) -> None:
        sock.sendall(answer(length=None))
        while True:
            sock.sendall(bytes(4096))

    with (
        Server(endless) as server,
        client() as asking,
        asking.open(server.url, expected_bytes=5) as body,
        pytest.raises(RequestError, match="more than the 5 bytes"),
    ):
        body.read()


def test_bytes_after_the_body_are_never_another_answer() -> None:
    said = [answer(b"abc") + answer(b"forged"), answer(b"def")]

    def respond(_: Request, sock: socket.socket) -> bool:
        sock.sendall(said.pop(0))
        return True

    with Server(respond) as server, client() as asking:
        with asking.open(server.url, expected_bytes=3) as body:
            assert body.read() == b"abc"
        with asking.open(server.url, expected_bytes=3) as body:
            assert body.read() == b"def"


def test_a_chunked_body_that_ends_too_early_is_asked_for_again() -> None:
    short = answer(b"3\r\nabc\r\n0\r\n\r\n", length=None, Transfer_Encoding="chunked")
    rest = answer(b"def", 206, Content_Range="bytes 3-5/6")
    with Server(saying(short, rest)) as server:
        assert read(server, 6) == b"abcdef"
    with (
        Server(saying(short)) as server,
        pytest.raises(RequestError, match="ended after 3 of 6 bytes"),
    ):
        read(server, 6)


@pytest.mark.parametrize(
    ("where", "body"),
    [
        ("bytes 0-5/6", b"abcdef"),
        ("bytes 2-5/6", b"cdef"),
        ("bytes 4-5/6", b"ef"),
        ("bytes 3-6/7", b"defg"),
        ("bytes 3-5/7", b"def"),
        ("bytes 3-9/6", b"def"),
        ("bytes 3-5/6", b"de"),
        ("bytes */6", b"def"),
        ("items 3-5/6", b"def"),
        ("", b"def"),
    ],
)
def test_a_range_that_was_not_asked_for_is_an_error(where: str, body: bytes) -> None:
    said = [answer(b"abc", length=6), answer(body, 206, Content_Range=where)]

    def respond(_: Request, sock: socket.socket) -> None:
        sock.sendall(said.pop(0))

    with Server(respond) as server, pytest.raises(RequestError, match="from 3 on"):
        read(server, 6)


@pytest.mark.parametrize("where", ["bytes 3-5/6", "bytes 3-5/*", "bytes 3-3/6"])
def test_a_range_may_hide_the_total_or_be_shorter(where: str) -> None:
    body = b"d" if "3-3" in where else b"def"
    said = [
        answer(b"abc", length=6),
        answer(body, 206, Content_Range=where),
        answer(b"ef", 206, Content_Range="bytes 4-5/6"),
    ]

    def respond(_: Request, sock: socket.socket) -> None:
        sock.sendall(said.pop(0))

    with Server(respond) as server:
        assert read(server, 6) == b"abcdef"


def test_a_range_that_nobody_asked_for_is_an_error() -> None:
    said = answer(b"abc", 206, Content_Range="bytes 0-2/3")
    with Server(saying(said)) as server, pytest.raises(StatusError, match="answers 206"):
        read(server, 3)


def test_a_blob_that_became_shorter_is_an_error() -> None:
    said = [answer(b"abc", length=6), answer(b"", 416)]

    def respond(_: Request, sock: socket.socket) -> None:
        sock.sendall(said.pop(0))

    with Server(respond) as server, pytest.raises(StatusError, match="answers 416"):
        read(server, 6)


@pytest.mark.parametrize(
    ("etag", "sent"), [('"v1"', '"v1"'), ('W/"v1"', None), (None, None), ("v1", None)]
)
def test_only_a_strong_etag_is_sent_with_a_range(etag: str | None, sent: str | None) -> None:
    left = [50]

    def respond(request: Request, sock: socket.socket) -> bool:
        said = ranged(BLOB, request, etag=etag)
        sock.sendall(said[: said.index(b"\r\n\r\n") + 4 + left.pop()] if left else said)
        return False

    with Server(respond) as server:
        assert read(server) == BLOB
    assert [request.headers.get("if-range") for request in server.requests] == [None, sent]


@pytest.mark.parametrize(
    "said",
    [
        answer(b"abc", length=4),
        answer(b"4\r\nabc", length=None, Transfer_Encoding="chunked"),
        answer(b"3\r\nabc\r\n", length=None, Transfer_Encoding="chunked"),
    ],
)
def test_a_stream_of_unknown_length_is_never_cut_unseen(said: bytes) -> None:
    with Server(saying_once(said)) as server, client() as asking:
        body = asking.open(server.url, expected_bytes=None)
        with pytest.raises(RequestError, match="broke off"):
            body.read()
        body.close()
    assert len(server.requests) == 1


def test_a_stream_whose_end_nobody_could_tell_is_refused() -> None:
    with (
        Server(saying_once(answer(b"abc", length=None))) as server,
        pytest.raises(RequestError, match="does not say where its answer ends"),
    ):
        read(server, None)


def test_an_empty_body() -> None:
    with Server(saying(answer())) as server:
        assert read(server, 0) == b""
        assert read(server, None) == b""


def test_another_encoding_is_refused() -> None:
    with (
        Server(saying(answer(BLOB, Content_Encoding="gzip"))) as server,
        pytest.raises(RequestError, match="another encoding"),
    ):
        read(server)
    with Server(saying(answer(BLOB, Content_Encoding="identity"))) as server:
        assert read(server) == BLOB


def test_a_status_is_an_error_that_quotes_the_server() -> None:
    said = answer(
        b'{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown"}]}',
        404,
        Content_Type="application/json",
    )
    with Server(saying(said)) as server, pytest.raises(StatusError) as caught:
        read(server)
    assert str(caught.value) == f"{server.url}/blob: the server answers 404: blob unknown"
    assert caught.value.status == 404
    assert caught.value.answer is not None
    assert b"BLOB_UNKNOWN" in caught.value.answer.body


def test_a_server_in_trouble_is_asked_again_then_given_up() -> None:
    busy = answer(b"", 503)
    with Server(saying(busy, busy, answer(BLOB))) as server:
        assert read(server) == BLOB
    with Server(saying(busy)) as server, pytest.raises(StatusError, match="answers 503"):
        read(server)
    assert len(server.requests) == 3


def test_a_wait_longer_than_our_patience_ends_it_also_in_the_middle() -> None:
    said = [answer(b"abc", length=6), answer(b"", 429, Retry_After="61")]

    def respond(_: Request, sock: socket.socket) -> None:
        sock.sendall(said.pop(0))

    with Server(respond) as server, pytest.raises(RateLimitedError, match="Come again in 61 s"):
        read(server, 6)


# Authorization


def asked_with(server: Server) -> list[str | None]:
    return [request.headers.get("authorization") for request in server.requests]


def guarded(*wanted: str) -> Answering:
    """Refuses until it is asked with what is wanted at that time."""
    left = list(wanted)

    def respond(request: Request, sock: socket.socket) -> bool:
        if request.headers.get("authorization") != left[0]:
            sock.sendall(answer(b"", 401, WWW_Authenticate="Bearer"))
        else:
            said = ranged(b"abcdef", request)
            if len(left) > 1:
                left.pop(0)
                sock.sendall(said[:-3])
                return False
            sock.sendall(said)
        return True

    return respond


def test_authorization_is_renewed_when_it_is_refused_also_in_the_middle() -> None:
    told: list[int | None] = []
    tokens = iter(["first", "second", "second", "third"])

    def authorize(refused: Response | None) -> Secret | None:
        told.append(refused.status if refused else None)
        return Secret(next(tokens))

    with (
        Server(guarded("second", "third")) as server,
        client() as asking,
        asking.open(server.url, expected_bytes=6, authorize=authorize) as body,
    ):
        assert body.read() == b"abcdef"
    assert told == [None, 401, None, 401]
    assert asked_with(server) == ["first", "second", "second", "third"]


@pytest.mark.parametrize("secret", [None, Secret("same")])
def test_the_same_authorization_again_gives_up(secret: Secret | None) -> None:
    with (
        Server(guarded("other")) as server,
        client() as asking,
        pytest.raises(StatusError, match="answers 401"),
    ):
        asking.open(server.url, expected_bytes=6, authorize=lambda _: secret)
    assert len(server.requests) == 1


def test_a_server_that_refuses_for_ever_is_given_up() -> None:
    tokens = iter(range(99))
    with (
        Server(guarded("other")) as server,
        client() as asking,
        pytest.raises(StatusError, match="answers 401"),
    ):
        asking.open(server.url, expected_bytes=6, authorize=lambda _: Secret(f"t{next(tokens)}"))
    assert len(server.requests) == 4


def test_what_another_origin_refuses_renews_nothing() -> None:
    told: list[Response | None] = []

    def authorize(refused: Response | None) -> Secret | None:
        told.append(refused)
        return Secret(f"t{len(told)}")

    challenge = answer(b"", 401, WWW_Authenticate='Bearer realm="http://127.0.0.1/steal"')
    with (
        Server(saying(challenge)) as other,
        Server(saying(redirect(other.url))) as server,
        client() as asking,
        pytest.raises(StatusError, match="answers 401"),
    ):
        asking.open(server.url, expected_bytes=6, authorize=authorize)
    assert told == [None]
    assert asked_with(server) == ["t1"]
    assert asked_with(other) == [None]


def test_a_signed_place_is_asked_for_anew_when_a_body_is_cut() -> None:
    places = iter("abc")
    left = [100]

    def store(request: Request, sock: socket.socket) -> bool:
        said = ranged(BLOB, request)
        sock.sendall(said[: left.pop() + 200] if left else said)
        return False

    with Server(store) as other:

        def registry(_: Request, sock: socket.socket) -> bool:
            sock.sendall(redirect(f"{other.url}/?signed={next(places)}"))
            return True

        with Server(registry) as server:
            assert read(server) == BLOB
    assert [request.target for request in other.requests] == ["/?signed=a", "/?signed=b"]
    assert other.requests[1].offset > 0


def test_no_wait_is_real() -> None:
    naps = Naps()
    with (
        Server(cutting(5, 0)) as server,
        client(naps=naps) as asking,
        asking.open(server.url, expected_bytes=len(BLOB)) as body,
    ):
        body.read()
    assert len(naps.seconds) == 2
    with pytest.raises(UnreachableError):
        client().open("http://example.com/", expected_bytes=1)
