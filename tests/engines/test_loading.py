"""An archive that an engine is to load: what is sent, and how the answer is read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, BinaryIO

import pytest

from lightship.engines.engine import NoEngineError
from lightship.engines.loading import NotLoadedError, failure
from lightship.engines.reaching import Surroundings, over_socket
from lightship.net.options import NetOptions
from lightship.progress import SILENT

from .fake_engine import DOCKER, NEW_DOCKER, PODMAN, answer, chunked, fake_engine
from .test_commanded import Program, podman, prints

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.engines.engine import Engine

    from .fake_engine import FakeEngine

__all__ = ["podman"]

OPTIONS = NetOptions(stall_seconds=5)
LOAD = "/v1.41/images/load"
LOADED = b'{"stream":"Loaded image: localhost/x:1\\n"}\r\n'
NO_SPACE = "write /x/layer.tar: no space left on device"


def reach(fake: FakeEngine) -> Engine:
    return over_socket(fake.socket, "docker", Surroundings(fake.environment, OPTIONS, SILENT))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    place = tmp_path / "image.tar"
    place.write_bytes(bytes(range(256)) * 20_000)
    return place


def refusal(fake: FakeEngine, archive: Path) -> str:
    with pytest.raises(NotLoadedError) as caught:
        reach(fake).load(archive)
    text = str(caught.value)
    assert text.startswith(f"the Docker engine at {fake.socket} did not load the image (")
    assert "\n" not in text
    assert "\x1b" not in text
    assert len(text) < 600
    assert caught.value.exit_code == 5
    return text


@pytest.mark.parametrize(
    ("ping", "target"),
    [
        (DOCKER, f"{LOAD}?quiet=1"),
        (NEW_DOCKER, "/v1.48/images/load?quiet=1"),
        (PODMAN, "/v4.3.1/libpod/images/load"),
    ],
    ids=["docker", "new docker", "podman"],
)
def test_the_archive_is_sent_whole(ping: dict[str, str], target: str, archive: Path) -> None:
    with fake_engine(ping) as fake:
        fake.answers[target.partition("?")[0]] = chunked(LOADED)
        reach(fake).load(archive)
        assert fake.asked == ["/_ping", target]
        assert fake.bodies == [archive.read_bytes()]


def test_an_error_under_status_200(archive: Path) -> None:
    detail = {"errorDetail": {"message": NO_SPACE}, "error": NO_SPACE}
    with fake_engine() as fake:
        fake.answers[LOAD] = chunked(LOADED + json.dumps(detail).encode() + b"\r\n")
        assert NO_SPACE in refusal(fake, archive)


def test_an_error_before_the_archive_has_come_to_its_end(archive: Path) -> None:
    with fake_engine() as fake:
        fake.takes = 1000
        fake.answers[LOAD] = answer({"message": NO_SPACE}, status="500 Internal Server Error")
        assert f"it answers with status 500: {NO_SPACE}" in refusal(fake, archive)


def test_an_engine_that_hangs_up(archive: Path) -> None:
    with fake_engine() as fake:
        for fake.takes in (1, 1000, None):
            fake.answers[LOAD] = b""
            assert "broke off the connection" in refusal(fake, archive)
        fake.answers[LOAD] = chunked(LOADED, cut_off=True)
        assert "broke off the connection" in refusal(fake, archive)


def test_an_answer_without_end(archive: Path) -> None:
    def forever(out: BinaryIO) -> None:
        out.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:  # until the other end goes away; the engine waits for this to end
            out.write(b"3e8\r\n" + b"x" * 1000 + b"\r\n")

    with fake_engine() as fake:
        fake.answers[LOAD] = forever
        assert "longer than" in refusal(fake, archive)


def test_an_engine_that_sends_us_elsewhere(archive: Path) -> None:
    with fake_engine() as fake:
        away = answer(b"", status="307 Temporary Redirect", Location="http://localhost/elsewhere")
        fake.answers[LOAD] = away
        assert "not sent on to another place" in refusal(fake, archive)
        assert "/elsewhere" not in fake.asked


def test_an_archive_that_is_gone(tmp_path: Path) -> None:
    with (
        fake_engine() as fake,
        pytest.raises(NotLoadedError, match=r"gone\.tar cannot be read: No such file"),
    ):
        reach(fake).load(tmp_path / "gone.tar")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", ""),
        (LOADED, ""),
        (b'{"errorDetail":{"message":"a\\u001b[31m\\nb."}}', "a\x1b[31m b"),
        (b'{"error":"old engines"}', "old engines"),
        (LOADED + b'{"errorDetail":{},"error":""}\n', "it gives no reason"),
        (b'{"errorDetail":null,"error":null}', "it gives no reason"),
        (b'{"errorDetail":7}\n{"error":"the second"}', "the second"),
        (b'{"error":' + b"[" * 100_000, ""),
        (b'\xff\x00"error\n{"error":"after junk"}', "after junk"),
        (b'{"error":"' + b"x" * 10_000_000 + b'"}', "x" * 300),
        (b'{"error":"\\ud800"}', ""),
    ],
    ids=range(11),
)
def test_what_an_answer_says_of_a_failure(body: bytes, words: str) -> None:
    assert failure(body) == words


def test_which_store_keeps_several_platforms() -> None:
    containerd = {"DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]}
    classic = {"DriverStatus": [["Backing Filesystem", "extfs"], ["Supports d_type", "true"]]}
    strange: list[object] = [[], {}, {"DriverStatus": 7}, {"DriverStatus": [[1]]}, b"<html>"]
    with fake_engine(NEW_DOCKER) as fake:
        for given, keeps in [(containerd, True), (classic, False), *((s, False) for s in strange)]:
            fake.answers["/v1.48/info"] = answer(given)
            assert reach(fake).keeps_platforms() is keeps
        del fake.answers["/v1.48/info"]
        assert not reach(fake).keeps_platforms()


# Behind a program.


def test_a_program_loads_a_file(podman: Program, archive: Path) -> None:
    podman.write(load="echo 'Loaded image: localhost/x:1'")
    podman.engine.load(archive)
    assert podman.words() == [f"--root /r load --quiet --input {archive}"]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (f"echo 'Error: {NO_SPACE}' >&2; exit 125", f"({NO_SPACE})"),
        ("kill -9 $$", "(ended by signal 9)"),
    ],
)
def test_a_program_that_does_not_load(
    script: str, told: str, podman: Program, archive: Path
) -> None:
    podman.write(load=f"touch $TMPDIR/blob; {script}")
    with pytest.raises(NotLoadedError) as caught:
        podman.engine.load(archive)
    assert str(caught.value) == f"the storage did not load the image {told}"
    assert list(podman.temporary.iterdir()) == []


def test_a_program_tells_which_store_there_is(podman: Program) -> None:
    podman.write(info=prints({"DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]}))
    assert podman.engine.keeps_platforms()
    podman.write(info=prints({"host": {}, "store": {}}))
    assert not podman.engine.keeps_platforms()
    podman.write(info="exit 1")
    with pytest.raises(NoEngineError):
        podman.engine.keeps_platforms()
