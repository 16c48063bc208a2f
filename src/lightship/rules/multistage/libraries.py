"""The packages with the libraries that programs were built with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.catalogue.runtime_libraries import runtime_packages
from lightship.rules.multistage.plan import CannotTell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.rules.multistage.systems import System


def libraries_for(system: System, names: Iterable[str]) -> Iterator[str]:
    """The packages to install for development packages.

    Raises:
        CannotTell: nothing is known of one of them on that system.
    """
    for name in names:
        packages = runtime_packages(system.name, system.release, name)
        if packages is None:
            release = f" {system.release}" if system.release is not None else ""
            raise CannotTell(
                f"which library the program needs of {name[:60]} on"
                f" {system.name.capitalize()}{release}"
            )
        yield from packages
