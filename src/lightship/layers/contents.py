"""Contents of regular files while they stream by: hashed, captured, or passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xxhash

from lightship.layers.captures import MAX_CAPTURED_FILE_BYTES, MAX_CAPTURED_LAYER_BYTES, Captures
from lightship.layers.headers import BLOCK
from lightship.layers.sparse import check_map, old_gnu_map, pax_map_in_content, pax_map_in_records

if TYPE_CHECKING:
    from lightship.layers.extensions import Extensions
    from lightship.layers.index import Rarities
    from lightship.layers.sparse import Stretch
    from lightship.layers.window import Sink, Window

_HOLE = memoryview(bytes(1024 * 1024))


class _Collector:
    """A capture that spans pieces of the stream."""

    def __init__(self) -> None:
        self.data = bytearray()

    def update(self, data: memoryview, /) -> None:
        self.data += data


class Contents:
    """Reads the contents that the scanner's fast path leaves alone."""

    def __init__(self, window: Window, captures: Captures, rarities: Rarities) -> None:
        self._window = window
        self._captures = captures
        self._rarities = rarities
        self._captured_bytes = 0
        self.capturing = bool(captures.requests)
        self.captures_complete = True

    def pass_over(self, count: int, what: str) -> None:
        """Skip content that counts for nothing."""
        self._window.feed(count, (), what)
        self._window.skip_padding(count)

    def wanted(self, head: bytes, directory: bytes, basename: bytes) -> bool:
        """Whether a reader asked for a file at this place or with these first four bytes."""
        return head in self._captures.magics or self._captures.wants(directory, basename)

    def hash(self, entry: int, directory: bytes, basename: bytes, count: int, what: str) -> bytes:
        """A plain file's xxh3-128; the content is kept if a reader asked for it."""
        state = xxhash.xxh3_128()
        collector = self._collector(self._window.peek(min(count, 4)), directory, basename, count)
        self._window.feed(count, _sinks(state, collector), what)
        self._window.skip_padding(count)
        self._keep(entry, collector)
        return state.digest()

    def _collector(
        self, head: bytes, directory: bytes, basename: bytes, count: int
    ) -> _Collector | None:
        """What takes a content that a reader asked for, if it is not too large."""
        if not self.capturing or not self.wanted(head, directory, basename):
            return None
        if not self._affords(count):
            self.captures_complete = False
            return None
        self._captured_bytes += count
        return _Collector()

    def _keep(self, entry: int, collector: _Collector | None) -> None:
        if collector is not None:
            self._rarities.captures[entry] = bytes(collector.data)

    def _affords(self, count: int) -> bool:
        total = self._captured_bytes + count
        return count <= MAX_CAPTURED_FILE_BYTES and total <= MAX_CAPTURED_LAYER_BYTES

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
