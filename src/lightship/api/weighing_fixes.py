"""What resolving findings saves: measured in the image that the file built, or estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from lightship.api.dockerfile_findings import Weigh
    from lightship.api.dockerfile_paths import Named
    from lightship.api.options import ReadKeywords
    from lightship.dockerfile.build import Build

    WeighOf: TypeAlias = Callable[[Named, Build], Weigh]


def weigher(image: str | None, platform: str | None, reading: ReadKeywords) -> WeighOf:  # noqa: ARG001 - until images are read
    """How to weigh for a file."""
    return lambda _named, _build: lambda _saving: None
