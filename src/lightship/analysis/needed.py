"""Which packages an image's command needs: of the files that it runs, and what these load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.elf import elves
from lightship.analysis.ledger import NO_PACKAGE
from lightship.analysis.libraries import Libraries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lightship.analysis.entrypoint import Entrypoint
    from lightship.analysis.ledger import Ledger
    from lightship.analysis.packages.package import Package
    from lightship.analysis.run_settings import RunSettings


class Needed(Struct, frozen=True):
    """What an image's command needs, as far as records and files tell.

    Attributes:
        packages: positions in `Ownership.packages`.
        records: inodes that it runs and loads.
    """

    packages: frozenset[int]
    records: frozenset[int]


def needed_packages(ledger: Ledger, entrypoint: Entrypoint, settings: RunSettings) -> Needed:
    """Packages that own what the command runs and loads, and all that these depend on.

    Packages that their system cannot do without (`essential`) are needed too.
    """
    libraries = Libraries(
        ledger.records,
        elves(ledger.records),
        settings.library_path,
        settings.working_directory,
    )
    records = {file.record for file in entrypoint.files}
    records |= libraries.closure(entrypoint.files).records
    owner_of = ledger.ownership.owner_of
    packages = ledger.ownership.packages
    starts = {owner_of[record] - 1 for record in records if owner_of[record] != NO_PACKAGE}
    starts |= {number for number, package in enumerate(packages) if package.essential}
    return Needed(with_dependencies(packages, starts), frozenset(records))


def with_dependencies(packages: Sequence[Package], starts: Iterable[int]) -> frozenset[int]:
    """These packages and all that they depend on, by their positions."""
    by_name: dict[tuple[str, str], list[int]] = {}
    for number, package in enumerate(packages):
        by_name.setdefault((package.system, package.name), []).append(number)
    found: set[int] = set()
    queue = list(starts)
    while queue:
        number = queue.pop()
        if number in found:
            continue
        found.add(number)
        package = packages[number]
        for name in package.depends:
            queue += by_name.get((package.system, name), ())
    return frozenset(found)
