"""Pushes into Debian's docker-registry: whole or not at all, whatever happens in between."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from lightship.errors import DestinationError
from lightship.testing import build_image
from lightship.transports.access import Access
from lightship.transports.registry import uploading
from lightship.transports.registry.staging import RegistryStaging
from lightship.transports.storing import NewImage

from .between import TROUBLES, Between, between, counting
from .programs import run
from .pushes import LINUX, opened, place, push, reach, stage
from .registry_places import credentials_file
from .registry_server import MODES, PASSWORD, Registry, registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.system("docker-registry", "skopeo", "apache2-utils")]

CHUNK = 200_000
SIZES = (700_000, 30_000, 3_000)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "CHUNK_BYTES", CHUNK)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> str:
    return _image(tmp_path_factory.mktemp("old"), 1)


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> str:
    return _image(tmp_path_factory.mktemp("new"), 2)


def _image(folder: Path, seed: int) -> str:
    noise = random.Random(seed)  # noqa: S311 - any bytes
    layers = [{f"file{size}": noise.randbytes(size)} for size in SIZES]
    return build_image(layers, directory=folder, codec="plain")


@pytest.fixture(scope="module", params=MODES)
def one(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Registry]:
    with registry(tmp_path_factory.mktemp(request.param) / "registry", request.param) as found:
        yield found


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with registry(tmp_path_factory.mktemp("guarded") / "registry", "token") as found:
        yield found


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with registry(tmp_path_factory.mktemp("plain") / "registry", tls=False) as found:
        yield found


def access_to(one: Registry) -> Access:
    return Access(
        network=reach(ca_file=one.ca_file), auth_file=credentials_file(one), environment={}
    )


def fetched(one: Registry, name: str, folder: Path) -> dict[str, Any]:
    """The manifest of an image that skopeo copied out of the registry, which checks each digest."""
    run("skopeo", "--insecure-policy", "copy", "-q", "--src-cert-dir", one.folder / "trusted",
        "--src-creds", f"reader:{PASSWORD}", "--preserve-digests",
        f"docker://{one.host}/{name}", f"dir:{folder}")  # fmt: skip
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return found


def test_what_was_pushed_is_there_and_is_sent_once(one: Registry, new: str, tmp_path: Path) -> None:
    access = access_to(one)
    with one.observed() as seen:
        done = push(new, f"{one.host}/once:1", access, anew=1)
    assert done.reference == f"registry:{one.host}/once:1"
    assert not done.notes
    chunks = -(-(SIZES[0] + 2048) // CHUNK)
    assert sum(req.method == "PATCH" for req in seen) == chunks
    manifest = fetched(one, "once:1", tmp_path / "out")
    assert [layer["size"] for layer in manifest["layers"]] == [
        layer.stored_bytes for layer in opened(new, access).layers
    ]
    with one.observed() as seen:
        again = push(new, f"{one.host}/once:2", access, anew=2)
    assert again.digest == done.digest
    sent = [req for req in seen if req.method in ("PATCH", "PUT") and "/blobs/" in req.path]
    assert not sent


def test_a_layer_of_the_same_registry_is_mounted(one: Registry, new: str, tmp_path: Path) -> None:
    access = access_to(one)
    push(new, f"{one.host}/first/home:1", access)
    with one.observed() as seen:
        push(f"registry:{one.host}/first/home:1", f"{one.host}/second/home:1", access)
    mounted = [req for req in seen if "mount=" in req.path and req.status == 201]
    assert len(mounted) == len(SIZES)
    assert not [req for req in seen if req.method == "PATCH"]
    assert not [req for req in seen if req.method == "GET" and "/first/home/blobs/" in req.path][1:]
    fetched(one, "second/home:1", tmp_path / "out")


def test_what_may_not_be_mounted_is_copied(guarded: Registry, new: str, tmp_path: Path) -> None:
    access = access_to(guarded)
    push(new, f"{guarded.host}/kept/home:1", access)
    image = opened(f"registry:{guarded.host}/kept/home:1", access)
    streams = [layer.open() for layer in image.layers]  # with tokens of before
    assert guarded.tokens is not None
    staging = RegistryStaging(place(f"{guarded.host}/open/home:1"), access)
    guarded.tokens.kept_from.add("kept/home")
    try:
        with guarded.observed() as seen:
            manifest = stage(image, staging)
            staging.commit([NewImage(manifest, json.loads(manifest)["mediaType"], LINUX)])
    finally:
        guarded.tokens.kept_from.clear()
        for stream in streams:
            stream.close()
    assert not [req for req in seen if "mount=" in req.path and req.status == 201]
    fetched(guarded, "open/home:1", tmp_path / "out")


def test_the_right_to_push_is_asked_for_by_who_pushes_alone(guarded: Registry, new: str) -> None:
    assert guarded.tokens is not None
    before = len(guarded.tokens.asked)
    push(new, f"{guarded.host}/scopes/a:1", access_to(guarded))
    push(f"registry:{guarded.host}/scopes/a:1", f"{guarded.host}/scopes/b:1", access_to(guarded))
    asked = [one.fields["scope"] for one in guarded.tokens.asked[before:]]
    assert set(asked) == {
        "repository:scopes/a:pull,push",
        "repository:scopes/a:pull",
        "repository:scopes/b:pull,push",
        "repository:scopes/b:pull,push repository:scopes/a:pull",
    }
    assert len(asked) < 8  # three mounts at once may each be told to ask


def test_who_may_not_push_is_told_before_any_work(guarded: Registry) -> None:
    nobody = Access(network=reach(ca_file=guarded.ca_file), environment={})
    with pytest.raises(DestinationError) as caught:
        RegistryStaging(place(f"{guarded.host}/public/x:1"), nobody)
    assert "401" in str(caught.value)
    assert "docker login" in str(caught.value)
    wrong = credentials_file(guarded, password="hush:hush")  # noqa: S106
    access = Access(network=reach(ca_file=guarded.ca_file), auth_file=wrong, environment={})
    with pytest.raises(DestinationError) as caught:
        RegistryStaging(place(f"{guarded.host}/public/x:1"), access)
    assert "hush:hush" not in str(caught.value)
    assert caught.value.exit_code == 5


def test_a_token_that_ends_while_blobs_are_sent_is_renewed(
    guarded: Registry, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = guarded.tokens
    assert tokens is not None
    monkeypatch.setattr(tokens, "seconds", -5)  # the registry allows a minute of skew
    before = len(tokens.asked)
    push(new, f"{guarded.host}/short/lived:1", access_to(guarded), anew=1)
    assert len(tokens.asked) >= before + 1


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

        before = push(old, f"{guarded.host}/broken:{seed}", access_to(guarded))
        with counting(guarded.port, sent) as host:
            auth = json.loads(credentials_file(guarded).read_bytes())["auths"][guarded.host]
            file = guarded.folder / f"relayed-{seed}.json"
            file.write_text(json.dumps({"auths": {host: auth}}), encoding="utf-8")
            access = Access(
                network=reach(ca_file=guarded.ca_file, attempts=5), auth_file=file, environment={}
            )
            try:
                done = push(new, f"{host}/broken:{seed}", access, anew=1)
                finished += 1
                expected = {done.digest}
            except DestinationError as problem:
                assert "\n" not in str(problem)
                expected = {before.digest}
        assert tag_of(guarded, f"broken:{seed}") in expected
    assert finished > 3


def tag_of(one: Registry, name: str) -> str:
    """What skopeo finds under a tag, as a digest."""
    told = run("skopeo", "inspect", "--cert-dir", one.folder / "trusted", "--creds",
               f"reader:{PASSWORD}", "--format", "{{.Digest}}", f"docker://{one.host}/{name}")  # fmt: skip
    return told.decode().strip()


def is_whole(relay: Between, name: str, digest: str) -> bool:
    """Whether all is there that a manifest names."""
    status, data = relay.upstream("GET", f"/v2/{name}/manifests/{digest}")
    document = json.loads(data)
    blobs = [document["config"], *document["layers"]]
    return status == 200 and all(
        len(relay.upstream("GET", f"/v2/{name}/blobs/{blob['digest']}")[1]) == blob["size"]
        for blob in blobs
    )


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_registry_that_fails_at_each_request_in_turn(
    plain: Registry, old: str, new: str, trouble: str
) -> None:
    stall = 0.5 if "hang" in trouble else 20.0
    name = f"turn/{trouble.replace(' ', '-')}"
    relay = Between(plain.port)
    with between(relay):
        network = reach(plain_http=frozenset({relay.host}), attempts=1, stall_seconds=stall)
        access = Access(network=network, environment={})
        before = push(old, f"{relay.host}/{name}-first:1", access)
        push(new, f"{relay.host}/{name}-count:1", access, anew=1)
        requests = len(relay.passed) // 2
        for number in range(requests):
            # A repository of its own each time, so that nothing is there already.
            place_now = f"{relay.host}/{name}-{number}:1"
            path = f"{name}-{number}"
            assert push(old, place_now, access).digest == before.digest
            at = relay.number + number
            relay.trouble = lambda now, at=at: trouble if now == at else ""  # type: ignore[misc]
            done = None
            try:
                done = push(new, place_now, access, anew=1)
            except DestinationError as problem:
                text = str(problem)
                assert "\n" not in text
                assert path in text
                assert problem.exit_code == 5
            relay.trouble = lambda _: ""
            status, _ = relay.upstream("GET", f"/v2/{path}/manifests/1")
            assert status == 200
            stands = done.digest if done is not None else before.digest
            if trouble in ("cut after", "hang after") and done is None:
                pass  # an answer that was lost may have been to the PUT of the tag: asked below
            assert _digest_at(relay, path) == stands
            assert is_whole(relay, path, "1")
            assert push(new, place_now, access, anew=1).digest == _digest_at(relay, path)
            assert is_whole(relay, path, "1")
    assert not relay.broken


def _digest_at(relay: Between, path: str) -> str:
    from hashlib import sha256

    return f"sha256:{sha256(relay.upstream('GET', f'/v2/{path}/manifests/1')[1]).hexdigest()}"


@pytest.mark.parametrize("trouble", ["500", "503", "429", "cut before", "cut within", "cut after"])
def test_once_in_a_while_is_no_failure(plain: Registry, new: str, trouble: str) -> None:
    relay = Between(plain.port)
    noise = random.Random(trouble)  # noqa: S311 - any numbers
    with between(relay):
        access = Access(network=reach(plain_http=frozenset({relay.host})), environment={})
        for number in range(5):
            path = f"while/{trouble.replace(' ', '-')}-{number}"
            troubled = relay.number + noise.randrange(20)
            relay.trouble = lambda now, at=troubled: trouble if now == at else ""  # type: ignore[misc]
            push(new, f"{relay.host}/{path}:1", access, anew=1)
            assert is_whole(relay, path, "1")
    assert not relay.broken


def kill_pushes(guarded: Registry, old: str, new: str, times: int) -> None:
    """SIGKILL pushes at random moments; the tag is old or new, whole, and the next push succeeds."""
    access = access_to(guarded)
    auth = json.loads(credentials_file(guarded).read_bytes())["auths"][guarded.host]
    noise = random.Random(times)  # noqa: S311 - any moments
    total = sum(SIZES) + 60_000
    killed = 0
    for number in range(times):
        name = f"killed/{times}-{number}"
        before = push(old, f"{guarded.host}/{name}:1", access).digest
        # Half of them near the end, where manifests are put.
        early = noise.random() < 0.5
        moment = noise.randrange(1_000, total) if early else noise.randrange(750_000, total)
        count = [0]
        process: list[subprocess.Popen[bytes]] = []

        def sent(more: int, count: list[int] = count, moment: int = moment) -> bool:
            count[0] += more
            if count[0] > moment and process and process[0].poll() is None:
                os.kill(process[0].pid, signal.SIGKILL)
                process[0].wait()
            return False

        with counting(guarded.port, sent) as host:
            file = guarded.folder / "killed.json"
            file.write_text(json.dumps({"auths": {host: auth}}), encoding="utf-8")
            words = [sys.executable, "-m", "e2e.pushes", new, f"{host}/{name}:1",
                     str(guarded.ca_file), str(file)]  # fmt: skip
            tests = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120
            with subprocess.Popen(words, cwd=tests, stdout=subprocess.PIPE) as started:
                process.append(started)
                started.wait(60)
            killed += started.returncode == -signal.SIGKILL
            assert started.returncode in (0, -signal.SIGKILL)
        found = tag_of(guarded, f"{name}:1")
        after = push(new, f"{guarded.host}/{name}:1", access, anew=1).digest
        assert found in {before, after}
        assert tag_of(guarded, f"{name}:1") == after
        fetched(guarded, f"{name}:1", guarded.folder / f"out-{times}-{number}")
    assert killed > times // 2


def test_a_push_that_is_killed_leaves_the_tag_old_or_new(
    guarded: Registry, old: str, new: str
) -> None:
    kill_pushes(guarded, old, new, 5)


@pytest.mark.acceptance
def test_fifty_pushes_that_are_killed(guarded: Registry, old: str, new: str) -> None:
    kill_pushes(guarded, old, new, 50)
