"""What `base suggest` answers. Sizes are bytes; which bytes, docs/reference/vocabulary.md says."""

from __future__ import annotations

from msgspec import Struct

from lightship.model.results.base_check import (  # noqa: TC001 - read at run time
    AsItIs,
    OnBase,
    OtherBase,
)
from lightship.model.results.base_verdict import Answer, Reason  # noqa: TC001 - likewise


class Suggested(Struct, frozen=True, kw_only=True):
    """One base that the application was judged on.

    Attributes:
        given: whether the user named it; else it is of the catalogue.
        weight: null where the application's own bytes are not known: of a Dockerfile without an
            image.
        base_wire_bytes: of the base alone; null where nobody knows.
        speaks_against: what does so besides reasons: end of support, staleness; a clause each.
        instructions: of a Dockerfile, what has to come along.
    """

    base: OtherBase
    given: bool
    answer: Answer
    weight: OnBase | None
    base_wire_bytes: int | None
    reasons: tuple[Reason, ...]
    speaks_against: tuple[str, ...]
    instructions: tuple[str, ...]

    @property
    def said_against(self) -> tuple[str, ...]:
        """All that speaks against it, reasons among it, one clause each."""
        unproven = (one.says for one in self.reasons if one.weight == "unproven")
        carried = (f"bring along: {one.says}" for one in self.reasons if one.weight == "carry")
        return (*self.speaks_against, *unproven, *carried)


class DockerfileNow(Struct, frozen=True, kw_only=True):
    """The Dockerfile that a base is wanted for.

    Attributes:
        path: as it was named.
        line: of the FROM instruction of the stage that is shipped.
        base: as it stands there, build arguments filled in.
        base_wire_bytes: as the catalogue knows it.
    """

    path: str
    line: int
    base: str
    base_wire_bytes: int | None


class DockerfileChange(Struct, frozen=True, kw_only=True):
    """What would be written.

    Attributes:
        base: that the change puts the stage on.
        diff: unified.
        manual: what the change leaves to a person, one sentence each.
    """

    base: str
    diff: str
    manual: tuple[str, ...]


class BaseSuggestResult(Struct, frozen=True, kw_only=True):
    """Schema `lightship.base-suggest/1`.

    Attributes:
        image: null where there is a Dockerfile and no image.
        dockerfile: null where an image alone was named.
        languages: of the runtimes that the application needs of its base.
        needs: why these candidates, one sentence.
        candidates: the smallest image first; those on which it will not run last.
        left_out: what of the catalogue was not judged, one sentence each.
        change: for the first candidate; null without a Dockerfile, or where none is better.
    """

    image: AsItIs | None
    dockerfile: DockerfileNow | None
    languages: tuple[str, ...]
    needs: str
    candidates: tuple[Suggested, ...]
    left_out: tuple[str, ...]
    change: DockerfileChange | None
    warnings: tuple[str, ...]
    schema: str = "lightship.base-suggest/1"
