"""What `base check` answers. Sizes are bytes; which bytes, docs/reference/vocabulary.md says."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from lightship.model.results.base_verdict import Answer, Reason  # noqa: TC001 - read at run time

Severity = Literal["error", "warning", "info"]


class BaseFinding(Struct, frozen=True, kw_only=True):
    """What is wrong with a base, whether the application runs on it or not.

    Attributes:
        rule: `end-of-life-base`, `newer-patch`, `full-variant`, `little-used`.
        says: one sentence with its full stop; foreign names inside.
        todo: what to do about it, one sentence.
        evidence: what was seen, a few lines.
        wire_bytes: what the other base that it speaks of saves; None where nobody knows.
    """

    rule: str
    severity: Severity
    says: str
    todo: str = ""
    evidence: tuple[str, ...] = ()
    wire_bytes: int | None = None


class OnBase(Struct, frozen=True, kw_only=True):
    """What an image on a base weighs. Where nobody knows a size it is null.

    Attributes:
        wire_bytes: the base's layers and what is carried and installed over them, and the config.
        unpacked_bytes: the same, unpacked.
        wire_bytes_estimated: whether any part of `wire_bytes` is an estimate; so with the others.
        base_wire_bytes, base_unpacked_bytes: of the base alone.
        carried_wire_bytes, carried_unpacked_bytes: of what is copied: the share of the image's
            blobs in which it lies now.
        packages: that are installed anew from the distribution.
        packages_wire_bytes, packages_unpacked_bytes: what these weigh in the image as it is.
        pull_with_base_bytes: what a node pulls that has the base.
        pull_with_image_bytes: what a node pulls that has the image as it is.
    """

    wire_bytes: int | None
    unpacked_bytes: int | None
    wire_bytes_estimated: bool
    unpacked_bytes_estimated: bool
    base_wire_bytes: int | None
    base_unpacked_bytes: int | None
    carried_wire_bytes: int
    carried_unpacked_bytes: int
    packages: int
    packages_wire_bytes: int
    packages_unpacked_bytes: int
    pull_with_base_bytes: int
    pull_with_image_bytes: int | None


class AsItIs(Struct, frozen=True, kw_only=True):
    """The image that is judged, as it is now.

    Attributes:
        reference: as it was asked for.
        name: that it bears; its reference if it bears none.
        system: distribution and release, `debian 13`; null where it does not say.
        base: the name of its own base; null where nothing tells.
        base_layers: how many of its lowest layers are its base's; null where nothing tells.
    """

    reference: str
    name: str
    digest: str | None
    platform: str
    wire_bytes: int
    wire_bytes_estimated: bool
    unpacked_bytes: int
    system: str | None
    base: str | None
    base_layers: int | None


class OtherBase(Struct, frozen=True, kw_only=True):
    """A base as it is known.

    Attributes:
        opened: whether its layers were read; else it is known by the catalogue alone.
        system: `debian 13`.
        source, seen: where and when the catalogue's facts were read; null if it has none of it.
        stale: why nobody should rely on them; null where nothing speaks against them.
    """

    name: str
    digest: str | None
    opened: bool
    system: str | None
    libc: str | None
    source: str | None
    seen: str | None
    stale: str | None


class BaseCheckResult(Struct, frozen=True, kw_only=True):
    """Schema `lightship.base-check/1`.

    Attributes:
        verdict: what the exit code says.
        why: the verdict, one clause each; empty where it is `pass`.
        on: the base that was asked about; null where the image's own base was checked.
        answer, weight: null with it.
        reasons: the heaviest first.
        instructions: of a Dockerfile, what has to come along.
    """

    verdict: Literal["pass", "fail"]
    why: tuple[str, ...]
    image: AsItIs
    on: OtherBase | None
    answer: Answer | None
    weight: OnBase | None
    reasons: tuple[Reason, ...]
    instructions: tuple[str, ...]
    findings: tuple[BaseFinding, ...]
    warnings: tuple[str, ...]
    schema: str = "lightship.base-check/1"
