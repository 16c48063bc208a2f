"""npm packages: every folder in a `node_modules` that has a package.json.

Source: npm's documentation of folders and `package.json` (docs.npmjs.com), pnpm's of its layout
(pnpm.io/symlinked-node-modules-structure). A package owns its folder, but for the packages nested
in it. The application's own package.json is no package: it says what is needed for what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.analysis.packages.listed_paths import is_within, joined, parent_of
from lightship.analysis.packages.node_resolution import Resolution, Unresolved
from lightship.analysis.packages.npm_extracts import Manifest, extract_lock, extract_manifest
from lightship.analysis.packages.package import Found, Package
from lightship.analysis.packages.unread import unread
from lightship.layers.captures import CaptureRequest
from lightship.printable import decode_path

if TYPE_CHECKING:
    from lightship.analysis.packages.records import Record, Records
    from lightship.filetree.tree import Directory

_MANIFEST, _LOCK = "npm-manifest", "npm-lock"
_MODULES = b"node_modules"
_OTHERS = (b"node_modules/.yarn-integrity", b"node_modules/.modules.yaml")
"""What Yarn and pnpm write: npm's locks then tell of something else."""
_LOCKS = (b"node_modules/.package-lock.json", b"npm-shrinkwrap.json", b"package-lock.json")


class _Installed(Struct, frozen=True):
    path: bytes
    record: Record
    manifest: Manifest
    directory: Directory


class _Npm:
    name = "npm"
    requests = (
        CaptureRequest(
            name=_MANIFEST,
            version=1,
            basenames=frozenset({b"package.json"}),
            head_bytes=4 * 1024 * 1024,
            extract=extract_manifest,
        ),
        CaptureRequest(
            name=_LOCK,
            version=1,
            basenames=frozenset(lock.rpartition(b"/")[2] for lock in _LOCKS),
            head_bytes=32 * 1024 * 1024,
            extract=extract_lock,
        ),
    )

    def find(self, records: Records) -> Found:
        """The packages, in byte order of their folders."""
        return _Reading(records).found()


def place_of(folder: bytes) -> bytes | None:
    """The `node_modules` that a folder is a package's place in: `a/node_modules/@scope/name`."""
    parent, _, name = folder.rpartition(b"/")
    if parent.rpartition(b"/")[2].startswith(b"@"):
        parent = parent_of(parent)
    is_place = parent.rpartition(b"/")[2] == _MODULES and name[:1] not in (b"", b".", b"@")
    return parent if is_place else None


