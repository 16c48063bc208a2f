"""What resolving smells saves, in bytes: counted in an image's records, or read from a table.

Counting is a matter of records: each saving is the set of regular records that would not be there,
so that several together are the union of their sets and nothing counts twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.catalogue.estimates import estimates
from lightship.model.results.lint import Saved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lightship.analysis.built_from import BuiltFrom
    from lightship.rules.saved_records import Records, SavedRecords
    from lightship.rules.smell import Saving


class Counted(Struct, frozen=True):
    """What a saving comes to in an image.

    Attributes:
        records: what would not be there.
        base_bytes: of another base that would be there instead.
        exact: whether nothing had to be assumed.
    """

    records: Records
    base_bytes: int = 0
    exact: bool = True


class Savings:
    """Weighs savings of one Dockerfile.

    Args:
        image: the image that it built, as its records; None where there is none.
        built_from: how they belong together; only asked where there is an image.
        name: of the image, for `source`.
    """

    def __init__(
        self,
        image: SavedRecords | None = None,
        built_from: BuiltFrom | None = None,
        name: str = "",
    ) -> None:
        self._image = image
        self._built_from = built_from
        self._name = name

    def count(self, saving: Saving) -> Saved | None:
        """What one comes to; None if neither the image nor the table tells."""
        return self.together((saving,))

    def together(self, savings: Iterable[Saving]) -> Saved | None:
        """What several come to, if all are resolved; None if nothing is known of any."""
        counted: list[Counted] = []
        others: list[Saving] = []
        for saving in savings:
            found = self._counted(saving)
            if found is not None:
                counted.append(found)
            elif saving.looked_up is not None or saving.estimate in estimates():
                others.append(saving)
        parts = self._measured(counted), *_estimated(others)
        return _sum([part for part in parts if part is not None])

    def _counted(self, saving: Saving) -> Counted | None:
        image, built_from = self._image, self._built_from
        if image is None or built_from is None or saving.kind == "base":
            return None
        if saving.kind == "keeps":
            return self._all_but(image, built_from, saving)
        layers = built_from.layers_of(saving.positions)
        if layers is None:
            return None
        shared = built_from.shared & layers
        if saving.kind == "merge":
            # What one layer holds is merged already. Of several, others may have done it.
            exact = built_from.matched and not (shared and len(layers) > 1)
            return Counted(image.rewritten(layers), exact=exact)
        if saving.kind == "layers" and shared:
            return None
        records = {
            "paths": image.at,
            "copies": image.copied,
            "layers": image.held,
        }[saving.kind](layers, saving.patterns)
        if records is None:
            return None
        return Counted(records, exact=built_from.matched and not shared)

    def _all_but(
        self, image: SavedRecords, built_from: BuiltFrom, saving: Saving
    ) -> Counted | None:
        if saving.base_bytes is None:
            return None
        records = image.all_but(saving.patterns)
        if records is None:
            return None
        exact = built_from.matched and not saving.base_bytes
        return Counted(records, saving.base_bytes, exact=exact)

    def _measured(self, counted: Sequence[Counted]) -> Saved | None:
        if not counted or self._image is None:
            return None
        records: Records = frozenset().union(*(one.records for one in counted))
        content, wire = self._image.weight(records)
        base = max(one.base_bytes for one in counted)
        if base:
            wire = max(wire - self._image.wire_of_base(base), 0)
        exact = all(one.exact for one in counted)
        return Saved(
            max(content - base, 0),
            wire,
            not exact,
            f"measured in {self._name}" if exact else f"counted in {self._name}",
        )


ESTIMATED = Savings()
"""Without an image."""


def _estimated(savings: Iterable[Saving]) -> Iterator[Saved]:
    """Their rows; what several rules ask for of one instruction is the same bytes."""
    seen: set[tuple[str, int]] = set()
    for saving in sorted(savings, key=lambda one: (len(one.positions), -one.times)):
        name = saving.estimate or ""
        row = saving.looked_up or estimates()[name]
        asked = {(name, position) for position in saving.positions}
        if seen.isdisjoint(asked):
            times = saving.times
            wire = row.wire_bytes * times if row.wire_bytes is not None else None
            yield Saved(row.unpacked_bytes * times, wire, True, row.source)
        seen |= asked


def _sum(parts: Sequence[Saved]) -> Saved | None:
    if not parts:
        return None
    wires = [part.wire_bytes for part in parts]
    known = [wire for wire in wires if wire is not None]
    return Saved(
        sum(part.unpacked_bytes for part in parts),
        sum(known) if len(known) == len(wires) else None,
        any(part.estimated for part in parts),
        "; ".join(dict.fromkeys(part.source for part in parts)),
    )
