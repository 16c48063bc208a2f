import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.errors import UsageError
from lightship.transports.access import Access
from lightship.transports.registry import credentials
from lightship.transports.registry.credentials import find

HUB = "https://index.docker.io/v1/"
Place = Callable[[str, object], Path]


def pair(user: str, password: str) -> dict[str, str]:
    return {"auth": b64encode(f"{user}:{password}".encode()).decode()}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def place(home: Path) -> Place:
    """Write a JSON file below the home."""

    def write(name: str, value: object) -> Path:
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        return path

    return write


def access(
    home: Path, auth_file: Path | None = None, environment: Mapping[str, str] | None = None
) -> Access:
    return Access(auth_file=auth_file, environment={"HOME": str(home), **(environment or {})})


def user_of(home: Path, host: str, repository: str = "a/b", **options: str) -> str | None:
    found = find(host, repository, access(home, None, options))
    return found.user if found else None


def test_without_any_file_there_are_none(home: Path) -> None:
    assert find("quay.io", "a/b", access(home)) is None
    assert find("quay.io", "a/b", Access(environment={})) is None


def test_every_place_in_its_order(home: Path, place: Place, tmp_path: Path) -> None:
    places = {
        "registry-auth-file": "own.json",
        "runtime": "run/containers/auth.json",
        "config": ".config/containers/auth.json",
        "docker": ".docker/config.json",
    }
    files = [place(name, {"auths": {"quay.io": pair(user, "x")}}) for user, name in places.items()]
    files.append(place(".dockercfg", {"quay.io": pair("dockercfg", "x")}))
    named = place("named.json", {"auths": {"quay.io": pair("named", "x")}})
    environment = {"REGISTRY_AUTH_FILE": str(files[0]), "XDG_RUNTIME_DIR": str(home / "run")}
    found = find("quay.io", "a/b", access(home, named, environment))
    assert found is not None
    assert (found.user, found.origin) == ("named", str(named))
    for user, file in zip([*places, "dockercfg"], files, strict=True):
        assert user_of(home, "quay.io", **environment) == user
        file.unlink()
    assert user_of(home, "quay.io", **environment) is None
    other = {"XDG_CONFIG_HOME": str(tmp_path / "xdg"), "DOCKER_CONFIG": str(tmp_path / "docker")}
    for folder, name in (("xdg/containers", "auth.json"), ("docker", "config.json")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / name).write_text(
            json.dumps({"auths": {f"{folder[:3]}.io": pair(folder, "x")}})
        )
    assert user_of(home, "xdg.io", **other) == "xdg/containers"
    assert user_of(home, "doc.io", **other) == "docker"


def test_a_file_that_was_named_is_the_only_one(home: Path, place: Place) -> None:
    place(".docker/config.json", {"auths": {"quay.io": pair("other", "x")}})
    named = place("named.json", {"auths": {"ghcr.io": pair("named", "x")}})
    assert find("quay.io", "a/b", access(home, named)) is None
    with pytest.raises(UsageError, match="auth-file"):
        find("quay.io", "a/b", access(home, home / "gone.json"))


def test_a_later_file_has_what_an_earlier_one_has_not(home: Path, place: Place) -> None:
    place(".config/containers/auth.json", {"auths": {"ghcr.io": pair("ghcr", "x")}})
    place(".docker/config.json", {"auths": {"quay.io": pair("quay", "x"), "ghcr.io": {}}})
    assert user_of(home, "quay.io") == "quay"
    assert user_of(home, "ghcr.io") == "ghcr"


@pytest.mark.parametrize(
    ("key", "host", "repository", "fits"),
    [
        ("quay.io", "quay.io", "a/b", True),
        ("QUAY.io", "quay.io", "a/b", True),
        ("quay.io/", "quay.io", "a/b", True),
        ("quay.io", "quay.io:443", "a/b", False),
        ("quay.io:443", "quay.io", "a/b", False),
        ("quay.io", "evil-quay.io", "a/b", False),
        ("quay.io", "quay.io.evil", "a/b", False),
        ("quay.io/a", "quay.io", "a/b", True),
        ("quay.io/a/b", "quay.io", "a/b", True),
        ("quay.io/a/b/c", "quay.io", "a/b", False),
        ("quay.io/a/b", "quay.io", "a/bc", False),
        ("quay.io/ab", "quay.io", "a/b", False),
        ("https://quay.io", "quay.io", "a/b", True),
        ("https://quay.io/v1/", "quay.io", "a/b", True),
        ("http://quay.io/v2/", "quay.io", "a/b", True),
        ("ftp://quay.io", "quay.io", "a/b", False),
        (HUB, "docker.io", "library/x", True),
        ("docker.io", "docker.io", "library/x", True),
        ("index.docker.io", "docker.io", "library/x", True),
        ("registry-1.docker.io", "docker.io", "library/x", True),
        ("docker.io/library", "docker.io", "library/x", True),
        ("hub.docker.com", "docker.io", "library/x", False),
        ("localhost:5000", "localhost:5000", "x", True),
        ("localhost:5001", "localhost:5000", "x", False),
        ("", "quay.io", "a/b", False),
        ("https://", "quay.io", "a/b", False),
    ],
)
def test_whose_credentials_a_key_is(  # noqa: PLR0917 - one row each
    home: Path, place: Place, key: str, host: str, repository: str, fits: bool
) -> None:
    place(".docker/config.json", {"auths": {key: pair("me", "x")}})
    assert (user_of(home, host, repository) == "me") is fits


