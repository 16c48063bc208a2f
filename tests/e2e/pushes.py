"""Images pushed through the transport alone; also a program, so that it can be killed."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from lightship.model.digest import Digest
from lightship.model.platform import Platform
from lightship.model.reference import Reference
from lightship.net.options import NetOptions
from lightship.testing import build_image
from lightship.transports.access import Access
from lightship.transports.opening import open_image
from lightship.transports.registry import uploading
from lightship.transports.registry.staging import RegistryStaging
from lightship.transports.storing import NewImage

from .registry_places import credentials_file

if TYPE_CHECKING:
    from lightship.model.image import Image
    from lightship.transports.storing import Committed, Staging

    from .registry_server import Registry

LINUX = Platform("linux", "amd64")
SIZES = (700_000, 30_000, 3_000)


def reach(**given: object) -> NetOptions:
    """Options for tests: little patience."""
    return NetOptions(**({"attempts": 3, "stall_seconds": 20.0} | given))  # type: ignore[arg-type]  # names are the Struct's


def noisy_image(folder: Path, seed: int) -> str:
    """An OCI layout whose layers hold `SIZES` bytes that nothing compresses."""
    noise = random.Random(seed)  # noqa: S311 - any bytes
    layers = [{f"file{size}": noise.randbytes(size)} for size in SIZES]
    return build_image(layers, directory=folder, codec="plain")


def reach_of(one: Registry) -> Access:
    """A registry as a user who is logged in reaches it."""
    return Access(
        network=reach(ca_file=one.ca_file), auth_file=credentials_file(one), environment={}
    )


def relayed_file(one: Registry, host: str) -> Path:
    """Credentials for a relay to a registry."""
    auth = json.loads(credentials_file(one).read_bytes())["auths"][one.host]
    file = one.folder / "relayed.json"
    file.write_text(json.dumps({"auths": {host: auth}}), encoding="utf-8")
    return file


def _never(*_: object) -> NoReturn:
    raise AssertionError("no pipe is read here")


def opened(reference: str, access: Access) -> Image:
    return open_image(reference, platform=None, read_layer=_never, access=access)


def place(text: str) -> Reference:
    """`host/name:tag` as a reference to a registry."""
    location, _, tag = text.rpartition(":")
    return Reference("registry", location, tag)


def push(
    source: str, to: str, access: Access, *, anew: int = 0, platform: Platform = LINUX
) -> Committed:
    """Push an image of an OCI layout, or of the registry; the last `anew` layers as new ones."""
    image = opened(source, access)
    staging = RegistryStaging(place(to), access)
    try:
        manifest = stage(image, staging, anew)
    except BaseException:
        staging.discard()
        raise
    return staging.commit([NewImage(manifest, _kind(manifest), platform)])


def stage(image: Image, staging: Staging, anew: int = 0) -> bytes:
    """Stage an image's blobs; its manifest, as a layout of `testing.build_image` has it."""
    kept = len(image.layers) - anew
    blobs = [staging.take(layer) for layer in image.layers[:kept]]
    for layer in image.layers[kept:]:
        sink = staging.sink()
        with layer.open() as stream:
            data = stream.read()
        for at in range(0, len(data), 100_000):
            sink.write(data[at : at + 100_000])
        blobs.append(sink.finish(Digest.of(data)))
    assert image.config_bytes is not None
    config = staging.put(image.config_bytes)
    oci = "application/vnd.oci.image"
    layers = [
        {"mediaType": layer.media_type, "digest": blob.digest, "size": blob.stored_bytes}
        for layer, blob in zip(image.layers, blobs, strict=True)
    ]
    document = {
        "schemaVersion": 2,
        "mediaType": f"{oci}.manifest.v1+json",
        "config": {
            "mediaType": f"{oci}.config.v1+json",
            "digest": config.digest,
            "size": config.stored_bytes,
        },
        "layers": layers,
    }
    return json.dumps(document).encode()


def _kind(manifest: bytes) -> str:
    return str(json.loads(manifest)["mediaType"])


def main(source: str, to: str, ca_file: str, auth_file: str) -> None:
    uploading.CHUNK_BYTES = 200_000
    access = Access(network=reach(ca_file=Path(ca_file)), auth_file=Path(auth_file))
    push(source, to, access, anew=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
