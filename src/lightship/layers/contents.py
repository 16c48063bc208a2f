"""Contents of regular files while they stream by: hashed, captured, or passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xxhash

from lightship.layers.captures import (
    MAX_EXTRACT_BYTES,
    MAX_LAYER_EXTRACT_BYTES,
    CaptureRequest,
    Captures,
    Content,
)
from lightship.layers.headers import BLOCK
from lightship.layers.sparse import check_map, old_gnu_map, pax_map_in_content, pax_map_in_records

if TYPE_CHECKING:
    from lightship.layers.extensions import Extensions
    from lightship.layers.index import Rarities
    from lightship.layers.sparse import Stretch
    from lightship.layers.window import Sink, Window

_HOLE = memoryview(bytes(1024 * 1024))


class _Collector:
    """A capture that spans pieces of the stream: the content's head, and its tail."""

    def __init__(self, requests: tuple[CaptureRequest, ...], content_bytes: int) -> None:
        self.requests = requests
        self.content_bytes = content_bytes
        self._head_bytes = max(request.head_bytes for request in requests)
        self._tail_bytes = max(request.tail_bytes for request in requests)
        self._head = bytearray()
        self._tail = bytearray()

    def update(self, data: memoryview, /) -> None:
        room = self._head_bytes - len(self._head)
        if room > 0:
            self._head += data[:room]
        if self._tail_bytes:
            self._tail += data[-self._tail_bytes :]
            del self._tail[: max(0, len(self._tail) - self._tail_bytes)]

    def content_for(self, request: CaptureRequest) -> Content:
        head = memoryview(self._head)[: request.head_bytes]
        tail = b""
        if request.tail_bytes and len(head) < self.content_bytes:
            tail = bytes(self._tail[-request.tail_bytes :])
        return Content(head, self.content_bytes, tail)


class Contents:
    """Reads the contents that the scanner's fast path leaves alone."""

    def __init__(self, window: Window, captures: Captures, rarities: Rarities) -> None:
        self._window = window
        self._captures = captures
        self._rarities = rarities
        self._extracted_bytes = 0
        self.capturing = bool(captures.requests)
        self.captures_complete = True

    def pass_over(self, count: int, what: str) -> None:
        """Skip content that counts for nothing."""
        self._window.feed(count, (), what)
        self._window.skip_padding(count)

    def wanted(self, head: bytes, directory: bytes, basename: bytes, count: int) -> bool:
        """Whether a reader asked for a file at this place, of these first bytes and this size."""
        return bool(self._captures.wanting(head, directory, basename, count))

    def hash(self, entry: int, directory: bytes, basename: bytes, count: int, what: str) -> bytes:
        """A plain file's xxh3-128; what readers make of it is kept."""
        state = xxhash.xxh3_128()
        collector = self._collector(self._window.peek(min(count, 4)), directory, basename, count)
        self._window.feed(count, _sinks(state, collector), what)
        self._window.skip_padding(count)
        self._keep(entry, collector)
        return state.digest()

    def _collector(
        self, head: bytes, directory: bytes, basename: bytes, count: int
    ) -> _Collector | None:
        """What takes a content that readers asked for."""
        if not self.capturing:
            return None
        requests = self._captures.wanting(head, directory, basename, count)
        return _Collector(requests, count) if requests else None

    def _keep(self, entry: int, collector: _Collector | None) -> None:
        for request in collector.requests if collector is not None else ():
            assert collector is not None  # noqa: S101 - the loop is empty without
            try:
                extract = request.extract(collector.content_for(request))
            except ValueError as problem:
                extract, reason = None, str(problem)
            else:
                reason = f"{collector.content_bytes} bytes are more than is read"
            if extract is not None and not self._affords(len(extract)):
                self.captures_complete = False
                extract, reason = None, "too large to be kept"
            if extract is None:
                self._rarities.unreadable.setdefault(entry, {})[request.name] = reason
                continue
            self._extracted_bytes += len(extract)
            self._rarities.captures.setdefault(entry, {})[request.name] = extract

    def _affords(self, count: int) -> bool:
        total = self._extracted_bytes + count
        return count <= MAX_EXTRACT_BYTES and total <= MAX_LAYER_EXTRACT_BYTES

    def hash_sparse(
        self,
        entry: int,
        block: bytes,
        size: int,
        extensions: Extensions | None,
        *,
        where: tuple[bytes, bytes],
        what: str,
    ) -> tuple[bytes, int, int, int]:
        """Read a sparse file: its hash as if it were plain, its real size and what the tar stores.

        It is captured by its place alone: its first bytes may be a hole.

        Returns:
            xxh3-128, real size, stored content bytes, bytes of the map in front of the content.
        """
        real_bytes, stretches, map_bytes, stored = self._map(block, size, extensions)
        check_map(stretches, real_bytes, stored)
        self._window.spend(max(0, real_bytes - stored))
        state = xxhash.xxh3_128()
        collector = self._collector(b"", *where, real_bytes)
        sinks = _sinks(state, collector)
        position = 0
        for offset, length in stretches:
            _feed_hole(sinks, offset - position)
            self._window.feed(length, sinks, what)
            position = offset + length
        _feed_hole(sinks, real_bytes - position)
        self._window.skip_padding(stored)
        self._keep(entry, collector)
        return state.digest(), real_bytes, stored, map_bytes

    def _map(
        self, block: bytes, size: int, extensions: Extensions | None
    ) -> tuple[int, list[Stretch], int, int]:
        version = extensions.sparse_version if extensions else None
        if extensions is None or version is None:
            blocks = 0

            def next_block() -> bytes:
                nonlocal blocks
                blocks += 1
                return self._window.take(BLOCK, "a sparse file's map")

            real_bytes, stretches = old_gnu_map(block, next_block)
            return real_bytes, stretches, blocks * BLOCK, size
        real_bytes = extensions.sparse_bytes(size)
        if version == 0:
            return real_bytes, pax_map_in_records(extensions.pax), 0, size
        map_bytes, stretches = pax_map_in_content(
            lambda: self._window.take(BLOCK, "a sparse file's map")
        )
        return real_bytes, stretches, map_bytes, size - map_bytes


def _sinks(state: xxhash.xxh3_128, collector: _Collector | None) -> tuple[Sink, ...]:
    return (state, collector) if collector is not None else (state,)


def _feed_hole(sinks: tuple[Sink, ...], count: int) -> None:
    while count > 0:
        piece = _HOLE[: min(count, len(_HOLE))]
        for sink in sinks:
            sink.update(piece)
        count -= len(piece)
