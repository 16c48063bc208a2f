"""The columns of a picture, filled node by node."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lightship.analysis.ledger import NO_PACKAGE
from lightship.catalogue.categories import CATEGORIES
from lightship.model.results.picture import NodeKind, Picture, PicturePackage
from lightship.printable import printable_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.analysis.packages.package import Package

NO_CATEGORY = -1
_LONGEST_NAME = 256
_NO_PACKAGE = PicturePackage("", None, None)


class Weights(NamedTuple):
    """What a node weighs: its share of the blobs, and its content."""

    wire_bytes: int
    visible_bytes: int = 0
    dead_bytes: int = 0


class Owner(NamedTuple):
    """Whose a file is: number of its package plus one, its category, its layer, its killer."""

    package: int = NO_PACKAGE
    category: int = NO_CATEGORY
    layer: int = 0
    killed_by: int = 0


NOBODY = Owner()


class Nodes:
    """Nodes in the order in which they are to stand."""

    def __init__(self, packages: Sequence[Package]) -> None:
        self._packages = packages
        self._rows = {NO_PACKAGE: 0}
        self._names: list[str] = []
        self._figures: list[tuple[int, ...]] = []

    def add(
        self,
        kind: NodeKind,
        depth: int,
        weights: Weights,
        *,
        name: bytes = b"",
        files: int = 0,
        owner: Owner = NOBODY,
    ) -> None:
        """One node more; a directory before what is in it."""
        self._names.append(_shown(name))
        row = self._rows.setdefault(owner.package, len(self._rows))
        figures = (depth, kind, *weights, files, row)
        self._figures.append((*figures, owner.category + 1, owner.layer, owner.killed_by))

    def picture(self) -> Picture:
        """All nodes in columns."""
        depths, kinds, wire, visible, dead, files, packages, categories, layers, killed_by = zip(
            *self._figures, strict=True
        )
        return Picture(
            names=tuple(self._names),
            depths=depths,
            kinds=tuple(map(int, kinds)),
            wire_bytes=wire,
            visible_bytes=visible,
            dead_bytes=dead,
            files=files,
            packages=packages,
            categories=categories,
            layers=layers,
            killed_by=killed_by,
            package_table=(_NO_PACKAGE, *map(self._package, list(self._rows)[1:])),
            category_table=("", *(category.name for category in CATEGORIES)),
        )

    def _package(self, owner: int) -> PicturePackage:
        package = self._packages[owner - 1]
        return PicturePackage(package.name, package.version, package.system)


def _shown(name: bytes) -> str:
    text = printable_path(name[: 4 * _LONGEST_NAME])
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + "…"
