"""Blobs into a registry that breaks off, forgets, refuses and leads elsewhere."""

from __future__ import annotations

import io
import json
import random
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.errors import CorruptInputError, DestinationError, LightshipError, UnreachableError
from lightship.model.digest import Digest
from lightship.net.errors import RequestError
from lightship.net.options import NetOptions
from lightship.transports.access import Access
from lightship.transports.registry import uploading
from lightship.transports.registry.pushing import Pushing
from lightship.transports.registry.sources import PIECE_BYTES, LayerSource
from lightship.transports.registry.uploading import Upload

from .pretended_registry import Asked, Pretended, Reply, pretending

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CHUNK = 40_000
DATA = random.Random(7).randbytes(200_001)  # noqa: S311 - any bytes
DIGEST = Digest.of(DATA)


class Bytes:
    """A layer in memory (`model.image.Layer`)."""

    position = 3
    diff_id = None
    media_type = None

    def __init__(self, data: bytes = DATA, claimed: bytes | None = None) -> None:
        self.data = data
        self.digest = Digest.of(data if claimed is None else claimed)
        self.stored_bytes = len(data if claimed is None else claimed)
        self.opened = 0

    def identity(self) -> None: ...

    def open(self) -> BinaryIO:
        self.opened += 1
        return io.BytesIO(self.data)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "CHUNK_BYTES", CHUNK)
    monkeypatch.setattr(uploading, "SMALLER_CHUNKS", (10_000, 1_000))


def pushing(registry: Pretended, **changes: object) -> Pushing:
    given: dict[str, object] = {
        "plain_http": frozenset({"127.0.0.1", "127.0.0.2"}),
        "attempts": 3,
        "stall_seconds": 20.0,
    }
    network = NetOptions(**(given | changes))  # type: ignore[arg-type]  # names are the Struct's
    access = Access(network=network, environment={"HOME": "/nowhere"})
    return Pushing(registry.host, "a/b", access, wait=lambda _: None)


def upload(registry: Pretended, layer: Bytes | None = None, **changes: object) -> LayerSource:
    """Upload a layer, as `RegistryStaging.take` does."""
    layer = layer or Bytes()
    source = LayerSource(layer, layer.digest, layer.stored_bytes)
    told: list[int] = []
    Upload(pushing(registry, **changes), source, told.append).run()
    assert sum(told) == layer.stored_bytes
    assert registry.blobs[layer.digest] == layer.data
    return source


def ranges(registry: Pretended) -> list[tuple[int, int]]:
    """What the parts of uploads claim to be, in order."""
    given = [one.headers.get("content-range", "") for one in registry.asked if one.is_upload]
    return [
        (int(start), int(end)) for start, _, end in (text.partition("-") for text in given if text)
    ]


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


def no_more_than(most: int) -> Callable[[Asked], Reply | None]:
    def first(asked: Asked) -> Reply | None:
        if int(asked.headers.get("content-length", "0")) > most:
            return Reply(413, {"Content-Type": "text/html"}, b"<html>too large</html>", False)
        return None

    return first


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


def test_an_upload_that_went_wrong_is_done_anew_once() -> None:
    spoilt = [True]

    def first(asked: Asked) -> Reply | None:
        if asked.method == "PUT" and spoilt and spoilt.pop():
            return Reply.error(400, "DIGEST_INVALID")
        return None

    with pretending(Pretended(first=first)) as registry:
        upload(registry)
    assert registry.methods.count("PUT") == 2
    never = Pretended(
        first=lambda asked: Reply.error(400, "DIGEST_INVALID") if asked.method == "PUT" else None
    )
    with pretending(never), pytest.raises(DestinationError, match="DIGEST_INVALID"):
        upload(never)
    assert never.methods.count("PUT") == 2


@pytest.mark.parametrize("size", [500, PIECE_BYTES + 500])
@pytest.mark.parametrize("wrong", ["other", "short", "long"])
@pytest.mark.parametrize("cuts", [[], [0]])
def test_a_layer_that_is_not_what_its_digest_says_is_never_there(
    size: int, wrong: str, cuts: list[int]
) -> None:
    claimed = random.Random(size).randbytes(size)  # noqa: S311 - any bytes
    data = {"other": claimed[:-1] + b"!", "short": claimed[:-1], "long": claimed + b"!"}[wrong]
    layer = Bytes(data, claimed)
    with pretending(Pretended(cuts=cuts)) as registry:
        with pytest.raises(CorruptInputError, match="layer 3"):
            upload(registry, layer)
        assert not registry.blobs
        assert registry.received < size  # what was told with its digest had no end


def test_an_empty_layer_is_looked_at_too() -> None:
    with pretending() as registry, pytest.raises(CorruptInputError):
        upload(registry, Bytes(b"x", b""))


