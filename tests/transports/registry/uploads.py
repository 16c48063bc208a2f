"""Layers in memory, uploaded in small chunks."""

from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING, BinaryIO

from lightship.model.digest import Digest
from lightship.net.options import NetOptions
from lightship.transports.access import Access
from lightship.transports.registry.pushing import Pushing
from lightship.transports.registry.sources import LayerSource
from lightship.transports.registry.uploading import Upload

from .pretended_registry import Asked, Pretended, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK = 40_000
DATA = random.Random(7).randbytes(200_001)  # noqa: S311 - any bytes


class Bytes:
    """A layer in memory (`model.image.Layer`)."""

    position = 3
    diff_id = None
    media_type = None

    def __init__(self, data: bytes = DATA, claimed: bytes | None = None) -> None:
        self.data = data
        self.digest = Digest.of(data if claimed is None else claimed)
        self.stored_bytes = len(data if claimed is None else claimed)
        self.opened = 0

    def identity(self) -> None: ...

    def open(self) -> BinaryIO:
        self.opened += 1
        return io.BytesIO(self.data)


def pushing(registry: Pretended, **changes: object) -> Pushing:
    given: dict[str, object] = {
        "plain_http": frozenset({"127.0.0.1", "127.0.0.2"}),
        "attempts": 3,
        "stall_seconds": 20.0,
    }
    network = NetOptions(**(given | changes))  # type: ignore[arg-type]  # names are the Struct's
    access = Access(network=network, environment={"HOME": "/nowhere"})
    return Pushing(registry.host, "a/b", access, wait=lambda _: None)


def upload(registry: Pretended, layer: Bytes | None = None, **changes: object) -> LayerSource:
    """Upload a layer, as `RegistryStaging.take` does."""
    layer = layer or Bytes()
    source = LayerSource(layer, layer.digest, layer.stored_bytes)
    told: list[int] = []
    Upload(pushing(registry, **changes), source, told.append).run()
    assert sum(told) == layer.stored_bytes
    assert registry.blobs[layer.digest] == layer.data
    return source


def ranges(registry: Pretended) -> list[tuple[int, int]]:
    """What the parts of uploads claim to be, in order."""
    given = [one.headers.get("content-range", "") for one in registry.asked if one.is_upload]
    return [
        (int(start), int(end)) for start, _, end in (text.partition("-") for text in given if text)
    ]


def no_more_than(most: int) -> Callable[[Asked], Reply | None]:
    def first(asked: Asked) -> Reply | None:
        if int(asked.headers.get("content-length", "0")) > most:
            return Reply(413, {"Content-Type": "text/html"}, b"<html>too large</html>", False)
        return None

    return first
