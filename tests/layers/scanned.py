"""Tars cut, scanned and read back in memory, without an image around them."""

from __future__ import annotations

import io
import tarfile
from itertools import pairwise
from typing import TYPE_CHECKING

from lightship.layers.captures import NO_CAPTURES
from lightship.layers.limits import Allowance, Limits
from lightship.layers.reading import Reading, read_layer
from lightship.layers.scanning import scan_tar
from lightship.testing import layer_tar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lightship.layers.captures import Captures
    from lightship.layers.index import LayerIndex
    from lightship.layers.scan import LayerScan
    from lightship.testing import Layer

ANY = Limits()


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    """The data cut at these places; repeated places make empty pieces."""
    bounds = [0, *sorted(places), len(data)]
    return [data[start:stop] for start, stop in pairwise(bounds)]


def pieces(data: bytes, length: int) -> Iterator[bytes]:
    """The data in pieces of one length."""
    return (data[start : start + length] for start in range(0, len(data), length))


def scan(
    layer: Layer | bytes, chunk: int = 256 * 1024, captures: Captures = NO_CAPTURES
) -> LayerIndex:
    """The index of a layer, read in pieces of `chunk` bytes."""
    return scan_pieces(pieces(layer_tar(layer), chunk), captures=captures)


def scan_pieces(
    chunks: Iterable[bytes], *, captures: Captures = NO_CAPTURES, limits: Limits = ANY
) -> LayerIndex:
    """The index of a tar that comes in these pieces."""
    return scan_tar(iter(chunks), limits=limits, allowance=Allowance(limits), captures=captures)


def read(layer: Layer | bytes, **options: object) -> LayerScan:
    """A whole layer scan, as a plain blob."""
    return read_layer(io.BytesIO(layer_tar(layer)), Reading.within(ANY, **options))


def entry_of(index: LayerIndex, path: bytes) -> int:
    """The number of the only entry at a path."""
    (entry,) = (entry for entry in range(len(index)) if index.path(entry) == path)
    return entry


def stored_content(tar: bytes, index: LayerIndex, entry: int) -> bytes:
    """What the tar holds where the index says that an entry's content is."""
    columns = index.columns
    start = columns.offsets[entry] + columns.header_bytes[entry]
    length = index.rarities.stored_bytes.get(entry, columns.content_bytes[entry])
    return tar[start : start + length]


def written(
    members: Sequence[tuple[tarfile.TarInfo, bytes]], tar_format: int = tarfile.PAX_FORMAT
) -> bytes:
    """A tar of records as the standard library writes it."""
    buffer = io.BytesIO()
    with tarfile.open(
        fileobj=buffer, mode="w", format=tar_format, encoding="utf-8", errors="surrogateescape"
    ) as archive:
        for member, content in members:
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
