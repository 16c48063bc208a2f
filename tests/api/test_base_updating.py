"""`base update` against a real registry and a real web server."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from e2e.programs import run
from e2e.registry_server import registry
from lightship.api.base_update_kept import held
from lightship.api.base_update_manners import LeftError, Manners
from lightship.api.base_updating import UpdateTerms, base_update
from lightship.bases.known import known_bases
from lightship.bases.refreshed import FILE, read_refreshed
from lightship.catalogue.end_of_life import dated_products
from lightship.errors import DestinationError, UsageError
from lightship.net.errors import RequestError
from lightship.net.options import NetOptions
from lightship.testing import build_image

from .base_update_places import INDEX, Web, body, cut, dates, several, status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from e2e.registry_server import Registry
    from lightship.model.results.base_update import BaseUpdateResult

real = pytest.mark.system("docker-registry", "skopeo")
TODAY, TOMORROW = date(2026, 11, 25), date(2026, 11, 26)
PYTHON, DEBIAN = "python:3.13-slim", "debian:13-slim"
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


def states(result: BaseUpdateResult) -> dict[str, str]:
    return {x.name: x.state for x in (*result.bases, *result.products)}


def raw(one: Registry, name: str) -> dict[str, Any]:
    """A manifest as skopeo has it."""
    trusted = ("--cert-dir", str(one.folder / "trusted"))
    place = f"docker://{one.host}/hub/library/{name}"
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
    row, entries = known.find(PYTHON), raw(one, PYTHON)["manifests"]
    assert row is not None
    assert dict(row.digests) | {
        "linux/amd64": entries[0]["digest"],
        "linux/arm64": entries[1]["digest"],
        "linux/arm/v7": entries[2]["digest"],
    } == dict(row.digests)
    layers = set()
    for platform, entry in zip(("linux/amd64", "linux/arm64"), entries, strict=False):
        manifest = raw(one, f"{PYTHON.partition(':')[0]}@{entry['digest']}")
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
def test_a_base_that_fails_is_one_line_and_the_rest_goes_on(one: Registry, tmp_path: Path) -> None:
    names = (f"{one.host}/no/such:1", DEBIAN)
    result = ask(one, tmp_path, *names)
    assert states(result) == {names[0]: "failed", DEBIAN: "refreshed"}
    assert result.bases[0].why is not None
    assert "404" in result.bases[0].why
    assert "\n" not in result.bases[0].why
    assert result.is_reached
    assert not ask(one, tmp_path / "new", names[0]).is_reached


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


def test_a_registry_that_nobody_answers_for_is_left_alone(tmp_path: Path) -> None:
    names = [f"127.0.0.1:1/x/y:{tag}" for tag in range(4)]
    result = base_update(
        names,
        data=tmp_path,
        terms=UpdateTerms(dates="", pause_seconds=0.0),
        network=NetOptions(attempts=1),
    )
    assert [x.state for x in result.bases] == ["failed", "failed", "left", "left"]
    assert not result.is_reached


# --- dates -------------------------------------------------------------------------------------


@pytest.fixture
def web() -> Iterator[Web]:
    with Web().running() as running:
        yield running


def ask_dates(web: Web, data: Path, today: date = TODAY, **terms: Any) -> BaseUpdateResult:
    """Only dates: of the catalogue's bases none may be asked for."""
    given: dict[str, Any] = {"dates": web.url, "pause_seconds": 0.0, "mirrors": _NOWHERE}
    return base_update(
        (DEBIAN,),
        data=data,
        terms=UpdateTerms(**(given | terms)),
        today=today,
        network=NetOptions(attempts=2, plain_http=frozenset((web.host,)), patience_seconds=5),
    )


_NOWHERE = ("docker.io=127.0.0.1:1",)
_THIRTEEN = {
    "name": "13", "isEol": False, "eolFrom": "2028-08-10", "eoesFrom": "2030-06-30",
    "latest": {"name": "13.7", "date": "2026-11-14", "link": None},
}  # fmt: skip


def test_dates_are_learnt_and_asked_for_again_only_if_they_changed(
    web: Web, tmp_path: Path
) -> None:
    twelve = {"name": "12", "isEol": True, "eolFrom": None, "latest": None}
    sid = {"name": "14", "isEol": False, "eolFrom": None, "latest": None}
    web.product("debian", body(dates(sid, _THIRTEEN, twelve), headers={"ETag": '"v1"'}))
    result = ask_dates(web, tmp_path)
    assert states(result)["Debian"] == "refreshed"
    product = known_bases(tmp_path, TODAY).products["Debian"]
    assert set(product.releases) == {"13", "14"}  # nobody knows when 12 ended
    assert product.releases["13"].ends == date(2028, 8, 10)
    assert product.releases["13"].extended == date(2030, 6, 30)
    assert product.releases["13"].latest == "13.7"
    assert product.releases["14"].ends is None
    assert states(ask_dates(web, tmp_path))["Debian"] == "fresh"
    assert states(ask_dates(web, tmp_path, TOMORROW))["Debian"] == "unchanged"
    assert [tag for _, tag in web.asked] == [None, '"v1"']
    assert known_bases(tmp_path, TOMORROW).products["Debian"].seen == TOMORROW


