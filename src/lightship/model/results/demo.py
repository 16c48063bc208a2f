"""What `demo` made, and what there is to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from lightship.model.reference import Reference


class Lesson(Struct, frozen=True):
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


class DemoImage(Struct, frozen=True):
    """An image with the classic mistakes, made of files that are on this machine."""

    reference: Reference
    lessons: tuple[Lesson, ...]
