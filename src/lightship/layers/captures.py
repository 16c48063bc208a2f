"""Captures: what readers want to know of files' contents, taken while a layer streams by.

So that a package database or an ELF header needs no second pass over the layer. A reader gives a
small extract of each file it asks for; the extracts are kept in the layer's index, and so in the
cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable

    Wanting = Callable[[bytes, bytes, bytes, int], tuple["CaptureRequest", ...]]
    """The requests that ask for a file of these first four bytes (fewer only if it has no more),
    this directory, this name and this many content bytes."""

_NO_FILE = 2**64
MAX_HEAD_BYTES = 64 * 1024 * 1024
"""More of one file no reader is given."""
MAX_EXTRACT_BYTES = 32 * 1024 * 1024
"""A longer extract is not kept."""
MAX_LAYER_EXTRACT_BYTES = 256 * 1024 * 1024
"""All extracts of one layer."""


class Content(Struct, frozen=True):
    """What a reader is given of a file.

    Attributes:
        head: the content's first bytes, all of it where there is no more.
        content_bytes: of the whole file.
        tail: the content's last bytes, where the reader asked for them and `head` is not all.
    """

    head: memoryview
    content_bytes: int
    tail: bytes = b""

    @property
    def is_whole(self) -> bool:
        """Whether `head` is the whole file."""
        return len(self.head) == self.content_bytes


def whole(content: Content) -> bytes | None:
    """The extract of who wants the file itself; None if not all of it was given."""
    return bytes(content.head) if content.is_whole else None


class CaptureRequest(Struct, frozen=True, kw_only=True):
    """What one reader wants. A regular file is read if any of the conditions holds.

    Attributes:
        name: of the reader, unique.
        version: raised when the conditions or the extract change, so that old indexes are read
            anew.
        basenames: last path components.
        paths: whole paths, relative to the root, without a leading slash.
        directories: every file directly in these (whole paths).
        parents: every file directly in a directory of such a name, such as `conda-meta`.
        suffixes: ends of last path components, from their last dot: `.gemspec`.
        magics: first four bytes of the content.
        at_least_bytes: every file of at least so many content bytes; None for no such condition.
        head_bytes: how much of the content the reader wants at most.
        tail_bytes: how much of its end, at most, of files longer than `head_bytes`.
        extract: makes the extract. It is called in several threads, with hostile content. None,
            and any exception of class `ValueError`, says that the file could not be read: then no
            extract is kept, and `Rarities.unreadable` has the reader's name and what the exception
            says.
    """

    name: str
    version: int
    basenames: frozenset[bytes] = field(default_factory=frozenset)
    paths: frozenset[bytes] = field(default_factory=frozenset)
    directories: frozenset[bytes] = field(default_factory=frozenset)
    parents: frozenset[bytes] = field(default_factory=frozenset)
    suffixes: frozenset[bytes] = field(default_factory=frozenset)
    magics: frozenset[bytes] = field(default_factory=frozenset)
    at_least_bytes: int | None = None
    head_bytes: int = MAX_HEAD_BYTES
    tail_bytes: int = 0
    extract: Callable[[Content], bytes | None] = whole


class Captures:
    """All requests together, as the scanner asks them.

    Nothing more is kept once a layer's extracts reach `MAX_LAYER_EXTRACT_BYTES`;
    `LayerIndex.captures_complete` then says so.
    """

    def __init__(self, requests: tuple[CaptureRequest, ...] = ()) -> None:
        self.requests = tuple(sorted(requests, key=lambda request: request.name))
        self._basenames = self._by("basenames")
        self._directories = self._by("directories")
        self._parents = self._by("parents")
        self._paths = self._by("paths")
        self._suffixes = self._by("suffixes")
        self._magics = self._by("magics")
        self._large = [
            (request.at_least_bytes, number)
            for number, request in enumerate(self.requests)
            if request.at_least_bytes is not None
        ]

    def _by(self, condition: str) -> dict[bytes, tuple[int, ...]]:
        """Numbers of the requests that have each value of a condition."""
        numbers: dict[bytes, tuple[int, ...]] = {}
        for number, request in enumerate(self.requests):
            for value in getattr(request, condition):
                numbers[value] = (*numbers.get(value, ()), number)
        return numbers

    def question(self) -> Wanting:
        """A function that says who asks for a file; one a layer, since it remembers directories.

        It is called for every file: what nobody asks for is told apart by a few look-ups,
        however many requests there are.
        """
        magics, suffixes = frozenset(self._magics), frozenset(self._suffixes)
        names = frozenset(self._basenames) | {path.rpartition(b"/")[2] for path in self._paths}
        least = min((at_least_bytes for at_least_bytes, _ in self._large), default=_NO_FILE)
        asked: dict[bytes, bool] = {}

        def wanting(
            head: bytes, directory: bytes, basename: bytes, content_bytes: int
        ) -> tuple[CaptureRequest, ...]:
            whole_directory = asked.get(directory)
            if whole_directory is None:
                whole_directory = asked[directory] = bool(self._of_directory(directory))
            if (
                whole_directory
                or basename in names
                or head in magics
                or content_bytes >= least
                or ((dot := basename.rfind(b".")) >= 0 and basename[dot:] in suffixes)
            ):
                return self._wanting(head, directory, basename, content_bytes)
            return ()

        return wanting

    def _of_directory(self, directory: bytes) -> tuple[int, ...]:
        """Numbers of the requests that ask for every file of a directory."""
        parent = directory.rpartition(b"/")[2]
        return self._directories.get(directory, ()) + self._parents.get(parent, ())

    def _wanting(
        self, head: bytes, directory: bytes, basename: bytes, content_bytes: int
    ) -> tuple[CaptureRequest, ...]:
        path = directory + b"/" + basename if directory else basename
        dot = basename.rfind(b".")
        suffix = basename[dot:] if dot >= 0 else b""
        found = {
            *self._basenames.get(basename, ()),
            *self._magics.get(head, ()),
            *self._paths.get(path, ()),
            *(self._suffixes.get(suffix, ()) if suffix else ()),
            *self._of_directory(directory),
            *(number for least, number in self._large if content_bytes >= least),
        }
        return tuple(self.requests[number] for number in sorted(found))

    @property
    def fingerprint(self) -> str:
        """Names and versions of the requests: part of an index's key in the cache."""
        return ",".join(f"{request.name}={request.version}" for request in self.requests)


NO_CAPTURES = Captures()
