"""Why packages are installed: asked for, needed by another, recommended by one, or left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.needed import with_dependencies
from lightship.analysis.packages.systems import DISTRIBUTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.analysis.packages.package import Package


class Unrequested(Struct, frozen=True):
    """Packages that nothing but themselves needs, by their positions.

    Attributes:
        recommended: what a package that is needed recommends, and what these depend on.
        orphaned: everything else that nobody asked for.
    """

    recommended: frozenset[int]
    orphaned: frozenset[int]


def unrequested(packages: Sequence[Package], needed: frozenset[int]) -> Unrequested:
    """Packages whose distribution says that nobody asked for them, and that no other one needs.

    Args:
        packages: all of an image.
        needed: positions of those that the image's command needs.
    """
    # Languages keep no such marks that tell all: an extra of pip brings what no package names.
    starts = needed | {
        number
        for number, package in enumerate(packages)
        if package.requested is not False
        or package.essential
        or package.system not in DISTRIBUTIONS
    }
    kept = with_dependencies(packages, starts)
    wanted = {
        (packages[number].system, name) for number in kept for name in packages[number].recommends
    }
    recommended = {
        number
        for number, package in enumerate(packages)
        if number not in kept and (package.system, package.name) in wanted
    }
    dragged = with_dependencies(packages, recommended) - kept
    rest = frozenset(range(len(packages))) - kept - dragged
    return Unrequested(dragged, rest)
