"""A root file system as an image that can be stored: with a config, which a directory has not."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lightship.model.digest import Digest
from lightship.transports.described import decode_config
from lightship.transports.opened import OpenedImage

if TYPE_CHECKING:
    from lightship.model.platform import Platform
    from lightship.transports.rootfs import RootfsImage

_PIECE = 1 << 20


def with_config(rootfs: RootfsImage) -> OpenedImage:
    """The same directory with a config that names its platform and its one layer.

    The directory is read once for the layer's diff ID; whoever reads the layer later sees by it
    whether the directory changed meanwhile. The same tree gives the same config.

    Raises:
        LightshipError: as reading the layer does.
    """
    state = hashlib.sha256()
    with rootfs.layer.open() as stream:
        while piece := stream.read(_PIECE):
            state.update(piece)
    diff_id = Digest.from_hash(state)
    data = _config(rootfs.platform, diff_id)
    return OpenedImage(
        reference=rootfs.reference,
        digest=None,
        config_bytes=data,
        config=decode_config(data, f"the config of {rootfs.reference}"),
        names=(),
        platform=rootfs.platform,
        stores_wire_blobs=False,
        layers=(replace(rootfs.layer, diff_id=diff_id),),
        notes=rootfs.notes,
    )


def _config(platform: Platform, diff_id: Digest) -> bytes:
    """OCI image-spec v1.1, config.md."""
    variant = {"variant": platform.variant} if platform.variant else {}
    return json.dumps(
        {
            "architecture": platform.architecture,
            "os": platform.os,
            **variant,
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [diff_id]},
            "history": [{"created_by": "lightship: a root file system"}],
        },
        separators=(",", ":"),
    ).encode()
