"""What a rule is, what it reads, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from lightship.analysis.dead import DeadGroup, DeadRecord
    from lightship.analysis.duplicates import Duplicates
    from lightship.analysis.instructions import Instructions
    from lightship.analysis.ledger import Ledger
    from lightship.layers.captures import CaptureRequest
    from lightship.layers.scan import LayerScan
    from lightship.model.finding import Confidence, Evidence, Remedy, Severity
    from lightship.model.image import Image


class Subject(Struct, frozen=True, kw_only=True):
    """An image as rules see it: read, merged, explained.

    Attributes:
        platform: that the image ought to run on, such as `linux/amd64`.
        base_layers: how many of the lowest layers are the base image's; None if nobody knows.
    """

    image: Image
    scans: Sequence[LayerScan]
    instructions: Instructions
    ledger: Ledger
    dead: Sequence[DeadRecord]
    dead_groups: Sequence[DeadGroup]
    duplicates: Duplicates
    platform: str
    base_layers: int | None = None


class Claim(Struct, frozen=True, kw_only=True):
    """What a rule says about one thing. It becomes a `Finding` in `rules.judging`.

    Attributes:
        paths: names in the tree to remove; a directory with everything below it. Their bytes and
            wire shares are counted by the mechanism: an inode is freed if all its names go.
        evidence: where there is nothing to remove, or to say more than the paths do.
        message: one sentence; `{bytes}` and `{wire}` are filled in as sizes (`12.3 MB`), `{files}`
            as a number with its noun (`3 files`). Everything else stays as it is, other braces too.
        advice: None for the rule's own.
        severity, confidence: None for the rule's own.
        removable_bytes, wire_bytes, files: of a claim without paths.
    """

    message: str
    paths: Sequence[bytes] = ()
    evidence: Sequence[Evidence] = ()
    advice: str | None = None
    severity: Severity | None = None
    confidence: Confidence | None = None
    removable_bytes: int = 0
    wire_bytes: int = 0
    files: int = 0


class Rule(Struct, frozen=True, kw_only=True):
    """One rule; a module in `rules/image/` has it as `RULE`.

    Attributes:
        name: in kebab case: `unstripped-elf`; also the module's name, with underscores.
        title: in a few words.
        severity: what a claim is unless it says otherwise. A `warning` of a rule with a remedy that
            frees bytes is an `info` below `quiet_below_bytes`.
        advice: what to do, one sentence.
        page: for `lightship explain` and the docs, Markdown: what it finds, then under these
            headings, in this order, `## Why it matters`, `## What to do` with an example in a
            fence, and `## What it cannot see`. No other headings; tests hold it.
        check: what the rule says about an image; nothing it reads is to be trusted.
        requests: captures it needs beside those of the package systems.
    """

    name: str
    title: str
    severity: Severity
    confidence: Confidence
    remedy: Remedy
    advice: str
    page: str
    check: Callable[[Subject], Iterable[Claim]]
    requests: tuple[CaptureRequest, ...] = ()
    quiet_below_bytes: int = 1_000_000