class _Reading:
    """One image's packages."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._broken: list[Record] = []
        self._manifests: dict[Directory, Manifest] = {}
        self._installed: list[_Installed] = []
        self._applications: dict[bytes, tuple[Directory, Manifest]] = {}
        self._locks = {record.path: record for record in records.of(_LOCK)}
        for record in records.of(_MANIFEST):
            self._add(record)
        self._roots = self._find_roots()
        self._resolution = Resolution(records, self._manifests)

    def _add(self, record: Record) -> None:
        folder = parent_of(record.path)
        is_package = place_of(folder) is not None
        if not is_package and b"/node_modules/" in b"/" + folder + b"/":
            return  # within a package, such as `dist/esm/package.json`
        if record.extract is None:
            self._broken.append(record)
            return
        directory = self._records.directory(folder)
        if directory is None:
            return
        manifest = msgspec.msgpack.decode(record.extract, type=Manifest)
        if is_package:
            self._manifests[directory] = manifest
            self._installed.append(_Installed(folder, record, manifest, directory))
        else:
            self._applications[folder] = (directory, manifest)

    def _find_roots(self) -> dict[bytes, bytes]:
        """For each application's folder with a `node_modules`: the nearest such folder above it."""
        roots: dict[bytes, bytes] = {}
        for folder, (directory, _) in self._applications.items():
            at, path = directory, folder
            while _MODULES not in at.children and at.parent is not None:
                at, path = at.parent, parent_of(path)
            if _MODULES in at.children and path in self._applications:
                roots[folder] = path
        return roots

    def found(self) -> Found:
        development: set[Directory] = set()
        requested: dict[Directory, bool] = {}
        tops: dict[bytes, list[_Installed]] = {}
        for one in self._installed:
            top = _top(one.path)
            tops.setdefault(top, []).append(one)
        members: dict[bytes, list[bytes]] = {}
        for folder, root in self._roots.items():
            members.setdefault(root, []).append(folder)
        for path in self._locks:  # of an image that has the packages and not what asked for them
            if path.endswith(b"/" + _LOCKS[0]) or path == _LOCKS[0]:
                members.setdefault(path[: -len(_LOCKS[0]) - 1], [])
        for root in sorted(members):
            below = tops.get(root, [])
            if root in self._applications:
                asked = self._asked(members[root])
                requested.update((one.directory, one.directory in asked) for one in below)
            flagged = self._flagged(root)
            if flagged is None:
                development |= self._reached_by_development(root, members[root])
            else:
                development.update(one.directory for one in below if one.path in flagged)
        packages = [
            self._package(one, requested.get(one.directory), one.directory in development)
            for one in self._installed
        ]
        return Found(packages=packages, notes=unread("npm", self._broken))

    def _asked(self, members: list[bytes]) -> set[Directory]:
        """What an application's own files name."""
        asked: set[Directory] = set()
        for folder in members:
            directory, manifest = self._applications[folder]
            names = manifest.needs + manifest.may_need + manifest.develops_with
            try:
                asked.update(self._resolution.all_of(directory, names, strict=False))
            except Unresolved:
                return asked
        return asked

    def _flagged(self, root: bytes) -> set[bytes] | None:
        """Folders that a lock calls development's; None where no lock tells of what is there."""
        if any(self._records.exists(joined(root, name) or b"") for name in _OTHERS):
            return None
        for name in _LOCKS:
            record = self._locks.get(joined(root, name) or b"")
            if record is None:
                continue
            if record.extract is None:
                self._broken.append(record)
                continue
            paths = msgspec.msgpack.decode(record.extract, type=list[str])
            folders = (joined(root, path.encode("utf-8", "replace")) for path in paths)
            return {path for path in folders if path is not None and is_within(path, root)}
        return None

    def _reached_by_development(self, root: bytes, members: list[bytes]) -> set[Directory]:
        """What only `devDependencies` reach; nothing where what else is needed is not all there."""
        resolution = self._resolution
        if root not in self._applications:
            return set()
        directory, manifest = self._applications[root]
        try:
            needed = resolution.all_of(directory, manifest.needs, strict=True)
            needed += resolution.all_of(directory, manifest.may_need, strict=False)
            developing = resolution.all_of(directory, manifest.develops_with, strict=False)
            for folder in members:
                if folder == root:
                    continue
                member, own = self._applications[folder]
                needed += resolution.all_of(member, own.needs + own.may_need, strict=False)
                developing += resolution.all_of(member, own.develops_with, strict=False)
            production = resolution.closure(needed)
            return resolution.closure(developing, strict=False) - production
        except Unresolved:
            return set()

    def _package(self, one: _Installed, requested: bool | None, is_development: bool) -> Package:
        name = one.manifest.name or _folder_name(one.path)
        return Package(
            system="npm",
            name=name,
            version=one.manifest.version or None,
            trees=(one.path,),
            requested=requested,
            depends=self._depends(one),
            development=is_development,
            source=one.record.path,
        )

    def _depends(self, one: _Installed) -> tuple[str, ...]:
        names = one.manifest.needs + one.manifest.may_need
        try:
            found = self._resolution.all_of(one.directory, names, strict=False)
        except Unresolved:
            return ()
        manifests = (self._manifests.get(directory) for directory in found)
        return tuple(manifest.name for manifest in manifests if manifest and manifest.name)


def _top(path: bytes) -> bytes:
    """The folder of the outermost `node_modules` that a path is in."""
    return (b"/" + path).partition(b"/node_modules/")[0][1:]


def _folder_name(folder: bytes) -> str:
    modules = place_of(folder) or b""
    return decode_path(folder[len(modules) + 1 :])


SYSTEM = _Npm()