def test_the_most_specific_key_wins(home: Path, place: Place) -> None:
    keys = ["https://quay.io/v1/", "quay.io", "quay.io/a", "quay.io/a/b", "quay.io/a/b/c"]
    place(".docker/config.json", {"auths": {key: pair(key.replace(":", ""), "x") for key in keys}})
    assert user_of(home, "quay.io", "a/b/c") == "quay.io/a/b/c"
    assert user_of(home, "quay.io", "a/b") == "quay.io/a/b"
    assert user_of(home, "quay.io", "a/x") == "quay.io/a"
    assert user_of(home, "quay.io", "x/y") == "quay.io"


def test_what_an_entry_may_hold(home: Path, place: Place) -> None:
    entries: dict[str, object] = {
        "colon.io": pair("user", "pass:with:colons"),
        "nul.io": {"auth": b64encode(b"user:secret\0\0").decode()},
        "plain.io": {"username": "user", "password": "secret"},
        "identity.io": {**pair("0000", ""), "identitytoken": "refresh"},
        "bearer.io": {"registrytoken": "token"},
        "null.io": {"auth": None, "username": "user", "password": "secret", "email": None},
        "empty.io": {},
        "half.io": pair("user", ""),
    }
    place(".docker/config.json", {"auths": entries, "HttpHeaders": {"x": "y"}})
    found = {host: find(host, "a/b", access(home)) for host in entries}

    def revealed(host: str) -> list[str]:
        one = found[host]
        assert one is not None
        secrets = (one.password, one.identity_token, one.registry_token)
        return [secret.reveal() for secret in secrets if secret is not None]

    assert revealed("colon.io") == ["pass:with:colons"]
    assert revealed("nul.io") == ["secret"]
    assert revealed("plain.io") == ["secret"]
    assert revealed("identity.io") == ["refresh"]
    assert revealed("bearer.io") == ["token"]
    assert revealed("null.io") == ["secret"]
    assert found["empty.io"] is None
    assert found["half.io"] is None
    colon = found["colon.io"]
    assert colon is not None
    basic = colon.basic()
    assert basic is not None
    assert basic.reveal() == "Basic " + b64encode(b"user:pass:with:colons").decode()


def test_nothing_that_is_shown_holds_a_secret(home: Path, place: Place) -> None:
    entry = {"auth": pair("user", "s3cret")["auth"], "identitytoken": "s3cret2"}
    place(".docker/config.json", {"auths": {"quay.io": entry}})
    found = find("quay.io", "a/b", access(home))
    assert "s3cret" not in repr(found) + str(found)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{",
        '{"auths": []}',
        '{"auths": {"quay.io": {"auth": "?"}}}',
        '{"auths": {"quay.io": {"auth": "bm9jb2xvbg=="}}}',
        '{"auths": {"quay.io": "text"}}',
        '{"auths": {"quay.io": {"auth": 1}}}',
        '{"auths": {}, "auths": {}}',
        '{"credsStore": "../../bin/sh"}',
        '{"credHelpers": {"quay.io": "a/b"}}',
        '{"credHelpers": {"quay.io": "a;b"}}',
        '{"credsStore": "a b"}',
        "[" * 100_000,
        "\xff",
    ],
)
def test_a_file_that_is_none_is_said_to_be_none(home: Path, place: Place, text: str) -> None:
    place(".docker/config.json", text)
    with pytest.raises(UsageError) as caught:
        find("quay.io", "a/b", access(home))
    assert "config.json" in str(caught.value) or "credential helper" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_file_holds_none(home: Path, place: Place) -> None:
    place(".docker/config.json", "\n")
    assert find("quay.io", "a/b", access(home)) is None


def test_a_file_that_is_too_long_is_not_read(
    home: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "MAX_FILE_BYTES", 1000)
    place(".docker/config.json", {"auths": {"quay.io": pair("me", "x" * 1000)}})
    with pytest.raises(UsageError, match="limit"):
        find("quay.io", "a/b", access(home))


_PARTS = st.lists(st.sampled_from(["a", "b", "ab", "a-b"]), min_size=1, max_size=3)


@settings(deadline=None)
@given(st.dictionaries(_PARTS.map("/".join), st.just(None), max_size=6), _PARTS)
def test_the_longest_prefix_of_whole_components_wins(
    keys: dict[str, None], parts: list[str]
) -> None:
    repository = "/".join(parts)
    auths = [f"h.io/{key}" for key in keys]
    fitting = [key for key in keys if parts[: key.count("/") + 1] == key.split("/")]
    found = credentials._matching(auths, "h.io", repository)
    assert found == [f"h.io/{key}" for key in sorted(fitting, key=lambda key: -len(key))]
