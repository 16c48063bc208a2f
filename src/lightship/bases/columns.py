"""What is known of a base in columns: of a row of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.bases.freshness import fact
from lightship.bases.support import support_of_row
from lightship.model.results.base_facts import BaseFacts, CountFact, Supported, TextFact

if TYPE_CHECKING:
    from datetime import date

    from lightship.bases.known import Known
    from lightship.bases.support import BaseSupport
    from lightship.catalogue.base_images import BaseRow


def facts_of_row(row: BaseRow, known: Known, platform: str) -> BaseFacts:
    """The catalogue's word on a base.

    Args:
        row: of the base.
        known: what is known today.
        platform: that sizes are wanted for, as the catalogue writes it: `linux/arm64`.
    """

    def text(name: str) -> TextFact:
        return _text(row, name, known.today)

    def count(name: str, on: str | None = None) -> CountFact:
        return _count(row, name, known.today, on)

    return BaseFacts(
        wire_bytes=count("wire_bytes", platform),
        unpacked_bytes=count("unpacked_bytes", platform),
        layers=count("layers"),
        packages=count("packages"),
        system=text("system"),
        version=text("version"),
        libc=text("libc"),
        libc_version=TextFact(),
        package_manager=text("package_manager"),
        shell=text("shell"),
        user=text("user"),
        created=text("created"),
        age_days=age_days(row.created, known.today),
        support=supported(support_of_row(row, known)),
        platforms=row.platforms,
    )


def supported(support: BaseSupport) -> tuple[Supported, ...]:
    """The support of a base's system, and of what it is made for; of one product once."""
    told = {one.name: one for one in (support.system, support.product) if one is not None}
    return tuple(
        Supported(
            name=one.name,
            state=one.state,
            ends=one.ends.isoformat() if one.ends is not None else None,
            days=one.days,
            extended=one.extended.isoformat() if one.extended is not None else None,
            source=one.origin.source,
            seen=one.origin.seen.isoformat(),
            stale=one.stale,
        )
        for one in told.values()
    )


def age_days(created: date | None, today: date) -> int | None:
    """How old an image is; None where nobody knows, or its day lies ahead."""
    days = (today - created).days if created is not None else -1
    return days if days >= 0 else None


def _text(row: BaseRow, name: str, today: date) -> TextFact:
    known = fact(row, name, today)
    if known.value is None or known.origin is None:
        return TextFact()
    return TextFact(
        value=str(known.value),
        source=known.origin.source,
        seen=known.origin.seen.isoformat(),
        state=known.state,
        why=known.why,
    )


def _count(row: BaseRow, name: str, today: date, platform: str | None) -> CountFact:
    known = fact(row, name, today, platform)
    if not isinstance(known.value, int) or known.origin is None:
        return CountFact()
    return CountFact(
        value=known.value,
        source=known.origin.source,
        seen=known.origin.seen.isoformat(),
        state=known.state,
        why=known.why,
        about=known.rounded,
    )
