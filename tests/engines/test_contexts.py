from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from lightship.engines.contexts import Endpoint, config_directory, named_endpoint
from lightship.engines.engine import NoEngineError

HOST = "unix:///somewhere/docker.sock"


def store_context(home: Path, name: str, about: object) -> Path:
    key = hashlib.sha256(name.encode()).hexdigest()
    place = home / "contexts" / "meta" / key
    place.mkdir(parents=True)
    text = about if isinstance(about, str) else json.dumps(about)
    (place / "meta.json").write_text(text)
    return home / "contexts" / "tls" / key / "docker"


def meta(name: str, host: str) -> dict[str, object]:
    docker = {"Host": host, "SkipTLSVerify": False}
    return {"Name": name, "Metadata": {}, "Endpoints": {"docker": docker}}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    store_context(tmp_path, "colima", meta("colima", HOST))
    store_context(tmp_path, "far", meta("far", "ssh://me@far"))
    store_context(tmp_path, "safe", meta("safe", "tcp://far:2376")).mkdir(parents=True)
    store_context(tmp_path, "empty", {"Name": "empty", "Endpoints": {}})
    store_context(tmp_path, "broken", "{")
    return tmp_path


@pytest.mark.parametrize(
    ("variables", "current", "host", "certificates"),
    [
        ({}, None, None, False),
        ({}, "", None, False),
        ({}, "default", None, False),
        ({}, "colima", HOST, False),
        ({"DOCKER_CONTEXT": "default"}, "colima", None, False),
        ({"DOCKER_CONTEXT": "far"}, "colima", "ssh://me@far", False),
        ({"DOCKER_CONTEXT": "safe"}, None, "tcp://far:2376", True),
        ({"DOCKER_HOST": "tcp://x:1", "DOCKER_CONTEXT": "far"}, "colima", "tcp://x:1", False),
        ({"DOCKER_HOST": " tcp://x:1 ", "DOCKER_TLS_VERIFY": "1"}, None, "tcp://x:1", True),
        ({"DOCKER_HOST": "tcp://x:1", "DOCKER_TLS_VERIFY": ""}, None, "tcp://x:1", False),
        ({"DOCKER_HOST": ""}, "colima", HOST, False),
    ],
)
def test_the_engine_that_is_named(
    variables: dict[str, str],
    current: str | None,
    host: str | None,
    certificates: bool,
    home: Path,
) -> None:
    if current is not None:
        (home / "config.json").write_text(json.dumps({"currentContext": current, "auths": {}}))
    endpoint = named_endpoint({"DOCKER_CONFIG": str(home), **variables})
    if host is None:
        assert endpoint is None
    else:
        assert endpoint is not None
        assert (endpoint.host, endpoint.certificates) == (host, certificates)


@pytest.mark.parametrize(
    ("context", "told"),
    [
        ("gone", "no Docker context 'gone', which DOCKER_CONTEXT names"),
        ("empty", "names no engine"),
        ("broken", "cannot be read"),
        ("../../etc", "no Docker context"),
    ],
)
def test_a_context_that_leads_nowhere(context: str, told: str, home: Path) -> None:
    with pytest.raises(NoEngineError, match=told):
        named_endpoint({"DOCKER_CONFIG": str(home), "DOCKER_CONTEXT": context})


def test_a_file_that_names_a_missing_context_is_named(home: Path) -> None:
    (home / "config.json").write_text('{"currentContext": "gone"}')
    with pytest.raises(NoEngineError, match=r"which .*config\.json names"):
        named_endpoint({"DOCKER_CONFIG": str(home)})


@pytest.mark.parametrize("text", ["", "{", "[]", '{"currentContext": 3}', "x" * (1 << 20) + "x"])
def test_a_broken_config_names_nothing(text: str, home: Path) -> None:
    """As the client, which warns and goes on."""
    (home / "config.json").write_text(text)
    assert named_endpoint({"DOCKER_CONFIG": str(home)}) is None


def test_without_a_variable_it_is_the_home_directory(home: Path) -> None:
    assert config_directory({"HOME": "/home/me"}) == Path("/home/me/.docker")
    (home / ".docker").mkdir()
    (home / ".docker" / "config.json").write_text('{"currentContext": "x"}')
    store_context(home / ".docker", "x", meta("x", HOST))
    assert named_endpoint({"HOME": str(home)}) == Endpoint(HOST, "the Docker context 'x'")
