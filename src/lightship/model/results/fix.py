"""What `fix` answers. Sizes are bytes; which bytes, docs/reference/vocabulary.md says."""

from __future__ import annotations

from msgspec import Struct

from lightship.model.results.lint import (  # noqa: TC001 - for who decodes
    FileProblem,
    FixOffer,
    LintFinding,
    Saved,
)


class MadeFix(Struct, frozen=True):
    """A fix that was made, or would be.

    Attributes:
        rule: its name, as `lightship explain` takes it.
        line: in the file as it was, from 1.
        message: what was found.
        fix: what was done about it.
        saving: None where no bytes are saved or nobody can know.
        refused: why the proof did not let it pass; None for a fix that was made.
    """

    rule: str
    line: int
    message: str
    fix: FixOffer
    saving: Saved | None
    refused: str | None = None


class FixedFile(Struct, frozen=True, kw_only=True):
    """A file and its fixes.

    Attributes:
        path: as it was named or found; `-` for standard input.
        path_base64: its bytes, if text cannot give them back.
        diff: unified, for `patch -p1` and `git apply`; empty if nothing changes.
        made: in the order in which they were made.
        refused: fixes that would have changed more than they mean to, so they were not made.
        left: what rules find in the file as it is after the fixes.
        untouched: why nothing in it may be edited; None if it may.
        written: whether the file now holds the fixes.
        fixed: the whole file with its fixes, of standard input only.
    """

    path: str
    path_base64: str | None
    diff: str
    made: tuple[MadeFix, ...]
    refused: tuple[MadeFix, ...]
    left: tuple[LintFinding, ...]
    untouched: str | None
    written: bool
    fixed: str | None = None


class FixResult(Struct, frozen=True):
    """Schema `lightship.fix/1`."""

    unsafe: bool
    """Whether unsafe fixes were asked for too."""
    files: tuple[FixedFile, ...]
    problems: tuple[FileProblem, ...]
    saving: Saved | None
    """Of all fixes together; None if none saves."""
    image: str | None
    """What the savings were measured in."""
    schema: str = "lightship.fix/1"

    @property
    def fixes(self) -> int:
        """How many fixes were made, or would be."""
        return sum(len(file.made) for file in self.files)
