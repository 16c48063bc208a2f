"""The cache of layer indexes.

An index is stored only under the diff ID computed from the bytes. A second kind of record says
which local bytes were read and verified before, so that unchanged ones need not be read again.
Several processes may use one cache: files are written aside and renamed, and one that is damaged,
of another version or gone counts as absent.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from typing import TYPE_CHECKING, Self

import msgspec
from msgspec import Struct

from lightship.layers.private_folder import PrivateFolder, remove, sealed, unsealed
from lightship.layers.scan import Codec, LayerScan, WireSize
from lightship.layers.stored import FORMAT_VERSION, from_bytes, to_bytes
from lightship.layers.wire_map import map_from_bytes, map_to_bytes
from lightship.model.digest import Digest
from lightship.model.image import ServedBlob

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from pathlib import Path

    from lightship.layers.captures import Captures
    from lightship.layers.index import LayerIndex
    from lightship.layers.scan import WireMap
    from lightship.model.image import Identity

DEFAULT_MAX_BYTES = 2_000_000_000
# A file changed less than this before it was read could change again within its clock's tick.
_SETTLED_NS = 2_000_000_000
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

    def folder(self) -> PrivateFolder:
        """Where this version keeps its files.

        Raises:
            UsageError: the directory was named, and others could forge what is in it.
        """
        name = f"v{FORMAT_VERSION}"
        return PrivateFolder(self.directory, name, max_bytes=self.max_bytes, chosen=self.chosen)


class CacheInfo(Struct, frozen=True):
    """What the cache holds; `stored_bytes` on disk."""

    path: str
    entries: int
    stored_bytes: int
    limit_bytes: int


class _Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What reading some bytes gave, and with which captures."""

    digest: str
    diff_id: str
    stored_bytes: int
    codec: str
    wire_bytes: int
    wire_error_bytes: int
    wire_estimated: bool
    captures: str


class Cache:
    """Indexes by diff ID. No method fails for what the cache holds or cannot hold."""

    def __init__(self, place: CachePlace) -> None:
        self._place = place
        self._folder = place.folder()

    # Indexes.

    def index(self, diff_id: Digest, captures: Captures) -> LayerIndex | None:
        """The index stored under a diff ID that was made with these captures."""
        return self._index(_index_name(diff_id, captures.fingerprint))

    def _index(self, name: str) -> LayerIndex | None:
        data = self._folder.read(name)
        if data is None:
            return None
        try:
            index = from_bytes(data)
        except ValueError:
            self._folder.remove(name)
            return None
        self._folder.touch(name)
        return index

    def store(self, diff_id: Digest, index: LayerIndex, captures: Captures) -> None:
        """Keep an index under the diff ID computed from the layer's bytes."""
        self._folder.write(_index_name(diff_id, captures.fingerprint), to_bytes(index))

    # Bytes that were verified before.

    def scan(
        self, identity: Identity, captures: Captures, *, plain_is_wire: bool
    ) -> LayerScan | None:
        """What reading these very bytes gave before, if the index is still there.

        Who wants no captures takes any index that these bytes gave. `plain_is_wire` tells the two
        meanings of a plain blob's wire size apart.
        """
        name = _seen_name(identity, plain_is_wire=plain_is_wire)
        data = self._folder.read(name)
        if data is None:
            return None
        try:
            seen = msgspec.json.decode(unsealed(data), type=_Seen)
            digest, diff_id = Digest(seen.digest), Digest(seen.diff_id)
            codec = Codec(seen.codec)
        except ValueError:
            self._folder.remove(name)
            return None
        index = self.index(diff_id, captures)
        if index is None and not captures.requests:
            index = self._index(_index_name(diff_id, seen.captures))
        if index is None:
            return None
        wire_map = self._wire_map(digest, index.tar_bytes, seen.wire_bytes)
        if wire_map is None:
            return None
        self._folder.touch(name)
        wire = WireSize(seen.wire_bytes, seen.wire_error_bytes, seen.wire_estimated)
        return LayerScan(
            digest=digest,
            diff_id=diff_id,
            stored_bytes=seen.stored_bytes,
            codec=codec,
            wire=wire,
            index=index,
            verified="cached",
            wire_map=wire_map,
        )

    def _wire_map(self, digest: Digest, tar_bytes: int, wire_bytes: int) -> WireMap | None:
        """The map of a blob that has so many wire bytes."""
        name = _map_name(digest, wire_bytes)
        data = self._folder.read(name)
        if data is None:
            return None
        try:
            wire_map = map_from_bytes(unsealed(data), tar_bytes=tar_bytes, wire_bytes=wire_bytes)
        except ValueError:
            self._folder.remove(name)
            return None
        self._folder.touch(name)
        return wire_map

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
            captures=scan.index.captures_fingerprint,
        )
        map_name = _map_name(scan.digest, scan.wire.wire_bytes)
        self._folder.write(map_name, sealed(map_to_bytes(scan.wire_map)))
        name = _seen_name(identity, plain_is_wire=plain_is_wire)
        self._folder.write(name, sealed(msgspec.json.encode(seen)))

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
                remove(path)
                total -= stat.st_size

    def clear(self) -> None:
        """Remove everything, other versions' too."""
        self.prune(-1)

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        if not self._folder.usable:
            return
        for path in self._place.directory.glob("v*/*"):
            if path.suffix in (".index", ".seen", ".map", ".part"):
                with contextlib.suppress(OSError):
                    yield path, path.lstat()


def _index_name(diff_id: Digest, fingerprint: str) -> str:
    kept = f"-{_short_hash(fingerprint)}" if fingerprint else ""
    return f"{diff_id.algorithm}-{diff_id.hex}{kept}.index"


def _seen_name(identity: Identity, *, plain_is_wire: bool) -> str:
    return f"{_short_hash(f'{identity} {plain_is_wire}')}.seen"


def _map_name(digest: Digest, wire_bytes: int) -> str:
    """Of the blob and its size: of a plain one there may be an estimate and the truth."""
    return f"{_short_hash(f'{digest} {wire_bytes}')}.map"


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
