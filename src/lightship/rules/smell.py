"""What a rule for Dockerfiles is, what it reads, and what it says."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lightship.bases.known import Known
    from lightship.catalogue.estimates import Estimate
    from lightship.context.folder import Folder
    from lightship.dockerfile.build import Build
    from lightship.model.edit import Edit
    from lightship.model.finding import Confidence, Severity
    from lightship.model.results.base_verdict import Answer


def _today() -> date:
    return datetime.now(UTC).date()


def _shipped(today: date) -> Known:
    from lightship.bases.known import known_bases  # noqa: PLC0415 - few rules ask

    return known_bases(None, today)


Tier = Literal["safe", "unsafe"]
"""`safe`: the image stays the same but for caches and copies that nothing reads; `unsafe`: what is
installed or built changes, so a person has to look at it and test."""


class Saving(Struct, frozen=True, kw_only=True):
    """What resolving it saves, as a question to the image that the Dockerfile built.

    Attributes:
        kind: `paths`: the records at `patterns` in the layers of `positions`; `merge`: what a
            layer of `positions` writes and a later one of them takes away or writes again;
            `copies`: what the layers of `positions` hold only because an attribute changed;
            `layers`: all that the layers of `positions` hold; `keeps`: all of the image but
            `patterns` and a base of `base_bytes`; `base`: another base image: no file of this one
            tells, only the estimate does.
        positions: of instructions in the file.
        patterns: paths from the root, in the form of `filetree.patterns`.
        base_bytes: of another base image, unpacked; None if it is not known.
        estimate: without an image: the row of `catalogue/estimates.toml`; None where there is none.
        times: how often the row counts.
        looked_up: without an image: what the rule itself found in a catalogue, instead of a row.
    """

    kind: Literal["paths", "merge", "copies", "layers", "keeps", "base"]
    positions: tuple[int, ...]
    patterns: tuple[str, ...] = ()
    base_bytes: int | None = None
    estimate: str | None = None
    times: int = 1
    looked_up: Estimate | None = None


class Fix(Struct, frozen=True, kw_only=True):
    """Edits that resolve a smell.

    Attributes:
        title: what they do, for a list: "remove the package lists in the same RUN".
        tier: see `Tier`.
        edits: of the file.
        leaves: how many instructions stand in place of those that the edits are in; None for as
            many as before. The proof holds it.
        notes: what a person has to check, each one sentence; needed for `unsafe`.
    """

    title: str
    tier: Tier
    edits: tuple[Edit, ...]
    leaves: int | None = None
    notes: tuple[str, ...] = ()


class Smell(Struct, frozen=True, kw_only=True):
    """What a rule says about one place.

    Attributes:
        position: of the instruction; None for the file as a whole.
        message: one sentence, with what was found; no sizes: those come from `saving`.
        start, end: what to point at, in the file's text; None for the whole instruction.
        fix: that resolves it; None where there is none.
        unfixed: why there is none, if a reader would expect one.
        saving: None where no bytes are saved or nobody can know.
        advice, severity, confidence: None for the rule's own.
    """

    position: int | None
    message: str
    start: int | None = None
    end: int | None = None
    fix: Fix | None = None
    unfixed: str | None = None
    saving: Saving | None = None
    advice: str | None = None
    severity: Severity | None = None
    confidence: Confidence | None = None


class JudgedBase(Struct, frozen=True, kw_only=True):
    """Another base for the image that the Dockerfile built.

    Attributes:
        name: as a FROM instruction names it.
        answer: whether the application runs there.
        image_wire_bytes: of the image as it is, and on that base (an estimate).
        against: what speaks against it, one clause each.
        instructions: what has to come along.
    """

    name: str
    answer: Answer
    image_wire_bytes: tuple[int, int]
    against: tuple[str, ...] = ()
    instructions: tuple[str, ...] = ()


class Matter(Struct, frozen=True, kw_only=True):
    """A Dockerfile as rules see it.

    Attributes:
        build: the file, read.
        folder: the build context; None where there is none, or nobody may look.
        name: of the file, without folders: `Dockerfile`.
        selected: names of rules that somebody asked for by name: they may go further.
        today: the day by which support of releases has ended.
        known_on: what is known of bases on a day; by default what comes with lightship alone. Rules
            open no file for it: who asks them says what was learnt since (`base update`).
        judged_base: a smaller base for the image, where one was looked for.
    """

    build: Build
    folder: Folder | None = None
    name: str = "Dockerfile"
    selected: frozenset[str] = frozenset()
    today: date = field(default_factory=_today)
    known_on: Callable[[date], Known] = _shipped
    judged_base: JudgedBase | None = None

    @property
    def known(self) -> Known:
        """What is known of bases today."""
        return self.known_on(self.today)


class DockerfileRule(Struct, frozen=True, kw_only=True):
    """One rule; a module in `rules/dockerfile/` has it as `RULE`, or several as `RULES`.

    Attributes:
        name: in kebab case; also the module's name, with underscores.
        title: in a few words.
        severity, confidence: what a smell is unless it says otherwise.
        advice: what to do, one sentence.
        page: for `lightship explain` and the docs: the module's docstring. Markdown: what it finds,
            then `## Why it matters`, `## What to do` with an example in a fence, and `## What it
            cannot see`. No other headings; tests hold it.
        check: what the rule says about a file. It is only asked where FROM is there; the file may
            have any other fault.
        codes: of hadolint's rules whose suppressions hold for it too.
        asked: whether it is asked without being selected by name.
        fixes: the tiers that its fixes may have; empty for a rule that fixes nothing.
    """

    name: str
    title: str
    severity: Severity
    confidence: Confidence
    advice: str
    page: str
    check: Callable[[Matter], Iterable[Smell]]
    codes: tuple[str, ...] = ()
    asked: bool = True
    fixes: tuple[Tier, ...] = ()
