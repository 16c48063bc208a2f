"""Package databases stay truthful: a record goes with the whole of its package, else not at all.

What a package system keeps of a package is left alone as long as a file of the package is left; the
result says how many it lost. Where all go, the record goes, too: a stanza of dpkg's or apk's file,
a directory of metadata, a manifest. Of a database that is binary, or that tells of many packages in
one file, no stanza can be taken: one file of the package stays then, the smallest.

Formats: dpkg(1) and deb-control(5), apk-tools' installed database, "Recording installed projects"
of the Python Packaging User Guide; as `analysis.packages` reads them.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct, field

from lightship.analysis.ledger import NO_PACKAGE
from lightship.analysis.lookup import Lookup
from lightship.analysis.packages.systems import FILE_BY_FILE, systems
from lightship.filetree.tree import Directory
from lightship.rewrite.going import at
from lightship.rewrite.protected import is_record, package_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from lightship.analysis.ledger import Ledger
    from lightship.analysis.packages.package import Package

DPKG_STATUS = b"var/lib/dpkg/status"
_DPKG_INFO, _DPKG_PARTS = b"var/lib/dpkg/info", b"var/lib/dpkg/status.d/"
_KEYS = {
    b"Package": b"P",
    b"Version": b"V",
    b"Architecture": b"A",
    b"P": b"P",
    b"V": b"V",
    b"A": b"A",
}
_OWN_RECORD = frozenset(("python", "npm", "conda", "gem", "r"))


StanzaKey = tuple[str, str | None, str | None]
"""Name, version and architecture of a package; None for any architecture, or for no version."""


class Loss(Struct, frozen=True):
    """What one package loses.

    Attributes:
        number: of the package in `Ownership.packages`.
        files: inodes that it owns.
        lost: of these, those that go.
        whole: whether its record goes, too.
        refused: why not, where all of its files would.
    """

    number: int
    files: int
    lost: int
    whole: bool = False
    refused: str = ""


class Settled(Struct):
    """What becomes of the records of packages.

    Attributes:
        losses: packages that lose files.
        records: names that go besides, and of which package.
        stanzas: stanzas that go, by the file that has them.
        kept: names that must stay so that a package keeps a file, and why.
    """

    losses: list[Loss] = field(default_factory=list)
    records: dict[bytes, int] = field(default_factory=dict)
    stanzas: dict[bytes, set[StanzaKey]] = field(default_factory=lambda: defaultdict(set))
    kept: dict[bytes, str] = field(default_factory=dict)


def settle(
    ledger: Ledger,
    gone: Collection[int],
    names: Collection[bytes],
    floor: int,
    takes_package: Callable[[bytes], bool],
) -> Settled:
    """Decide about each package that loses files.

    A package goes whole if all of its names do, symbolic links too: one that holds nothing else
    but pages of a manual may be what a program is called by. Where it was to go as a package,
    links go along.

    Args:
        ledger: of the image.
        gone: inodes that lose all of their names; no record of a package among them.
        names: all names that go.
        floor: number of the first record that may be touched.
        takes_package: whether a file goes because its package is to go.
    """
    return _Settling(ledger, gone, names, floor, takes_package).run()


class _Settling:
    def __init__(
        self,
        ledger: Ledger,
        gone: Collection[int],
        names: Collection[bytes],
        floor: int,
        takes_package: Callable[[bytes], bool],
    ) -> None:
        self._ledger = ledger
        self._tree = ledger.tree
        self._gone, self._names, self._floor = gone, names, floor
        self._takes_package = takes_package
        self._lookup = Lookup(ledger.tree)
        self._listed: dict[str, dict[object, Package]] = {}
        self._sources = package_sources(ledger)
        self._found = Settled()

    def run(self) -> Settled:
        files: dict[int, int] = defaultdict(int)
        lost: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
        records: dict[int, list[tuple[bytes, int]]] = defaultdict(list)
        owner_of = self._ledger.ownership.owner_of
        hit = {owner_of[inode] for inode in self._gone} - {NO_PACKAGE}
        for place in self._ledger.places if hit else ():
            prefix = place.path + b"/" if place.path else b""
            for name, inode, size in zip(place.names, place.records, place.sizes, strict=True):
                owner = owner_of[inode]
                if owner not in hit:
                    continue
                files[owner] += 1
                path = prefix + name
                if inode in self._gone:
                    lost[owner].append((size, path))
                elif is_record(path, self._sources):
                    records[owner].append((path, inode))
        for owner in sorted(hit):
            package = self._ledger.ownership.packages[owner - 1]
            count, own = len(lost[owner]), records[owner]
            whole, refused = files[owner] == count + len(own), ""
            links = self._links(package, own) if whole else []
            if package.system in FILE_BY_FILE or (
                links and not all(self._takes_package(path) for _, path in lost[owner])
            ):
                whole = False
            if whole:
                refused = self._take_record(
                    owner - 1, package, [*(path for path, _ in own), *links]
                )
                if refused:
                    self._found.kept[min(lost[owner])[1]] = f"{package.name}: {refused}"
                whole = not refused
            gone = count + len(own) if whole else count - bool(refused)
            self._found.losses.append(Loss(owner - 1, files[owner], gone, whole, refused))
        return self._found

    def _links(self, package: Package, records: list[tuple[bytes, int]]) -> list[bytes]:
        """Names of a package that go with none of its files: symbolic links."""
        mine = {path for path, _ in records}
        return [
            path for path in self._listed_names(package)
            if path not in self._names and path not in mine
            and not is_record(path, self._sources)
        ]  # fmt: skip

    def _listed_names(self, package: Package) -> Iterator[bytes]:
        """Names that a package lists and that are there, directories left out."""
        if package.system not in self._listed:
            system = next(one for one in systems() if one.name == package.system)
            every = system.find(self._ledger.records).packages
            self._listed[package.system] = {_identity(one): one for one in every}
        again = self._listed[package.system].get(_identity(package), package)
        for path in again.paths:
            head, _, name = path.rpartition(b"/")
            folder = self._lookup.directory(head)
            if folder is not None and isinstance(folder.children.get(name), int):
                yield folder.path_of(name)
        for tree in again.trees:
            top = self._lookup.directory(tree)
            for folder, name, child in top.names_below() if top is not None else ():
                if isinstance(child, int) and not self._is_others(folder, tree, again):
                    yield folder.path_of(name)

    @staticmethod
    def _is_others(folder: Directory, tree: bytes, package: Package) -> bool:
        """Whether a directory in a package's own is of a package inside it (node_modules)."""
        inside = folder.path_of(b"")[:-1]
        return package.system == "npm" and b"/node_modules/" in inside[len(tree) :] + b"/"

    def _take_record(self, number: int, package: Package, records: list[bytes]) -> str:
        """Take a package's record along; why that cannot be, else nothing."""
        stanza: bytes | None = None
        paths = set(records)
        if package.system == "dpkg" and not package.source.startswith(_DPKG_PARTS):
            stanza = DPKG_STATUS
            paths.update(self._dpkg_files(package))
        elif package.system == "dpkg":
            stem = package.source.removesuffix(b".md5sums")
            paths.update(path for path in (stem, stem + b".md5sums") if self._there(path))
        elif package.system == "apk":
            stanza = package.source
        elif package.system in _OWN_RECORD:
            paths.update(self._metadata(package.source))
        else:
            return f"the database of {package.system} cannot be told that it is gone"
        in_base = [path for path in paths if not self._is_touchable(path)]
        if stanza is not None and not self._is_plain_file(stanza):
            in_base.append(stanza)
        if in_base:
            told = min(in_base).decode("utf-8", "replace")
            return f"its record /{told} lies in a layer that stays"
        for path in paths:
            self._found.records[path] = number
        if stanza is not None:
            key = package.name, package.version, _architecture(package)
            self._found.stanzas[stanza].add(key)
        return ""

    def _dpkg_files(self, package: Package) -> Iterator[bytes]:
        folder = at(self._tree, _DPKG_INFO)
        name = package.source.rpartition(b"/")[2].removesuffix(b".list")
        if not isinstance(folder, Directory) or not package.source.startswith(_DPKG_INFO + b"/"):
            return
        for child in folder.children:
            if child.startswith(name + b".") and child.count(b".") == name.count(b".") + 1:
                yield _DPKG_INFO + b"/" + child

    def _metadata(self, source: bytes) -> Iterator[bytes]:
        """A directory of metadata with all in it, or the one file that is the record."""
        folder = source.rpartition(b"/")[0]
        if folder.endswith((b".dist-info", b".egg-info")):
            yield folder
        elif source:
            yield source

    def _there(self, path: bytes) -> bool:
        return at(self._tree, path) is not None

    def _is_touchable(self, path: bytes) -> bool:
        """Whether no layer that stays has a name, or anything below it."""
        pending = [at(self._tree, path)]
        while pending:
            child = pending.pop()
            if isinstance(child, Directory):
                pending += child.children.values()
                child = child.record
            if child is not None and 0 <= child < self._floor:
                return False
        return True

    def _is_plain_file(self, path: bytes) -> bool:
        """Whether a file can be edited: one name, in a layer that may be touched."""
        child = at(self._tree, path)
        if not isinstance(child, int) or child < self._floor or child in self._tree.inode_of:
            return False
        return child not in self._tree.inode_of.values()


