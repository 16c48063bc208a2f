"""What a distribution offers to install, by one or several of its indexes."""

from __future__ import annotations

from collections import deque
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

from lightship.bases.indexes.indexed import IndexedPackage, library, program
from lightship.bases.versions.ordering import compare
from lightship.catalogue.package_names import debian_packages_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Format = Literal["apk", "dpkg", "rpm"]
"""As `Package.system` names them."""
# Of a name that many provide the first ones are enough.
_MOST = 8
_WHOLE = frozenset(("main", "community"))
_MAX_CLOSURE = 20_000


class IndexFile(Struct, frozen=True, kw_only=True):
    """What one file said.

    Attributes:
        name: of the file, for messages.
        system: that it is of, `alpine 3.24`; None if it does not tell.
        repository: of Alpine's, `main`; empty if it does not tell.
        packages: in its order.
        contents: package names by what they hold (`so:...`, `cmd:...`), of a list of files.
    """

    name: str
    format: Format
    system: str | None = None
    repository: str = ""
    packages: tuple[IndexedPackage, ...] = ()
    contents: dict[str, list[str]] = field(default_factory=dict)


class Provider(Struct, frozen=True):
    """A package that has what was looked for.

    Attributes:
        is_certain: False where its name alone speaks for it.
    """

    package: IndexedPackage
    is_certain: bool = True


class Cost(Struct, frozen=True):
    """What installing some packages adds, with all that they need.

    Attributes:
        packages: names, those that were asked for first.
        download_bytes, installed_bytes: of these, as the index says.
        unmet: what they need and nothing in the index provides.
    """

    packages: tuple[str, ...]
    download_bytes: int
    installed_bytes: int
    unmet: tuple[str, ...] = ()


class PackageIndex(Struct, frozen=True, dict=True):
    """The indexes of one system, together."""

    files: tuple[IndexFile, ...]

    @property
    def system(self) -> str | None:
        """That they are of; None if they do not tell."""
        return next((one.system for one in self.files if one.system), None)

    @property
    def format(self) -> Format:
        """Of all of them."""
        return self.files[0].format

    @property
    def is_whole(self) -> bool:
        """Whether what is not in them is known to be in none: Alpine's main and community."""
        return self.format == "apk" and {one.repository for one in self.files} >= _WHOLE

    @property
    def package_count(self) -> int:
        """Packages, by name."""
        return len(self._by_name)

    def package(self, name: str) -> IndexedPackage | None:
        """The newest of a name."""
        return self._by_name.get(name)

    def named(self, name: str) -> Provider | None:
        """A package by its name, or one that stands for it."""
        own = self._by_name.get(name)
        return Provider(own, is_certain=False) if own is not None else self._provider(name)

    def provider_of_library(self, soname: str) -> Provider | None:
        """Who has a library, such as `libpq.so.5`."""
        found = self._provider(library(soname))
        if found is None and self.format == "dpkg":
            for name in debian_packages_of(soname):
                if name in self._by_name:
                    return Provider(self._by_name[name], is_certain=False)
        return found

    def provider_of_program(self, path: str) -> Provider | None:
        """Who has a program, by its path or name; without a list of files, by the name alone."""
        found = self._provider(program(path))
        if found is None and not self._knows_programs:
            same = self._by_name.get(path.rpartition("/")[2])
            return Provider(same, is_certain=False) if same is not None else None
        return found

    def cost(self, names: Iterable[str], present: Iterable[str] = ()) -> Cost:
        """What packages add that are installed where others are already.

        Args:
            names: of packages in the index; others are passed over.
            present: names of those that are installed.
        """
        there = set(present)
        for name in list(there):
            package = self._by_name.get(name)
            there.update(package.provides.split() if package is not None else ())
        asked = (self._by_name.get(name) for name in dict.fromkeys(names))
        wanted = deque(filter(None, asked))
        chosen: dict[str, IndexedPackage] = {}
        unmet: dict[str, None] = {}
        while wanted and len(chosen) < _MAX_CLOSURE:
            package = wanted.popleft()
            if package.name in chosen or package.name in there:
                continue
            chosen[package.name] = package
            there.update((package.name, *package.provides.split()))
            for clause in package.requires.split():
                alternatives = clause.split("|")
                if there.intersection(alternatives):
                    continue
                found = next(filter(None, map(self._first, alternatives)), None)
                if found is not None:
                    wanted.append(found)
                elif not clause.startswith("/"):
                    unmet[clause] = None
        return Cost(
            tuple(chosen),
            sum(one.download_bytes for one in chosen.values()),
            sum(one.installed_bytes for one in chosen.values()),
            tuple(unmet),
        )

    def _first(self, name: str) -> IndexedPackage | None:
        return self._by_name.get(name) or next(iter(self._provided.get(name, ())), None)

    def _provider(self, name: str) -> Provider | None:
        listed = self._provided.get(name, ())
        if listed:
            return Provider(min(listed, key=lambda one: (len(one.name), one.name)))
        for file in self.files:
            for owner in file.contents.get(name, ()):
                if owner in self._by_name:
                    return Provider(self._by_name[owner])
        return None

    @property
    def _knows_programs(self) -> bool:
        return self.format != "dpkg" or any(one.contents for one in self.files)

    @cached_property
    def _by_name(self) -> dict[str, IndexedPackage]:
        found: dict[str, IndexedPackage] = {}
        for file in self.files:
            for package in file.packages:
                other = found.get(package.name)
                if other is None or self._is_newer(package.version, other.version):
                    found[package.name] = package
        return found

    @cached_property
    def _provided(self) -> dict[str, list[IndexedPackage]]:
        found: dict[str, list[IndexedPackage]] = {}
        for package in self._by_name.values():
            for name in package.provides.split():
                providers = found.setdefault(name, [])
                if len(providers) < _MOST:
                    providers.append(package)
        return found

    def _is_newer(self, version: str, other: str) -> bool:
        if version == other:
            return False
        try:
            return compare(self.format, version, other) > 0
        except ValueError:
            return False


class Indexes(Struct, frozen=True, dict=True):
    """All indexes at hand."""

    files: tuple[IndexFile, ...] = ()

    def of(self, system: str | None, package_format: str) -> PackageIndex | None:
        """Those of a system; else those of its package format that do not tell what they are of.

        A list of files, which never tells, goes along with the lists of packages.
        """
        key = system, package_format
        if key not in self._found:
            fitting = [one for one in self.files if one.format == package_format]
            own = [one for one in fitting if one.system == system and system]
            untold = [one for one in fitting if one.system is None]
            if own:
                own += [one for one in untold if one.contents]
            chosen: Sequence[IndexFile] = own or untold
            has_packages = any(one.packages for one in chosen)
            self._found[key] = PackageIndex(tuple(chosen)) if has_packages else None
        return self._found[key]

    @cached_property
    def _found(self) -> dict[tuple[str | None, str], PackageIndex | None]:
        return {}


NO_INDEXES = Indexes()
