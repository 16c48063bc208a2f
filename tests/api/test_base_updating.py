"""`base update` against a real registry and a real web server."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from e2e.programs import run
from e2e.registry_places import credentials_file
from e2e.registry_server import registry
from lightship.api.base_updating import UpdateTerms, base_update
from lightship.bases.known import known_bases
from lightship.bases.refreshed import read_refreshed
from lightship.errors import DestinationError
from lightship.net.options import NetOptions
from lightship.testing import build_image

from .base_update_places import DEBIAN, PYTHON, TODAY, TOMORROW, Web, several, states

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.registry_server import Registry
    from lightship.model.results.base_update import BaseUpdateResult

real = pytest.mark.system("docker-registry", "skopeo")
OS_RELEASE = b'ID=debian\nVERSION_ID="13"\n'
DPKG = b"Package: libc6\nStatus: install ok installed\nVersion: 2.41-12\nArchitecture: amd64\n\n"


def system(extra: bytes = b"") -> list[dict[str, bytes]]:
    """A root that says of itself what `--read` asks."""
    files = {
        "etc/os-release": OS_RELEASE,
        "lib64/ld-linux-x86-64.so.2": b"x" * 500,
        "usr/bin/apt-get": b"y" * 700,
        "bin/sh": b"z" * 300,
        "var/lib/dpkg/status": DPKG,
    }
    return [files, {"added": b"a" * 100 + extra}]


def python(
    extra: bytes = b"", version: str = "3.13.14"
) -> dict[str, tuple[Any, dict[str, object]]]:
    def config(version: str) -> dict[str, object]:
        environment = ["PATH=/bin", f"PYTHON_VERSION={version}"]
        return {
            "created": "2026-11-20T10:00:00Z",
            "config": {"User": "app", "Env": environment},
        }

    return {
        "linux/amd64": (system(extra), config(version)),
        "linux/arm64/v8": (system(), config("3.13.14")),
        "linux/arm/v7": ([{"other": b"b"}], config("3.13.14")),
    }


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("bases")
    with registry(folder / "registry") as found:
        found.push(several(folder / "python", python()), f"hub/library/{PYTHON}", "--all")
        debian = build_image(system(), directory=folder, config={"created": "1970-01-01T00:00:00Z"})
        found.push(debian, f"hub/library/{DEBIAN}", "--format", "v2s2")
        yield found


def ask(
    one: Registry, data: Path, *names: str, today: date = TODAY, **terms: Any
) -> BaseUpdateResult:
    """With the registry in the place of Docker Hub, and no dates."""
    wanted: dict[str, Any] = {
        "mirrors": (f"docker.io={one.host}/hub",),
        "dates": "",
        "pause_seconds": 0.0,
    }
    return base_update(
        names,
        data=data,
        terms=UpdateTerms(**(wanted | terms)),
        today=today,
        cache=None,
        network=NetOptions(ca_file=one.ca_file, attempts=2),
    )


def raw(one: Registry, name: str) -> dict[str, Any]:
    """A manifest as skopeo has it."""
    trusted = ("--cert-dir", str(one.folder / "trusted"))
    place = f"docker://{one.host}/{name}"
    found: dict[str, Any] = json.loads(run("skopeo", "inspect", "--raw", *trusted, place))
    return found


@real
def test_the_documents_tell_the_bytes_and_no_layer_is_asked_for(
    one: Registry, tmp_path: Path
) -> None:
    with one.observed() as seen:
        result = ask(one, tmp_path, PYTHON, DEBIAN)
    assert states(result) == {PYTHON: "refreshed", DEBIAN: "refreshed"}
    known = known_bases(tmp_path, TODAY)
    row, entries = known.find(PYTHON), raw(one, f"hub/library/{PYTHON}")["manifests"]
    assert row is not None
    assert dict(row.digests) | {
        "linux/amd64": entries[0]["digest"],
        "linux/arm64": entries[1]["digest"],
        "linux/arm/v7": entries[2]["digest"],
    } == dict(row.digests)
    layers = set()
    for platform, entry in zip(("linux/amd64", "linux/arm64"), entries, strict=False):
        manifest = raw(one, f"hub/library/python@{entry['digest']}")
        layers |= {layer["digest"] for layer in manifest["layers"]}
        sizes = [layer["size"] for layer in manifest["layers"]]
        assert row.wire_bytes[platform] == manifest["config"]["size"] + sum(sizes)
        assert row.layer_wire_bytes[platform] == tuple(sizes)
    assert (row.version, row.user, row.created) == ("3.13.14", "app", date(2026, 11, 20))
    assert row.origin("wire_bytes", "linux/amd64").seen == TODAY
    assert "linux/arm/v7" in row.platforms
    # Index, two manifests, two configs (one blob, if equal); one manifest and its config.
    assert result.requests == len(seen) == 7
    assert not layers & {request.path.rpartition("/")[2] for request in seen}
    debian = known.find(DEBIAN)
    assert debian is not None
    assert debian.user == "root"
    stored = read_refreshed(tmp_path)
    assert stored is not None
    assert [x.created for x in stored.rows] == [date(2026, 11, 20), None]


@real
def test_what_is_recent_is_not_asked_for_and_what_is_unchanged_costs_one_request(
    one: Registry, tmp_path: Path
) -> None:
    ask(one, tmp_path, PYTHON)
    with one.observed() as seen:
        assert states(ask(one, tmp_path, PYTHON)) == {PYTHON: "fresh"}
    assert seen == []
    with one.observed() as seen:
        assert states(ask(one, tmp_path, PYTHON, today=TOMORROW)) == {PYTHON: "unchanged"}
    assert [request.method for request in seen] == ["HEAD"]
    row = known_bases(tmp_path, TOMORROW).find(PYTHON)
    assert row is not None
    assert row.origin("digests", "linux/amd64").seen == TOMORROW
    assert states(ask(one, tmp_path, PYTHON, today=TOMORROW, since_days=0)) == {PYTHON: "unchanged"}
    # What is recent but lacks what is wanted now is asked for: only that.
    with one.observed() as seen:
        found = ask(one, tmp_path, PYTHON, today=TOMORROW, platforms=())
    assert states(found) == {PYTHON: "refreshed"}
    assert len(seen) == 3  # the index again, one manifest, one config


@real
def test_of_a_new_build_only_the_changed_platforms_are_asked_for(
    one: Registry, tmp_path: Path
) -> None:
    name = f"{one.host}/own/app:1"
    one.push(several(tmp_path / "a", python()), "own/app:1", "--all")
    data = tmp_path / "data"
    ask(one, data, name, read=True)
    one.push(several(tmp_path / "b", python(b"more", "3.13.15")), "own/app:1", "--all")
    with one.observed() as seen:
        assert states(ask(one, data, name, today=TOMORROW)) == {name: "refreshed"}
    assert len(seen) == 4  # HEAD, index, a manifest, a config
    (row,) = read_refreshed(data).rows  # type: ignore[union-attr]  # it is there
    assert row.platforms["linux/amd64"].unpacked_bytes is None
    assert row.packages is None  # what was read was of another image
    assert row.user == "app"


@real
def test_reading_tells_what_is_inside_and_stays_with_the_image(
    one: Registry, tmp_path: Path
) -> None:
    terms: dict[str, Any] = {"read": True, "platforms": ("linux/amd64",)}
    for today, asked in ((TODAY, None), (TODAY, []), (TOMORROW, ["HEAD"])):
        with one.observed() as seen:
            ask(one, tmp_path, PYTHON, today=today, **terms)
        assert asked is None or [request.method for request in seen] == asked
        (row,) = read_refreshed(tmp_path).rows  # type: ignore[union-attr]  # it is there
        content = sum(len(data) for layer in system() for data in layer.values())
        assert row.platforms["linux/amd64"].unpacked_bytes == content
        assert (row.system, row.libc, row.package_manager) == ("debian 13", "glibc", "apt")
        assert (row.shell, row.packages) == ("/bin/sh", 1)


@real
def test_what_documents_tell_stays_where_a_layer_cannot_be_read(
    one: Registry, tmp_path: Path
) -> None:
    noise = b"".join(sha256(bytes([n])).digest() for n in range(200))
    lost = build_image([{"lost": noise}], directory=tmp_path)
    one.push(lost, "own/lost:1")
    manifest = raw(one, "own/lost:1")
    digest = manifest["layers"][0]["digest"].partition(":")[2]
    (blob,) = (one.folder / "storage").glob(f"**/blobs/sha256/*/{digest}/data")
    blob.write_bytes(bytes(len(blob.read_bytes())))
    name = f"{one.host}/own/lost:1"
    (told,) = ask(one, tmp_path / "data", name, read=True).bases
    assert told.state == "failed"
    (row,) = read_refreshed(tmp_path / "data").rows  # type: ignore[union-attr]  # it is there
    facts = row.platforms["linux/amd64"]
    assert facts.wire_bytes is not None
    assert facts.unpacked_bytes is None


@real
def test_a_base_that_fails_is_one_line_and_the_rest_goes_on(one: Registry, tmp_path: Path) -> None:
    names = (f"{one.host}/no/such:1", DEBIAN)
    result = ask(one, tmp_path, *names)
    assert states(result) == {names[0]: "failed", DEBIAN: "refreshed"}
    assert result.bases[0].why is not None
    assert "404" in result.bases[0].why
    assert "\n" not in result.bases[0].why
    assert result.is_reached
    assert not ask(one, tmp_path / "new", names[0]).is_reached


@pytest.mark.slow
@pytest.mark.system("docker-registry", "skopeo", "apache2-utils")
def test_a_registry_that_wants_a_token_gets_one(tmp_path: Path) -> None:
    with registry(tmp_path / "registry", "token") as private:
        image = build_image(system(), directory=tmp_path)
        private.push(image, "team/base:1")
        name = f"{private.host}/team/base:1"
        network = NetOptions(ca_file=private.ca_file, attempts=1)
        terms = UpdateTerms(dates="", pause_seconds=0.0)
        for today in (TODAY, TOMORROW):  # the second asks with HEAD
            (told,) = base_update(
                (name,),
                data=tmp_path / "data",
                terms=terms,
                today=today,
                network=network,
                auth_file=credentials_file(private),
            ).bases
            assert told.state == ("refreshed" if today == TODAY else "unchanged")
        nothing = tmp_path / "none.json"
        nothing.write_text('{"auths": {}}', encoding="utf-8")
        (told,) = base_update(
            (name,), data=tmp_path / "other", terms=terms, network=network, auth_file=nothing
        ).bases
        assert told.state == "failed"
        assert "Log in with" in str(told.why)


@real
def test_the_limit_leaves_the_rest_for_the_next_run(one: Registry, tmp_path: Path) -> None:
    first = ask(one, tmp_path, DEBIAN, PYTHON, most_requests=3)
    assert states(first) == {DEBIAN: "refreshed", PYTHON: "left"}
    assert first.requests == 3
    assert states(ask(one, tmp_path, DEBIAN, PYTHON)) == {DEBIAN: "fresh", PYTHON: "refreshed"}


@real
@pytest.mark.slow
def test_killed_in_the_middle_it_goes_on_and_two_at_once_are_refused(
    one: Registry, tmp_path: Path
) -> None:
    reached, release = threading.Event(), threading.Event()

    def hang(_: object) -> None:
        reached.set()
        release.wait(30)

    web = Web()
    web.product("debian", hang)
    with web.running():
        command = [
            sys.executable, "-m", "lightship", "base", "update", PYTHON, DEBIAN, "--data-dir",
            str(tmp_path / "data"), "--mirror", f"docker.io={one.host}/hub", "--ca-file",
            str(one.ca_file), "--plain-http", web.host, "--dates", web.url,
        ]  # fmt: skip
        program = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            assert reached.wait(60)
            with pytest.raises(DestinationError, match="another base update"):
                ask(one, tmp_path / "data", PYTHON)
        finally:
            program.kill()
            program.communicate()
            release.set()
    with one.observed() as seen:
        result = ask(one, tmp_path / "data", PYTHON, DEBIAN, today=None)  # type: ignore[arg-type]  # the real day, as the program's
    assert states(result) == {PYTHON: "fresh", DEBIAN: "fresh"}
    assert seen == []
