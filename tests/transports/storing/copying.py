"""Copies an image through a staging, as `rewrite` does; also a program, which tests may kill."""

from __future__ import annotations

import itertools
import json
import sys
from typing import TYPE_CHECKING

from lightship.layers.codecs import sniff
from lightship.layers.scan import Codec
from lightship.model.documents import DOCKER_MANIFEST, OCI_CONFIG, OCI_LAYER, OCI_MANIFEST
from lightship.transports.access import Access
from lightship.transports.destinations import open_staging, parse_destination
from lightship.transports.opening import open_all_platforms
from lightship.transports.storing import Committed, Family, NewImage, StagedBlob, Staging

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from lightship.layers.scan import LayerScan
    from lightship.model.image import Image, Layer


KINDS = {
    "oci": (OCI_MANIFEST, OCI_CONFIG, OCI_LAYER),
    "docker": (
        DOCKER_MANIFEST,
        "application/vnd.docker.container.image.v1+json",
        "application/vnd.docker.image.rootfs.diff.tar",
    ),
}
SUFFIXES = {
    "oci": {Codec.PLAIN: "", Codec.GZIP: "+gzip", Codec.ZSTD: "+zstd"},
    "docker": {Codec.PLAIN: "", Codec.GZIP: ".gzip"},
}


def copy(
    source: str,
    destination: str,
    names: Sequence[str] | None = None,
    *,
    anew: bool = False,
    family: Family = "oci",
) -> Committed:
    """Copy an image, for all its platforms; `anew` writes each layer through a sink."""
    images = open_all_platforms(source, read_layer=_never)
    place = parse_destination(destination)
    staging = open_staging(place, images[0].names if names is None else names, Access())
    try:
        new = [staged(image, staging, anew=anew, family=family) for image in images]
    except BaseException:
        staging.discard()
        raise
    return staging.commit(new)


def staged(
    image: Image, staging: Staging, *, anew: bool = False, family: Family = "oci"
) -> NewImage:
    """Stage an image; not committed."""
    kinds = KINDS[family]
    layers = []
    for layer in image.layers:
        with layer.open() as stream:
            suffix = SUFFIXES[family][sniff(stream.read(4))]
        blob = written(layer, staging) if anew else staging.take(layer)
        layers.append(described(blob, kinds[2] + suffix))
    assert image.config_bytes is not None
    config = staging.put(image.config_bytes)
    document = {
        "schemaVersion": 2,
        "mediaType": kinds[0],
        "config": described(config, kinds[1]),
        "layers": layers,
    }
    manifest = json.dumps(document).encode()
    return NewImage(manifest, kinds[0], image.platform, image.digest)


def described(blob: StagedBlob, media_type: str) -> dict[str, object]:
    return {"mediaType": media_type, "digest": str(blob.digest), "size": blob.stored_bytes}


def written(layer: Layer, staging: Staging) -> StagedBlob:
    """A layer through a sink, in pieces of many sizes."""
    assert layer.digest is not None
    sink = staging.sink()
    with layer.open() as stream:
        size = 1
        while piece := stream.read(size):
            sink.write(memoryview(piece) if size % 2 else piece)
            size = size * 3 % 1_000_003
    return sink.finish(layer.digest)


def _never(_: BinaryIO) -> LayerScan:
    raise AssertionError("a layer of a file is not read when it is opened")


if __name__ == "__main__":
    if sys.argv[1] == "once":
        copy(sys.argv[2], sys.argv[3])
        sys.exit()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for source in itertools.cycle(sys.argv[1:-1]):
        copy(source, sys.argv[-1])
