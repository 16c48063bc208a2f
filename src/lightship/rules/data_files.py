"""Files of certain categories that belong to no package, as claims to move or remove them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.ledger import NO_PACKAGE
from lightship.catalogue.categories import NUMBER_OF
from lightship.catalogue.data_types import HEADS, data_type_of
from lightship.rules.evidence import at_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.model.finding import Evidence
    from lightship.rules.rule import Subject

_INCOMPRESSIBLE = 0.9


class DataFile(Struct, frozen=True):
    """An unpackaged file: where it is, and its content bytes and wire share."""

    path: bytes
    record: int
    content_bytes: int
    wire_bytes: int

    @property
    def is_incompressible(self) -> bool:
        """Whether its layer's codec gained next to nothing on it: it is compressed, or noise."""
        return self.wire_bytes >= self.content_bytes * _INCOMPRESSIBLE


def unpackaged(subject: Subject, *categories: str, at_least_bytes: int = 1) -> Iterator[DataFile]:
    """Files of these categories that no package brings, in the order of the places."""
    ledger = subject.ledger
    wanted = {NUMBER_OF[name] for name in categories}
    category_of, owner_of = ledger.category_of, ledger.ownership.owner_of
    wire_of = ledger.wire.wire_of
    for place in ledger.places:
        if not place.sizes or max(place.sizes) < at_least_bytes:
            continue
        prefix = place.path + b"/" if place.path else b""
        for name, record, size in zip(place.names, place.records, place.sizes, strict=True):
            if (
                size >= at_least_bytes
                and category_of[record] in wanted
                and owner_of[record] == NO_PACKAGE
            ):
                yield DataFile(prefix + name, record, size, wire_of[record])


def evidence_of(subject: Subject, found: list[DataFile]) -> list[Evidence]:
    """Each file with the layer that holds it, and what kind of data it is."""
    heads = {record.record: record.extract or b"" for record in subject.ledger.records.of(HEADS)}
    evidence = []
    for one in found:
        layer, _, _ = subject.ledger.tree.locate(one.record)
        name = one.path.rpartition(b"/")[2]
        kind = data_type_of(name, heads.get(one.record, b""))
        words = [kind.title] if kind is not None else []
        if one.is_incompressible:
            words.append("compresses no further")
        evidence.append(
            at_path(one.path, one.content_bytes, layer=layer, note=", ".join(words) or None)
        )
    return evidence