def _identity(package: Package) -> object:
    return package.name, package.version, package.source


def _architecture(package: Package) -> str | None:
    """Of a package of dpkg whose list is named with it: others of its name may be there."""
    name = package.source.rpartition(b"/")[2].removesuffix(b".list")
    _, colon, architecture = name.decode("utf-8", "replace").partition(":")
    return architecture if colon and package.system == "dpkg" else None


def without_stanzas(content: bytes, gone: Collection[StanzaKey]) -> bytes:
    """A status file of dpkg, or apk's installed database, without some packages' stanzas.

    All else stays byte for byte.

    Args:
        content: stanzas, each ended by an empty line.
        gone: those that go.
    """
    kept = []
    for stanza in content.split(b"\n\n"):
        name, version, architecture = _key(stanza)
        if (name, version, architecture) not in gone and (name, version, None) not in gone:
            kept.append(stanza)
    joined = b"\n\n".join(kept)
    ends = not joined or joined.endswith(b"\n") or not content.endswith(b"\n")
    return joined if ends else joined + b"\n"


def _key(stanza: bytes) -> StanzaKey:
    fields: dict[bytes, str] = {}
    for line in stanza.split(b"\n"):
        key, colon, value = line.partition(b":")
        if colon and key in _KEYS:
            fields.setdefault(_KEYS[key], value.strip().decode("utf-8", "replace"))
    return fields.get(b"P", ""), fields.get(b"V") or None, fields.get(b"A")
