"""The lines of a Dockerfile that made an image's layers, for reports to point at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lightship.api.dockerfile_paths import MOST_BYTES, Named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.api.measuring import Measured
    from lightship.model.results.check import Judged


def lines_of_layers(file: str, measured: Measured) -> Mapping[int, int]:
    """For each layer, from 1, the line of the instruction that made it, as far as that is known.

    Args:
        file: the Dockerfile; that there is none, or that it cannot be read, is no error.
        measured: an image that it may have built.
    """
    from lightship.analysis.built_from import map_instructions  # noqa: PLC0415 - only with a file
    from lightship.dockerfile.build import Build  # noqa: PLC0415 - likewise

    try:
        data = Named.of(Path(file)).read()
    except (OSError, ValueError):
        return {}
    if len(data) > MOST_BYTES:
        return {}
    build = Build.read(data)
    entries = [len(scan.index) for scan in measured.scans]
    found = map_instructions(build, measured.history, entries)
    return {
        layer: step.line
        for layer, step in zip(found.layers, build.steps, strict=True)
        if layer is not None
    }


def with_lines(judged: Judged, lines: Mapping[int, int]) -> Judged:
    """A budget whose causes say which line made their layer."""
    causes = tuple(
        replace(cause, line=lines.get(cause.layer)) if cause.layer is not None else cause
        for cause in judged.causes
    )
    return replace(judged, causes=causes)