def test_paid_extensions_do_not_count(web: Web, tmp_path: Path) -> None:
    noble = {"name": "24.04", "isEol": False, "eolFrom": "2029-05-31", "eoesFrom": "2036-04-25"}
    web.product("ubuntu", body(dates(noble)))
    base_update(
        ("ubuntu:24.04",),
        data=tmp_path,
        terms=UpdateTerms(dates=web.url, pause_seconds=0.0, mirrors=_NOWHERE),
        network=NetOptions(attempts=1, plain_http=frozenset((web.host,))),
    )
    assert known_bases(tmp_path, TODAY).products["Ubuntu"].releases["24.04"].extended is None


_NONSENSE: dict[str, Callable[[Any], object]] = {
    "no JSON": body(b"<html>sorry</html>", "text/html"),
    "empty": body(b""),
    "other shape": body(b'{"result": []}'),
    "no releases": body(dates()),
    "wrong types": body(dates({"name": 13, "isEol": "no"})),
    "no day": body(dates({"name": "13", "isEol": False, "eolFrom": "9999-99-99"})),
    "far day": body(dates({"name": "13", "isEol": False, "eolFrom": "9999-12-31"})),
    "early day": body(dates({"name": "13", "isEol": True, "eolFrom": "0001-01-01"})),
    "escapes": body(dates({"name": "\x1b[31m13\nx", "isEol": False})),
    "surrogates": body(b'{"result": {"releases": [{"name": "\\ud800", "isEol": false}]}}'),
    "deep": body(b"[" * 500_000),
    "huge": body(b" " * 2_200_000 + dates(_THIRTEEN)),
    "not UTF-8": body(b'{"result": "\xff\xfe"}'),
    "many": body(dates(*({"name": str(n), "isEol": False} for n in range(1001)))),
    "cut": cut(dates(_THIRTEEN)[:40]),
    "500": status(500),
    "404": status(404),
    "loop": status(302, Location="/api/v1/products/debian/"),
    "elsewhere": status(302, Location="http://169.254.169.254/latest/meta-data"),
}


@pytest.mark.parametrize("answer", _NONSENSE.values(), ids=_NONSENSE)
def test_nonsense_is_one_line_and_changes_nothing(
    answer: Callable[[Any], object], web: Web, tmp_path: Path
) -> None:
    web.product("debian", body(dates(_THIRTEEN)))
    ask_dates(web, tmp_path)
    before = (tmp_path / FILE).read_bytes()
    web.product("debian", answer)
    (told,) = ask_dates(web, tmp_path, TOMORROW).products
    assert told.state == "failed"
    assert told.why
    assert told.why.isprintable()
    assert (tmp_path / FILE).read_bytes() == before


def test_a_server_that_wants_us_later_is_left_alone(web: Web, tmp_path: Path) -> None:
    for product in dated_products():
        web.product(product.page, status(429, Retry_After="3600"))
    result = base_update(
        ("python:3.13-slim", "node:24-slim"),
        data=tmp_path,
        terms=UpdateTerms(dates=web.url, pause_seconds=0.0, mirrors=_NOWHERE),
        network=NetOptions(attempts=2, plain_http=frozenset((web.host,))),
    )
    kinds = [x.state for x in result.products]
    assert kinds[0] == "failed"
    assert set(kinds[1:]) == {"left"}
    assert len(web.asked) == 1
    assert "Come again in" in str(result.products[1].why)


def test_a_server_that_wants_us_a_little_later_is_asked_again(web: Web, tmp_path: Path) -> None:
    calls = []

    def answer(handler: Any) -> None:
        calls.append(1)
        (status(429, Retry_After="0") if len(calls) == 1 else body(dates(_THIRTEEN)))(handler)

    web.product("debian", answer)
    assert states(ask_dates(web, tmp_path))["Debian"] == "refreshed"


# --- hostile registries --------------------------------------------------------------------------


def _index(**entry: Any) -> bytes:
    good = {"mediaType": INDEX.replace("index", "manifest"), "digest": "sha256:" + "a" * 64,
            "size": 10, "platform": {"os": "linux", "architecture": "amd64"}}  # fmt: skip
    return json.dumps({"schemaVersion": 2, "manifests": [good | entry]}).encode()