def test_a_source_that_breaks_is_no_fault_of_the_registry() -> None:
    for problem in (RequestError("https://other/", "it broke", passing=True), OSError(5, "I/O")):

        class Breaking(io.BytesIO):
            trouble = problem

            def read(self, size: int | None = -1, /) -> bytes:
                if self.tell():
                    raise self.trouble
                return super().read(min(size or 0, 100))

        class Layer(Bytes):
            def open(self) -> BinaryIO:
                return Breaking(self.data)

        layer = Layer()
        source = LayerSource(layer, layer.digest, layer.stored_bytes)
        with pretending() as registry:
            with pytest.raises(LightshipError) as caught:
                Upload(pushing(registry), source, lambda _: None).run()
            assert caught.value is source.failure
            assert len([one for one in registry.asked if one.is_upload]) <= 1
            assert "DELETE" in registry.methods  # the upload is given up there, too


@pytest.mark.parametrize("size", [100, len(DATA)])
def test_bytes_go_to_another_host_and_credentials_do_not(size: int, tmp_path: Path) -> None:
    def first(asked: Asked) -> Reply | None:
        if asked.headers.get("authorization") != "Basic bWU6aHVzaA==":
            return Reply(401, {"WWW-Authenticate": 'Basic realm="x"'})
        return None

    with pretending(address="127.0.0.2") as other:
        home = Pretended(sessions=other.sessions, uploads_at=f"http://{other.host}", first=first)
        with pretending(home):
            (tmp_path / "auth.json").write_text(
                json.dumps({"auths": {home.host: {"auth": "bWU6aHVzaA=="}}})
            )
            network = NetOptions(plain_http=frozenset({"127.0.0.1", "127.0.0.2"}))
            access = Access(network=network, auth_file=tmp_path / "auth.json", environment={})
            layer = Bytes(DATA[:size])
            source = LayerSource(layer, layer.digest, size)
            Upload(Pushing(home.host, "a/b", access), source, lambda _: None).run()
    assert other.blobs[layer.digest] == layer.data
    assert {one.method for one in home.asked} == {"POST"}
    assert all("authorization" not in one.headers for one in other.asked)


@pytest.mark.parametrize(
    "place", ["http://127.0.0.3:1", "https://user:hush@127.0.0.1:1", "file://x", "http://[::"]
)
def test_a_place_that_nobody_allowed_is_refused(place: str) -> None:
    with pretending(Pretended(uploads_at=place)) as registry:
        with pytest.raises(RequestError) as caught:
            upload(registry)
        assert registry.methods == ["POST"]
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "said", ["0-0", "0-1", "1-5", "0-999999999999", "0--1", "0-" + "9" * 5000, "x", ""]
)
def test_what_a_registry_says_to_have_leads_to_no_endless_work(said: str) -> None:
    def first(asked: Asked) -> Reply | None:
        if asked.is_upload:
            return Reply(503)
        if asked.method == "GET":
            return Reply(202, {"Location": asked.path, "Range": said})
        return None

    with pretending(Pretended(first=first)) as registry:
        with pytest.raises(LightshipError):
            upload(registry)
        assert len(registry.asked) < 60
        assert not registry.blobs


def test_a_token_that_ends_in_the_middle_is_renewed() -> None:
    given: list[str] = []
    uses = 0

    def first(asked: Asked) -> Reply | None:
        nonlocal uses
        if asked.path == "/token":
            given.append(asked.query["scope"])
            body = json.dumps({"token": f"t{len(given)}", "expires_in": 300}).encode()
            return Reply(200, {}, body)
        uses += 1
        if asked.is_upload and int(asked.headers["content-length"]) > CHUNK:
            return Reply(413)
        if asked.headers.get("authorization") == f"Bearer t{len(given)}" and uses % 4:
            return None
        realm = f'Bearer realm="http://{registry.host}/token",service="s",scope="x"'
        return Reply.error(401, "UNAUTHORIZED", f"{asked.headers}", **{"WWW-Authenticate": realm})

    with pretending(Pretended(first=first)) as registry:
        upload(registry)
    assert len(given) > 2
    assert set(given) == {"repository:a/b:pull,push"}


def test_a_registry_that_calls_a_blob_otherwise_is_not_believed() -> None:
    other = f"sha256:{sha256(b'other').hexdigest()}"
    registry = Pretended(
        first=lambda asked: (
            Reply(201, {"Docker-Content-Digest": other}) if asked.method == "PUT" else None
        )
    )
    with pretending(registry), pytest.raises(DestinationError, match="calls it"):
        upload(registry)


def test_no_secret_is_told() -> None:
    def first(asked: Asked) -> Reply | None:
        if asked.path == "/token":
            return Reply(200, {}, b'{"token": "hushhush"}')
        if "authorization" not in asked.headers:
            realm = f'Bearer realm="http://{registry.host}/token"'
            return Reply(401, {"WWW-Authenticate": realm})
        return Reply.error(403, "DENIED", f"no: {asked.headers['authorization']}")

    with (
        pretending(Pretended(first=first)) as registry,
        pytest.raises(DestinationError) as caught,
    ):
        upload(registry)
    assert "hushhush" not in str(caught.value)
    assert "right to push" in str(caught.value)
