"""The application of an image: the part that a new base has to carry."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.entrypoint import Entrypoint, find_entrypoint
from lightship.analysis.ledger import NO_PACKAGE
from lightship.analysis.needed import with_dependencies
from lightship.analysis.packages.systems import DISTRIBUTIONS
from lightship.bases.inherited import Own, own_settings
from lightship.bases.scene import Scene
from lightship.bases.system_state import is_system_state
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.inside import Inside
    from lightship.filetree.tree import Directory


class Application(Struct, frozen=True, dict=True):
    """What is moved to another base.

    Attributes:
        inside: the image that it is in.
        entrypoint: what its command runs there.
        carried: records of the visible inodes that come along as they are: above the base, no
            distribution's package owns them, and they are not what a system keeps about itself
            (`system_state`). Where nobody knows the base: all such.
        packages: positions in `ledger.ownership.packages` of the distribution's packages that came
            with layers above the base: they are installed anew, not copied. Where nobody knows the
            base: of all.
    """

    inside: Inside
    entrypoint: Entrypoint
    carried: frozenset[int]
    packages: frozenset[int]

    @property
    def first_record(self) -> int:
        """The first record above the base; records of the base are below it."""
        tree = self.inside.ledger.tree
        layers = self.inside.base_layers or 0
        return tree.bases[layers] if layers < len(tree.bases) else len(tree.kinds)

    @cached_property
    def own(self) -> Own:
        """What of the image's settings it makes itself."""
        return own_settings(self.inside)

    @cached_property
    def stands_alone(self) -> bool:
        """Whether its command can be started without the entrypoint that it has now."""
        settings = self.inside.settings
        if not settings.entrypoint or not settings.command:
            return bool(settings.command)
        file = self.scene.program(settings.command[0])
        return file is not None and self.scene.is_executable(file.record)

    @cached_property
    def scene(self) -> Scene:
        """The image as it is now, for what is asked of a landing too."""
        return Scene(records=self.inside.ledger.records, settings=self.inside.settings)

    @cached_property
    def installed(self) -> frozenset[int]:
        """Positions of `packages`, and of all that they depend on."""
        return with_dependencies(self.inside.ledger.ownership.packages, self.packages)

    def is_installed(self, record: int) -> bool:
        """Whether a file comes with packages that are installed anew, or with what they need."""
        owner = self.inside.ledger.ownership.owner_of[record]
        return owner != NO_PACKAGE and owner - 1 in self.installed

    @cached_property
    def packaged_links(self) -> dict[int, int]:
        """Records of symbolic links that a distribution's package lists, with its position."""
        return dict(_packaged_links(self.inside))


def application_of(inside: Inside) -> Application:
    """Take an image apart."""
    ledger = inside.ledger
    packages = ledger.ownership.packages
    application = Application(
        inside=inside,
        entrypoint=find_entrypoint(ledger.records, inside.settings),
        carried=frozenset(),
        packages=frozenset(),
    )
    above = application.first_record
    carried, installed = set(), set()
    for place in ledger.places:
        prefix = place.path + b"/" if place.path else b""
        for name, record in zip(place.names, place.records, strict=True):
            if record < above:
                continue
            owner = ledger.ownership.owner_of[record]
            if owner != NO_PACKAGE and packages[owner - 1].system in DISTRIBUTIONS:
                installed.add(owner - 1)
            elif not is_system_state(prefix + name):
                carried.add(record)
    return Application(
        inside=inside,
        entrypoint=application.entrypoint,
        carried=frozenset(carried),
        packages=frozenset(installed),
    )


def _packaged_links(inside: Inside) -> Iterator[tuple[int, int]]:
    tree = inside.ledger.tree
    directories: dict[bytes, Directory | None] = {}
    for position, package in enumerate(inside.ledger.ownership.packages):
        if package.system not in DISTRIBUTIONS:
            continue
        for path in package.paths:
            head, _, name = path.rpartition(b"/")
            if head not in directories:
                directories[head] = tree.find(head)
            directory = directories[head]
            child = directory.children.get(name) if directory is not None else None
            if isinstance(child, int) and tree.kinds[child] == Kind.SYMLINK:
                yield child, position
