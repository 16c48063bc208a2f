"""Captures: contents of small files that readers ask for while a layer streams by.

So that a package database or an ELF header needs no second pass over the layer.
"""

from __future__ import annotations

from msgspec import Struct, field

MAX_CAPTURED_FILE_BYTES = 16 * 1024 * 1024
MAX_CAPTURED_LAYER_BYTES = 256 * 1024 * 1024


class CaptureRequest(Struct, frozen=True, kw_only=True):
    """What one reader wants kept. A file is captured if any of the conditions holds.

    Attributes:
        name: of the reader, unique.
        version: raised when the conditions change, so that old indexes are read anew.
        basenames: last path components.
        paths: whole paths, relative to the root, without a leading slash.
        directories: every file directly in these.
        magics: first four bytes of the content.
    """

    name: str
    version: int
    basenames: frozenset[bytes] = field(default_factory=frozenset)
    paths: frozenset[bytes] = field(default_factory=frozenset)
    directories: frozenset[bytes] = field(default_factory=frozenset)
    magics: frozenset[bytes] = field(default_factory=frozenset)


class Captures:
    """All requests together, as the scanner asks them.

    Files above `MAX_CAPTURED_FILE_BYTES` are not captured, and nothing more is once a layer's
    captures reach `MAX_CAPTURED_LAYER_BYTES`; `LayerIndex.captures_complete` then says so.
    """

    def __init__(self, requests: tuple[CaptureRequest, ...] = ()) -> None:
        self.requests = tuple(sorted(requests, key=lambda request: request.name))
        self.magics = frozenset().union(*(request.magics for request in requests))
        self._basenames = frozenset().union(*(request.basenames for request in requests))
        self._paths = frozenset().union(*(request.paths for request in requests))
        self._directories = frozenset().union(*(request.directories for request in requests))

    @property
    def fingerprint(self) -> str:
        """Names and versions of the requests: part of an index's key in the cache."""
        return ",".join(f"{request.name}={request.version}" for request in self.requests)

    def wants(self, directory: bytes, basename: bytes) -> bool:
        """Whether a file at this place is asked for."""
        path = directory + b"/" + basename if directory else basename
        return basename in self._basenames or directory in self._directories or path in self._paths


NO_CAPTURES = Captures()
