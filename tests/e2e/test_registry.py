"""Images in Debian's docker-registry measure what they measure as a file."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from lightship.api.opening import open_only
from lightship.api.options import ReadOptions
from lightship.net.options import NetOptions
from lightship.testing import build_image

from .programs import Lightship
from .registry_places import Filled, credentials_file, filled, layout_of
from .registry_server import MODES, PASSWORD, USER, registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .registry_server import Request

pytestmark = [pytest.mark.slow, pytest.mark.system("docker-registry", "skopeo", "apache2-utils")]


@pytest.fixture(scope="module", params=MODES)
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Filled]:
    """A registry with some images, once for each way to let people in."""
    with filled(tmp_path_factory.mktemp(request.param), request.param) as found:
        yield found


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    with filled(tmp_path_factory.mktemp("guarded"), "token") as found:
        yield found


@pytest.fixture
def client(tmp_path: Path) -> Lightship:
    """A user without any credentials, and with a cache of their own."""
    home = tmp_path / "home"
    home.mkdir()
    return at_home(home)


def at_home(home: Path, **environment: str) -> Lightship:
    one = Lightship(home / "cache")
    for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE"):
        one.environment.pop(name, None)
    one.environment |= {"HOME": str(home), **environment}
    return one


@pytest.fixture
def logged_in(client: Lightship, place: Filled) -> Lightship:
    file = credentials_file(place.registry)
    client.environment["REGISTRY_AUTH_FILE"] = str(file)
    return client


@pytest.fixture
def at_guarded(client: Lightship, guarded: Filled) -> Lightship:
    client.environment["REGISTRY_AUTH_FILE"] = str(credentials_file(guarded.registry))
    return client


def figures(answer: Any) -> Any:
    """All that is said of an image, but for the name it was found under."""
    if isinstance(answer, list):
        return [figures(one) for one in answer]
    if not isinstance(answer, dict):
        return answer
    return {name: figures(value) for name, value in answer.items() if name != "reference"}


def blobs(requests: list[Request]) -> list[str]:
    return [one.path for one in requests if "/blobs/" in one.path and one.status == 200]


@pytest.mark.parametrize("name", ["several:1", "repeated:1", "plain:1", "empty:1"])
def test_the_figures_are_those_of_the_same_image_as_a_file(
    place: Filled, logged_in: Lightship, name: str
) -> None:
    served = logged_in.json("inspect", "--no-cache", place.reference(name), *place.options)
    stored = logged_in.json("inspect", "--no-cache", place.files[name])
    assert figures(served) == figures(stored)
    assert served["image"]["reference"] == place.reference(name)
    assert served["image"]["digest"] == layout_of(place.files[name]).manifest_digest
    assert served["verified"] == "read"


def test_the_history_is_that_of_the_same_image_as_a_file(
    place: Filled, logged_in: Lightship
) -> None:
    served = logged_in.json("history", place.reference("several:1"), *place.options)
    stored = logged_in.json("history", place.files["several:1"])
    assert figures(served) == figures(stored)


def test_each_platform_of_an_index_is_opened_by_three_requests(
    place: Filled, logged_in: Lightship
) -> None:
    for platform in place.platforms:
        with place.registry.observed() as seen:
            words = ("inspect", "--no-cache", "--platform", platform)
            served = logged_in.json(*words, place.reference("index:1"), *place.options)
        stored = logged_in.json(*words, place.files["index:1"])
        assert figures(served) == figures(stored)
        digest = served["image"]["digest"]
        assert served["image"]["reference"] == place.reference(f"index@{digest}")
        granted = [one.path for one in seen if one.status == 200]
        assert granted[:2] == [
            "/v2/public/index/manifests/1",
            f"/v2/public/index/manifests/{digest}",
        ]
        config = f"/v2/public/index/blobs/{served['image']['image_id']}"
        assert granted[2] == config
        layers = {f"/v2/public/index/blobs/{layer['digest']}" for layer in served["layers"]}
        assert sorted(granted[3:]) == sorted(layers)  # each once
        # Only the first request is refused, and nobody is asked twice.
        refused = [one.status for one in seen if one.status != 200]
        assert refused == ([] if place.registry.mode == "open" else [401])
        again = logged_in.json("history", served["image"]["reference"], *place.options)
        assert again["reference"] == served["image"]["reference"]


def test_all_platforms(place: Filled, logged_in: Lightship) -> None:
    options = ("--no-cache", "--all-platforms")
    served = logged_in.json("inspect", place.reference("index:1"), *options, *place.options)
    stored = logged_in.json("inspect", place.files["index:1"], *options)
    assert figures(served) == figures(stored)
    text = json.dumps(served)
    assert all(place.reference(f"index@{digest}") in text for digest in place.digests)


def test_nothing_but_the_documents_is_asked_for_when_it_is_opened(
    place: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(credentials_file(place.registry)))
    options = ReadOptions(network=NetOptions(ca_file=place.registry.ca_file))
    with place.registry.observed() as seen:
        image = open_only(place.reference("index:1"), place.platforms[1], options.access())
        assert sum(layer.stored_bytes or 0 for layer in image.layers)
    granted = [one.path.rpartition("/v2/public/index/")[2] for one in seen if one.status == 200]
    manifest = json.loads(layout_of(place.files["index:1"]).blob(str(image.digest)))
    config = manifest["config"]["digest"]
    assert granted == ["manifests/1", f"manifests/{image.digest}", f"blobs/{config}"]
    assert image.names == (f"{place.registry.host}/public/index:1",)


def test_what_was_read_once_is_not_read_again(guarded: Filled, at_guarded: Lightship) -> None:
    words = ("inspect", guarded.reference("several:1"), *guarded.options)
    first = at_guarded.json(*words)
    with guarded.registry.observed() as seen:
        second = at_guarded.json(*words)
    image_id = first["image"]["image_id"]
    assert blobs(seen) == [f"/v2/public/several/blobs/{image_id}"]
    assert (first["verified"], second["verified"]) == ("read", "cached")
    assert second == {**first, "verified": "cached"}
    with guarded.registry.observed() as seen:
        third = at_guarded.json(*words, "--verify")
    layers = {f"/v2/public/several/blobs/{layer['digest']}" for layer in first["layers"]}
    assert set(blobs(seen)) == {f"/v2/public/several/blobs/{image_id}", *layers}
    assert third == first


def test_a_layer_is_known_wherever_it_is_served(guarded: Filled, at_guarded: Lightship) -> None:
    at_guarded.json("inspect", guarded.reference("several:1"), *guarded.options)
    guarded.registry.push(guarded.files["several:1"], "public/copy:other")
    with guarded.registry.observed() as seen:
        at_guarded.json("inspect", guarded.reference("copy:other"), *guarded.options)
    assert len(blobs(seen)) == 1


def test_the_formats_of_docker(guarded: Filled, at_guarded: Lightship) -> None:
    guarded.registry.push(guarded.files["many:1"], "public/docker:1", "--format", "v2s2")
    served = at_guarded.json("inspect", guarded.reference("docker:1"), *guarded.options)
    stored = at_guarded.json("inspect", guarded.files["many:1"])
    sizes = ("unpacked_bytes", "visible_bytes", "dead_bytes", "duplicate_bytes", "files", "layers")
    assert [served["image"][size] for size in sizes] == [stored["image"][size] for size in sizes]
    assert [one["digest"] for one in served["layers"]] == [
        one["digest"] for one in stored["layers"]
    ]
    assert served["image"]["digest"] != stored["image"]["digest"]


def test_many_layers_at_once(guarded: Filled, at_guarded: Lightship) -> None:
    served = at_guarded.json(
        "inspect", "--no-cache", "--jobs", "4", guarded.reference("many:1"), *guarded.options
    )
    stored = at_guarded.json("inspect", "--no-cache", guarded.files["many:1"])
    assert figures(served) == figures(stored)


def refused(client: Lightship, exit_code: int, *words: str) -> str:
    done = client.start("inspect", *words)
    text = done.stderr.decode()
    assert done.returncode == exit_code, text
    assert done.stdout == b""
    (line,) = text.splitlines()
    assert line.startswith("lightship: error: ")
    assert PASSWORD not in line
    return line


def test_a_platform_that_is_not_there(guarded: Filled, at_guarded: Lightship) -> None:
    line = refused(
        at_guarded, 3, guarded.reference("index:1"), "--platform", "linux/s390x", *guarded.options
    )
    assert "no image for linux/s390x" in line
    assert all(platform in line for platform in guarded.platforms)
    line = refused(
        at_guarded, 3, guarded.reference("index:1"), "--platform", "windows/amd64", *guarded.options
    )
    assert "no image for windows/amd64" in line


def test_a_tag_a_name_and_a_digest_that_are_not_there(
    guarded: Filled, at_guarded: Lightship
) -> None:
    line = refused(at_guarded, 3, guarded.reference("several:2"), *guarded.options)
    assert guarded.reference("several:2") in line
    assert "MANIFEST_UNKNOWN" in line
    assert "Check the name and the tag" in line
    line = refused(at_guarded, 3, guarded.reference("nothing:1"), *guarded.options)
    assert "404" in line
    unknown = guarded.reference("several@sha256:" + "0" * 64)
    assert unknown in refused(at_guarded, 3, unknown, *guarded.options)


def test_nobody_is_let_in_without_credentials(guarded: Filled, client: Lightship) -> None:
    private = f"registry:{guarded.registry.host}/private:1"
    line = refused(client, 3, private, *guarded.options)
    assert "401 (UNAUTHORIZED" in line
    assert f"docker login {guarded.registry.host}" in line


def test_what_is_public_needs_no_credentials(guarded: Filled, client: Lightship) -> None:
    answer = client.json("inspect", guarded.reference("several:1"), *guarded.options)
    assert answer["image"]["layers"] == 3


@pytest.mark.parametrize("mode", ["password", "token"])
def test_a_wrong_password(mode: str, client: Lightship, tmp_path: Path) -> None:
    with filled(tmp_path / "registry", mode, few=True) as place:
        file = credentials_file(place.registry, password="wrong:password")  # noqa: S106
        reference = place.reference("plain:1")
        with place.registry.observed() as seen:
            line = refused(client, 3, reference, *place.options, "--auth-file", str(file))
        assert "wrong:password" not in line
        assert str(file) in line
        assert len(seen) <= 2
        line = refused(client, 3, f"registry:{place.registry.host}/private:1", *place.options)
        assert "login" in line


def test_a_plain_registry_is_asked_only_by_name(client: Lightship, tmp_path: Path) -> None:
    with registry(tmp_path / "plain", tls=False) as one:
        file = build_image([{"a": b"x"}], directory=tmp_path)
        one.push(file, "a/b:1")
        reference = f"registry:{one.host}/a/b:1"
        with one.observed() as seen:
            line = refused(client, 3, reference)
        assert not seen
        assert "--plain-http" in line or "TLS" in line
        refused(client, 3, reference, "--plain-http", "127.0.0.1")
        served = client.json("inspect", reference, "--plain-http", one.host)
        assert served["image"]["files"] == 1


def test_a_registry_whose_authority_nobody_knows(guarded: Filled, client: Lightship) -> None:
    line = refused(client, 3, guarded.reference("several:1"))
    assert "--ca-file" in line


def test_offline_nobody_is_asked(guarded: Filled, client: Lightship) -> None:
    with guarded.registry.observed() as seen:
        line = refused(client, 3, guarded.reference("several:1"), "--offline", *guarded.options)
    assert "--offline" in line
    assert not seen


def test_a_blob_that_was_damaged_where_it_is_kept(client: Lightship, tmp_path: Path) -> None:
    with registry(tmp_path / "registry") as one:
        content = random.Random(1).randbytes(100_000)  # noqa: S311 - any bytes
        file = build_image([{"a": content}], directory=tmp_path, codec="plain")
        one.push(file, "a/b:1")
        (blob,) = (
            path for path in (one.folder / "storage").rglob("data") if path.stat().st_size > 99_999
        )
        data = bytearray(blob.read_bytes())
        data[len(data) // 2] ^= 1
        blob.write_bytes(data)
        reference = f"registry:{one.host}/a/b:1"
        for _ in range(2):  # what was wrong is not remembered
            line = refused(client, 4, reference, *one.options)
            assert "layer 1" in line


def test_user_and_password_reach_nobody_but_the_registry_and_its_token_service(
    guarded: Filled, client: Lightship
) -> None:
    tokens = guarded.registry.tokens
    assert tokens is not None
    before = len(tokens.asked)
    file = credentials_file(guarded.registry)
    client.json("inspect", guarded.reference("index:1"), *guarded.options, "--auth-file", str(file))
    (asked,) = tokens.asked[before:]  # one token for all requests
    assert asked.user == USER
    assert asked.fields["scope"] == "repository:public/index:pull"
