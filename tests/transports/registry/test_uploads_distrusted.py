"""Uploads whose source or registry is not what it should be, and what nobody may learn of them."""

from __future__ import annotations

import io
import json
import random
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

import pytest

from lightship.errors import CorruptInputError, DestinationError, LightshipError
from lightship.net.errors import RequestError
from lightship.net.options import NetOptions
from lightship.transports.access import Access
from lightship.transports.registry.pushing import Pushing
from lightship.transports.registry.sources import PIECE_BYTES, LayerSource
from lightship.transports.registry.uploading import Upload

from .pretended_registry import Asked, Pretended, Reply, pretending
from .uploads import CHUNK, DATA, Bytes, pushing, upload

if TYPE_CHECKING:
    from pathlib import Path


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
