"""Wire bytes of an image: its config and its distinct layer blobs, compressed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lightship.layers.scan import WireSize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.layers.scan import LayerScan


def image_wire(config_bytes: bytes | None, scans: Sequence[LayerScan]) -> WireSize:
    """What a node pulls; manifest, index and attestations are not counted (OpenShift's way).

    The estimates of several layers err independently, so their errors add as squares.
    """
    distinct = {scan.diff_id if scan.wire.estimated else scan.digest: scan for scan in scans}
    sizes = [scan.wire for scan in distinct.values()]
    return WireSize(
        wire_bytes=len(config_bytes or b"") + sum(size.wire_bytes for size in sizes),
        error_bytes=math.ceil(math.hypot(*(size.error_bytes for size in sizes))),
        estimated=any(size.estimated for size in sizes),
    )