@pytest.mark.parametrize(
    "answer",
    [
        body(b"nonsense", INDEX),
        body(b"{}", INDEX),
        body(b'{"schemaVersion": 2, "manifests": 3}', INDEX),
        body(b'{"schemaVersion": 2, "manifests": []}', INDEX),
        body(_index(size=-1), INDEX),
        body(_index(size=10**30), INDEX),
        body(_index(digest="sha256:../../etc"), INDEX),
        body(_index(platform={"os": "li\x1bnux", "architecture": "amd64"}), INDEX),
        body(b"[" * 300_000, INDEX),
        body(b" " * 5_000_000, INDEX),
        body(b"<!doctype html>", "text/html"),
        cut(b'{"schemaVersion": 2,'),
        status(302, Location="/v2/library/debian/manifests/13-slim"),
        status(401, WWW_Authenticate='Bearer realm="https://169.254.169.254/t",service="x"'),
        status(401, WWW_Authenticate="nonsense \x7f"),
    ],
)
def test_a_registry_that_answers_nonsense_costs_one_line(
    answer: Callable[[Any], object], web: Web, tmp_path: Path
) -> None:
    web.answers["/v2/library/debian/manifests/13-slim"] = answer
    result = base_update(
        (DEBIAN,),
        data=tmp_path,
        terms=UpdateTerms(dates="", pause_seconds=0.0, mirrors=(f"docker.io={web.host}",)),
        network=NetOptions(attempts=1, plain_http=frozenset((web.host,))),
    )
    (told,) = result.bases
    assert told.state == "failed"
    assert told.why
    assert told.why.isprintable()
    assert not (tmp_path / FILE).exists()


def test_facts_that_lie_are_not_kept(web: Web, tmp_path: Path) -> None:
    """A manifest whose layers claim sizes that none has; everything else of it is in order."""
    from hashlib import sha256  # noqa: PLC0415 # here alone

    config = b'{"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": []}}'
    named = f"sha256:{sha256(config).hexdigest()}"
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": "sha256:" + "b" * 64}
    for size in (-5, 2**62):
        manifest = {
            "schemaVersion": 2,
            "config": {"mediaType": "x", "digest": named, "size": len(config)},
            "layers": [{**layer, "size": size}],
        }
        kind = INDEX.replace("index", "manifest")
        place = "/v2/library/debian"
        web.answers[f"{place}/manifests/13-slim"] = body(json.dumps(manifest).encode(), kind)
        web.answers[f"{place}/blobs/{named}"] = body(config)
        result = base_update(
            (DEBIAN,),
            data=tmp_path,
            terms=UpdateTerms(dates="", pause_seconds=0.0, mirrors=(f"docker.io={web.host}",)),
            network=NetOptions(attempts=1, plain_http=frozenset((web.host,))),
        )
        assert "senseless size" in str(result.bases[0].why)


# --- the data folder ---------------------------------------------------------------------------


def test_the_folder_is_ours_alone(tmp_path: Path) -> None:
    with held(tmp_path / "deep" / "data"):
        assert (tmp_path / "deep" / "data").stat().st_mode & 0o777 == 0o700
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    with pytest.raises(UsageError, match="not yours alone"), held(open_to_all):
        pass
    (tmp_path / "file").touch()
    with pytest.raises(DestinationError, match="can be no data directory"), held(tmp_path / "file"):
        pass


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "update.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DestinationError), held(tmp_path):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_a_broken_file_is_told_of_and_written_anew(web: Web, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b'{"schema": "lightship.bases/1", "rows": [{"image": 3}]}')
    web.product("debian", body(dates(_THIRTEEN)))
    result = ask_dates(web, tmp_path)
    assert "written anew" in result.warnings[0]
    assert "Debian" in known_bases(tmp_path, TODAY).products


def test_what_could_not_be_written_ends_the_run(web: Web, tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    web.product("debian", body(dates(_THIRTEEN)))
    with pytest.raises(DestinationError):
        ask_dates(web, tmp_path)


# --- what is asked for ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mirror",
    ["docker.io", "=x.org", "docker.io=", "docker.io=word", "docker.io=a.org/UPPER", "a b=c.org"],
)
def test_mirrors_are_named_in_one_way(mirror: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        base_update((DEBIAN,), data=tmp_path, terms=UpdateTerms(mirrors=(mirror,)))


@pytest.mark.parametrize(
    "name", ["", "UPPER:1", "a b", "x" * 300, "debian@sha256:" + "a" * 64, "\n"]
)
def test_names_that_are_none(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        base_update((name,), data=tmp_path, terms=UpdateTerms(dates=""))


def test_without_a_network_nothing_is_tried(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--offline"):
        base_update(data=tmp_path / "data", network=NetOptions(offline=True))
    assert not (tmp_path / "data").exists()


def test_every_product_has_a_page_of_its_own() -> None:
    pages = [product.page for product in dated_products()]
    assert len(set(pages)) == len(pages) > 30


# --- manners -----------------------------------------------------------------------------------


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_there_is_a_pause_for_each_server_and_none_between_servers() -> None:
    clock = Clock()
    manners = Manners(10, 2.0, sleep=clock.sleep, clock=lambda: clock.now)
    manners.ask("a", lambda: None)
    manners.ask("b", lambda: None)
    assert clock.slept == []
    clock.now += 0.5
    manners.ask("a", lambda: None)
    assert clock.slept == [1.5]


def test_silence_twice_in_a_row_is_enough() -> None:
    manners = Manners(10, 0.0)

    def silent() -> None:
        raise RequestError("https://a", "no answer", passing=True)

    for answers in (silent, lambda: None, silent, silent):
        try:
            manners.ask("a", answers)
        except RequestError:
            continue
    with pytest.raises(LeftError, match="did not answer"):
        manners.ask("a", lambda: None)
    manners.ask("b", lambda: None)
    assert manners.asked == 5
