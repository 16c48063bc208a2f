"""One image to an engine, its layers plain and otherwise as they are: transports alone.

`python -m e2e.copying SOURCE docker:NAME` does it in a process that can be killed.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, BinaryIO

from lightship.errors import LightshipError
from lightship.layers.codecs import decompressed
from lightship.model.documents import OCI_CONFIG, OCI_LAYER, OCI_MANIFEST
from lightship.transports.access import Access
from lightship.transports.destinations import open_staging, parse_destination
from lightship.transports.spooling import open_rereadable
from lightship.transports.storing import NewImage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lightship.model.image import Image, Layer
    from lightship.transports.storing import Committed, StagedBlob, Staging


def copy(source: str, destination: str, environment: Mapping[str, str]) -> Committed:
    """Copy an image for this platform into an engine."""
    access = Access(environment={**os.environ, **environment})
    with open_rereadable(source, platform=None, access=access) as image:
        staging = open_staging(parse_destination(destination), image.names, access)
        try:
            new = _staged(image, staging)
        except BaseException:
            staging.discard()
            raise
        return staging.commit([new])


def _staged(image: Image, staging: Staging) -> NewImage:
    assert image.config_bytes is not None
    layers = [_plain(layer, staging) for layer in image.layers]
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": _described(staging.put(image.config_bytes), OCI_CONFIG),
        "layers": [_described(blob, OCI_LAYER) for blob in layers],
    }
    return NewImage(json.dumps(manifest).encode(), OCI_MANIFEST, image.platform)


def _plain(layer: Layer, staging: Staging) -> StagedBlob:
    assert layer.diff_id is not None
    sink = staging.sink()
    with layer.open() as stream:
        for piece in decompressed(_pieces(stream))[1]:
            sink.write(piece)
    return sink.finish(layer.diff_id)


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(1 << 20):
        yield piece


def _described(blob: StagedBlob, media_type: str) -> dict[str, object]:
    return {"mediaType": media_type, "digest": blob.digest, "size": blob.stored_bytes}


if __name__ == "__main__":
    try:
        copy(sys.argv[1], sys.argv[2], {})
    except LightshipError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(error.exit_code) from None
