"""Rules for build contexts: what they are asked, and what they say."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lightship.context.context import Context
    from lightship.context.survey import Place, Survey
    from lightship.model.finding import Confidence, Severity


class Sending(Struct, frozen=True, kw_only=True, dict=True):
    """A build context as rules see it: its Dockerfile and ignore file, and the walk through it.

    Attributes:
        context: the folder, with both files.
        survey: what became of each file.
        is_whole: whether the walk went through all of it: if not, there is at least so much.
    """

    context: Context
    survey: Survey
    is_whole: bool = True

    @cached_property
    def places(self) -> dict[str, Place]:
        """The directories that were walked, by path."""
        return {place.path: place for place in self.survey.places}

    @property
    def sends_unused(self) -> bool:
        """Whether the builder gets also what no instruction takes."""
        return not self.context.sends_only_used


class ContextSmell(Struct, frozen=True, kw_only=True):
    """What a rule says.

    Attributes:
        message: one sentence, with what was found and how much it is.
        line: of the ignore file; None where it is about none.
        position: of the instruction in the Dockerfile; None where it is about none.
        paths: in the context, the largest or first ones.
        files, content_bytes: how much it is about: regular files and their sizes; None where that
            is no question.
        advice, severity, confidence: None for the rule's own.
    """

    message: str
    line: int | None = None
    position: int | None = None
    paths: tuple[str, ...] = ()
    files: int | None = None
    content_bytes: int | None = None
    advice: str | None = None
    severity: Severity | None = None
    confidence: Confidence | None = None


class ContextRule(Struct, frozen=True, kw_only=True):
    """One rule; a module in `rules/context/` has it as `RULE`, or several as `RULES`.

    Attributes:
        name: in kebab case; also the module's name, with underscores.
        title: in a few words.
        severity, confidence: what a smell is unless it says otherwise.
        advice: what to do, one sentence.
        page: the module's docstring, as for `DockerfileRule`.
        check: what the rule says.
        in_lint: whether `lint` asks it as well as `context show`; not where a rule for Dockerfiles
            says the same at the COPY, or where it is no matter of the project's files alone.
    """

    name: str
    title: str
    severity: Severity
    confidence: Confidence
    advice: str
    page: str
    check: Callable[[Sending], Iterable[ContextSmell]]
    in_lint: bool = True

    @property
    def asked(self) -> bool:
        """Whether `lint` asks it without its being selected by name."""
        return self.in_lint

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of hadolint, which has no rules for build contexts."""
        return ()
