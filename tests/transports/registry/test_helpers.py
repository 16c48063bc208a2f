import os
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from lightship.errors import LightshipError, UnreachableError, UsageError
from lightship.transports.access import Access
from lightship.transports.registry import helpers
from lightship.transports.registry.credentials import find

Install = Callable[[str, str], dict[str, str]]


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """Write a program `docker-credential-NAME` in shell; gives the environment that finds it."""

    def write(name: str, script: str) -> dict[str, str]:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        program = folder / f"docker-credential-{name}"
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(stat.S_IRWXU)
        return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path)}

    return write


def refused(name: str, environment: dict[str, str], seconds: float = 20) -> str:
    with pytest.raises(LightshipError) as caught:
        helpers.ask(name, "quay.io", environment, seconds=seconds)
    assert isinstance(caught.value, UnreachableError)
    assert "\n" not in str(caught.value)
    assert "s3cret" not in str(caught.value)
    return str(caught.value)


def test_the_protocol(install: Install, tmp_path: Path) -> None:
    environment = install(
        "it",
        f'printf %s "$*" > {tmp_path}/arguments\ncat > {tmp_path}/asked\n'
        """echo '{"ServerURL": "https://quay.io", "Username": "me", "Secret": "s3cret"}'""",
    )
    answer = helpers.ask("it", "quay.io", environment)
    assert answer is not None
    assert (answer.user, answer.secret.reveal(), answer.is_identity_token) == (
        "me",
        "s3cret",
        False,
    )
    assert (tmp_path / "asked").read_text() == "quay.io"
    assert (tmp_path / "arguments").read_text() == "get"


def test_a_token_instead_of_a_password(install: Install) -> None:
    environment = install("it", """echo '{"Username": "<token>", "Secret": "s3cret"}'""")
    answer = helpers.ask("it", "quay.io", environment)
    assert answer is not None
    assert answer.is_identity_token


@pytest.mark.parametrize(
    "script",
    [
        "echo credentials not found in native keychain; exit 1",
        """echo '{"Username": "", "Secret": ""}'""",
        "echo '{}'",
    ],
)
def test_a_program_that_has_none(install: Install, script: str) -> None:
    assert helpers.ask("it", "quay.io", install("it", script)) is None


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo s3cret; echo s3cret >&2; exit 3", "exit code 3"),
        ("echo s3cret", "something else"),
        ("""echo '["s3cret"]'""", "something else"),
        ("""echo '{"Username": 1, "Secret": "s3cret"}'""", "something else"),
        ("""echo '{"Secret": "s3cret", "Secret": "s3cret"}'""", "something else"),
        ("printf '\\377'", "something else"),
        ("kill -9 $$", "exit code -9"),
        ("exec yes s3cret", "too much"),
        ("yes s3cret", "too much"),
    ],
)
def test_a_program_that_fails_is_named_and_not_quoted(
    install: Install, script: str, says: str
) -> None:
    message = refused("it", install("it", script))
    assert says in message
    assert "docker-credential-it" in message


@pytest.mark.parametrize("script", ["exec sleep 100", "sleep 100", "sleep 100 & exit 0"])
def test_a_program_that_does_not_end_is_ended(
    install: Install, script: str, tmp_path: Path
) -> None:
    environment = {**install("it", script), "MARKED": str(tmp_path)}
    assert "longer than" in refused("it", environment, seconds=0.5)
    deadline = time.monotonic() + 20  # a process that was killed may need a moment
    while alive(f"MARKED={tmp_path}") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(f"MARKED={tmp_path}")


def alive(mark: str) -> list[str]:
    """The processes with this in their environment; those that ended have none any more."""
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if mark.encode() in place.read_bytes():
                found.append(place.parent.name)
    return found


def test_a_program_that_does_not_read_is_asked_all_the_same(install: Install) -> None:
    environment = install("it", """exec <&-; echo '{"Username": "me", "Secret": "x"}'""")
    assert helpers.ask("it", "quay.io" * 20_000, environment) is not None


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    message = refused("gone", {"PATH": str(tmp_path)})
    assert "docker-credential-gone, which is not installed" in message


@pytest.mark.parametrize("name", ["", "a/b", "../x", "a b", "a;b", "$(x)", "a\n", "ä"])
def test_a_name_that_could_be_a_path_or_a_command_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        helpers.ask(name, "quay.io", {"PATH": "/usr/bin"})


def test_which_program_of_a_file_is_asked_for_what(install: Install, tmp_path: Path) -> None:
    environment = install("one", """echo '{"Username": "one", "Secret": "x"}'""")
    install("other", """echo '{"Username": "other", "Secret": "x"}'""")
    install("none", "echo credentials not found; exit 1")
    install(
        "hub",
        """read -r server; case "$server" in https://index.docker.io/v1/*)
        echo '{"Username": "hub", "Secret": "x"}';; *) exit 9;; esac""",
    )
    install(
        "podman",
        """read -r server; case "$server" in docker.io)
        echo '{"Username": "podman", "Secret": "x"}';;
        *) echo credentials not found; exit 1;; esac""",
    )
    config = tmp_path / ".docker" / "config.json"
    config.parent.mkdir()

    def user(text: str, host: str, repository: str = "a/b") -> str | None:
        config.write_text(text, encoding="utf-8")
        found = find(host, repository, Access(environment=environment))
        return found.user if found else None

    both = '{"credsStore": "other", "credHelpers": {"quay.io": "one"}}'
    assert user(both, "quay.io") == "one"
    assert user(both, "ghcr.io") == "other"
    falls = '{"credsStore": "none", "auths": {"quay.io": {"username": "u", "password": "p"}}}'
    assert user(falls, "quay.io") == "u"
    assert user('{"credsStore": "hub"}', "docker.io") == "hub"
    assert user('{"credHelpers": {"https://index.docker.io/v1/": "hub"}}', "docker.io") == "hub"
    assert user('{"credsStore": "podman"}', "docker.io") == "podman"
    deeper = '{"credHelpers": {"quay.io": "one", "quay.io/a": "other"}}'
    assert user(deeper, "quay.io") == "other"
    assert user(deeper, "quay.io", "x/y") == "one"
    assert user('{"credsStore": "none"}', "quay.io") is None
