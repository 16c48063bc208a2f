"""Which packages a Node application reaches, as Node resolves their names.

A name is looked for in `node_modules` of the package's real folder, and of each folder above it
("Loading from node_modules folders", nodejs.org/api/modules.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.filetree.tree import Directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lightship.analysis.packages.npm_extracts import Manifest
    from lightship.analysis.packages.records import Records

_MODULES = b"node_modules"
_MAX_STEPS = 2_000_000
"""Folders looked into for a whole image: 2,000 packages take some tens of thousands."""
_LINK_STEPS = 10
"""What following a link costs, in the same measure."""


class Unresolved(Exception):  # noqa: N818 - it says what the answer is; nothing went wrong
    """Something that is needed is not there, or the search took too long: nobody can tell."""


class Resolution:
    """Finds packages by name.

    Args:
        records: of the image.
        manifests: what each package's folder says.
    """

    def __init__(self, records: Records, manifests: Mapping[Directory, Manifest]) -> None:
        self._records = records
        self._manifests = manifests
        self._found: dict[tuple[Directory, str], Directory | None] = {}
        self._links: dict[tuple[Directory, bytes], Directory | None] = {}
        self._steps = 0

    def closure(self, starts: Iterable[Directory], *, strict: bool = True) -> set[Directory]:
        """The folders of all packages that these need, themselves included.

        Raises:
            Unresolved: one is missing; never unless `strict`, but for the length of the search.
        """
        reached = set(starts)
        stack = list(reached)
        while stack:
            folder = stack.pop()
            manifest = self._manifests.get(folder)
            if manifest is None:
                continue
            found = self.all_of(folder, manifest.needs, strict=strict)
            found += self.all_of(folder, manifest.may_need, strict=False)
            for one in found:
                if one not in reached:
                    reached.add(one)
                    stack.append(one)
        return reached

    def all_of(self, folder: Directory, names: Sequence[str], *, strict: bool) -> list[Directory]:
        """The folders of packages that are needed by name in a folder.

        Raises:
            Unresolved: one is missing; never unless `strict`, but for the length of the search.
        """
        found: list[Directory] = []
        for name in names:
            key = folder, name
            if key in self._found:
                one = self._found[key]
            else:
                one = self._found[key] = self._resolved(folder, name.encode("utf-8", "replace"))
            if one is not None:
                found.append(one)
            elif strict:
                raise Unresolved(name)
        return found

    def _resolved(self, folder: Directory, name: bytes) -> Directory | None:
        at: Directory | None = folder
        while at is not None:
            self._spend(1)
            # Node does not look for `node_modules` in a folder of that name.
            modules = self._below(at, _MODULES) if at.name != _MODULES else None
            if modules is not None:
                found: Directory | None = modules
                for part in name.split(b"/"):
                    found = self._below(found, part) if found is not None else None
                if found is not None and found is not modules:
                    return found
            at = at.parent
        return None

    def _below(self, folder: Directory, name: bytes) -> Directory | None:
        child = folder.children.get(name)
        if child is None or isinstance(child, Directory):
            return child
        key = folder, name
        if key not in self._links:
            self._spend(_LINK_STEPS)
            self._links[key] = self._records.directory(folder.path_of(name))
        return self._links[key]

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > _MAX_STEPS:
            raise Unresolved(f"more than {_MAX_STEPS} folders to look into")
