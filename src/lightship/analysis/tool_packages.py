"""Which packages and directories of an image are tools to build with, and needed by nobody."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from lightship.analysis.elf import elves
from lightship.analysis.lookup import Lookup
from lightship.analysis.needed import with_dependencies
from lightship.catalogue.build_tools import TOOL_GROUPS, TOOL_TREES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.analysis.entrypoint import Entrypoint
    from lightship.analysis.ledger import Ledger
    from lightship.analysis.packages.package import Package
    from lightship.catalogue.build_tools import ToolGroup, ToolTree

_DEVELOPMENT = frozenset(("devel", "libdevel", "kernel", "debug"))


class FoundTree(NamedTuple):
    """A tool that was unpacked somewhere.

    Attributes:
        paths: what of it can go.
    """

    tool: str
    directory: bytes
    paths: list[bytes]


def tool_packages(
    packages: Sequence[Package], group: ToolGroup, needed: frozenset[int]
) -> frozenset[int]:
    """Positions of a group's packages, but for those that are needed.

    Needed is also what another package depends on that is neither a tool nor for development.
    """
    tools = {number for number, one in enumerate(packages) if _is_of(group, one)}
    if not tools - needed:
        return frozenset()
    others = (
        number
        for number, one in enumerate(packages)
        if not any(_is_of(each, one) for each in TOOL_GROUPS) and not _is_development(one)
    )
    return frozenset(tools - needed - with_dependencies(packages, others))


def dragged_along(ledger: Ledger, tools: frozenset[int], needed: frozenset[int]) -> frozenset[int]:
    """Positions of packages that came with tools alone, as their system would remove them.

    Nobody asked for them, no package depends on them but tools and each other, and no ELF file of
    anybody else needs a library of theirs.
    """
    packages = ledger.ownership.packages
    below = with_dependencies(packages, tools) - tools - needed
    dragged = {number for number in below if packages[number].requested is False}
    if not dragged:
        return frozenset()
    kept = (number for number in range(len(packages)) if number not in tools | dragged)
    dragged -= with_dependencies(packages, kept)
    going = tools | dragged
    owner_of = ledger.ownership.owner_of
    names: set[bytes] = set()
    libraries: list[tuple[int, bytes]] = []
    for one in elves(ledger.records):
        owner = owner_of[one.record] - 1
        if owner in dragged:
            libraries.append((owner, one.elf.soname or one.path.rpartition(b"/")[2]))
        elif owner not in going:
            names.update(name.rpartition(b"/")[2] for name in one.elf.needed)
    loaded = {owner for owner, name in libraries if name in names}
    return frozenset(dragged - with_dependencies(packages, loaded))


def find_tool_trees(ledger: Ledger, entrypoint: Entrypoint) -> Iterator[FoundTree]:
    """Unpacked tools from which the command runs nothing; none of a package's is among them."""
    lookup = Lookup(ledger.tree)
    running = [file.path for file in entrypoint.files]
    done: set[bytes] = set()
    for tree in TOOL_TREES:
        for directory in _matching(lookup, tree.directory):
            sign = lookup.file(directory + b"/" + tree.sign.encode())
            is_there = sign or lookup.directory(directory + b"/" + tree.sign.encode())
            if directory in done or not is_there:
                continue
            done.add(directory)
            owner = ledger.ownership.owner_of[sign.record] if sign is not None else 0
            paths = list(_parts(lookup, tree, directory))
            within = tuple(path + b"/" for path in paths)
            if paths and not owner and not any(path.startswith(within) for path in running):
                yield FoundTree(tree.tool, directory, paths)


def _matching(lookup: Lookup, pattern: str) -> list[bytes]:
    """Directories of a pattern's form, no link followed at their ends."""
    found = [b""]
    for part in pattern.split("/"):
        found = [
            directory.path_of(name)
            for path in found
            if (directory := lookup.directory(path)) is not None
            for name in (sorted(directory.children) if "*" in part else [part.encode()])
            if name in directory.children
            and fnmatchcase(name.decode("utf-8", "replace"), part)
            and lookup.directory(directory.path_of(name)) is directory.children[name]
        ]
    return found


def _parts(lookup: Lookup, tree: ToolTree, directory: bytes) -> Iterator[bytes]:
    if not tree.parts:
        yield directory
    for part in tree.parts:
        path = directory + b"/" + part.encode()
        head, _, name = path.rpartition(b"/")
        folder = lookup.directory(head)
        if folder is not None and name in folder.children:
            yield folder.path_of(name)


def _is_of(group: ToolGroup, package: Package) -> bool:
    names = group.packages.get(package.system)
    return names is not None and names.fullmatch(package.name) is not None


def _is_development(package: Package) -> bool:
    section = package.section.rpartition("/")[2]
    return section in _DEVELOPMENT or package.name.endswith(("-dev", "-devel"))
