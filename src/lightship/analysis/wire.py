"""Wire bytes of an image: its config and its distinct layer blobs, compressed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lightship.layers.scan import WireSize

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from lightship.layers.scan import LayerScan
    from lightship.model.digest import Digest


def image_wire(config_bytes: bytes | None, scans: Sequence[LayerScan]) -> WireSize:
    """What a node pulls; manifest, index and attestations are not counted (OpenShift's way)."""
    distinct = {blob_key(scan): scan.wire for scan in scans}
    return total_wire(config_bytes, distinct.values())


def blob_key(scan: LayerScan) -> Digest:
    """Equal for layers that are one blob in a registry: pulled once, wherever they stand."""
    return scan.diff_id if scan.wire.estimated else scan.digest


def total_wire(config_bytes: bytes | None, sizes: Collection[WireSize]) -> WireSize:
    """Config and layers together."""
    return WireSize(
        wire_bytes=len(config_bytes or b"") + sum(size.wire_bytes for size in sizes),
        error_bytes=total_error(sizes),
        estimated=any(size.estimated for size in sizes),
    )


def total_error(sizes: Iterable[WireSize]) -> int:
    """The error of a sum or difference: independent estimates err as squares."""
    return math.ceil(math.hypot(*(size.error_bytes for size in sizes)))
