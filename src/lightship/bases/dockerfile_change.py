"""A stage of a Dockerfile put on another base: edits of its FROM, or why there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.bases.dockerfile_wants import family_of
from lightship.bases.dockerfile_words import from_base
from lightship.dockerfile.editing import apply, replaced
from lightship.dockerfile.image_name import image_name
from lightship.dockerfile.unified import unified
from lightship.model.edit import Edit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.bases.dockerfile_wants import DockerfileWants
    from lightship.catalogue.base_images import BaseRow
    from lightship.dockerfile.build import Build
    from lightship.dockerfile.stages import Stage


class Rebased(Struct, frozen=True):
    """The edits, or why there are none, a clause; and how many lines are added behind FROM."""

    edits: tuple[Edit, ...] = ()
    added: int = 0
    unfixed: str | None = None


def rebased(build: Build, stage: Stage, base: str, carry: Iterable[str] = ()) -> Rebased:
    """Write another base into a stage's FROM, and what has to come along behind it.

    Where only the tag differs, only the tag is replaced: the way in which the repository is spelled
    stays. A digest goes with the tag that it belonged to; then nothing is written, because whoever
    pinned a base wants another pin.

    Args:
        build: the file.
        stage: of it, upon an image.
        base: as a FROM instruction names it.
        carry: instructions.
    """
    named = _named(build, stage, base)
    lines = [line for one in from_base(carry, stage.base) for line in one.splitlines()]
    if named.unfixed is not None or not lines:
        return named
    text = build.dockerfile.text
    end_of_line = "\r\n" if "\r\n" in text else "\n"
    place = build.steps[stage.first].instruction.text_end
    behind = Edit(place, place, "".join(f"{end_of_line}{line}" for line in lines))
    return Rebased((*named.edits, behind), len(lines))


def _named(build: Build, stage: Stage, base: str) -> Rebased:
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


class Change(Struct, frozen=True):
    """A Dockerfile on another base.

    Attributes:
        diff: unified; empty where nothing could be written.
        manual: what is left to a person, one sentence each.
    """

    diff: str
    manual: tuple[str, ...]


def change(
    wants: DockerfileWants, base: str, row: BaseRow | None, carry: Iterable[str], path: str
) -> Change:
    """Put the stage of a Dockerfile on another base, with what has to come along behind FROM.

    Args:
        wants: the file and its stage.
        base: the new one, as a FROM instruction names it.
        row: what the catalogue knows of it.
        carry: instructions.
        path: of the file, for the diff.
    """
    build, stage = wants.build, wants.stage
    manual = list(_other_packages(wants, row))
    written = (
        Rebased(unfixed=build.untouchable)
        if build.untouchable
        else rebased(build, stage, base, carry)
    )
    if written.unfixed is not None:
        manual.insert(
            0, f"Line {build.steps[stage.first].line}: write FROM {base} ({written.unfixed})."
        )
        return Change("", tuple(manual))
    text = build.dockerfile.text
    return Change(unified(text, apply(text, written.edits), path), tuple(manual))


def _other_packages(wants: DockerfileWants, row: BaseRow | None) -> Iterator[str]:
    """The lines that install with a package manager which the other base does not have."""
    theirs = family_of(row.package_manager) if row is not None else None
    for step, name, packages in wants.installs:
        if theirs is None or family_of(name) == theirs:
            continue
        listed = ", ".join(packages) or "its packages"
        instead = "cannot install there" if theirs == "none" else f"write it with {theirs}"
        yield f"Line {step.line} installs {listed} with {name}: {instead}."
