"""The services of Debian, Alpine and OSV as sources of advisories.

Nothing is asked before an image is there that a service knows something about, and of each service
only once. Sources: the addresses that the projects publish; google.github.io/osv.dev, "API".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from msgspec import Struct

from lightship.bases.advisories.advisory import Source
from lightship.bases.advisories.alpine import REPOSITORIES
from lightship.bases.advisories.osv import Listed, Osv
from lightship.bases.advisories.osv_ecosystems import osv_name_of, wanted
from lightship.bases.advisories.reading import MAX_JSON_BYTES, read_json
from lightship.bases.advisories.unusable import unusable
from lightship.errors import LightshipError, UnreachableError
from lightship.net.sending import Body

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lightship.bases.advisories.advisory import Advisory, Book, Ecosystem, Subject
    from lightship.net.client import Client, Response

_BATCH = 1000  # queries; OSV takes no more at once
_MAX_PAGES = 100
_MAX_RECORDS = 20_000
_MAX_ANSWER_BYTES = 64 * 1024 * 1024
_OWN = ("debian", "alpine")  # whose advisories are asked for at their own services


class LivePlaces(Struct, frozen=True, kw_only=True):
    """Where the services are. `{release}` and `{repository}` are filled in."""

    debian: str = "https://security-tracker.debian.org/tracker/data/json"
    alpine: str = "https://secdb.alpinelinux.org/{release}/{repository}.json"
    osv: str = "https://api.osv.dev/v1"


class Fetched(Struct, frozen=True):
    """A whole answer; `date` as in `Source`."""

    data: bytes
    date: str | None


def live_books(client: Client, places: LivePlaces) -> list[Book]:
    """A book for each service, still unread."""
    alpine = [_LiveAlpine(client, places.alpine, repository) for repository in REPOSITORIES]
    return [_LiveDebian(client, places.debian), *alpine, _LiveOsv(client, places.osv)]


def fetched(client: Client, url: str) -> Fetched:
    """What is at a URL.

    Raises:
        UnreachableError: there is no answer, or not the one that was hoped for.
    """
    answer = client.get(url, limit=MAX_JSON_BYTES)
    return Fetched(_whole(answer), _date(answer))


def _whole(answer: Response) -> bytes:
    if answer.status != 200:
        raise UnreachableError(f"{answer.url}: the server answers with status {answer.status}")
    return answer.body


def _date(answer: Response) -> str | None:
    """Of the data: when it changed last, else when it was sent."""
    for name in ("last-modified", "date"):
        try:
            return parsedate_to_datetime(answer.headers[name]).astimezone(UTC).date().isoformat()
        except (KeyError, ValueError, OverflowError):
            continue
    return None


class _Live(ABC):
    """A book that is fetched when it is first asked about what it covers; a failure is kept."""

    def __init__(self, client: Client, kind: str, place: str) -> None:
        self._client = client
        self._books: dict[str, Book | LightshipError] = {}
        self.source = Source(kind, place)

    @abstractmethod
    def _url(self, ecosystem: Ecosystem) -> str | None:
        """Where the file about an ecosystem is; None if the service has none."""

    def covers(self, ecosystem: Ecosystem) -> bool:
        """Whether the service has something about it.

        Raises:
            LightshipError: it does not answer.
        """
        book = self.book_of(ecosystem)
        return book is not None and book.covers(ecosystem)

    def missing(self, ecosystem: Ecosystem, asked: Sequence[Book]) -> str:
        """As of the file that was fetched."""
        files = [one.book_of(ecosystem) if isinstance(one, _Live) else one for one in asked]
        book = self.book_of(ecosystem)
        return book.missing(ecosystem, [one for one in files if one is not None]) if book else ""

    def found(self, ecosystem: Ecosystem, subjects: Sequence[Subject]) -> Iterable[Advisory]:
        """As of the file that was fetched."""
        book = self.book_of(ecosystem)
        return book.found(ecosystem, subjects) if book is not None else ()

    def book_of(self, ecosystem: Ecosystem) -> Book | None:
        """What the service has about an ecosystem; None if that is nothing.

        Raises:
            LightshipError: it does not answer.
        """
        url = self._url(ecosystem)
        if url is None:
            return None
        if url not in self._books:
            self._books[url] = self._fetched(url)
        book = self._books[url]
        if isinstance(book, LightshipError):
            raise book
        return book

    def _fetched(self, url: str) -> Book | LightshipError:
        try:
            answer = fetched(self._client, url)
            book = read_json(url, answer.data, answer.date)
        except LightshipError as problem:
            return problem
        self.source = Source(self.source.kind, url, answer.date)
        return book


class _LiveDebian(_Live):
    def __init__(self, client: Client, url: str) -> None:
        super().__init__(client, "Debian security tracker", url)

    def _url(self, ecosystem: Ecosystem) -> str | None:
        return self.source.place if ecosystem.distribution == "debian" else None


class _LiveAlpine(_Live):
    def __init__(self, client: Client, template: str, repository: str) -> None:
        self._template = template.replace("{repository}", repository)
        super().__init__(client, "Alpine secdb", self._template)

    def _url(self, ecosystem: Ecosystem) -> str | None:
        if ecosystem.distribution != "alpine" or not ecosystem.release:
            return None
        release = ecosystem.release if ecosystem.release == "edge" else f"v{ecosystem.release}"
        return self._template.replace("{release}", quote(release, safe=""))


class _Match(Struct):
    id: str


class _Result(Struct):
    vulns: list[_Match] | None = None
    next_page_token: str | None = None


class _Answer(Struct):
    results: list[_Result | None]


_ANSWER = msgspec.json.Decoder(_Answer)


class _LiveOsv:
    """Asks OSV which vulnerabilities packages have, then for each that it does not know yet."""

    def __init__(self, client: Client, url: str) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._records: dict[str, bytes] = {}
        self.source = Source("OSV", self._url)

    def covers(self, ecosystem: Ecosystem) -> bool:
        """Whether OSV has a name for it, and it has no service of its own."""
        return ecosystem.distribution not in _OWN and osv_name_of(ecosystem) is not None

    def missing(self, ecosystem: Ecosystem, asked: Sequence[Book]) -> str:  # noqa: ARG002 - see below
        """Nothing: it was asked for every package."""
        return ""

    def found(self, ecosystem: Ecosystem, subjects: Sequence[Subject]) -> list[Advisory]:
        """What OSV knows of the packages.

        Raises:
            LightshipError: it does not answer, or with what is no answer.
        """
        queries: dict[tuple[str, str], dict[str, object]] = {
            (name, version): {
                "package": {"name": name, "ecosystem": osv_name_of(ecosystem)},
                "version": version,
            }
            for subject in subjects
            for name, version in [wanted(ecosystem, subject)]
        }
        self.source = Source("OSV", self._url, datetime.now(UTC).date().isoformat())
        identities = dict.fromkeys(self._matches(list(queries.values())))
        if len(identities) > _MAX_RECORDS:
            raise unusable(self._url, f"{len(identities)} vulnerabilities are more than are read")
        raws = [self._record(identity) for identity in identities]
        book = Osv(self.source, Listed(raws, is_whole=True))
        if problem := book.missing(ecosystem, ()):
            raise unusable(self._url, problem)
        return list(book.found(ecosystem, subjects))

    def _matches(self, queries: list[dict[str, object]]) -> Iterator[str]:
        for _ in range(_MAX_PAGES):
            further: list[dict[str, object]] = []
            for first in range(0, len(queries), _BATCH):
                batch = queries[first : first + _BATCH]
                for query, result in zip(batch, self._ask(batch), strict=True):
                    yield from (match.id for match in result.vulns or ())
                    if result.next_page_token:
                        further.append({**query, "page_token": result.next_page_token})
            queries = further
            if not queries:
                return
        raise unusable(self._url, "it has always one more page")

    def _ask(self, batch: list[dict[str, object]]) -> list[_Result]:
        url = f"{self._url}/querybatch"
        body = Body.of(msgspec.json.encode({"queries": batch}), "application/json")
        raw = _whole(self._client.post(url, body, limit=_MAX_ANSWER_BYTES))
        try:
            results = _ANSWER.decode(raw).results
        except (msgspec.DecodeError, UnicodeError, RecursionError) as problem:
            raise unusable(url, str(problem)) from None
        if len(results) != len(batch):
            raise unusable(url, f"{len(results)} results for {len(batch)} queries")
        return [result or _Result() for result in results]

    def _record(self, identity: str) -> bytes:
        if identity not in self._records:
            url = f"{self._url}/vulns/{quote(identity, safe='')}"
            self._records[identity] = _whole(self._client.get(url, limit=_MAX_ANSWER_BYTES))
        return self._records[identity]
