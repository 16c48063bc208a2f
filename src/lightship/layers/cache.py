"""The cache of layer indexes.

An index is stored only under the diff ID computed from the bytes. A second kind of record says
which local bytes were read and verified before, so that unchanged ones need not be read again.
Several processes may use one cache: files are written aside and renamed, and one that is damaged,
of another version or gone counts as absent.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from threading import get_ident
from typing import TYPE_CHECKING, Self

import msgspec
import xxhash
from msgspec import Struct

from lightship.errors import UsageError
from lightship.layers.index import HASH_BYTES
from lightship.layers.scan import Codec, LayerScan, WireSize
from lightship.layers.stored import FORMAT_VERSION, from_bytes, to_bytes
from lightship.model.digest import Digest
from lightship.model.image import ServedBlob

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lightship.layers.captures import Captures
    from lightship.layers.index import LayerIndex
    from lightship.model.image import Identity

DEFAULT_MAX_BYTES = 2_000_000_000
# A file changed less than this before it was read could change again within its clock's tick.
_SETTLED_NS = 2_000_000_000
_NEW_FILE = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
# Left behind by a process that was killed while it wrote.
_ABANDONED_SECONDS = 3600


class CachePlace(Struct, frozen=True):
    """Where the cache is, and how large it may become.

    Attributes:
        chosen: somebody named the directory, and is told if it cannot be trusted. The default one
            is then simply not used: the answer is right without.
    """

    directory: Path
    max_bytes: int = DEFAULT_MAX_BYTES
    chosen: bool = True

    @classmethod
    def default(cls) -> Self:
        """The user's own cache directory, as the platform has it."""
        from platformdirs import user_cache_path  # noqa: PLC0415 - the command line brings its own

        return cls(user_cache_path("lightship"), chosen=False)


class CacheInfo(Struct, frozen=True):
    """What the cache holds; `stored_bytes` on disk."""

    path: str
    entries: int
    stored_bytes: int
    limit_bytes: int


