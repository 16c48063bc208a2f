"""Registries that answer nonsense, silent servers, folders that are not ours, wrong arguments."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from lightship.api.base_update_kept import held
from lightship.api.base_update_manners import LeftError, Manners
from lightship.api.base_updating import UpdateTerms, base_update
from lightship.bases.known import known_bases
from lightship.bases.refreshed import FILE
from lightship.catalogue.end_of_life import dated_products
from lightship.errors import DestinationError, UsageError
from lightship.net.errors import RequestError
from lightship.net.options import NetOptions

from .base_update_places import (
    DEBIAN,
    INDEX,
    THIRTEEN,
    TODAY,
    Web,
    ask_dates,
    body,
    cut,
    dates,
    status,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def web() -> Iterator[Web]:
    with Web().running() as running:
        yield running


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


def test_a_registry_that_wants_fewer_requests_is_left_alone(web: Web, tmp_path: Path) -> None:
    for tag in ("1", "2", "3"):
        web.answers[f"/v2/x/y/manifests/{tag}"] = status(429, Retry_After="7200")
    result = base_update(
        [f"{web.host}/x/y:{tag}" for tag in ("1", "2", "3")],
        data=tmp_path,
        terms=UpdateTerms(dates="", pause_seconds=0.0),
        network=NetOptions(attempts=2, plain_http=frozenset((web.host,))),
    )
    assert [x.state for x in result.bases] == ["failed", "left", "left"]
    assert len(web.asked) == 1


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


@pytest.mark.parametrize(
    ("sizes", "claimed", "kind", "why"),
    [
        ([-5], 1, "config", "senseless size"),
        ([2**62], 1, "config", "senseless size"),
        ([1] * 1001, 1001, "config", "more than 1000 layers"),
        ([1, 2], 1, "config", "names 1 diff IDs"),
        ([1], 1, "helm", "no image but an artifact"),
        ([10**12] * 1000, 1000, "config", None),
    ],
)
def test_documents_that_make_no_sense_are_not_kept(
    sizes: list[int], claimed: int, kind: str, why: str | None, *, web: Web, tmp_path: Path
) -> None:
    diff_ids = [f"sha256:{n:064x}" for n in range(claimed)]
    document = {"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": diff_ids}}
    config = json.dumps(document).encode()
    named = f"sha256:{sha256(config).hexdigest()}"
    media_type = INDEX.replace("index", kind)
    layers = [
        {"mediaType": INDEX.replace("index.v1+json", "layer.v1.tar"), "size": size, "digest": one}
        for size, one in zip(sizes, (f"sha256:{n:064x}" for n in range(9999)), strict=False)
    ]
    manifest = {
        "schemaVersion": 2,
        "config": {"mediaType": media_type, "digest": named, "size": len(config)},
        "layers": layers,
    }
    place = "/v2/library/debian"
    web.answers[f"{place}/manifests/13-slim"] = body(
        json.dumps(manifest).encode(), INDEX.replace("index", "manifest")
    )
    web.answers[f"{place}/blobs/{named}"] = body(config)
    (told,) = base_update(
        (DEBIAN,),
        data=tmp_path,
        terms=UpdateTerms(dates="", pause_seconds=0.0, mirrors=(f"docker.io={web.host}",)),
        network=NetOptions(attempts=1, plain_http=frozenset((web.host,))),
    ).bases
    if why is None:
        assert told.state == "refreshed"
        assert not known_bases(tmp_path, TODAY).notes
    else:
        assert why in str(told.why)
        assert not (tmp_path / FILE).exists()


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


def test_what_others_could_have_written_is_not_believed(web: Web, tmp_path: Path) -> None:
    web.product("debian", body(dates(THIRTEEN)))
    ask_dates(web, tmp_path)
    assert known_bases(tmp_path, TODAY).products
    tmp_path.chmod(0o777)
    known = known_bases(tmp_path, TODAY)
    assert not known.products
    assert "others may write" in known.notes[0]


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "update.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DestinationError), held(tmp_path):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_a_broken_file_is_told_of_and_written_anew(web: Web, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b'{"schema": "lightship.bases/1", "rows": [{"image": 3}]}')
    web.product("debian", body(dates(THIRTEEN)))
    result = ask_dates(web, tmp_path)
    assert "written anew" in result.warnings[0]
    assert "Debian" in known_bases(tmp_path, TODAY).products


def test_what_could_not_be_written_ends_the_run(web: Web, tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    web.product("debian", body(dates(THIRTEEN)))
    with pytest.raises(DestinationError):
        ask_dates(web, tmp_path)


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
