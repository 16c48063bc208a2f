"""How long a node that has none of the layers takes to pull and unpack an image."""

from __future__ import annotations

from lightship.model.results.inspect import PullTime

DEFAULT_BANDWIDTH = 12_500_000
"""100 Mbit/s, in bytes a second."""
# Engines inflate layer by layer on one core, at about what `gzip -d` does (185 MB/s measured), and
# make each file: about 60 microseconds of system time with its owner, mode and times.
_UNPACKED_BYTES_PER_SECOND = 185_000_000
_SECONDS_PER_FILE = 60e-6


def pull_time(
    wire_bytes: int, unpacked_bytes: int, files: int, *, bandwidth: int = DEFAULT_BANDWIDTH
) -> PullTime:
    """Estimate; `files` counts regular and hard-link records, `bandwidth` is bytes a second."""
    return PullTime(
        bandwidth_bytes_per_second=bandwidth,
        download_seconds=wire_bytes / bandwidth,
        unpack_seconds=unpacked_bytes / _UNPACKED_BYTES_PER_SECOND + files * _SECONDS_PER_FILE,
    )
