"""A stage of a Dockerfile put on another base: edits of its FROM, or why there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.editing import replaced
from lightship.dockerfile.image_name import image_name

if TYPE_CHECKING:
    from lightship.dockerfile.build import Build
    from lightship.dockerfile.stages import Stage
    from lightship.model.edit import Edit


class Rebased(Struct, frozen=True):
    """The edits, or why there are none, a clause."""

    edits: tuple[Edit, ...] = ()
    unfixed: str | None = None


def rebased(build: Build, stage: Stage, base: str) -> Rebased:
    """Write another base into a stage's FROM.

    Where only the tag differs, only the tag is replaced: the way in which the repository is spelled
    stays. A digest goes with the tag that it belonged to; then nothing is written, because whoever
    pinned a base wants another pin.

    Args:
        build: the file.
        stage: of it, upon an image.
        base: as a FROM instruction names it.
    """
    if stage.base != stage.base_name:
        return Rebased(unfixed="its name is put together from build arguments")
    old, new = image_name(stage.base), image_name(base)
    if old.digest is not None:
        return Rebased(unfixed="it is pinned by a digest: pin the other one")
    instruction = build.steps[stage.first].instruction
    start = instruction.joined.text.index(stage.base, instruction.value_start)
    end = start + len(stage.base)
    if old.repository == new.repository and old.tag and new.tag and new.digest is None:
        return Rebased(replaced(instruction.joined, end - len(old.tag), end, new.tag))
    return Rebased(replaced(instruction.joined, start, end, base))
