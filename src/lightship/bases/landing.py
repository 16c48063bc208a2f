"""The landing of a move: the base with the application over it, merged in thought."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from lightship.analysis.ledger import NO_PACKAGE
from lightship.analysis.os_release import os_release
from lightship.analysis.packages.records import Records
from lightship.analysis.packages.systems import DISTRIBUTIONS
from lightship.analysis.places import find_places
from lightship.bases.landed_settings import landed
from lightship.bases.scene import Scene
from lightship.bases.system_state import is_system_state
from lightship.errors import CorruptInputError
from lightship.filetree.merging import merge
from lightship.filetree.picked import pick
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from lightship.bases.application import Application
    from lightship.bases.inside import Inside
    from lightship.bases.landed_settings import Landed


class Landing(Scene, frozen=True, kw_only=True, dict=True):
    """What a container of the application on the base would see.

    Its tree is of the base's layers, and over them of one that is made of what comes along; its
    settings are those that the application makes itself, and for the rest the base's.

    Attributes:
        brought: positions in the application's `ledger.ownership.packages` of the packages that are
            installed anew there, with all that these need and the base lacks: only where both are
            of one release of one distribution; else nobody knows what such packages hold there.
        is_same_system: whether they are.
        how: what of the settings has to be made again.
        origins: for each record above the base the record of the application's image; -1 below.
    """

    brought: frozenset[int]
    is_same_system: bool
    how: Landed
    origins: array[int]


def land(application: Application, base: Inside) -> Landing | None:
    """Lay an application over a base.

    Accounts, package databases and caches stay the base's. None where the two make no tree: links
    in the base run in a circle.
    """
    same = _is_same_system(application.inside, base)
    brought = _brought(application, base) if same else frozenset()
    choose = _Choice(application, base, brought, is_same_system=same)
    picked = pick(application.inside.ledger.tree, choose.takes, base.ledger.tree)
    try:
        tree = merge([*base.ledger.tree.indexes, picked.index])
    except CorruptInputError:
        return None
    origins = array("q", (-1,)) * tree.bases[-1]
    origins.extend(picked.origins)
    records = Records(tree, find_places(tree))
    how = landed(application, base, records)
    return Landing(
        records=records,
        settings=how.settings,
        how=how,
        brought=brought,
        is_same_system=same,
        origins=origins,
    )


def _is_same_system(image: Inside, base: Inside) -> bool:
    ours, theirs = os_release(image.ledger.records), os_release(base.ledger.records)
    return ours is not None and theirs is not None and ours.system == theirs.system


def _brought(application: Application, base: Inside) -> frozenset[int]:
    packages = application.inside.ledger.ownership.packages
    there = {(one.system, one.name) for one in base.ledger.ownership.packages}
    return frozenset(
        number
        for number in application.installed
        if packages[number].system in DISTRIBUTIONS
        and (packages[number].system, packages[number].name) not in there
    )


class _Choice:
    """Which names come along."""

    def __init__(
        self,
        application: Application,
        base: Inside,
        brought: frozenset[int],
        *,
        is_same_system: bool,
    ) -> None:
        self._application = application
        self._kinds = application.inside.ledger.tree.kinds
        self._owner_of = application.inside.ledger.ownership.owner_of
        self._brought = brought
        self._same = is_same_system
        self._there = base.ledger.records

    def takes(self, directory: bytes, name: bytes, inode: int) -> bool:
        kind = self._kinds[inode]
        path = directory + b"/" + name if directory else name
        if kind == Kind.REGULAR:
            if inode in self._application.carried:
                return not is_system_state(path)
            owner = self._owner_of[inode]
            return owner != NO_PACKAGE and owner - 1 in self._brought
        if kind != Kind.SYMLINK:
            return inode >= self._application.first_record and not is_system_state(path)
        package = self._application.packaged_links.get(inode)
        if package is not None:
            return package in self._brought
        if inode < self._application.first_record:
            return False
        # Packages make links of their own when they are installed (`alternatives`).
        if is_system_state(path):
            return self._same and not self._there.exists(path)
        return self._same or not self._there.exists(path)
