"""Site folders of Python, and which files a distribution's list gives it there."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from lightship.analysis.packages.listed_paths import is_within, joined
from lightship.filetree.tree import Directory
from lightship.printable import decode_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.analysis.packages.records import Records

_PREFIX = re.compile(rb"(?:(.*)/)?lib(?:32|64)?/(?:python|pypy)[^/]*/(?:site|dist)-packages\Z")
_SITES = frozenset({b"site-packages", b"dist-packages"})
_CACHE = b"__pycache__"


class Site:
    """A folder that distributions are installed into.

    Attributes:
        prefix: the folder that everything installed with it is below: `usr/local` of
            `usr/local/lib/python3.11/site-packages`; of other folders (`--target`) they themselves.
        names: of what is in it.
        shared_tops: top-level names that several of its projects give, once they were counted.
    """

    def __init__(self, records: Records, path: bytes) -> None:
        self._records = records
        self.path = path
        match = _PREFIX.match(path)
        self.prefix: bytes = (match[1] or b"") if match else path
        self.is_usual = match is not None
        directory = records.directory(path)
        self.names = sorted(directory.children) if directory is not None else []
        self._directory = directory
        self.shared_tops: frozenset[bytes] | None = None

    @cached_property
    def is_site(self) -> bool:
        """Whether projects are installed here, by its name or by a `.dist-info` in it."""
        return self.path.rpartition(b"/")[2] in _SITES or any(
            name.endswith(b".dist-info") for name in self.names
        )

    @cached_property
    def modules(self) -> dict[bytes, list[bytes]]:
        """Files of modules directly in it, by the module's name."""
        found: dict[bytes, list[bytes]] = {}
        for name in self.names:
            if name.endswith((b".py", b".so")):
                found.setdefault(name.split(b".", 1)[0], []).append(name)
        return found

    @cached_property
    def tells_requested(self) -> bool:
        """Whether any distribution here has a REQUESTED file (pip 20.2 and later write them)."""
        return any(
            self.has(self.below(name), b"REQUESTED")
            for name in self.names
            if name.endswith(b".dist-info")
        )

    def below(self, name: bytes) -> bytes:
        """The path of a name in it."""
        return self.path + b"/" + name if self.path else name

    def has(self, folder: bytes, name: bytes) -> bool:
        """Whether a folder directly in it has something of a name."""
        if self._directory is None:
            return False
        child = self._directory.children.get(folder.rpartition(b"/")[2])
        return isinstance(child, Directory) and name in child.children

    def is_folder(self, name: bytes) -> bool:
        """Whether something directly in it is a folder."""
        return self._directory is not None and isinstance(
            self._directory.children.get(name), Directory
        )

    def names_at(self, folder: bytes) -> Iterable[bytes]:
        """Names in a folder anywhere."""
        return self._records.names_in(folder)

    def exists(self, path: bytes) -> bool:
        """Whether there is anything at a path from the root."""
        return self._records.exists(path)


def named(folder: bytes, ending: bytes) -> tuple[str, str | None]:
    """Name and version as a metadata folder is called: `requests-2.31.0.dist-info`."""
    stem = decode_path(folder.rpartition(b"/")[2].removesuffix(ending))
    name, dash, version = stem.partition("-")
    return name, version.partition("-")[0] if dash else None


def listed(site: Site, base: bytes, paths: Iterable[bytes]) -> tuple[list[bytes], int]:
    """The paths of a list, from the root, with the bytecode of the sources among them.

    Args:
        site: where the list was found.
        base: the folder that the list's paths are relative to.
        paths: as listed.

    Returns:
        The paths below the site's prefix, and how many others there were.
    """
    owned: list[bytes] = []
    outside = 0
    start = base + b"/" if base else b""
    inside = base == site.path or is_within(base, site.path)
    modules: dict[bytes, set[bytes]] = {}
    for relative in paths:
        if inside and relative and not relative.startswith((b"/", b".")) and b"/." not in relative:
            path: bytes | None = start + relative
        else:
            path = joined(base, relative)
            if path is not None and not is_within(path, site.prefix):
                path = None
            if not site.is_usual and relative.startswith(b"../"):
                path = _moved(site, relative) or path
        if path is None:
            outside += 1
            continue
        owned.append(path)
        if path.endswith(b".py"):
            folder, _, name = path.rpartition(b"/")
            modules.setdefault(folder, set()).add(name[:-3])
    return owned + _bytecode(site, modules, set(owned)), outside


def _moved(site: Site, relative: bytes) -> bytes | None:
    """Where `pip install --target` has put a program: in `bin` of the folder itself.

    It installs into `lib/python` of a folder that is gone later, and RECORD tells of that one.
    """
    path = joined(site.path, relative.replace(b"../", b""))
    return path if path is not None and site.exists(path) else None


def _bytecode(site: Site, modules: dict[bytes, set[bytes]], owned: set[bytes]) -> list[bytes]:
    """Compiled files of the modules that no list tells of (PEP 3147: `NAME.TAG.pyc`)."""
    found: list[bytes] = []
    for folder, stems in modules.items():
        cache = folder + b"/" + _CACHE if folder else _CACHE
        for name in site.names_at(cache):
            path = cache + b"/" + name
            if name.endswith(b".pyc") and path not in owned and name.split(b".", 1)[0] in stems:
                found.append(path)
    return found


def top_level(
    site: Site, names: Iterable[bytes], shared: frozenset[bytes]
) -> tuple[list[bytes], list[bytes]]:
    """What top-level names are in a site folder.

    Returns:
        Modules (with their bytecode), and packages: folders that are theirs as a whole.
    """
    modules: list[bytes] = []
    packages: list[bytes] = []
    for name in sorted(set(names) - shared):
        if site.is_folder(name):
            packages.append(site.below(name))
        modules += site.modules.get(name, ())
    owned, _ = listed(site, site.path, modules)
    return owned, packages
