"""The services of advisories, by a server on loopback that answers as they do."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import msgspec
import pytest

from lightship.api.base_advisories import read_advisories
from lightship.api.live_advisories import LivePlaces
from lightship.api.options import ReadOptions
from lightship.bases.advisories.advisory import Ecosystem, Subject
from lightship.bases.advisories.counting import counts, known
from lightship.bases.advisories.ecosystems import Installed
from lightship.net.options import NetOptions
from net.serving import Request, Server, answer

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

    from lightship.model.results.base_advisories import AdvisoryCounts

TODAY = date(2026, 2, 3)
MORE = "more"
WHEN = {"Last-Modified": "Sun, 01 Feb 2026 10:00:00 GMT"}
DEBIAN = Ecosystem("dpkg", "debian", "12", "bookworm")
ALPINE = Ecosystem("apk", "alpine", "3.20")
UBUNTU = Ecosystem("dpkg", "ubuntu", "24.04")
TRACKER = {"x": {"CVE-1": {"releases": {"bookworm": {"status": "open", "urgency": "high"}}}}}


def secdb(repository: str, name: str) -> dict[str, object]:
    fixes = {"2-r0": [f"CVE-{repository}"]}
    packages = [{"pkg": {"name": name, "secfixes": fixes}}]
    return {"distroversion": "v3.20", "reponame": repository, "packages": packages}


def vulnerability(number: int) -> dict[str, object]:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9"}]}]
    package = {"ecosystem": "Ubuntu:24.04:LTS", "name": f"p{number}"}
    affected = {"package": package, "ranges": ranges}
    identity = f"UBUNTU-CVE-2026-{number}"
    return {"id": identity, "modified": "2026-01-01T00:00:00Z", "affected": [affected]}


class Services:
    """All three on one server; `broken` are the beginnings of paths that answer with nonsense."""

    def __init__(self) -> None:
        self.server = Server(self._answer)
        self.broken: dict[str, bytes] = {}

    @property
    def places(self) -> LivePlaces:
        return LivePlaces(
            debian=f"{self.server.url}/tracker",
            alpine=f"{self.server.url}/{{release}}/{{repository}}.json",
            osv=f"{self.server.url}/v1",
        )

    @property
    def asked(self) -> list[str]:
        return [request.target for request in self.server.requests]

    def _answer(self, request: Request, sock: socket.socket) -> bool:
        sock.sendall(self._said(request))
        return True

    def _said(self, request: Request) -> bytes:
        for path, said in self.broken.items():
            if request.target.startswith(path):
                return said
        match request.target.split("/")[1:]:
            case ["tracker"]:
                content: object = TRACKER
            case ["v3.20", file]:
                content = secdb(file.removesuffix(".json"), "x")
            case ["v1", "querybatch"]:
                content = {
                    "results": [_matches(one) for one in json.loads(request.body)["queries"]]
                }
            case ["v1", "vulns", identity]:
                content = vulnerability(int(identity.rpartition("-")[2]))
            case _:
                return answer(b"nothing here", 404)
        return answer(msgspec.json.encode(content), named=WHEN)


def _matches(query: dict[str, object]) -> dict[str, object]:
    """Every package has one vulnerability; that of `p7` is on the second page."""
    package = query["package"]
    assert isinstance(package, dict)
    assert package["ecosystem"] == "Ubuntu:24.04:LTS"
    number = package["name"].removeprefix("p")
    found: dict[str, object] = {
        "vulns": [{"id": f"UBUNTU-CVE-2026-{number}", "modified": "2026-01-01T00:00:00Z"}]
    }
    if number == "7" and "page_token" not in query:
        return {"next_page_token": MORE}
    return found if number != "8" else {}


@pytest.fixture
def services() -> Iterator[Services]:
    made = Services()
    with made.server:
        yield made


def ecosystem_of(ecosystem: Ecosystem, *names: str) -> Installed:
    return Installed(ecosystem, len(names), [Subject(name, "1", name, "1") for name in names])


def count(services: Services, *ecosystems: Installed, offline: bool = False) -> AdvisoryCounts:
    network = NetOptions(plain_http=frozenset((services.server.host,)), offline=offline, attempts=1)
    advisories = read_advisories(["live"], ReadOptions(network=network), services.places)
    return counts(known(ecosystems, advisories), advisories, TODAY)


def test_debians_tracker_is_asked_once_and_nobody_else(services: Services) -> None:
    found = count(services, ecosystem_of(DEBIAN, "x"), ecosystem_of(DEBIAN, "x", "y"))
    assert found.complete
    assert found.vulnerabilities is not None
    assert found.vulnerabilities.severities.high == 1
    assert services.asked == ["/tracker"]
    (used,) = found.ecosystems[0].sources
    assert found.sources[used].date == "2026-02-01"
    assert found.sources[used].stale == ""


def test_alpines_files_of_the_images_release(services: Services) -> None:
    found = count(services, ecosystem_of(ALPINE, "x"))
    assert found.complete
    assert found.vulnerabilities is not None
    assert found.vulnerabilities.all == 2
    assert services.asked == ["/v3.20/main.json", "/v3.20/community.json"]


def test_osv_in_batches_and_pages(services: Services) -> None:
    found = count(services, ecosystem_of(UBUNTU, *(f"p{number}" for number in range(1100))))
    assert found.complete
    assert found.vulnerabilities is not None
    assert found.vulnerabilities.all == found.vulnerabilities.fixable == 1099
    batches = [one for one in services.server.requests if one.target.endswith("querybatch")]
    assert [len(json.loads(one.body)["queries"]) for one in batches] == [1000, 100, 1]
    assert json.loads(batches[2].body)["queries"][0]["page_token"] == MORE
    assert len(services.asked) == 3 + 1099


def test_nothing_is_asked_of_what_nobody_has_data_for(services: Services) -> None:
    found = count(services, ecosystem_of(Ecosystem("rpm", "fedora", "43"), "x"))
    assert found.vulnerabilities is None
    assert services.asked == []


def test_offline_nothing_is_asked_and_it_is_said(services: Services) -> None:
    found = count(services, ecosystem_of(DEBIAN, "x"), offline=True)
    assert found.vulnerabilities is None
    assert services.asked == []
    assert [note for note in found.notes if "--offline" in note] == list(found.notes)
    assert found.notes


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/tracker", answer(b"", 500)),
        ("/tracker", answer(b"<html>")),
        ("/v3.20/main", answer(b"", 404)),
        ("/v3.20/community", answer(b"{}")),
        ("/v1/querybatch", answer(b'{"results": []}')),
        ("/v1/querybatch", answer(b'{"results": [{"vulns": 5}]}')),
        ("/v1/querybatch", answer(b'{"results": [{"next_page_token": "again"}]}')),
        ("/v1/vulns", answer(b"", 503)),
        ("/v1/vulns", answer(b"[]")),
    ],
    ids=range(9),
)
def test_a_service_that_fails_costs_a_line_and_the_others_work(
    services: Services, path: str, said: bytes
) -> None:
    services.broken[path] = said
    ecosystems = [ecosystem_of(DEBIAN, "x"), ecosystem_of(ALPINE, "x"), ecosystem_of(UBUNTU, "p1")]
    found = count(services, *ecosystems)
    (note,) = found.notes
    assert note.startswith(services.server.url)
    assert not found.complete
    assert found.vulnerabilities is not None
    assert found.vulnerabilities.all in (2, 3)


def test_a_file_at_a_url(services: Services, tmp_path: Path) -> None:
    network = NetOptions(plain_http=frozenset((services.server.host,)))
    places = [f"{services.server.url}/tracker", str(tmp_path)]
    advisories = read_advisories(places, ReadOptions(network=network))
    assert [book.source.date for book in advisories.books] == ["2026-02-01"]
    assert advisories.notes == (f"{tmp_path}: a folder without advisories (.json, .zip)",)