class _Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What reading some local bytes gave."""

    digest: str
    diff_id: str
    stored_bytes: int
    codec: str
    wire_bytes: int
    wire_error_bytes: int
    wire_estimated: bool


class Cache:
    """Indexes by diff ID. No method fails for what the cache holds or cannot hold."""

    def __init__(self, place: CachePlace) -> None:
        self._place = place
        self._home = place.directory / f"v{FORMAT_VERSION}"
        try:
            self._usable = _private(place.directory) and _private(self._home)
        except UsageError:
            if place.chosen:
                raise
            self._usable = False

    # Indexes.

    def index(self, diff_id: Digest, captures: Captures) -> LayerIndex | None:
        """The index stored under a diff ID that was made with these captures."""
        path = self._index_path(diff_id, captures)
        data = self._read(path)
        if data is None:
            return None
        try:
            index = from_bytes(data)
        except ValueError:
            _remove(path)
            return None
        _touch(path)
        return index

    def store(self, diff_id: Digest, index: LayerIndex, captures: Captures) -> None:
        """Keep an index under the diff ID computed from the layer's bytes."""
        self._write(self._index_path(diff_id, captures), to_bytes(index))

    # Bytes that were verified before.

    def scan(
        self, identity: Identity, captures: Captures, *, plain_is_wire: bool
    ) -> LayerScan | None:
        """What reading these very bytes gave before, if the index is still there.

        `plain_is_wire` tells the two meanings of a plain blob's wire size apart.
        """
        path = self._seen_path(identity, plain_is_wire=plain_is_wire)
        data = self._read(path)
        if data is None:
            return None
        try:
            seen = msgspec.json.decode(_unsealed(data), type=_Seen)
            digest, diff_id = Digest(seen.digest), Digest(seen.diff_id)
            codec = Codec(seen.codec)
        except ValueError:
            _remove(path)
            return None
        index = self.index(diff_id, captures)
        if index is None:
            return None
        _touch(path)
        wire = WireSize(seen.wire_bytes, seen.wire_error_bytes, seen.wire_estimated)
        return LayerScan(
            digest=digest,
            diff_id=diff_id,
            stored_bytes=seen.stored_bytes,
            codec=codec,
            wire=wire,
            index=index,
            verified="cached",
        )

    def remember(
        self, identity: Identity, scan: LayerScan, read_since_ns: int, *, plain_is_wire: bool
    ) -> None:
        """Keep what reading gave, if it is sure to be what `identity` stands for.

        A file may have changed too lately to be told from a change, and a server may have sent
        something else than what it was asked for.
        """
        if isinstance(identity, ServedBlob):
            if identity.digest != scan.digest:
                return
        elif max(identity.ctime_ns, identity.mtime_ns) > read_since_ns - _SETTLED_NS:
            return
        seen = _Seen(
            digest=str(scan.digest),
            diff_id=str(scan.diff_id),
            stored_bytes=scan.stored_bytes,
            codec=scan.codec.value,
            wire_bytes=scan.wire.wire_bytes,
            wire_error_bytes=scan.wire.error_bytes,
            wire_estimated=scan.wire.estimated,
        )
        path = self._seen_path(identity, plain_is_wire=plain_is_wire)
        self._write(path, _sealed(msgspec.json.encode(seen)))

    # The whole.

    def info(self) -> CacheInfo:
        """What is there."""
        files = list(self._files())
        return CacheInfo(
            path=str(self._place.directory),
            entries=sum(path.suffix == ".index" for path, _ in files),
            stored_bytes=sum(stat.st_size for _, stat in files),
            limit_bytes=self._place.max_bytes,
        )

    def prune(self, max_bytes: int | None = None) -> None:
        """Remove what was not used for longest until no more than `max_bytes` are left."""
        limit = self._place.max_bytes if max_bytes is None else max_bytes
        files = sorted(self._files(), key=lambda item: item[1].st_mtime_ns)
        total = sum(stat.st_size for _, stat in files)
        now = time.time()
        for path, stat in files:
            abandoned = path.suffix == ".part" and now - stat.st_mtime > _ABANDONED_SECONDS
            if total > limit or abandoned:
                _remove(path)
                total -= stat.st_size

    def clear(self) -> None:
        """Remove everything, other versions' too."""
        self.prune(-1)

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        if not self._usable:
            return
        for path in self._place.directory.glob("v*/*"):
            if path.suffix in (".index", ".seen", ".part"):
                with contextlib.suppress(OSError):
                    yield path, path.lstat()

    # Files.

    def _index_path(self, diff_id: Digest, captures: Captures) -> Path:
        kept = f"-{_short_hash(captures.fingerprint)}" if captures.fingerprint else ""
        return self._home / f"{diff_id.algorithm}-{diff_id.hex}{kept}.index"

    def _seen_path(self, identity: Identity, *, plain_is_wire: bool) -> Path:
        return self._home / f"{_short_hash(f'{identity} {plain_is_wire}')}.seen"

    def _read(self, path: Path) -> bytes | None:
        if not self._usable:
            return None
        try:
            return path.read_bytes()
        except OSError:
            return None

    def _write(self, path: Path, data: bytes) -> None:
        if not self._usable or len(data) > self._place.max_bytes:
            return
        part = self._home / f"{path.stem}-{os.getpid()}-{get_ident()}.part"
        try:
            with os.fdopen(os.open(part, _NEW_FILE, 0o600), "wb") as file:
                file.write(data)
            part.replace(path)
        except OSError:  # a full disk is no reason to fail: the answer is right without a cache
            _remove(part)


def _sealed(data: bytes) -> bytes:
    return xxhash.xxh3_128_digest(data) + data


def _unsealed(data: bytes) -> bytes:
    """What was sealed.

    Raises:
        ValueError: it was damaged.
    """
    checksum, content = data[:HASH_BYTES], data[HASH_BYTES:]
    if xxhash.xxh3_128_digest(content) != checksum:
        raise ValueError("damaged")
    return content


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _touch(path: Path) -> None:
    """A use: what was not used for longest goes first."""
    with contextlib.suppress(OSError):
        os.utime(path)


def _private(directory: Path) -> bool:
    """Make a directory that is ours alone; False where it cannot be used.

    Raises:
        UsageError: it is there and belongs to somebody else, or others may write to it.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        stat = directory.stat()
    except OSError:
        return False
    if stat.st_uid != os.geteuid() or stat.st_mode & 0o022:
        raise UsageError(
            f"the cache directory {str(directory)!r} is not yours alone",
            "Who can write there could forge results; chmod 700 it, or name another: --cache-dir.",
        )
    return True


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
