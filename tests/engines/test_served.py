"""An engine behind a socket: what it answers, and what no real one does."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, BinaryIO

import pytest
from msgspec.structs import replace

from lightship.engines.engine import BrokenOffError, NoEngineError
from lightship.engines.reaching import Surroundings, over_socket
from lightship.engines.served import quoted, routes_by
from lightship.model.platform import Platform
from lightship.net.options import NetOptions
from lightship.progress import SILENT

from . import said
from .fake_engine import DOCKER, NEW_DOCKER, PODMAN, answer, chunked, fake_engine

if TYPE_CHECKING:
    from lightship.engines.engine import Engine

    from .fake_engine import FakeEngine

V = "/v1.41"
OPTIONS = NetOptions(stall_seconds=5)
ARCHIVE = bytes(range(256)) * 40


def reach(fake: FakeEngine, options: NetOptions = OPTIONS) -> Engine:
    return over_socket(fake.socket, "docker", Surroundings(fake.environment, options, SILENT))


def received(engine: Engine, name: str, platform: Platform | None = None) -> bytes:
    with engine.saved(name, platform) as pieces:
        return b"".join(pieces)


def test_an_image_is_asked_for_and_sent() -> None:
    with fake_engine() as fake:
        fake.holds(V, "h:5000/a/b:1", said.docker(said.IMAGE_ID, "h:5000/a/b:1"), ARCHIVE)
        engine = reach(fake)
        held = engine.held("h:5000/a/b:1")
        assert held is not None
        assert held.image_id == said.IMAGE_ID
        assert received(engine, "h:5000/a/b:1") == ARCHIVE
        assert fake.asked == [
            "/_ping", f"{V}/images/h:5000/a/b:1/json", f"{V}/images/h:5000/a/b:1/get",
        ]  # fmt: skip


def test_podman_is_asked_in_its_own_way() -> None:
    with fake_engine(PODMAN) as fake:
        fake.holds("/v4.3.1/libpod", "x", said.podman(said.IMAGE_ID, "localhost/x:latest"), ARCHIVE)
        engine = reach(fake)
        held = engine.held("x")
        assert held is not None
        assert held.names == ("localhost/x:latest",)
        assert received(engine, "x") == ARCHIVE
        assert fake.asked[-1] == "/v4.3.1/libpod/images/x/get?format=docker-archive"


def test_a_new_docker_is_asked_for_its_platforms_and_sends_one() -> None:
    with fake_engine(NEW_DOCKER) as fake:
        about = said.containerd(said.manifest(said.ARM64, "arm64"))
        fake.holds("/v1.48", "x", about, ARCHIVE)
        engine = reach(fake)
        held = engine.held("x")
        assert held is not None
        assert [one.digest for one in held.platforms] == [said.ARM64]
        assert received(engine, "x", Platform("linux", "arm64", "v8")) == ARCHIVE
        assert fake.asked[1] == "/v1.48/images/x/json?manifests=1"
        path, _, query = fake.asked[2].partition("?platform=")
        assert path == "/v1.48/images/x/get"
        assert json.loads(query) == {"os": "linux", "architecture": "arm64", "variant": "v8"}


def test_an_image_that_is_not_there() -> None:
    with fake_engine() as fake:
        assert reach(fake).held("nope") is None


def test_a_large_archive_does_not_gather_here() -> None:
    with fake_engine() as fake:
        fake.holds(V, "x", said.docker(), bytes(30_000_000))
        with reach(fake).saved("x", None) as pieces:
            lengths = [len(piece) for piece in pieces]
    assert sum(lengths) == 30_000_000
    assert max(lengths) <= 1 << 20


def test_leaving_early_closes_the_connection() -> None:
    def forever(out: BinaryIO) -> None:
        out.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:  # until the other end goes away; the engine waits for this to end
            out.write(b"3e8\r\n" + bytes(1000) + b"\r\n")

    with fake_engine() as fake:
        fake.answers[f"{V}/images/x/get"] = forever
        with reach(fake).saved("x", None) as pieces:
            assert next(pieces)


@pytest.mark.parametrize(
    ("headers", "prefix"),
    [
        (DOCKER, "/v1.41"),
        (NEW_DOCKER, "/v1.48"),
        (PODMAN, "/v4.3.1/libpod"),
        ({"Api-Version": "1.24"}, "/v1.24"),
        ({"Api-Version": "2.0"}, "/v1.48"),
    ],
)
def test_which_api_is_spoken(headers: dict[str, str], prefix: str) -> None:
    routes = routes_by({name.lower(): value for name, value in headers.items()})
    assert routes is not None
    assert routes.prefix == prefix


@pytest.mark.parametrize("version", ["", "1", "1.x", "../1.41", "1.41/../..", "99999.1", "1.41\n"])
def test_what_is_no_version(version: str) -> None:
    assert routes_by({"api-version": version, "libpod-api-version": version}) is None


def test_a_name_stays_one_name_in_a_path() -> None:
    assert quoted("h:1/a/b@sha256:0") == "h:1/a/b@sha256:0"
    assert quoted("a?b#c d%") == "a%3Fb%23c%20d%25"


# What no engine should do.


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (answer(b"<html>hello</html>"), "is no engine"),
        (answer(b"[]"), "is no engine"),
        (answer(b'{"Id": 7}'), "is no engine"),
        (answer({"message": "disk\x1b[31m full.\n"}, status="500 Oh"), "with status 500: disk"),
        (answer(b"<html>", status="500 Oh"), "answers with status 500"),
        (answer(b"x" * (17 << 20)), "no engine answers"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "no engine answers"),
        (b"", "no engine answers"),
    ],
    ids=["html", "list", "number", "500", "500 without a word", "huge", "no http", "nothing"],
)
def test_a_strange_answer(given: bytes, told: str) -> None:
    with fake_engine() as fake:
        fake.answers[f"{V}/images/x/json"] = given
        with pytest.raises(NoEngineError, match=told) as caught:
            reach(fake).held("x")
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "ping", [answer(b"OK"), answer(b"<html>", status="404 Not Found"), answer(b"", X="y")]
)
def test_a_socket_of_something_else(ping: bytes) -> None:
    with fake_engine() as fake:
        fake.answers["/_ping"] = ping
        with pytest.raises(NoEngineError, match=r"what answers at .*socket is no engine"):
            reach(fake).held("x")


def test_an_engine_that_redirects_is_not_followed() -> None:
    with fake_engine() as fake:
        away = answer(b"", status="302 Found", Location="http://localhost/elsewhere")
        fake.answers[f"{V}/images/x/json"] = away
        with pytest.raises(NoEngineError):
            reach(fake).held("x")
        assert "/elsewhere" not in fake.asked


def test_an_engine_that_says_nothing() -> None:
    def silent(_: BinaryIO) -> None:
        time.sleep(1)

    with fake_engine() as fake:
        fake.answers["/_ping"] = silent
        with pytest.raises(NoEngineError, match=r"sent nothing for 0\.2 s"):
            reach(fake, replace(OPTIONS, stall_seconds=0.2)).held("x")


def broken_off(fake: FakeEngine) -> str:
    engine = reach(fake)
    with pytest.raises(BrokenOffError) as caught:
        received(engine, "x")
    return str(caught.value)


def test_an_engine_that_dies_in_mid_stream() -> None:
    with fake_engine() as fake:
        fake.answers[f"{V}/images/x/get"] = chunked(ARCHIVE, cut_off=True)
        text = broken_off(fake)
    assert "did not send 'x' to its end" in text
    assert "broke off" in text


def test_an_engine_that_dies_inside_a_piece() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with fake_engine() as fake:
        fake.answers[f"{V}/images/x/get"] = head + b"ffff\r\n" + bytes(1000)
        assert "broke off" in broken_off(fake)


def test_an_engine_that_will_not_send() -> None:
    with fake_engine() as fake:
        refusal = answer({"message": "no space left on device"}, status="500 Internal Server Error")
        fake.answers[f"{V}/images/x/get"] = refusal
        assert "it answers with status 500: no space left on device" in broken_off(fake)


def test_a_socket_that_nobody_listens_to_any_more() -> None:
    with fake_engine() as fake:
        engine = reach(fake)
        fake.answers.clear()
    with pytest.raises(NoEngineError, match="no engine answers at"):
        engine.held("x")
