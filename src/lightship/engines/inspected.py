"""The JSON that engines give of an image, by socket or by program.

Docker Engine API, ImageInspect (`Manifests` since v1.48); podman's libpod API and
`podman image inspect` have the same members where both have one.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from lightship.engines.engine import Held, HeldPlatform
from lightship.model.platform import Platform

_SNAPSHOTTER = ["driver-type", "io.containerd.snapshotter.v1"]


class _Platform(Struct, frozen=True):
    os: str = ""
    architecture: str = ""
    variant: str | None = None


class _Descriptor(Struct, frozen=True):
    digest: str = ""
    platform: _Platform | None = None


class _ImageData(Struct, frozen=True, rename="pascal"):
    platform: _Platform | None = None


class _Manifest(Struct, frozen=True, rename="pascal"):
    id: str = ""
    descriptor: _Descriptor | None = None
    available: bool = False
    kind: str = ""
    image_data: _ImageData | None = None


class _GraphDriver(Struct, frozen=True, rename="pascal"):
    data: dict[str, object] | None = None


class _Info(Struct, frozen=True, rename="pascal"):
    driver_status: list[list[str]] | None = None


class _Inspected(Struct, frozen=True, rename="pascal"):
    id: str
    repo_tags: list[str] | None = None
    os: str = ""
    architecture: str = ""
    variant: str | None = None
    graph_driver: _GraphDriver | None = None
    manifests: list[_Manifest] | None = None


def read_image(data: bytes) -> Held:
    """What an engine says of one image.

    Raises:
        ValueError: this is not what an engine says.
    """
    return _held(msgspec.json.decode(data, type=_Inspected))


def read_images(data: bytes) -> Held:
    """The same from a program, which lists the images it was asked for.

    Raises:
        ValueError: as `read_image`, or it is not one image.
    """
    (one,) = msgspec.json.decode(data, type=list[_Inspected])
    return _held(one)


def keeps_platforms(data: bytes) -> bool:
    """Whether an engine that says so of itself has Docker's containerd store (`/info`)."""
    try:
        info = msgspec.json.decode(data, type=_Info)
    except ValueError:
        return False
    return _SNAPSHOTTER in (info.driver_status or [])


def _held(image: _Inspected) -> Held:
    image_id = image.id if ":" in image.id else f"sha256:{image.id}"
    names = tuple(sorted(image.repo_tags or ()))
    if listed := tuple(filter(None, map(_listed, image.manifests or ()))):
        return Held(image_id=image_id, names=names, platform=None, platforms=listed)
    # A graph driver with data of its own is Docker's classic store, or podman's: one platform a
    # name. Without, it may be the containerd store of an engine too old to list its platforms.
    is_one = image.graph_driver is not None and bool(image.graph_driver.data)
    known = is_one and image.os and image.architecture
    platform = Platform(image.os, image.architecture, image.variant or "") if known else None
    return Held(image_id=image_id, names=names, platform=platform)


def _listed(manifest: _Manifest) -> HeldPlatform | None:
    said = (manifest.image_data and manifest.image_data.platform) or (
        manifest.descriptor and manifest.descriptor.platform
    )
    digest = (manifest.descriptor and manifest.descriptor.digest) or manifest.id
    if manifest.kind != "image" or not said or not digest:
        return None
    platform = Platform(said.os, said.architecture, said.variant or "")
    return HeldPlatform(digest, platform, manifest.available)
