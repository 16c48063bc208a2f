"""Contents of regular files while they stream by: hashed, captured, or passed over."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import xxhash

from lightship.layers.captures import (
    MAX_EXTRACT_BYTES,
    MAX_HEAD_BYTES,
    MAX_LAYER_EXTRACT_BYTES,
    CaptureRequest,
    Captures,
    Content,
)
from lightship.layers.headers import BLOCK
from lightship.layers.sparse import check_map, old_gnu_map, pax_map_in_content, pax_map_in_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.layers.extensions import Extensions
    from lightship.layers.index import Rarities
    from lightship.layers.sparse import Stretch
    from lightship.layers.window import Sink, Window

_MAX_REASON = 300
_HOLE = memoryview(bytes(1024 * 1024))


class _Collector:
    """A capture that spans pieces of the stream: the content's head, and its tail.

    `room` is where the head goes. It is used again for the next content: fresh memory for each
    would cost more than all the copying.
    """

    def __init__(
        self,
        requests: tuple[CaptureRequest, ...],
        content_bytes: int,
        head_bytes: int,
        room: bytearray,
    ) -> None:
        self._head_bytes = head_bytes
        # Only of what is longer than its head is there a tail to keep, and only its end is copied.
        self._tail_at = content_bytes - max(request.tail_bytes for request in requests)
        self._position = 0
        self._room = room
        self.tail = bytearray()

    def update(self, data: memoryview, /) -> None:
        start, self._position = self._position, self._position + len(data)
        if start < self._head_bytes:
            piece = data[: self._head_bytes - start]
            self._room[start : start + len(piece)] = piece
        if self._position > self._tail_at:
            self.tail += data[max(0, self._tail_at - start) :]

    @property
    def head(self) -> memoryview:
        return memoryview(self._room)[: self._head_bytes].toreadonly()


class Contents:
    """Reads the contents that the scanner's fast path leaves alone."""

    def __init__(
        self,
        window: Window,
        captures: Captures,
        rarities: Rarities,
        sha256s: bytearray | None = None,
    ) -> None:
        self._sha256s = sha256s
        self._window = window
        self._rarities = rarities
        self._extracted_bytes = 0
        self._room = bytearray()
        self.capturing = bool(captures.requests)
        self.wanting = captures.question()
        self.captures_complete = True

    def pass_over(self, count: int, what: str) -> None:
        """Skip content that counts for nothing."""
        self._window.feed(count, (), what)
        self._window.skip_padding(count)

    def hash(self, entry: int, directory: bytes, basename: bytes, count: int, what: str) -> bytes:
        """A plain file's xxh3-128; what readers make of it is kept."""
        requests: tuple[CaptureRequest, ...] = ()
        if self.capturing:
            head = self._window.peek(min(count, 4))
            requests = self.wanting(head, directory, basename, count)
        state = xxhash.xxh3_128()
        collector = self._collector(requests, count)
        with self._fingerprint(count) as proof:
            self._window.feed(count, (*proof, *_sinks(state, collector)), what)
        self._window.skip_padding(count)
        if collector is not None:
            self.extract(entry, requests, collector.head, count, collector.tail)
        return state.digest()

    @contextmanager
    def _fingerprint(self, content_bytes: int) -> Iterator[tuple[Sink, ...]]:
        """What takes a content's SHA-256 where it is asked for."""
        if self._sha256s is None or not content_bytes:
            yield ()
            return
        state = hashlib.sha256()
        yield (state,)
        self._sha256s += state.digest()

    def _collector(
        self, requests: tuple[CaptureRequest, ...], content_bytes: int
    ) -> _Collector | None:
        """What takes a content that readers asked for."""
        if not requests:
            return None
        asked = max(request.head_bytes for request in requests)
        head_bytes = min(content_bytes, asked, MAX_HEAD_BYTES)
        if len(self._room) < head_bytes:
            self._room = bytearray(head_bytes)  # it cannot grow: a reader may still look at it
        return _Collector(requests, content_bytes, head_bytes, self._room)

    def extract(
        self,
        entry: int,
        requests: tuple[CaptureRequest, ...],
        head: memoryview,
        content_bytes: int,
        tail: bytearray | memoryview | None = None,
    ) -> None:
        """Keep what readers make of a content.

        Args:
            entry: number of the record.
            requests: who asked for it.
            head: at least as much as any of them asked for.
            content_bytes: of the whole.
            tail: the same of the content's end; None if the head is the whole.
        """
        last = head if tail is None else tail
        for request in requests:
            asked = min(request.head_bytes, MAX_HEAD_BYTES)
            end = b""
            if request.tail_bytes and content_bytes > asked:
                end = bytes(last[-request.tail_bytes :])
            content = Content(head[:asked], content_bytes, end)
            try:
                extract = request.extract(content)
            except ValueError as problem:
                self._note(entry, request, str(problem))
                continue
            except RecursionError:
                self._note(entry, request, "nested too deeply")
                continue
            if extract is not None:
                self._keep(entry, request, extract)
            elif content.is_whole:
                self._note(entry, request, "nothing could be read from it")
            else:
                self._note(entry, request, f"{content_bytes} bytes are more than is read")

    def _keep(self, entry: int, request: CaptureRequest, extract: bytes) -> None:
        total = self._extracted_bytes + len(extract)
        if len(extract) > MAX_EXTRACT_BYTES or total > MAX_LAYER_EXTRACT_BYTES:
            self.captures_complete = False
            self._note(entry, request, "too large to be kept")
            return
        self._extracted_bytes = total
        self._rarities.captures.setdefault(entry, {})[request.name] = extract

    def _note(self, entry: int, request: CaptureRequest, reason: str) -> None:
        """Say why there is no extract; a reason may quote what is no valid text."""
        text = reason[:_MAX_REASON].encode("utf-8", "replace").decode()
        self._rarities.unreadable.setdefault(entry, {})[request.name] = text

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
        real_bytes, stretches, map_bytes, stored = self.map(block, size, extensions)
        check_map(stretches, real_bytes, stored)
        self._window.spend(max(0, real_bytes - stored))
        state = xxhash.xxh3_128()
        requests = self.wanting(b"", *where, real_bytes)
        collector = self._collector(requests, real_bytes)
        with self._fingerprint(real_bytes) as proof:
            sinks = (*proof, *_sinks(state, collector))
            position = 0
            for offset, length in stretches:
                _feed_hole(sinks, offset - position)
                self._window.feed(length, sinks, what)
                position = offset + length
            _feed_hole(sinks, real_bytes - position)
        self._window.skip_padding(stored)
        if collector is not None:
            self.extract(entry, requests, collector.head, real_bytes, collector.tail)
        return state.digest(), real_bytes, stored, map_bytes

    def map(
        self, block: bytes, size: int, extensions: Extensions | None
    ) -> tuple[int, list[Stretch], int, int]:
        """Real size, stretches, bytes of the map before the content, and content bytes stored."""
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
