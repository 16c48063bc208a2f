"""Claims that packages can go: one piece of evidence a package, the heaviest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.owned_files import heaviest_packages, owned_files
from lightship.model.finding import Evidence
from lightship.printable import printable
from lightship.rules.rule import Claim

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.model.finding import Confidence
    from lightship.rules.rule import Subject

_NAMED = 5


def packages_claim(
    subject: Subject,
    numbers: Iterable[int],
    what: str,
    *,
    advice: str | None = None,
    confidence: Confidence | None = None,
) -> Claim | None:
    """`12.3 MB of WHAT in 5 files: a, b`; None where the packages have no visible byte.

    Args:
        subject: the image.
        numbers: positions of packages in `Ownership.packages`.
        what: the packages, in words.
        advice: None for the rule's own.
        confidence: likewise.
    """
    ledger = subject.ledger
    files = list(owned_files(ledger, numbers))
    ranked = [(number, size, record) for number, size, record in heaviest_packages(files) if size]
    if not ranked:
        return None
    packages = ledger.ownership.packages
    evidence = [
        Evidence(
            path=None,
            bytes=size,
            layer=ledger.tree.locate(record)[0],
            note=printable(f"{packages[number].name} {packages[number].version or ''}".strip()),
        )
        for number, size, record in ranked
    ]
    names = ", ".join(printable(packages[number].name) for number, _, _ in ranked[:_NAMED])
    more = f" and {len(ranked) - _NAMED} more" if len(ranked) > _NAMED else ""
    return Claim(
        message=f"{{bytes}} of {what} in {{files}}: {names}{more}.",
        paths=[file.path for file in files],
        evidence=evidence,
        advice=advice,
        confidence=confidence,
    )
