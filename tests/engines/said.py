"""What engines say of an image, as they say it."""

from __future__ import annotations

from typing import Any

IMAGE_ID = "sha256:" + "d8" * 32
AMD64 = "sha256:" + "a1" * 32
ARM64 = "sha256:" + "a2" * 32
RISCV = "sha256:" + "a3" * 32


def docker(image_id: str = IMAGE_ID, *names: str, **more: Any) -> dict[str, Any]:
    """The members that matter, of Engine 20.10 (overlay2)."""
    return {
        "Id": image_id,
        "RepoTags": list(names),
        "RepoDigests": [],
        "Architecture": "amd64",
        "Os": "linux",
        "Size": 11001,
        "GraphDriver": {"Data": {"MergedDir": "/x"}, "Name": "overlay2"},
        **more,
    }


def podman(image_id: str = IMAGE_ID, *names: str, **more: Any) -> dict[str, Any]:
    """Of podman 4.3: the ID has no algorithm."""
    return docker(image_id.removeprefix("sha256:"), *names, **more)


def manifest(digest: str, architecture: str, **more: Any) -> dict[str, Any]:
    """One of `Manifests`, Docker API v1.48."""
    platform = {"architecture": architecture, "os": "linux"}
    return {
        "ID": digest,
        "Descriptor": {"mediaType": "x", "digest": digest, "size": 1, "platform": platform},
        "Available": True,
        "Size": {"Content": 1, "Total": 2},
        "Kind": "image",
        "ImageData": {"Platform": platform, "Containers": [], "Size": {"Unpacked": 1}},
        **more,
    }


def containerd(*manifests: dict[str, Any], names: tuple[str, ...] = ()) -> dict[str, Any]:
    """Of Engine 29 with the containerd image store."""
    said = docker(IMAGE_ID, *names, Manifests=list(manifests), Descriptor={"digest": IMAGE_ID})
    del said["GraphDriver"]
    return said
