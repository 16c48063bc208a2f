"""Python distributions: RECORD of `*.dist-info`, `*.egg-info`, eggs, and links to projects.

Source: "Recording installed projects" in the Python Packaging User Guide, and setuptools'
"The Internal Structure of Python Eggs". Distributions of one name in several site folders (virtual
environments, `--target`) are several packages. An editable install owns what its RECORD lists: the
project that it leads to is the application.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.analysis.packages.listed_paths import parent_of
from lightship.analysis.packages.package import Found, Package
from lightship.analysis.packages.python_metadata import (
    Metadata,
    extract_metadata,
    extract_record,
    normalised,
)
from lightship.analysis.packages.python_paths import Site, listed, named, top_level
from lightship.analysis.packages.unread import shortened, unread
from lightship.layers.captures import CaptureRequest, Content
from lightship.printable import decode_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.analysis.packages.records import Record, Records

_MAX_RECORD_BYTES = 16 * 1024 * 1024
_MAX_TEXT_BYTES = 4 * 1024 * 1024
_MAX_HEADER_BYTES = 256 * 1024
_RECORD, _METADATA, _TEXT, _EGG = "python-record", "python-metadata", "python-text", "python-egg"
_DIST_INFO, _EGG_INFO = b".dist-info", b".egg-info"
_EGG_NAME = re.compile(r"([^-]+)-([^-]+)(?:-.*)?\.egg\Z")


def _text(content: Content) -> bytes:
    if not content.is_whole:
        raise ValueError(f"{content.content_bytes} bytes are more than is read")
    return bytes(content.head)


class _Distribution(Struct, frozen=True):
    """A package before what it depends on is known: names are compared over all of them."""

    package: Package
    site: bytes
    requires: tuple[str, ...]


class _Python:
    name = "python"
    requests = (
        CaptureRequest(
            name=_RECORD,
            version=1,
            basenames=frozenset({b"RECORD"}),
            head_bytes=_MAX_RECORD_BYTES,
            extract=extract_record,
        ),
        CaptureRequest(
            name=_METADATA,
            version=1,
            basenames=frozenset({b"METADATA", b"PKG-INFO"}),
            suffixes=frozenset({_EGG_INFO}),
            head_bytes=_MAX_HEADER_BYTES,
            extract=extract_metadata,
        ),
        CaptureRequest(
            name=_TEXT,
            version=1,
            basenames=frozenset(
                {b"INSTALLER", b"installed-files.txt", b"SOURCES.txt", b"top_level.txt"}
            ),
            suffixes=frozenset({b".egg-link"}),
            head_bytes=_MAX_TEXT_BYTES,
            extract=_text,
        ),
        CaptureRequest(
            name=_EGG,
            version=1,
            suffixes=frozenset({b".egg"}),
            head_bytes=0,
            extract=lambda _: b"",
        ),
    )

    def find(self, records: Records) -> Found:
        """The distributions of every site folder, in byte order of their records."""
        return _Reading(records).found()


class _Reading:
    """One image's Python records."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._lists = {record.path: record for record in records.of(_RECORD)}
        self._texts = {record.path: record for record in records.of(_TEXT)}
        self._metadata = {record.path: record for record in records.of(_METADATA)}
        self._sites: dict[bytes, Site] = {}
        self._problems: list[str] = []
        self._unread: dict[bytes, Record] = {}

    def found(self) -> Found:
        distributions: list[_Distribution] = []
        for path, record in self._metadata.items():
            folder, _, basename = path.rpartition(b"/")
            if basename == b"METADATA" and folder.endswith(_DIST_INFO):
                distributions.append(self._dist_info(folder, record))
            elif basename == b"PKG-INFO" and folder.endswith(b".egg/EGG-INFO"):
                distributions.append(self._egg(folder, record))
            elif basename == b"PKG-INFO" and folder.endswith(_EGG_INFO):
                distributions += self._egg_info(folder, record)
            elif basename.endswith(_EGG_INFO) and len(basename) > len(_EGG_INFO):
                distributions += self._single(path, record)
        distributions += [self._zipped_egg(one.path) for one in self._records.of(_EGG)]
        for path in self._texts:
            if path.endswith(b".egg-link"):
                distributions.append(self._linked(path))
        distributions.sort(key=lambda one: one.package.source)
        notes = unread("python", self._unread.values()) + shortened("python", self._problems)
        return Found(packages=_connected(distributions), notes=notes)

    def _site(self, folder: bytes) -> Site:
        site = self._sites.get(folder)
        if site is None:
            site = self._sites[folder] = Site(self._records, folder)
        return site

    def _named(self, record: Record, folder: bytes, ending: bytes) -> Metadata:
        """What the metadata says; where it cannot be read, what the folder's name does."""
        if record.extract is not None:
            return msgspec.msgpack.decode(record.extract, type=Metadata)
        self._unread[record.path] = record
        name, version = named(folder, ending)
        return Metadata(name, version, ())

    def _lines(self, path: bytes) -> list[bytes] | None:
        record = self._texts.get(path)
        if record is None:
            return None
        if record.extract is None:
            self._unread[path] = record
            return None
        return [line.strip() for line in record.extract.splitlines() if line.strip()]

    def _owned(self, site: Site, base: bytes, paths: Iterable[bytes], source: bytes) -> list[bytes]:
        owned, outside = listed(site, base, paths)
        if outside:
            where = decode_path(site.prefix) or "/"
            self._problems.append(
                f"{decode_path(source)}: {outside} of its paths are not below {where}"
            )
        return owned

    def _dist_info(self, folder: bytes, record: Record) -> _Distribution:
        site = self._site(parent_of(folder))
        metadata = self._named(record, folder, _DIST_INFO)
        source = folder + b"/RECORD"
        paths: list[bytes] = []
        written = self._lists.get(source)
        if written is not None and written.extract is not None:
            names = written.extract.split(b"\0") if written.extract else []
            paths = self._owned(site, site.path, names, source)
        elif written is not None:
            self._unread[source] = written
        return self._made(
            metadata,
            site,
            source=record.path,
            paths=paths,
            trees=(folder,),
            requested=self._requested(site, folder),
        )

    def _requested(self, site: Site, folder: bytes) -> bool | None:
        if site.has(folder, b"REQUESTED"):
            return True
        installer = self._texts.get(folder + b"/INSTALLER")
        by_pip = installer is not None and (installer.extract or b"").strip() == b"pip"
        return False if by_pip and site.tells_requested else None

    def _egg(self, folder: bytes, record: Record) -> _Distribution:
        tree = parent_of(folder)
        metadata = self._named(record, tree, b".egg")
        site = self._site(parent_of(tree))
        return self._made(metadata, site, source=record.path, trees=(tree,))

    def _zipped_egg(self, path: bytes) -> _Distribution:
        match = _EGG_NAME.match(decode_path(path.rpartition(b"/")[2]))
        stem = decode_path(path.rpartition(b"/")[2][:-4])
        metadata = Metadata(match[1] if match else stem, match[2] if match else None, ())
        return self._made(metadata, self._site(parent_of(path)), source=path, paths=[path])

    def _egg_info(self, folder: bytes, record: Record) -> list[_Distribution]:
        site = self._site(parent_of(folder))
        written = self._lines(folder + b"/installed-files.txt")
        if written is None and not site.is_site:
            return []  # a project's own, made by building it
        metadata = self._named(record, folder, _EGG_INFO)
        paths: list[bytes] = []
        trees = [folder]
        if written is not None:
            paths = self._owned(site, folder, written, folder + b"/installed-files.txt")
        else:
            tops = self._lines(folder + b"/top_level.txt")
            modules, packages = top_level(site, tops or [], self._shared_tops(site))
            sources = self._lines(folder + b"/SOURCES.txt") or []
            sources += [name[4:] for name in sources if name.startswith(b"src/")]
            present = [name for name in sources if self._records.exists(site.below(name))]
            paths = modules + self._owned(site, site.path, present, folder + b"/SOURCES.txt")
            trees += packages
        return [self._made(metadata, site, source=record.path, paths=paths, trees=tuple(trees))]

    def _shared_tops(self, site: Site) -> frozenset[bytes]:
        """Top-level names that several of a site folder's projects give: namespaces."""
        if site.shared_tops is None:
            seen: set[bytes] = set()
            shared: set[bytes] = set()
            for folder in site.names:
                if folder.endswith(_EGG_INFO):
                    tops = self._lines(site.below(folder) + b"/top_level.txt") or []
                    shared.update(seen.intersection(tops))
                    seen.update(tops)
            site.shared_tops = frozenset(shared)
        return site.shared_tops

    def _single(self, path: bytes, record: Record) -> list[_Distribution]:
        """An egg-info file: distutils lists nothing, so that it owns the module of its name."""
        site = self._site(parent_of(path))
        if not site.is_site:
            return []
        metadata = self._named(record, path, _EGG_INFO)
        tops = [metadata.name.encode(), metadata.name.replace("-", "_").encode()]
        modules, packages = top_level(site, tops, frozenset())
        return [self._made(metadata, site, source=path, paths=[path, *modules], trees=packages)]

    def _linked(self, path: bytes) -> _Distribution:
        """A link to a project that is developed elsewhere (`setup.py develop`)."""
        stem = path.rpartition(b"/")[2].removesuffix(b".egg-link")
        metadata = Metadata(decode_path(stem), None, ())
        lines = self._lines(path)
        if lines:
            name = stem.replace(b"-", b"_") + _EGG_INFO + b"/PKG-INFO"
            project = self._metadata.get(lines[0].lstrip(b"/") + b"/" + name)
            if project is not None and project.extract is not None:
                metadata = msgspec.msgpack.decode(project.extract, type=Metadata)
        site = self._site(parent_of(path))
        return self._made(metadata, site, source=path, paths=[path], requested=True)

    def _made(
        self,
        metadata: Metadata,
        site: Site,
        *,
        source: bytes,
        paths: Iterable[bytes] = (),
        trees: Iterable[bytes] = (),
        requested: bool | None = None,
    ) -> _Distribution:
        package = Package(
            system="python",
            name=metadata.name,
            version=metadata.version,
            paths=paths,
            trees=tuple(trees),
            requested=requested,
            source=source,
        )
        return _Distribution(package, site.path, metadata.requires)


def _connected(distributions: list[_Distribution]) -> list[Package]:
    """Packages with the names of those installed that they need, of their own site folder first."""
    anywhere: dict[str, str] = {}
    here: dict[tuple[bytes, str], str] = {}
    for one in distributions:
        key = normalised(one.package.name)
        anywhere.setdefault(key, one.package.name)
        here[one.site, key] = one.package.name
    packages = []
    for one in distributions:
        names = [here.get((one.site, key)) or anywhere.get(key) for key in one.requires]
        depends = tuple(name for name in names if name is not None)
        packages.append(msgspec.structs.replace(one.package, depends=depends))
    return packages


SYSTEM = _Python()
