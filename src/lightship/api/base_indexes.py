"""Package indexes that a user names: files, or addresses of a repository's own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from lightship.bases.indexes.index import Indexes, IndexFile
from lightship.bases.indexes.reading import Elsewhere, read_index
from lightship.errors import LightshipError, UnreachableError, UsageError
from lightship.net.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.api.options import ReadOptions

_CHUNK_BYTES = 256 * 1024
_URL = re.compile(r"https?://", re.IGNORECASE)
_SYSTEM = re.compile(r"([a-z][a-z0-9_-]*(?: [0-9][0-9.]*)?)=(.+)\Z", re.DOTALL)
_REPODATA = "repodata"


def read_indexes(given: Sequence[str], options: ReadOptions) -> tuple[Indexes, tuple[str, ...]]:
    """Read what the user named; what cannot be read is told, and the rest works.

    Args:
        given: paths or http(s) addresses of an APKINDEX.tar.gz, Packages, Contents, primary.xml, or
            of a repodata folder's repomd.xml; before them, as `debian 13=PATH`, of what system they
            are where they do not tell themselves.
        options: whether there is a network, and how it is used.

    Returns:
        The indexes, and a line for each that could not be read.
    """
    found: list[IndexFile] = []
    problems: list[str] = []
    for one in dict.fromkeys(given):
        try:
            found.append(_read(one, options))
        except LightshipError as problem:
            problems.append(str(problem))
    return Indexes(tuple(found)), tuple(problems)


def _read(given: str, options: ReadOptions) -> IndexFile:
    match = _SYSTEM.match(given)
    system, place = (match[1], match[2]) if match else (None, given)
    try:
        return read_index(place, _chunks(place, options), system)
    except Elsewhere as where:
        place = _beside(place, where.place)
    try:
        return read_index(place, _chunks(place, options), system)
    except Elsewhere:
        raise UsageError(f"the package index {place} leads to another list of lists") from None


def _beside(repomd: str, place: str) -> str:
    """Where a list is that `repomd.xml` speaks of, by its place below the repository."""
    folder, slash, _ = repomd.rpartition("/")
    above, _, name = folder.rpartition("/")
    if name == _REPODATA:
        return f"{above}/{place}" if above or folder != name else place
    return folder + slash + place.rpartition("/")[2]


def _chunks(place: str, options: ReadOptions) -> Iterator[bytes]:
    if _URL.match(place):
        return _fetched(place, options)
    return _stored(Path(place))


def _stored(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise UnreachableError(f"the package index {path}: {reason}") from problem


def _fetched(url: str, options: ReadOptions) -> Iterator[bytes]:
    access = options.access()
    try:
        with (
            Client(access.network, access.progress, environment=access.environment) as client,
            client.open(url, expected_bytes=None) as body,
        ):
            while chunk := body.read(_CHUNK_BYTES):
                yield chunk
    except UnreachableError as problem:
        raise UnreachableError(f"the package index {url}: {problem.what}", problem.hint) from None
