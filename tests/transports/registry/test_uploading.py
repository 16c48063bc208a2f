"""Blobs into a registry that breaks off, forgets, refuses and leads elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.errors import DestinationError, UnreachableError
from lightship.net.errors import RequestError

from .pretended_registry import Asked, Pretended, Reply, pretending
from .uploads import CHUNK, DATA, Bytes, no_more_than, ranges, upload

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("size", [0, 1, 2, CHUNK, CHUNK + 1, len(DATA)])
def test_a_blob_is_one_request_after_the_first(size: int) -> None:
    with pretending() as registry:
        upload(registry, Bytes(DATA[:size]))
    assert registry.methods == ["POST", "PUT"]
    assert not ranges(registry)


@pytest.mark.parametrize("size", [CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1, len(DATA)])
def test_what_is_too_large_for_one_request_goes_in_chunks_that_touch(size: int) -> None:
    with pretending(Pretended(first=no_more_than(CHUNK))) as registry:
        upload(registry, Bytes(DATA[:size]))
    sent = ranges(registry)
    assert [start for start, _ in sent] == [0, *(end + 1 for _, end in sent[:-1])]
    assert sent[-1][1] == size - 1
    assert all(end - start < CHUNK for start, end in sent)
    assert registry.methods == ["POST", "PUT", "GET", *["PATCH"] * (len(sent) - 1), "PUT"]
    states = [one.query["_state"] for one in registry.asked[2:]]
    assert states == sorted(set(states), key=int)  # each Location is followed


def test_chunks_are_as_large_as_the_registry_wants_them() -> None:
    with pretending(Pretended(chunk_bytes=3 * CHUNK, cuts=[0])) as registry:
        upload(registry)
    assert ranges(registry) == [(0, 3 * CHUNK - 1), (3 * CHUNK, len(DATA) - 1)]


def test_a_registry_that_tells_less_than_it_has_is_not_asked() -> None:
    """Amazon's says after each chunk that it has the first."""

    def first(asked: Asked) -> Reply | None:
        if asked.method == "PUT" and int(asked.headers["content-length"]) > CHUNK:
            return Reply(413)
        return None

    class Stale(Pretended):
        def location(self, name: str) -> dict[str, str]:
            return {**super().location(name), "Range": "0-0"}

    with pretending(Stale(first=first)) as registry:
        upload(registry)
    assert registry.received == len(DATA)


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, 3 * CHUNK), max_size=12))
def test_what_broke_off_goes_on_where_it_broke(cuts: list[int]) -> None:
    with pretending(Pretended(cuts=list(cuts))) as registry:
        try:
            upload(registry)
        except RequestError:
            assert not registry.blobs  # three times in a row nothing new had come
            return
    # "Range: 0-0" stands for one byte or none: a byte is sent twice then, and all is sent anew.
    if 1 not in cuts:
        assert registry.received == len(DATA)


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, 3 * CHUNK), max_size=8))
def test_what_a_registry_forgot_is_sent_anew(cuts: list[int]) -> None:
    with pretending(Pretended(cuts=list(cuts), keeps=False)) as registry:
        try:
            upload(registry)
        except RequestError:
            assert not registry.blobs


@pytest.mark.parametrize("size", [100, len(DATA)])
def test_a_registry_that_always_breaks_off_is_given_up(size: int) -> None:
    with pretending(Pretended(cuts=[5] * 1000, keeps=False)) as registry:
        with pytest.raises(RequestError) as caught:
            upload(registry, Bytes(DATA[:size]))
        assert len([one for one in registry.asked if one.is_upload]) == 3
    assert not registry.blobs
    assert "broke off" in str(caught.value)


@pytest.mark.parametrize("status", [400, 404, 405, 411, 415, 416, 501])
def test_a_registry_that_takes_no_chunks_gets_the_whole_again(status: int) -> None:
    def first(asked: Asked) -> Reply | None:
        return Reply.error(status, "UNSUPPORTED") if asked.method == "PATCH" else None

    with pretending(Pretended(first=first, cuts=[0])) as registry:
        upload(registry)
    assert registry.methods == ["POST", "PUT", "HEAD", "GET", "PATCH", "POST", "PUT"]


@pytest.mark.parametrize("status", [404, 405, 411, 416, 501])
def test_and_one_that_takes_nothing_else_gets_chunks(status: int) -> None:
    def first(asked: Asked) -> Reply | None:
        large = int(asked.headers.get("content-length", "0")) > CHUNK
        return Reply.error(status, "UNSUPPORTED") if large else None

    with pretending(Pretended(first=first)) as registry:
        upload(registry)
    assert registry.methods[:5] == ["POST", "PUT", "HEAD", "POST", "PATCH"]


@pytest.mark.parametrize("size", [30_000, len(DATA)])
@pytest.mark.parametrize("most", [10_000, 1_000])
def test_where_requests_may_not_be_large_chunks_are_smaller(size: int, most: int) -> None:
    with pretending(Pretended(first=no_more_than(most))) as registry:
        upload(registry, Bytes(DATA[:size]))


@pytest.mark.parametrize("chunk_bytes", [0, 20_000])
def test_and_where_that_does_not_help_it_is_said_whose_limit_that_is(chunk_bytes: int) -> None:
    most = 999 if not chunk_bytes else 10_000
    registry = Pretended(first=no_more_than(most), chunk_bytes=chunk_bytes)
    with pretending(registry), pytest.raises(DestinationError) as caught:
        upload(registry)
    assert "413" in str(caught.value)
    assert "client_max_body_size" in str(caught.value)
    assert not registry.blobs


@pytest.mark.parametrize("size", [100, len(DATA)])
@pytest.mark.parametrize("lost", [1, 2])
def test_an_answer_that_was_lost_is_no_blob_that_was(size: int, lost: int) -> None:
    with pretending(Pretended(loses_answers=lost)) as registry:
        upload(registry, Bytes(DATA[:size]))
    assert registry.received <= 2 * size


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_busy_registries_are_asked_again(status: int) -> None:
    left = [True, True]

    def first(asked: Asked) -> Reply | None:
        return Reply(status) if asked.is_upload and left and left.pop() else None

    for size in (100, len(DATA)):
        with pretending(Pretended(first=first)) as registry:
            left[:] = [True, True]
            upload(registry, Bytes(DATA[:size]))
            assert registry.received == size


def test_and_not_for_ever_nor_longer_than_we_are_patient() -> None:
    busy = Pretended(first=lambda asked: Reply(503) if asked.is_upload else None)
    with pretending(busy), pytest.raises(DestinationError, match="503"):
        upload(busy)
    assert len([one for one in busy.asked if one.is_upload]) == 3
    late = Pretended(
        first=lambda asked: Reply(429, {"Retry-After": "900"}) if asked.is_upload else None
    )
    with pretending(late), pytest.raises(UnreachableError, match="Come again in 15 min"):
        upload(late)
    assert len([one for one in late.asked if one.is_upload]) == 1
