"""What `demo` made, and what there is to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lightship.model.reference import Reference


@dataclass(frozen=True, slots=True)
class Lesson:
    """One mistake in the demo image.

    Attributes:
        layer: the layer that made it.
        mistake: what the image's author did.
        meaning: what that does to the image.
        remedy: what to do instead.
        marker: part of the path by which the report's figures for it are found; empty for the
            duplicates as a whole.
    """

    layer: int
    mistake: str
    meaning: str
    remedy: str
    marker: str = ""


@dataclass(frozen=True, slots=True)
class DemoImage:
    """An image with the classic mistakes, made of files that are on this machine."""

    reference: Reference
    lessons: tuple[Lesson, ...]
