"""Notes about records that could not be read: the first ones by name, the rest by number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.printable import decode_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.analysis.packages.records import Record

_LISTED = 10


def unread(system: str, records: Iterable[Record]) -> list[str]:
    """One line for each of the first records without an extract, one for all others."""
    broken = [record for record in records if record.extract is None]
    return shortened(system, [f"{decode_path(record.path)}: {record.problem}" for record in broken])


def shortened(system: str, problems: list[str]) -> list[str]:
    """The first problems, the others counted, each with its system in front."""
    notes = [f"{system}: {problem}" for problem in problems[:_LISTED]]
    if len(problems) > _LISTED:
        notes.append(f"{system}: {len(problems) - _LISTED} more like these")
    return notes
