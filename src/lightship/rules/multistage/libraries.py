"""The packages with the libraries that programs were built with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.catalogue.runtime_libraries import runtime_packages
from lightship.rules.multistage.plan import CannotTell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.rules.multistage.single import Single


def libraries_for(single: Single, names: Iterable[str]) -> Iterator[str]:
    """The packages of the builder's system to install for development packages of it.

    Raises:
        CannotTell: nothing is known of one of them on that system, or of the system.
    """
    system = single.system
    for name in names:
        if system is None:
            raise CannotTell(f"which system {single.image_text} is of, whose libraries it needs")
        if system.release is None and not system.is_musl:
            system.final(single.image_text, "")
        packages = runtime_packages(system.name, system.release, name)
        if packages is None:
            release = f" {system.release}" if system.release is not None else ""
            raise CannotTell(
                f"which library the program needs of {name[:60]} on"
                f" {system.name.capitalize()}{release}"
            )
        yield from packages
