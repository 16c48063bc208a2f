"""Pushes into Debian's docker-registry: whole or not at all, whatever happens in between."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from lightship.errors import DestinationError
from lightship.transports.access import Access
from lightship.transports.registry import uploading
from lightship.transports.registry.staging import RegistryStaging
from lightship.transports.storing import NewImage

from .between import Between, between
from .programs import Lightship, run
from .pushes import LINUX, SIZES, noisy_image, opened, place, push, reach, reach_of, stage
from .registry_places import credentials_file, filled, layout_of
from .registry_server import MODES, PASSWORD, Registry, registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.system("docker-registry", "skopeo", "apache2-utils")]

CHUNK = 200_000


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "CHUNK_BYTES", CHUNK)
    monkeypatch.setattr(uploading, "SMALLER_CHUNKS", (CHUNK // 5,))


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> str:
    return noisy_image(tmp_path_factory.mktemp("new"), 2)


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


def fetched(one: Registry, name: str, folder: Path) -> dict[str, Any]:
    """The manifest of an image that skopeo copied out of the registry, which checks each digest."""
    run("skopeo", "--insecure-policy", "copy", "-q", "--src-cert-dir", one.folder / "trusted",
        "--src-creds", f"reader:{PASSWORD}", "--preserve-digests",
        f"docker://{one.host}/{name}", f"dir:{folder}")  # fmt: skip
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return found


def test_what_was_pushed_is_there_and_is_sent_once(one: Registry, new: str, tmp_path: Path) -> None:
    access = reach_of(one)
    with one.observed() as seen:
        done = push(new, f"{one.host}/once:1", access, anew=1)
    assert done.reference == f"registry:{one.host}/once:1"
    assert not done.notes
    assert sum(req.method == "PUT" and "/blobs/" in req.path for req in seen) == 4
    assert not [req for req in seen if req.method == "PATCH"]
    manifest = fetched(one, "once:1", tmp_path / "out")
    assert [layer["size"] for layer in manifest["layers"]] == [
        layer.stored_bytes for layer in opened(new, access).layers
    ]
    with one.observed() as seen:
        again = push(new, f"{one.host}/once:2", access, anew=2)
    assert again.digest == done.digest
    sent = [req for req in seen if req.method in ("PATCH", "PUT") and "/blobs/" in req.path]
    assert not sent


@pytest.mark.parametrize("most_bytes", [250_000, 50_000])
def test_behind_a_proxy_that_limits_requests_chunks_are_sent(
    plain: Registry, new: str, tmp_path: Path, most_bytes: int
) -> None:
    name = f"limited/{most_bytes}:1"
    with between(Between(plain.port, most_bytes=most_bytes)) as relay:
        access = Access(network=reach(plain_http=frozenset({relay.host})), environment={})
        push(new, f"{relay.host}/{name}", access, anew=1)
    assert sum(one.method == "PATCH" and one.status == 202 for one in relay.passed) > 2
    assert max(one.body_bytes for one in relay.passed if one.status) <= most_bytes
    out = tmp_path / "out"
    run("skopeo", "--insecure-policy", "copy", "-q", "--src-tls-verify=false",
        f"docker://{plain.host}/{name}", f"dir:{out}")  # fmt: skip


def test_a_layer_of_the_same_registry_is_mounted(one: Registry, new: str, tmp_path: Path) -> None:
    access = reach_of(one)
    push(new, f"{one.host}/first/home:1", access)
    with one.observed() as seen:
        push(f"registry:{one.host}/first/home:1", f"{one.host}/second/home:1", access)
    mounted = [req for req in seen if "mount=" in req.path and req.status == 201]
    assert len(mounted) == len(SIZES)
    assert not [req for req in seen if req.method == "PATCH"]
    assert not [req for req in seen if req.method == "GET" and "/first/home/blobs/" in req.path][1:]
    fetched(one, "second/home:1", tmp_path / "out")


def test_what_may_not_be_mounted_is_copied(guarded: Registry, new: str, tmp_path: Path) -> None:
    access = reach_of(guarded)
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
    push(new, f"{guarded.host}/scopes/a:1", reach_of(guarded))
    push(f"registry:{guarded.host}/scopes/a:1", f"{guarded.host}/scopes/b:1", reach_of(guarded))
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


def test_a_token_that_ends_in_the_middle_is_renewed(
    guarded: Registry, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = guarded.tokens
    assert tokens is not None
    monkeypatch.setattr(tokens, "seconds", -57)  # the registry takes one for a minute more
    access = reach_of(guarded)
    staging = RegistryStaging(place(f"{guarded.host}/short/lived:1"), access)
    before = len(tokens.asked)
    time.sleep(4)
    with guarded.observed() as seen:
        manifest = stage(opened(new, access), staging, 1)
        staging.commit([NewImage(manifest, json.loads(manifest)["mediaType"], LINUX)])
    assert [req for req in seen if req.status == 401]
    assert len(tokens.asked) > before


def test_other_platforms_of_a_tag_stay(one: Registry, new: str, tmp_path: Path) -> None:
    with filled(tmp_path / "other", "open", few=True) as place:
        one.push(place.files["index:1"], "several:1", "--all", "--preserve-digests")
        digests = place.digests
    done = push(new, f"{one.host}/several:1", reach_of(one))
    notes = " ".join(done.notes)
    assert "linux/arm64" in notes
    assert "attestation" in notes
    out = tmp_path / "out"
    run("skopeo", "--insecure-policy", "copy", "-q", "--all", "--src-cert-dir",
        one.folder / "trusted", "--src-creds", f"reader:{PASSWORD}", "--preserve-digests",
        f"docker://{one.host}/several:1", f"oci:{out}:all")  # fmt: skip
    (top,) = json.loads((out / "index.json").read_bytes())["manifests"]
    assert top["digest"] == done.digest
    index = json.loads((out / "blobs" / top["digest"].replace(":", "/")).read_bytes())
    listed = [row["digest"] for row in index["manifests"]]
    assert listed[1:] == list(digests[1:])
    assert listed[0] not in digests


def test_the_command_line_copies_into_a_registry_and_fails_in_one_line(
    guarded: Registry, new: str, tmp_path: Path
) -> None:
    lightship = Lightship(tmp_path / "cache")
    login = ("--auth-file", str(credentials_file(guarded)))
    to = f"registry:{guarded.host}/typed/x:1"
    answer = lightship.json("copy", new, to, *guarded.options, *login)
    assert answer["destination"] == to
    assert answer["digest"] == layout_of(new).manifest_digest
    fetched(guarded, "typed/x:1", tmp_path / "out")
    for words in ((), ("--offline", *login)):
        done = lightship.start("copy", new, to, *guarded.options, *words)
        assert done.returncode == 5, done.stderr
        (line,) = done.stderr.decode().splitlines()
        assert line.startswith("lightship: error: ")
        assert PASSWORD not in line
