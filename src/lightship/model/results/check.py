"""What `check` answers. Sizes are bytes; which bytes, docs/reference/vocabulary.md says."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Verdict = Literal["pass", "warn", "fail"]
Unit = Literal["bytes", "count", "ratio", "paths"]
Bound = Literal["at_most", "at_least"]
"""On which side of a limit an image passes. Equality passes on both."""


class Subject(Struct, frozen=True):
    """The image that was judged."""

    reference: str
    digest: str | None
    image_id: str | None
    platform: str
    wire_bytes: int | None
    """None where only the manifest was read and it does not say."""
    wire_bytes_estimated: bool
    wire_bytes_error: int
    unpacked_bytes: int | None
    """None where no layer was read; so are the next four."""
    visible_bytes: int | None
    dead_bytes: int | None
    duplicate_bytes: int | None
    efficiency: float | None
    files: int | None
    layers: int


class Cause(Struct, frozen=True):
    """Something that brings an image to or over a limit."""

    what: str
    """What weighs: a path that begins with `/` and what is wrong with it, or else which bytes of
    the layer, or how many files. Foreign text."""
    layer: int | None
    created_by: str | None
    bytes: int | None
    line: int | None = None
    """Of the Dockerfile: of the instruction that made the layer, if that can be told."""


class Judged(Struct, frozen=True):
    """One budget, measured and held against its limit."""

    budget: str
    """Its name as an option: `max-wire`."""
    what: str
    """What is measured, in words: `wire bytes`."""
    unit: Unit
    bound: Bound
    measured: float
    """In `unit`; an int but for ratios."""
    warn: float | None
    """Beyond it (strictly), `warn`. None: the budget never warns."""
    fail: float | None
    """Beyond it (strictly), `fail`. None: the budget never fails."""
    verdict: Verdict
    headroom: float | None
    """What is left until it fails, or else warns; below zero: by how much it is broken."""
    origin: str
    """Where the limit comes from: `profile rahti`, `command line`, a file."""
    message: str
    """One sentence: what was measured, against what, and why that is the limit."""
    advice: str
    """What to do next; empty if it passed."""
    causes: tuple[Cause, ...]
    """What weighs most, the heaviest first; empty if it passed."""


class DiveRule(Struct, frozen=True):
    """One rule of dive's, judged by dive's own formula."""

    rule: Literal["lowestEfficiency", "highestWastedBytes", "highestUserWastedPercent"]
    limit: str
    """As it was written."""
    measured: float | None
    """As dive measures it; None where dive divides by zero."""
    verdict: Literal["pass", "fail", "skip"]
    ours: str
    """Our figure beside it, in words."""


class DiveVerdict(Struct, frozen=True):
    """The verdict of `dive --ci`."""

    origin: str
    passed: bool
    efficiency: float
    wasted_bytes: int
    user_wasted_percent: float | None
    rules: tuple[DiveRule, ...]


class Unjudged(Struct, frozen=True):
    """A limit that could not be held against anything. It makes the verdict `warn` at least."""

    budget: str
    """As in `Judged`."""
    limit: str
    """As it was written."""
    origin: str
    why: str
    """One sentence: why, and what would judge it."""


class CheckResult(Struct, frozen=True):
    """Schema `lightship.check/1`."""

    verdict: Verdict
    """The worst of all budgets and of dive's rules; `warn` at least where one is unjudged."""
    image: Subject
    profile: str | None
    baseline: str | None
    judged: tuple[Judged, ...]
    dive: DiveVerdict | None
    file: str
    """The Dockerfile that reports point at; repository-relative."""
    warnings: tuple[str, ...]
    unjudged: tuple[Unjudged, ...] = ()
    """Limits of files, the environment or a profile that this run could not judge."""
    schema: str = "lightship.check/1"
