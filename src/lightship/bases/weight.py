"""What an application weighs on another base.

The carried files keep the shares of the image's blobs in which they lie now; so do the packages
that are installed anew. Of other releases of a package, and of what compresses differently beside
other files, nothing is known: these sums are estimates. The base's own bytes are not.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.ledger import NO_PACKAGE
from lightship.model.results.base_check import OnBase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.bases.application import Application
    from lightship.bases.candidate import Candidate
    from lightship.bases.inside import Inside
    from lightship.bases.move import Move


class Bytes(Struct, frozen=True):
    """Of some files: their share of the image's blobs, their content."""

    wire_bytes: int = 0
    unpacked_bytes: int = 0


class Burden(Struct, frozen=True, kw_only=True):
    """What an application has to bring along, whatever it stands on.

    Attributes:
        carried: what is copied.
        packages: by position in the image's packages, what its distribution's weigh in it.
        config_bytes: of the image's config.
    """

    carried: Bytes
    packages: Mapping[int, Bytes]
    config_bytes: int


def burden(application: Application) -> Burden:
    """Weigh what an application brings along."""
    ledger = application.inside.ledger
    wire_of, owner_of = ledger.wire.wire_of, ledger.ownership.owner_of
    carried = [0, 0]
    installed: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for place in ledger.places:
        for record, content_bytes in zip(place.records, place.sizes, strict=True):
            if record in application.carried:
                taken = carried
            elif owner_of[record] != NO_PACKAGE:
                taken = installed[owner_of[record] - 1]
            else:
                continue
            taken[0] += wire_of[record]
            taken[1] += content_bytes
    return Burden(
        carried=Bytes(*carried),
        packages={number: Bytes(*taken) for number, taken in installed.items()},
        config_bytes=application.inside.config_bytes,
    )


def weight_on(load: Burden, move: Move) -> OnBase:
    """What an image of an application on a base weighs.

    Of packages those count that the base lacks, where it is of the same system; else all that the
    application's layers brought, for nobody knows what the other system's weigh.

    Args:
        load: of the application: `burden(move.application)`.
        move: it, and the base; of one that nobody opened the catalogue's sizes count.
    """
    image, candidate = move.application.inside, move.candidate
    wire, unpacked = base_bytes(candidate, str(image.platform))
    stays = candidate.inside is not None and _stands_on(image, candidate.inside)
    installed = _installed(move)
    weighed = [load.packages.get(number, Bytes()) for number in installed]
    packages = Bytes(
        sum(one.wire_bytes for one in weighed), sum(one.unpacked_bytes for one in weighed)
    )
    over_wire = load.carried.wire_bytes + packages.wire_bytes + load.config_bytes
    over_unpacked = load.carried.unpacked_bytes + packages.unpacked_bytes
    return OnBase(
        wire_bytes=image.wire_bytes if stays else _sum(wire, over_wire),
        unpacked_bytes=image.unpacked_bytes if stays else _sum(unpacked, over_unpacked),
        wire_bytes_estimated=not stays or any(scan.wire.estimated for scan in image.scans),
        unpacked_bytes_estimated=not stays and bool(installed),
        base_wire_bytes=wire,
        base_unpacked_bytes=unpacked,
        carried_wire_bytes=load.carried.wire_bytes,
        carried_unpacked_bytes=load.carried.unpacked_bytes,
        packages=len(installed),
        packages_wire_bytes=packages.wire_bytes,
        packages_unpacked_bytes=packages.unpacked_bytes,
        pull_with_base_bytes=over_wire,
        pull_with_image_bytes=0 if stays else _not_in(image, candidate, over_wire, wire),
    )


def _installed(move: Move) -> frozenset[int]:
    landing = move.landing
    if landing is not None and landing.is_same_system:
        return landing.brought
    return move.application.packages


def _sum(base: int | None, load: int) -> int | None:
    return None if base is None else base + load


def _stands_on(image: Inside, base: Inside) -> bool:
    """Whether the image is built on this very base: then it weighs what it weighs."""
    return bool(base.scans) and image.diff_ids[: len(base.diff_ids)] == base.diff_ids


def base_bytes(candidate: Candidate, platform: str) -> tuple[int | None, int | None]:
    """Wire bytes of a base's layers, and their unpacked bytes; None where nobody knows."""
    inside = candidate.inside
    if inside is not None:
        return sum(inside.layer_wire_bytes.values()), inside.unpacked_bytes
    row = candidate.row
    if row is None:
        return None, None
    return row.wire_bytes.get(platform), row.unpacked_bytes.get(platform)


def _not_in(image: Inside, candidate: Candidate, over: int, wire: int | None) -> int | None:
    """What a node that has the image pulls: the layers of the base that the image lacks too."""
    if wire is None:
        return None
    if candidate.inside is None:
        return wire + over
    there = image.layer_wire_bytes
    missing = {
        digest: count
        for digest, count in candidate.inside.layer_wire_bytes.items()
        if digest not in there
    }
    return sum(missing.values()) + over
