"""Advisories from files, from URLs, and from the services that publish them."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lightship.api.live_advisories import LivePlaces, fetched, live_books
from lightship.bases.advisories.advisory import Advisories
from lightship.bases.advisories.reading import read_book
from lightship.errors import LightshipError, UnreachableError
from lightship.net.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.api.options import ReadOptions
    from lightship.bases.advisories.advisory import Book

LIVE = "live"
_SUFFIXES = (".json", ".zip")
_MAX_FILES = 1000


def read_advisories(
    places: Iterable[str], options: ReadOptions, live: LivePlaces | None = None
) -> Advisories:
    """All the advisories that a user names; what cannot be used is a note, nothing is raised.

    Args:
        places: paths of files, of folders of such (`.json`, `.zip`), URLs; `live` for the services
            of Debian, Alpine and OSV, which are asked about the packages of an image once that is
            known: their names and versions are sent to OSV.
        options: how servers are reached.
        live: where the services are; None for the public ones.
    """
    books: list[Book] = []
    notes: list[str] = []
    client = Client(options.network, options.progress)
    for place in dict.fromkeys(places):
        if place == LIVE:
            books += live_books(client, live or LivePlaces())
            continue
        try:
            for one in _files(place):
                try:
                    books.append(_book(one, client))
                except LightshipError as problem:
                    notes.append(str(problem))
        except LightshipError as problem:
            notes.append(str(problem))
    return Advisories(tuple(books), tuple(notes))


def _is_url(place: str) -> bool:
    return place.startswith(("https://", "http://"))


def _files(place: str) -> Iterator[str]:
    """The file or URL itself, or a folder's files by name."""
    path = Path(place)
    if _is_url(place) or not path.is_dir():
        yield place
        return
    try:
        found = sorted(str(one) for one in path.iterdir() if one.suffix in _SUFFIXES)
    except OSError as problem:
        raise _unread(place, problem) from None
    if not found:
        raise UnreachableError(f"{place}: a folder without advisories (.json, .zip)")
    yield from found[:_MAX_FILES]


def _book(place: str, client: Client) -> Book:
    if _is_url(place):
        answer = fetched(client, place)
        return read_book(place, io.BytesIO(answer.data), answer.date)
    try:
        raw = _Quiet(place)
        date = datetime.fromtimestamp(os.fstat(raw.fileno()).st_mtime, UTC).date().isoformat()
        return read_book(place, io.BufferedReader(raw), date)
    except (OSError, OverflowError, ValueError) as problem:
        raise _unread(place, problem) from None


def _unread(place: str, problem: Exception) -> UnreachableError:
    why = problem.strerror if isinstance(problem, OSError) else None
    return UnreachableError(f"{place} cannot be read: {why or problem}")


class _Quiet(io.RawIOBase):
    """A file that is closed when it is forgotten: an archive is read as long as it is asked."""

    def __init__(self, path: str) -> None:
        self._descriptor: int | None = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)

    def fileno(self) -> int:
        if self._descriptor is None:
            raise ValueError("the file is closed")
        return self._descriptor

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, room: bytearray | memoryview) -> int:  # type: ignore[override]  # Buffer needs 3.12
        return os.readv(self.fileno(), [room])

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return os.lseek(self.fileno(), offset, whence)

    def close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)
        super().close()
