"""All layers of an image: read in parallel, verified against what the image claims, cached."""

from __future__ import annotations

import time
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, NoReturn

from msgspec.structs import replace

from lightship.errors import CorruptInputError, UnreachableError
from lightship.layers.reading import Reading, read_layer
from lightship.layers.scan import AlreadyRead, Codec, LayerScan, WireSize
from lightship.layers.wire_map import even_map
from lightship.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from lightship.layers.cache import Cache
    from lightship.model.image import Image, Layer


def index_layers(
    image: Image, reading: Reading, *, cache: Cache | None, jobs: int, trust_cache: bool = True
) -> list[LayerScan]:
    """Read every layer of an image, each distinct blob once, the largest first.

    Args:
        image: opened by a transport.
        reading: how.
        cache: where indexes are kept; None neither reads nor writes one.
        jobs: layers read at the same time; each keeps up to two cores busy.
        trust_cache: whether bytes verified before may be left unread if they did not change.

    Returns:
        One scan a position, oldest first.

    Raises:
        CorruptInputError: a layer is damaged, over a limit, or not what the image says it is.
    """
    keys = [_key(layer) for layer in image.layers]  # once: a file may change meanwhile
    distinct: dict[Hashable, Layer] = {}
    for key, layer in zip(keys, image.layers, strict=True):
        distinct.setdefault(key, layer)
    source = _Source(reading, cache if trust_cache else None, cache)
    reading.progress.begin("reading layers", _total_bytes(distinct.values()))
    try:
        scans = {
            key: scan
            for key, layer in distinct.items()
            if (scan := source.known(layer)) is not None
        }
        unread = {key: layer for key, layer in distinct.items() if key not in scans}
        scans |= _in_parallel(source, unread, jobs)
    finally:
        reading.progress.end()
    if cache is not None:
        cache.prune()
    return [_checked(layer, scans[key]) for key, layer in zip(keys, image.layers, strict=True)]


class LayerReader:
    """Reads an image's layers one by one, where something else is done with their tars meanwhile.

    Args:
        reading: how; told no progress of layers that are known.
        cache: where indexes are kept; None neither reads nor writes one.
        trust_cache: whether bytes verified before may be left unread if they did not change.
    """

    def __init__(self, reading: Reading, cache: Cache | None, *, trust_cache: bool) -> None:
        self._reading = reading
        self._cache = cache
        self._trusted = cache if trust_cache else None

    def known(self, layer: Layer) -> LayerScan | None:
        """What is known of a layer without reading it.

        Raises:
            CorruptInputError: it is over a limit, or not what the image says it is.
        """
        silent = replace(self._reading, progress=SILENT)
        scan = _Source(silent, self._trusted, self._cache).known(layer)
        return _checked(layer, scan) if scan is not None else None

    def read(self, layer: Layer, give: Callable[[bytes], object] | None = None) -> LayerScan:
        """Read a layer, and give its uncompressed tar, piece by piece.

        Raises:
            CorruptInputError: it is damaged, over a limit, or not what the image says it is; all
                of the tar may have been given by then.
        """
        source = _Source(replace(self._reading, tar=give), None, self._cache)
        return _checked(layer, source.read(layer, pipelined=True))


def _in_parallel(
    source: _Source, layers: dict[Hashable, Layer], jobs: int
) -> dict[Hashable, LayerScan]:
    """Read layers in `jobs` threads, the largest first; a failure stops the others and is raised.

    A layer larger than a thread's share of the bytes would be read alone to its end: it gets a
    second thread.
    """
    share = (_total_bytes(layers.values()) or 0) // max(jobs, 1)
    largest_first = sorted(layers.items(), key=lambda item: -(item[1].stored_bytes or 0))
    waiting: SimpleQueue[tuple[Hashable, Layer] | None] = SimpleQueue()
    done: SimpleQueue[Callable[[], tuple[Hashable, LayerScan]]] = SimpleQueue()

    def work() -> None:
        while (item := waiting.get()) is not None and not source.reading.allowance.withdrawn:
            done.put(_outcome(source, *item, share))

    threads = [
        Thread(target=work, name="lightship-layer", daemon=True)
        for _ in range(min(max(jobs, 1), len(layers)))
    ]
    for item in (*largest_first, *(None for _ in threads)):
        waiting.put(item)
    for thread in threads:
        thread.start()
    scans: dict[Hashable, LayerScan] = {}
    try:
        while len(scans) < len(layers):
            key, scan = done.get()()
            scans[key] = scan
    except BaseException:
        source.reading.allowance.withdraw()
        raise
    finally:
        for thread in threads:
            thread.join()
    return scans


