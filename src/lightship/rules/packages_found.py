"""Claims that packages can go: one piece of evidence a package, the heaviest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.owned_files import heaviest_packages, owned_files
from lightship.model.finding import Evidence
from lightship.printable import printable
from lightship.rules.rule import Claim

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lightship.analysis.ledger import Ledger
    from lightship.analysis.owned_files import OwnedFile
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
    files = list(owned_files(subject.ledger, numbers))
    evidence = package_evidence(subject.ledger, files)
    if not evidence:
        return None
    return Claim(
        message=f"{{bytes}} of {what} in {{files}}: {named(evidence)}.",
        paths=[file.path for file in files],
        evidence=evidence,
        advice=advice,
        confidence=confidence,
    )


def package_evidence(ledger: Ledger, files: Iterable[OwnedFile]) -> list[Evidence]:
    """Each package that these files belong to, with a visible byte; the heaviest first."""
    packages = ledger.ownership.packages
    return [
        Evidence(
            path=None,
            bytes=size,
            layer=ledger.tree.locate(record)[0],
            note=printable(f"{packages[number].name} {packages[number].version or ''}".strip()),
        )
        for number, size, record in heaviest_packages(files)
        if size
    ]


def named(evidence: Sequence[Evidence]) -> str:
    """The first packages by name, the others by number: `gcc-12, make and 3 more`."""
    names = ", ".join((one.note or "").partition(" ")[0] for one in evidence[:_NAMED])
    return f"{names} and {len(evidence) - _NAMED} more" if len(evidence) > _NAMED else names
