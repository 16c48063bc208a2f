"""Pushes while a real registry fails, connections break, and lightship is killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lightship.errors import DestinationError
from lightship.transports.access import Access
from lightship.transports.registry import uploading

from .between import TROUBLES, Between, between, counting
from .programs import run
from .pushes import SIZES, noisy_image, push, reach, reach_of, relayed_file
from .registry_server import PASSWORD, Registry, registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightship.transports.storing import Committed

pytestmark = [pytest.mark.slow, pytest.mark.system("docker-registry", "skopeo", "apache2-utils")]

_TESTS = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "CHUNK_BYTES", 200_000)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> str:
    return noisy_image(tmp_path_factory.mktemp("old"), 1)


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> str:
    return noisy_image(tmp_path_factory.mktemp("new"), 2)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with registry(tmp_path_factory.mktemp("guarded") / "registry", "token") as found:
        yield found


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with registry(tmp_path_factory.mktemp("plain") / "registry", tls=False) as found:
        yield found


def tried(source: str, to: str, access: Access) -> Committed | None:
    """Push; None where that failed, as it should: one clear line, exit code 5."""
    try:
        return push(source, to, access, anew=1)
    except DestinationError as problem:
        failure = problem
    assert failure.exit_code == 5
    assert "\n" not in str(failure)
    assert to.partition("/")[2].partition(":")[0] in str(failure)
    return None


def tag_of(one: Registry, name: str) -> str:
    """What skopeo finds under a tag, as a digest."""
    where = ("--cert-dir", one.folder / "trusted", "--creds", f"reader:{PASSWORD}")
    return (
        run("skopeo", "inspect", *where, "--format", "{{.Digest}}", f"docker://{one.host}/{name}")
        .decode()
        .strip()
    )


def digest_at(relay: Between, path: str) -> str:
    """What the tag 1 stands for, once all is there that its manifest names."""
    status, data = relay.upstream("GET", f"/v2/{path}/manifests/1")
    assert status == 200
    document = json.loads(data)
    for blob in (document["config"], *document["layers"]):
        found = relay.upstream("GET", f"/v2/{path}/blobs/{blob['digest']}")[1]
        assert len(found) == blob["size"]
    return f"sha256:{sha256(data).hexdigest()}"


def test_connections_that_break_anywhere(guarded: Registry, old: str, new: str) -> None:
    """TLS all the way; a connection breaks after each so many bytes."""
    finished = 0
    for seed in range(8):
        noise = random.Random(seed)  # noqa: S311 - any numbers
        left = [noise.randrange(1_000, 1_500_000)]

        def sent(count: int, left: list[int] = left, noise: random.Random = noise) -> bool:
            left[0] -= count
            if left[0] >= 0:
                return False
            left[0] = noise.randrange(1_000, 1_500_000)
            return True

        name = f"broken/{seed}:1"
        before = push(old, f"{guarded.host}/{name}", reach_of(guarded))
        with counting(guarded.port, sent) as host:
            network = reach(ca_file=guarded.ca_file, attempts=5)
            file = relayed_file(guarded, host)
            access = Access(network=network, auth_file=file, environment={})
            done = tried(new, f"{host}/{name}", access)
        finished += done is not None
        assert tag_of(guarded, name) == (done or before).digest
    assert finished > 3


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_registry_that_fails_at_each_request_in_turn(
    plain: Registry, old: str, new: str, trouble: str
) -> None:
    name = f"turn/{trouble.replace(' ', '-')}"
    relay = Between(plain.port)
    with between(relay):
        network = reach(
            plain_http=frozenset({relay.host}),
            attempts=1,
            stall_seconds=0.5 if "hang" in trouble else 20.0,
        )
        access = Access(network=network, environment={})
        before = push(old, f"{relay.host}/{name}/0:1", access).digest
        counted = relay.number
        push(new, f"{relay.host}/{name}/0:1", access, anew=1)
        failed = 0
        for number in range(relay.number - counted):
            # A repository of its own each time, so that nothing is there already.
            path = f"{name}/{number + 1}"
            push(old, f"{relay.host}/{path}:1", access)
            relay.trouble = _at(relay.number + number, trouble)
            done = tried(new, f"{relay.host}/{path}:1", access)
            relay.trouble = _at(-1, "")
            failed += done is None
            assert digest_at(relay, path) == (done.digest if done is not None else before)
            again = push(new, f"{relay.host}/{path}:1", access, anew=1)
            assert digest_at(relay, path) == again.digest
        assert failed > 2  # some do no harm: that a blob is there, or that it arrived
    assert not relay.broken


@pytest.mark.parametrize("trouble", ["500", "503", "429", "cut before", "cut within", "cut after"])
def test_once_in_a_while_is_no_failure(plain: Registry, new: str, trouble: str) -> None:
    relay = Between(plain.port)
    noise = random.Random(trouble)  # noqa: S311 - any numbers
    with between(relay):
        access = Access(network=reach(plain_http=frozenset({relay.host})), environment={})
        for number in range(5):
            path = f"while/{trouble.replace(' ', '-')}-{number}"
            relay.trouble = _at(relay.number + noise.randrange(15), trouble)
            done = push(new, f"{relay.host}/{path}:1", access, anew=1)
            assert digest_at(relay, path) == done.digest
    assert not relay.broken


def _at(number: int, trouble: str) -> Callable[[int], str]:
    return lambda now: trouble if now == number else ""


class _Killer:
    """Kills a process once so many bytes were sent."""

    def __init__(self, after_bytes: int) -> None:
        self.left = after_bytes
        self.process: subprocess.Popen[bytes] | None = None

    def __call__(self, sent: int) -> bool:
        self.left -= sent
        if self.left < 0 and self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
        return False


def kill_pushes(guarded: Registry, old: str, new: str, times: int) -> None:
    """SIGKILL at random moments: the tag is old or new and whole, and the next push succeeds."""
    access = reach_of(guarded)
    noise = random.Random(times)  # noqa: S311 - any moments
    total = sum(SIZES) + 60_000
    killed = 0
    for number in range(times):
        name = f"killed/{times}-{number}:1"
        before = push(old, f"{guarded.host}/{name}", access).digest
        # Half of them near the end, where manifests are put.
        killer = _Killer(noise.randrange(noise.choice((1_000, sum(SIZES))), total))
        with counting(guarded.port, killer) as host:
            words = [sys.executable, "-m", "e2e.pushes", new, f"{host}/{name}",
                     str(guarded.ca_file), str(relayed_file(guarded, host))]  # fmt: skip
            with subprocess.Popen(words, cwd=_TESTS) as killer.process:
                ended = killer.process.wait(60)
        assert ended in (0, -signal.SIGKILL)
        killed += ended != 0
        found = tag_of(guarded, name)
        after = push(new, f"{guarded.host}/{name}", access, anew=1).digest
        assert found in {before, after}
        assert tag_of(guarded, name) == after
    assert killed > times // 2


def test_a_push_that_is_killed_leaves_the_tag_old_or_new(
    guarded: Registry, old: str, new: str
) -> None:
    kill_pushes(guarded, old, new, 5)


@pytest.mark.acceptance
def test_fifty_pushes_that_are_killed(guarded: Registry, old: str, new: str) -> None:
    kill_pushes(guarded, old, new, 50)
