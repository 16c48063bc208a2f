"""Explain an image that was read: whose each byte is, what it is, and what need not be there."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lightship.analysis.categories import categorise, category_requests
from lightship.analysis.elf import elf_requests
from lightship.analysis.ledger import Ledger
from lightship.analysis.packages.owning import find_owners
from lightship.analysis.packages.records import Records
from lightship.analysis.packages.systems import package_requests
from lightship.analysis.places import find_places
from lightship.analysis.shares import contents_of
from lightship.analysis.wire_files import wire_use
from lightship.layers.captures import Captures
from lightship.model.platform import Platform
from lightship.rules.discovery import image_rules, rule_requests
from lightship.rules.judging import judgement
from lightship.rules.rule import Subject
from lightship.rules.together import freed_together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.api.figures import Facts
    from lightship.api.measuring import Measured
    from lightship.model.finding import Finding
    from lightship.model.results.contents import Contents
    from lightship.rules.suppressing import Ignore

_EVERYTHING = 1_000_000


@cache
def captures() -> Captures:
    """What must be kept of an image's files so that it can be explained; asked for once."""
    requests = (*package_requests(), *category_requests(), *elf_requests(), *rule_requests())
    return Captures(tuple({request.name: request for request in requests}.values()))


def explain(measured: Measured) -> Ledger:
    """Whose every visible inode is, what it is, and what it weighs on the wire.

    Args:
        measured: an image, read with `captures()`; without them nothing is known of packages.
    """
    tree = measured.tree
    places = find_places(tree)
    records = Records(tree, places)
    ownership = find_owners(records)
    return Ledger(
        tree=tree,
        places=places,
        records=records,
        ownership=ownership,
        category_of=categorise(tree, places, records, ownership),
        wire=wire_use(tree, measured.scans),
    )


def contents(measured: Measured, ledger: Ledger, listed: int) -> Contents:
    """What each package, category, instruction, directory and type takes."""
    history, entries = measured.history, measured.instructions.entries
    made_by = [history[entry].created_by if entry is not None else None for entry in entries]
    return contents_of(ledger, made_by, len(measured.image.config_bytes or b""), listed)


class Found(Struct, frozen=True):
    """What the rules found.

    Attributes:
        removable_bytes: unpacked, what all that is not suppressed frees together.
    """

    findings: tuple[Finding, ...]
    removable_bytes: int


def findings(
    measured: Measured,
    ledger: Ledger,
    facts: Facts,
    ignores: Sequence[Ignore],
    listed: int,
    *,
    platform: str | None,
    base_layers: int | None,
) -> Found:
    """What all rules find.

    Args:
        measured: the image.
        ledger: it, explained.
        facts: with every class of duplicates.
        ignores: what is suppressed.
        listed: pieces of evidence, and paths, of each finding, at most.
        platform: that the image ought to run on; None for this machine's.
        base_layers: how many of its lowest layers are the base image's; None if nobody knows.
    """
    subject = Subject(
        image=measured.image,
        scans=measured.scans,
        instructions=measured.instructions,
        ledger=ledger,
        dead=facts.dead,
        dead_groups=facts.groups,
        duplicates=facts.duplicates,
        platform=platform or str(Platform.here()),
        base_layers=base_layers,
    )
    judged = judgement(subject, image_rules(), listed=_EVERYTHING, ignores=ignores)
    return Found(
        tuple(_cut(one, listed) for one in judged.findings),
        freed_together(subject, judged),
    )


def _cut(finding: Finding, listed: int) -> Finding:
    encoded = finding.paths_base64
    return replace(
        finding,
        evidence=finding.evidence[:listed],
        paths=finding.paths[:listed],
        paths_base64=encoded[:listed] if encoded is not None else None,
    )
