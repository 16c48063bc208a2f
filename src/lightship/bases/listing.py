"""Which bases of the catalogue are listed, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from lightship.bases.columns import facts_of_row
from lightship.model.results.base_list import ListedBase

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.bases.known import Known
    from lightship.catalogue.base_images import BaseRow

Order = Literal["bytes", "age", "support", "name"]


class Wanted(Struct, frozen=True, kw_only=True):
    """What somebody looks for; None where it does not matter.

    Attributes:
        language: as `Known.for_language` takes it.
        system: a distribution, with or without its release: `debian`, `debian 13`.
        libc: `glibc`, `musl` or `none`.
        max_wire_bytes: no bigger ones; nor those whose size nobody knows.
    """

    language: str | None = None
    system: str | None = None
    libc: str | None = None
    max_wire_bytes: int | None = None


def listed(known: Known, wanted: Wanted, platform: str) -> tuple[list[ListedBase], int]:
    """The bases that somebody looks for; and how many are left out since their size is unknown."""
    rows = known.for_language(wanted.language) if wanted.language is not None else known.rows
    found = [_listed(row, known, platform) for row in rows if _is_wanted(row, wanted)]
    if wanted.max_wire_bytes is None:
        return found, 0
    sized = [one for one in found if one.facts.wire_bytes.value is not None]
    most = wanted.max_wire_bytes
    return [one for one in sized if (one.facts.wire_bytes.value or 0) <= most], len(found) - len(
        sized
    )


def in_order(bases: Iterable[ListedBase], order: Order) -> list[ListedBase]:
    """Those whose support has ended last; of the others what is unknown last."""
    return sorted(bases, key=lambda one: (one.facts.has_ended, *_place(one, order), one.name))


def _place(one: ListedBase, order: Order) -> tuple[bool, int]:
    facts = one.facts
    values = {
        "bytes": facts.wire_bytes.value,
        "age": facts.age_days,
        "support": -facts.support_days if facts.support_days is not None else None,
        "name": 0,
    }
    value = values[order]
    return value is None, value or 0


def _is_wanted(row: BaseRow, wanted: Wanted) -> bool:
    if wanted.libc is not None and row.libc != wanted.libc:
        return False
    if wanted.system is None:
        return True
    system = " ".join(wanted.system.lower().replace(":", " ").split())
    return row.system is not None and f"{row.system} ".startswith(f"{system} ")


def _listed(row: BaseRow, known: Known, platform: str) -> ListedBase:
    return ListedBase(
        name=row.name,
        kind=row.kind,
        languages=row.languages,
        variant=row.variant,
        facts=facts_of_row(row, known, platform),
        notes=row.notes,
    )
