"""Layers in local files and in memory, without a transport; what reads them is counted."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, BinaryIO, cast

from lightship.layers.indexing import index_layers
from lightship.layers.limits import Limits
from lightship.layers.reading import Reading
from lightship.model.image import FileIdentity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lightship.layers.cache import Cache
    from lightship.layers.scan import LayerScan
    from lightship.model.digest import Digest
    from lightship.model.image import Image, Layer


@dataclass
class LocalLayer:
    """A blob in a file of its own (`model.image.Layer`); claims nothing unless told to."""

    path: Path
    position: int = 1
    digest: Digest | None = None
    diff_id: Digest | None = None
    media_type: str | None = None
    claimed_bytes: int | None = None
    opened: int = 0

    @property
    def stored_bytes(self) -> int | None:
        return self.path.stat().st_size if self.claimed_bytes is None else self.claimed_bytes

    def identity(self) -> FileIdentity | None:
        about = self.path.stat()
        return FileIdentity(
            device=about.st_dev,
            inode=about.st_ino,
            file_bytes=about.st_size,
            mtime_ns=about.st_mtime_ns,
            ctime_ns=about.st_ctime_ns,
            offset=0,
            length=about.st_size,
        )

    def open(self) -> BinaryIO:
        self.opened += 1
        return self.path.open("rb")


@dataclass
class MemoryLayer:
    """A blob that comes from nowhere the cache could know."""

    stream: BinaryIO
    position: int = 1
    digest: Digest | None = None
    diff_id: Digest | None = None
    media_type: str | None = None
    stored_bytes: int | None = None

    def identity(self) -> FileIdentity | None:
        return None

    def open(self) -> BinaryIO:
        return self.stream


def memory_layer(blob: bytes, position: int = 1) -> MemoryLayer:
    return MemoryLayer(io.BytesIO(blob), position, stored_bytes=len(blob))


@dataclass
class Heard:
    """A progress that writes down what it was told."""

    totals: list[int | None] = field(default_factory=list)
    done: int = 0
    ended: int = 0

    def begin(self, what: str, total_bytes: int | None) -> None:
        assert what
        self.totals.append(total_bytes)

    def advance(self, done_bytes: int) -> None:
        self.done += done_bytes

    def end(self) -> None:
        self.ended += 1

    def note(self, text: str) -> None:
        raise AssertionError(f"nothing to say about local files: {text}")


def image_of(layers: Sequence[Layer]) -> Image:
    return cast("Image", SimpleNamespace(layers=layers))


def read_all(
    *layers: LocalLayer | MemoryLayer,
    cache: Cache | None = None,
    trust_cache: bool = True,
    jobs: int = 2,
    limits: Limits | None = None,
    **options: object,
) -> list[LayerScan]:
    """The scans of an image that has these layers."""
    return index_layers(
        image_of(layers),
        Reading.within(limits or Limits(), **options),
        cache=cache,
        jobs=jobs,
        trust_cache=trust_cache,
    )
