"""Findings: what a rule says about an image."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Severity = Literal["error", "warning", "info"]
"""`error`: it breaks, leaks or cannot run; `warning`: worth acting on; `info`: good to know."""
Confidence = Literal["certain", "likely", "guess"]
Remedy = Literal["remove", "rebuild", "strip", "share", "move", "change"]
"""What resolves it: `remove` the finding's paths from the tree; `rebuild` (or squash) for bytes
that are no longer visible; `strip` ELF files; `share` one copy by links; `move` data out of the
image; `change` a setting, a base or an instruction."""


class Evidence(Struct, frozen=True):
    """One place that shows it.

    Attributes:
        path: of a file or of a directory with everything in it; foreign text. None where the
            place is no file (ENV, history, the config).
        bytes: content bytes that acting on it frees.
        layer: position of the layer that holds it; None for the config.
        created_by: the instruction that made that layer.
        note: what more there is to say, such as the name of a variable; never a secret's value.
    """

    path: str | None
    bytes: int
    layer: int | None = None
    created_by: str | None = None
    note: str | None = None
    path_base64: str | None = None


class Finding(Struct, frozen=True, kw_only=True):
    """What a rule found, with what acting on it frees.

    Attributes:
        rule: name, as `lightship explain` takes it: `apt-lists`.
        title: in a few words, for a list.
        message: one sentence with the figures.
        advice: what to do, in one sentence.
        removable_bytes: unpacked content bytes that the remedy frees, exactly for `remove`.
        wire_bytes: their share of the compressed blobs: an estimate of what a node saves.
        files: how many files (inodes) they are.
        evidence: the heaviest first, or in byte order of the paths; `evidence_count` of them there
            are in all.
        paths: names in the tree that the remedy takes away, each with everything below it, in byte
            order; `paths_count` of them there are in all. Empty where it is no matter of paths.
        suppressed: the reason given in `lightship.toml`, of a finding that is not to be shown.
    """

    rule: str
    title: str
    severity: Severity
    confidence: Confidence
    remedy: Remedy
    message: str
    advice: str
    removable_bytes: int = 0
    wire_bytes: int = 0
    files: int = 0
    evidence: tuple[Evidence, ...] = ()
    evidence_count: int = 0
    paths: tuple[str, ...] = ()
    paths_count: int = 0
    paths_base64: tuple[str | None, ...] | None = None
    suppressed: str | None = None
