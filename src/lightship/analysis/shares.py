"""Shares: what every package, category, instruction, directory and type takes, and the rest."""

from __future__ import annotations

from array import array
from itertools import compress
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.duplicates import visible_masks
from lightship.analysis.file_types import by_type
from lightship.analysis.ledger import NO_PACKAGE
from lightship.catalogue.categories import CATEGORIES
from lightship.model.results.contents import REST, UNPACKAGED, Contents, PackageShare, Share
from lightship.model.results.contents import WireUse as WireFigures
from lightship.printable import base64_of, decode_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lightship.analysis.ledger import Ledger

_LEVELS = 2


class Taken(Struct):
    """What a group takes: content bytes, wire bytes, distinct inodes."""

    visible_bytes: int = 0
    wire_bytes: int = 0
    files: int = 0

    def add(self, visible_bytes: int, wire_bytes: int, files: int) -> None:
        """Count more."""
        self.visible_bytes += visible_bytes
        self.wire_bytes += wire_bytes
        self.files += files


def contents_of(
    ledger: Ledger, instructions: Sequence[str | None], config_bytes: int, listed: int
) -> Contents:
    """Every dimension of an image that is explained.

    Args:
        ledger: the explained image.
        instructions: what made each layer, oldest first; None where nobody knows.
        config_bytes: of the config blob.
        listed: rows of packages, directories and types at most, beside the one for the rest.
    """
    flat = _Flat(ledger)
    return Contents(
        wire=WireFigures(
            live_bytes=sum(flat.wires),
            dead_bytes=sum(ledger.wire.dead_of),
            overhead_bytes=sum(ledger.wire.overhead_of),
            config_bytes=config_bytes,
            estimated=ledger.wire.estimated,
        ),
        package_count=len(ledger.ownership.packages),
        packages=_packages(ledger, flat, listed),
        categories=_categories(ledger, flat),
        instructions=_instructions(ledger, instructions),
        directories=_directories(ledger, listed),
        types=_types(ledger, listed),
        notes=ledger.ownership.notes,
    )


class _Flat:
    """The visible inodes of all places, one after the other."""

    def __init__(self, ledger: Ledger) -> None:
        self.records, self.sizes = array("Q"), array("Q")
        for place in ledger.places:
            self.records.extend(place.records)
            self.sizes.extend(place.sizes)
        self.wires = array("Q", map(ledger.wire.wire_of.__getitem__, self.records))


def _packages(ledger: Ledger, flat: _Flat, listed: int) -> tuple[PackageShare, ...]:
    packages = ledger.ownership.packages
    owner_of = ledger.ownership.owner_of
    taken = [Taken() for _ in range(len(packages) + 1)]
    lowest = [0] * len(taken)
    for owner, record, visible_bytes, wire_bytes in zip(
        map(owner_of.__getitem__, flat.records), flat.records, flat.sizes, flat.wires, strict=True
    ):
        one = taken[owner]
        if not one.files or record < lowest[owner]:
            lowest[owner] = record
        one.visible_bytes += visible_bytes
        one.wire_bytes += wire_bytes
        one.files += 1
    rows = [
        PackageShare(
            name=package.name,
            version=package.version,
            system=package.system,
            visible_bytes=one.visible_bytes,
            wire_bytes=one.wire_bytes,
            files=one.files,
            requested=package.requested,
            layer=ledger.tree.locate(record)[0] if one.files else None,
        )
        for package, one, record in zip(packages, taken[1:], lowest[1:], strict=True)
    ]
    nobodys = taken[NO_PACKAGE]
    if nobodys.files:
        rows.append(_package_row(UNPACKAGED, nobodys))
    rows.sort(key=lambda row: (-row.visible_bytes, row.system or "", row.name, row.version or ""))
    return *rows[:listed], *_rest_of_packages(rows[listed:])


def _rest_of_packages(rows: Sequence[PackageShare]) -> Iterable[PackageShare]:
    if rows:
        yield _package_row(REST, _together(rows))


def _package_row(name: str, taken: Taken) -> PackageShare:
    return PackageShare(
        name=name,
        version=None,
        system=None,
        visible_bytes=taken.visible_bytes,
        wire_bytes=taken.wire_bytes,
        files=taken.files,
    )


def _categories(ledger: Ledger, flat: _Flat) -> tuple[Share, ...]:
    taken = [Taken() for _ in CATEGORIES]
    for category, visible_bytes, wire_bytes in zip(
        map(ledger.category_of.__getitem__, flat.records), flat.sizes, flat.wires, strict=True
    ):
        one = taken[category]
        one.visible_bytes += visible_bytes
        one.wire_bytes += wire_bytes
        one.files += 1
    named = zip((category.name for category in CATEGORIES), taken, strict=True)
    return _ordered(_row(name, one) for name, one in named if one.files)


def _instructions(ledger: Ledger, instructions: Sequence[str | None]) -> tuple[Share, ...]:
    rows = []
    wire_of = ledger.wire.wire_of
    for layer, (base, index, visible) in enumerate(visible_masks(ledger.tree), 1):
        files = sum(visible)
        if files:
            taken = Taken(
                sum(compress(index.columns.content_bytes, visible)),
                sum(compress(wire_of[base : base + len(index)], visible)),
                files,
            )
            rows.append(_row(instructions[layer - 1] or f"layer {layer}", taken, layer=layer))
    return _ordered(rows)


def _directories(ledger: Ledger, listed: int) -> tuple[Share, ...]:
    groups: dict[bytes, Taken] = {}
    wire_of = ledger.wire.wire_of
    for place in ledger.places:
        if place.names:
            top = b"/".join(place.path.split(b"/", _LEVELS)[:_LEVELS])
            groups.setdefault(top, Taken()).add(
                sum(place.sizes), sum(map(wire_of.__getitem__, place.records)), len(place.names)
            )
    rows = [
        _row(decode_path(b"/" + path), taken, name_base64=base64_of(b"/" + path))
        for path, taken in groups.items()
    ]
    return _cut(rows, listed)


def _types(ledger: Ledger, listed: int) -> tuple[Share, ...]:
    return _cut([_row(name, Taken(*figures)) for name, figures in by_type(ledger).items()], listed)


def _row(
    name: str, taken: Taken, *, layer: int | None = None, name_base64: str | None = None
) -> Share:
    return Share(
        name=name,
        visible_bytes=taken.visible_bytes,
        wire_bytes=taken.wire_bytes,
        files=taken.files,
        layer=layer,
        name_base64=name_base64,
    )


def _ordered(rows: Iterable[Share]) -> tuple[Share, ...]:
    return tuple(sorted(rows, key=lambda row: (-row.visible_bytes, row.layer or 0, row.name)))


def _cut(rows: Iterable[Share], listed: int) -> tuple[Share, ...]:
    ordered = _ordered(rows)
    if len(ordered) <= listed:
        return ordered
    return *ordered[:listed], _row(REST, _together(ordered[listed:]))


def _together(rows: Iterable[Share | PackageShare]) -> Taken:
    taken = Taken()
    for row in rows:
        taken.add(row.visible_bytes, row.wire_bytes, row.files)
    return taken
