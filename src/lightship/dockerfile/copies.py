"""What COPY and ADD take, and where it goes."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.words import expand, split_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.dockerfile.build import Step
    from lightship.dockerfile.tree import Instruction


class Copy(Struct, frozen=True):
    """One COPY or ADD.

    Attributes:
        sources: as written, variables filled in where they are known.
        target: as written; a final slash says that it is a directory.
        path: the target as an absolute path without a final slash; None if it is not known.
        source: what `--from` names; None for the build context.
    """

    sources: tuple[str, ...]
    target: str
    path: str | None
    source: str | None

    @property
    def is_directory(self) -> bool:
        """Whether the target is a directory for sure, so that sources keep their names in it."""
        return self.target.endswith("/") or self.target in (".", "..") or len(self.sources) > 1

    @property
    def remote(self) -> tuple[str, ...]:
        """The sources that are addresses."""
        marks = ("http://", "https://", "git@", "git://", "ssh://")
        return tuple(source for source in self.sources if source.startswith(marks))


def copy_of(step: Step) -> Copy | None:
    """What a COPY or ADD copies; None for another instruction, or one that is not complete.

    Contents of here-documents are among the sources by their `<<NAME`.
    """
    instruction = step.instruction
    if instruction.keyword not in ("COPY", "ADD"):
        return None
    known = step.scope.environment
    words = [_filled(word, known) for word in _words(instruction)]
    if len(words) < 2:
        return None
    target = words[-1]
    return Copy(tuple(words[:-1]), target, _path(step, target), instruction.flag("from"))


def _words(instruction: Instruction) -> tuple[str, ...]:
    if instruction.json is not None:
        return instruction.json
    return tuple(word.text for word in split_words(instruction.value) or ())


def _filled(word: str, known: Mapping[str, str | None]) -> str:
    filled = expand(word, known) if "$" in word else word
    return word if filled is None else filled


def _path(step: Step, target: str) -> str | None:
    if "$" in target:
        return None
    if target.startswith("/"):
        return posixpath.normpath(target)
    if step.scope.workdir is None:
        return None
    return posixpath.normpath(posixpath.join(step.scope.workdir, target))
