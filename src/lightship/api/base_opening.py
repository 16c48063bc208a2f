"""Open an image for questions about bases: read it, explain it, find where its own base ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.run_settings import run_settings
from lightship.api.bases import find_base, remember_layers
from lightship.api.explaining import explain
from lightship.api.measuring import measure
from lightship.bases.inside import Inside
from lightship.bases.wanting import captures

if TYPE_CHECKING:
    from lightship.api.options import ReadOptions


def look_inside(
    reference: str, platform: str | None, options: ReadOptions, base: str | None = None
) -> Inside:
    """Read an image.

    Args:
        reference: as for `inspect`.
        platform: `linux/arm64`...; None for this machine's where there is a choice.
        options: how it is read.
        base: a reference of the image that it was built on; without, what is known or likely.

    Raises:
        LightshipError: as `inspect`.
    """
    measured = measure(reference, platform, options, captures())
    image = measured.image
    diff_ids = [str(scan.diff_id) for scan in measured.scans]
    end = find_base(image, diff_ids, measured.instructions, base, options)
    remember_layers(measured, options)
    return Inside(
        # A layout names an image by a bare tag, too: `latest` alone tells nobody anything.
        name=next((name for name in image.names if ":" in name), str(image.reference)),
        digest=str(image.digest) if image.digest else None,
        platform=image.platform,
        created=image.config.created,
        config_bytes=len(image.config_bytes or b""),
        history=measured.history,
        scans=measured.scans,
        ledger=explain(measured),
        settings=run_settings(image),
        base_layers=end.layers if end is not None else None,
        base_name=end.name if end is not None else None,
        base_entries=end.entries if end is not None else None,
        base_settings=end.settings if end is not None else None,
    )