def _outcome(
    source: _Source, key: Hashable, layer: Layer, share: int
) -> Callable[[], tuple[Hashable, LayerScan]]:
    """Read a layer; what is returned gives the scan, or raises what went wrong."""
    try:
        scan = source.read(layer, pipelined=(layer.stored_bytes or 0) > share)
    except BaseException as problem:  # noqa: BLE001 - it belongs to the thread that asks
        return partial(_raise, problem)
    return lambda: (key, scan)


def _raise(problem: BaseException) -> NoReturn:
    raise problem


def _key(layer: Layer) -> Hashable:
    """Equal for layers that are the same stored bytes."""
    return layer.digest or layer.identity() or layer.position


def _total_bytes(layers: Iterable[Layer]) -> int | None:
    sizes = [layer.stored_bytes for layer in layers if not isinstance(layer, AlreadyRead)]
    return None if None in sizes else sum(size or 0 for size in sizes)


class _Source:
    """Gives a layer's scan: from what is known, or from its bytes."""

    def __init__(self, reading: Reading, trusted: Cache | None, cache: Cache | None) -> None:
        self.reading = reading
        self._trusted = trusted
        self._cache = cache

    def known(self, layer: Layer) -> LayerScan | None:
        """What is known of a layer's bytes, if they did not change and it answers what is asked."""
        if isinstance(layer, AlreadyRead):
            return self._as_wire_blob(layer.scan)
        identity = layer.identity()
        if self._trusted is None or identity is None:
            return None
        plain_is_wire = self.reading.stores_wire_blobs
        known = self._trusted.scan(identity, self.reading.captures, plain_is_wire=plain_is_wire)
        if known is None or not known.index.is_within(self.reading.limits):
            return None  # reading again says which limit it is
        if known.wire.estimated and self.reading.exact_wire:
            return None
        if layer.digest is not None and layer.digest.algorithm != known.digest.algorithm:
            return None
        self.reading.allowance.spend(known.index.tar_bytes + known.index.hole_bytes)
        self.reading.progress.advance(known.stored_bytes)
        return known

    def read(self, layer: Layer, *, pipelined: bool) -> LayerScan:
        """Read a layer, and remember it."""
        identity = layer.identity()
        started_ns = time.time_ns()
        scan = self._read(layer, pipelined=pipelined)
        if self._cache is not None:
            self._cache.store(scan.diff_id, scan.index, self.reading.captures)
            if identity is not None and layer.identity() == identity:
                self._cache.remember(
                    identity, scan, started_ns, plain_is_wire=self.reading.stores_wire_blobs
                )
        return scan

    def _as_wire_blob(self, scan: LayerScan) -> LayerScan:
        """A pipe's layers are read before it is known what the image's transport stores."""
        if scan.codec is Codec.PLAIN and self.reading.stores_wire_blobs:
            wire_bytes = scan.stored_bytes
            wire_map = even_map(scan.index.tar_bytes, wire_bytes)
            return replace(scan, wire=WireSize(wire_bytes), wire_map=wire_map)
        return scan

    def _read(self, layer: Layer, *, pipelined: bool) -> LayerScan:
        algorithm = layer.digest.algorithm if layer.digest else "sha256"
        try:
            with layer.open() as stream:
                return read_layer(stream, self.reading, algorithm=algorithm, pipelined=pipelined)
        except CorruptInputError as problem:
            raise CorruptInputError(f"{_name(layer)}: {problem.what}", problem.hint) from problem
        except OSError as problem:
            raise CorruptInputError(f"{_name(layer)} cannot be read ({problem})") from problem


def _checked(layer: Layer, scan: LayerScan) -> LayerScan:
    """Hold a scan against what the image claims."""
    if layer.digest is not None and layer.digest.algorithm != scan.digest.algorithm:
        raise UnreachableError(
            f"{_name(layer)} has a {layer.digest.algorithm} digest, which is not checked in a pipe",
            "Save the archive to a file, and inspect that.",
        )
    claims = (
        ("digest", layer.digest, scan.digest),
        ("diff ID", layer.diff_id, scan.diff_id),
        ("size", layer.stored_bytes, scan.stored_bytes),
    )
    for what, claimed, found in claims:
        if claimed is not None and claimed != found:
            raise CorruptInputError(
                f"{_name(layer)} has the {what} {found}, but the image says {claimed}",
                "The blob is damaged or was replaced; copy or build the image again.",
            )
    return scan


def _name(layer: Layer) -> str:
    digest = layer.digest or layer.diff_id
    return f"layer {layer.position} ({digest.short})" if digest else f"layer {layer.position}"
