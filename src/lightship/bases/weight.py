"""What an application weighs on another base.

The carried files keep the shares of the image's blobs in which they lie now; so do the packages
that are installed anew. Of other releases of a package, and of what compresses differently beside
other files, nothing is known: these sums are estimates. The base's own bytes are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.ledger import NO_PACKAGE
from lightship.model.results.base_check import OnBase

if TYPE_CHECKING:
    from lightship.bases.application import Application
    from lightship.bases.candidate import Candidate
    from lightship.bases.inside import Inside


class Burden(Struct, frozen=True, kw_only=True):
    """What an application brings along, whatever it stands on.

    Attributes:
        carried_wire_bytes, carried_unpacked_bytes: of what is copied.
        packages: how many are installed anew.
        packages_wire_bytes, packages_unpacked_bytes: what they weigh in the image as it is.
        config_bytes: of the image's config.
    """

    carried_wire_bytes: int
    carried_unpacked_bytes: int
    packages: int
    packages_wire_bytes: int
    packages_unpacked_bytes: int
    config_bytes: int

    @property
    def wire_bytes(self) -> int:
        """All of it."""
        return self.carried_wire_bytes + self.packages_wire_bytes + self.config_bytes

    @property
    def unpacked_bytes(self) -> int:
        """All of it."""
        return self.carried_unpacked_bytes + self.packages_unpacked_bytes


def burden(application: Application) -> Burden:
    """Weigh what an application brings along."""
    ledger = application.inside.ledger
    wire_of, owner_of = ledger.wire.wire_of, ledger.ownership.owner_of
    carried, installed = [0, 0], [0, 0]
    for place in ledger.places:
        for record, content_bytes in zip(place.records, place.sizes, strict=True):
            if record in application.carried:
                taken = carried
            elif _is_installed(owner_of[record], application):
                taken = installed
            else:
                continue
            taken[0] += wire_of[record]
            taken[1] += content_bytes
    return Burden(
        carried_wire_bytes=carried[0],
        carried_unpacked_bytes=carried[1],
        packages=len(application.packages),
        packages_wire_bytes=installed[0],
        packages_unpacked_bytes=installed[1],
        config_bytes=application.inside.config_bytes,
    )


def _is_installed(owner: int, application: Application) -> bool:
    return owner != NO_PACKAGE and owner - 1 in application.packages


def weight_on(load: Burden, application: Application, candidate: Candidate) -> OnBase:
    """What an image of the application on a base weighs.

    Args:
        load: of the application: `burden(application)`.
        application: it.
        candidate: the base; of one that nobody opened the catalogue's sizes count.
    """
    image = application.inside
    wire, unpacked = base_bytes(candidate, str(image.platform))
    stays = candidate.inside is not None and _stands_on(image, candidate.inside)
    return OnBase(
        wire_bytes=image.wire_bytes if stays else _sum(wire, load.wire_bytes),
        unpacked_bytes=image.unpacked_bytes if stays else _sum(unpacked, load.unpacked_bytes),
        wire_bytes_estimated=not stays or any(scan.wire.estimated for scan in image.scans),
        unpacked_bytes_estimated=not stays and load.packages > 0,
        base_wire_bytes=wire,
        base_unpacked_bytes=unpacked,
        carried_wire_bytes=load.carried_wire_bytes,
        carried_unpacked_bytes=load.carried_unpacked_bytes,
        packages=load.packages,
        packages_wire_bytes=load.packages_wire_bytes,
        packages_unpacked_bytes=load.packages_unpacked_bytes,
        pull_with_base_bytes=load.wire_bytes,
        pull_with_image_bytes=0 if stays else _not_in(image, candidate, load, wire),
    )


def _sum(base: int | None, load: int) -> int | None:
    return None if base is None else base + load


def _stands_on(image: Inside, base: Inside) -> bool:
    """Whether the image is built on this very base: then it weighs what it weighs."""
    return image.diff_ids[: len(base.diff_ids)] == base.diff_ids


def base_bytes(candidate: Candidate, platform: str) -> tuple[int | None, int | None]:
    """Wire bytes of a base's layers, and their unpacked bytes; None where nobody knows."""
    inside = candidate.inside
    if inside is not None:
        return sum(inside.layer_wire_bytes.values()), inside.unpacked_bytes
    row = candidate.row
    if row is None:
        return None, None
    return row.wire_bytes.get(platform), row.unpacked_bytes.get(platform)


def _not_in(image: Inside, candidate: Candidate, load: Burden, wire: int | None) -> int | None:
    """What a node that has the image pulls: the layers of the base that the image lacks too."""
    if wire is None:
        return None
    if candidate.inside is None:
        return wire + load.wire_bytes
    there = image.layer_wire_bytes
    missing = {
        digest: count
        for digest, count in candidate.inside.layer_wire_bytes.items()
        if digest not in there
    }
    return sum(missing.values()) + load.wire_bytes
