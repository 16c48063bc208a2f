"""Credentials from every place where people keep them, against a real registry."""

from __future__ import annotations

import json
import os
import stat
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from lightship.testing import build_image

from .programs import Lightship, run
from .registry_server import IDENTITY_TOKEN, PASSWORD, USER, Registry, registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system("docker-registry", "skopeo", "apache2-utils"),
]
NAME = "team/private"
PAIR = {"auth": b64encode(f"{USER}:{PASSWORD}".encode()).decode()}


@pytest.fixture(scope="module", params=["password", "token"])
def guarded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp(request.param)
    with registry(folder / "registry", request.param) as one:
        one.push(build_image([{"a": b"x"}], directory=folder), f"{NAME}:1")
        yield one


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("issued")
    with registry(folder / "registry", "token") as one:
        one.push(build_image([{"a": b"x"}], directory=folder), f"{NAME}:1")
        yield one


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir()
    return path


def opens(one: Registry, home: Path, *words: str, **environment: str) -> None:
    client = Lightship(home / "cache")
    for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE"):
        client.environment.pop(name, None)
    client.environment |= {"HOME": str(home), **environment}
    answer = client.json("history", f"registry:{one.host}/{NAME}:1", *one.options, *words)
    assert len(answer["rows"]) == 1


def write(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def program(home: Path, name: str, script: str) -> str:
    """Install a credential helper; the PATH that finds it."""
    path = home / "bin" / f"docker-credential-{name}"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(stat.S_IRWXU)
    return f"{path.parent}{os.pathsep}{os.environ['PATH']}"


def auths(host: str) -> dict[str, object]:
    return {"auths": {host: PAIR}}


def auth_file(one: Registry, home: Path) -> None:
    opens(one, home, "--auth-file", str(write(home / "any.json", auths(one.host))))


def registry_auth_file(one: Registry, home: Path) -> None:
    opens(one, home, REGISTRY_AUTH_FILE=str(write(home / "any.json", auths(one.host))))


def runtime_directory(one: Registry, home: Path) -> None:
    write(home / "run" / "containers" / "auth.json", auths(one.host))
    opens(one, home, XDG_RUNTIME_DIR=str(home / "run"))


def containers(one: Registry, home: Path) -> None:
    write(home / ".config" / "containers" / "auth.json", auths(f"{one.host}/team"))
    opens(one, home)


def docker_config(one: Registry, home: Path) -> None:
    write(home / "docker" / "config.json", auths(f"https://{one.host}/v2/"))
    opens(one, home, DOCKER_CONFIG=str(home / "docker"))


def docker_home(one: Registry, home: Path) -> None:
    write(home / ".docker" / "config.json", auths(one.host))
    opens(one, home)


def dockercfg(one: Registry, home: Path) -> None:
    write(home / ".dockercfg", {one.host: {**PAIR, "email": "a@example.org"}})
    opens(one, home)


def pull_secret(one: Registry, home: Path) -> None:
    """What `oc extract secret/...` gives."""
    opens(one, home, "--auth-file", str(write(home / ".dockerconfigjson", auths(one.host))))


def helper_of_the_registry(one: Registry, home: Path) -> None:
    answer = json.dumps({"ServerURL": one.host, "Username": USER, "Secret": PASSWORD})
    script = f"""read -r server; [ "$server" = {one.host} ] && [ "$1" = get ] || exit 9
    echo '{answer}'"""
    path = program(home, "of-ours", script)
    config = {"credHelpers": {one.host: "of-ours"}, "credsStore": "not-there"}
    write(home / ".docker" / "config.json", config)
    opens(one, home, PATH=path)


def helper_of_all(one: Registry, home: Path) -> None:
    answer = json.dumps({"ServerURL": one.host, "Username": USER, "Secret": PASSWORD})
    path = program(home, "of-all", f"cat > /dev/null; echo '{answer}'")
    write(home / ".docker" / "config.json", {"auths": {one.host: {}}, "credsStore": "of-all"})
    opens(one, home, PATH=path)


PLACES = [auth_file, registry_auth_file, runtime_directory, containers, docker_config, docker_home,
          dockercfg, pull_secret, helper_of_the_registry, helper_of_all]  # fmt: skip


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_credentials_are_found(
    place: Callable[[Registry, Path], None], guarded: Registry, home: Path
) -> None:
    place(guarded, home)


@pytest.mark.system("podman")
def test_what_podman_login_wrote(guarded: Registry, home: Path) -> None:
    file = home / "written.json"
    run("podman", "login", "--authfile", file, "--cert-dir", guarded.folder / "trusted",
        "-u", USER, "-p", PASSWORD, guarded.host)  # fmt: skip
    opens(guarded, home, "--auth-file", str(file))


def test_what_skopeo_login_wrote_for_one_repository(guarded: Registry, home: Path) -> None:
    file = home / "written.json"
    run("skopeo", "login", "--authfile", file, "--cert-dir", guarded.folder / "trusted",
        "-u", USER, "-p", PASSWORD, guarded.host)  # fmt: skip
    ((_, entry),) = json.loads(file.read_text())["auths"].items()
    wrong = {"auth": b64encode(b"reader:wrong").decode()}
    keys = {guarded.host: wrong, f"{guarded.host}/{NAME}": entry, f"{guarded.host}/team": wrong}
    opens(guarded, home, "--auth-file", str(write(file, {"auths": keys})))


def test_an_identity_token_is_exchanged(issued: Registry, home: Path) -> None:
    assert issued.tokens is not None
    entry = {"auth": b64encode(b"00000000:").decode(), "identitytoken": IDENTITY_TOKEN}
    write(home / ".docker" / "config.json", {"auths": {issued.host: entry}})
    opens(issued, home)
    assert (issued.tokens.asked[-1].method, issued.tokens.asked[-1].user) == ("POST", USER)


def test_a_helper_may_keep_an_identity_token(issued: Registry, home: Path) -> None:
    assert issued.tokens is not None
    answer = json.dumps({"Username": "<token>", "Secret": IDENTITY_TOKEN})
    path = program(home, "tokens", f"echo '{answer}'")
    write(home / ".docker" / "config.json", {"credsStore": "tokens"})
    opens(issued, home, PATH=path)
    assert issued.tokens.asked[-1].method == "POST"


def test_a_registry_token_is_sent_as_it_is(issued: Registry, home: Path) -> None:
    assert issued.tokens is not None
    token = issued.tokens.token(USER, f"repository:{NAME}:pull")
    write(home / ".docker" / "config.json", {"auths": {issued.host: {"registrytoken": token}}})
    before = len(issued.tokens.asked)
    opens(issued, home)
    assert len(issued.tokens.asked) == before


def test_tokens_that_end_soon_are_renewed(issued: Registry, home: Path) -> None:
    """A token good for one second is never used beyond it, so nobody is refused twice."""
    assert issued.tokens is not None
    issued.tokens.seconds = 1
    try:
        write(home / ".docker" / "config.json", auths(issued.host))
        with issued.observed() as seen:
            opens(issued, home)
    finally:
        issued.tokens.seconds = 300
    assert [one.status for one in seen if one.status != 200].count(401) <= 2
