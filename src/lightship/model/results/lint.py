"""What `lint` answers. Sizes are bytes; which bytes, docs/reference/vocabulary.md says."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from lightship.model.finding import Confidence, Severity  # noqa: TC001 - for who decodes


class Saved(Struct, frozen=True):
    """What resolving a finding takes out of the image.

    Attributes:
        unpacked_bytes: content bytes of files that a node unpacks no more.
        wire_bytes: their share of the compressed layers, always an estimate; None if not known.
        estimated: False where `unpacked_bytes` was measured in the image that the file built.
        source: where the figures come from, in words.
    """

    unpacked_bytes: int
    wire_bytes: int | None
    estimated: bool
    source: str


class FixOffer(Struct, frozen=True):
    """A fix that `lightship fix` can make.

    Attributes:
        title: what it does.
        tier: `safe`: the image stays the same but for caches and copies that nothing reads;
            `unsafe`: what is installed or built changes, so a person has to look.
        notes: what a person has to check.
    """

    title: str
    tier: Literal["safe", "unsafe"]
    notes: tuple[str, ...] = ()


class LintFinding(Struct, frozen=True, kw_only=True):
    """What a rule says about one place in a Dockerfile, or in an ignore file.

    Attributes:
        rule: its name, as `lightship explain` takes it.
        title: of the rule, in a few words.
        message: one sentence with what was found; may hold foreign text.
        advice: what to do, one sentence.
        path: of the file, as it was named or found; `-` for standard input.
        path_base64: its bytes, if text cannot give them back.
        line, end_line, column: from 1, columns in characters.
        instruction: its text on one line, `***` for secrets in it, cut if it is long; of an ignore
            file the line. None for a finding about the file as a whole.
        fix: that `lightship fix` can make; None where there is none.
        unfixed: why there is none, if one would be expected.
        saving: None where no bytes are saved or nobody can know.
        suppressed: the reason of the comment or setting that asks not to hear of it.
        fingerprint: the same for the same finding when lines move.
    """

    rule: str
    title: str
    severity: Severity
    confidence: Confidence
    message: str
    advice: str
    path: str
    path_base64: str | None = None
    line: int
    end_line: int
    column: int
    instruction: str | None = None
    fix: FixOffer | None = None
    unfixed: str | None = None
    saving: Saved | None = None
    suppressed: str | None = None
    fingerprint: str = ""


class LintedFile(Struct, frozen=True):
    """A file that was read.

    Attributes:
        path, path_base64: as in `LintFinding`.
        untouched: why `lightship fix` would edit nothing in it; None if it could.
    """

    path: str
    path_base64: str | None
    untouched: str | None


class FileProblem(Struct, frozen=True):
    """Why a file could not be read, or is no valid Dockerfile, or could not be written.

    Attributes:
        path, path_base64: as in `LintFinding`.
        line: from 1; None if it is no matter of a line.
        message: what is wrong, without a final full stop; may hold foreign text.
        exit_code: 3 not found or not readable, 4 no valid Dockerfile, 5 not writable, 70 a bug.
    """

    path: str
    path_base64: str | None
    line: int | None
    message: str
    exit_code: int


class LintResult(Struct, frozen=True):
    """Schema `lightship.lint/1`."""

    failed: bool
    """Whether a finding that is not suppressed is as severe as `fail_on`, or more."""
    fail_on: Severity
    findings: tuple[LintFinding, ...]
    """File by file, by line."""
    files: tuple[LintedFile, ...]
    """Those that were read; an ignore file only if something was found in it."""
    problems: tuple[FileProblem, ...]
    saving: Saved | None
    """Of all findings that are not suppressed together; None if none saves."""
    image: str | None
    """What the savings were measured in."""
    schema: str = "lightship.lint/1"
