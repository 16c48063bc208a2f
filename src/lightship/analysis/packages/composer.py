"""Composer packages: `vendor/composer/installed.json`, as Composer 1 and 2 write it.

Source: Composer's documentation of `composer.json` and its runtime (getcomposer.org/doc); version 1
has a list of packages, version 2 an object with `packages`, `dev` and `dev-package-names`, and for
each package an `install-path` relative to the file's folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.analysis.packages.foreign_json import decoded, keys, text
from lightship.analysis.packages.listed_paths import is_within, joined, parent_of
from lightship.analysis.packages.package import Found, Package
from lightship.analysis.packages.unread import shortened, unread
from lightship.layers.captures import CaptureRequest, Content
from lightship.printable import decode_path

if TYPE_CHECKING:
    from lightship.analysis.packages.records import Record, Records

_INSTALLED, _PROJECT = "composer-installed", "composer-project"
_MAX_NAME_CHARS = 200
_MAX_PATH_CHARS = 4096


class _Entry(Struct, frozen=True, array_like=True):
    name: str
    version: str
    install_path: str  # empty: the folder of its name in `vendor`
    depends: list[str]
    development: bool


class _Project(Struct):
    require: object = None
    develop: object = msgspec.field(default=None, name="require-dev")


def extract_installed(content: Content) -> bytes:
    """MessagePack of the packages; empty where it is some other `installed.json`.

    Raises:
        ValueError: it is not whole, or no JSON.
    """
    written = decoded(content, object)
    names: object = None
    if isinstance(written, dict):
        names = written.get("dev-package-names")
        written = written.get("packages")
    if not isinstance(written, list):
        return b""
    listed = names if isinstance(names, list) else []
    development = {name for name in listed if isinstance(name, str)}
    entries = (_entry(one, development) for one in written if isinstance(one, dict))
    return msgspec.msgpack.encode([entry for entry in entries if entry.name])


def _entry(one: dict[str, object], development: set[str]) -> _Entry:
    name = text(one.get("name"), _MAX_NAME_CHARS)
    return _Entry(
        name,
        text(one.get("version"), _MAX_NAME_CHARS),
        text(one.get("install-path"), _MAX_PATH_CHARS),
        keys(one.get("require"), _MAX_NAME_CHARS),
        name in development,
    )


def extract_project(content: Content) -> bytes:
    """MessagePack of the names that a `composer.json` requires, also for development.

    Raises:
        ValueError: it is not whole, or no object in JSON.
    """
    project = decoded(content, _Project)
    names = keys(project.require, _MAX_NAME_CHARS) + keys(project.develop, _MAX_NAME_CHARS)
    return msgspec.msgpack.encode(names)


class _Composer:
    name = "composer"
    requests = (
        CaptureRequest(
            name=_INSTALLED,
            version=1,
            basenames=frozenset({b"installed.json"}),
            head_bytes=8 * 1024 * 1024,
            extract=extract_installed,
        ),
        CaptureRequest(
            name=_PROJECT,
            version=1,
            basenames=frozenset({b"composer.json"}),
            head_bytes=1024 * 1024,
            extract=extract_project,
        ),
    )

    def find(self, records: Records) -> Found:
        """The packages of every project, as its `installed.json` has them."""
        projects = {record.path: record for record in records.of(_PROJECT)}
        broken: list[Record] = []
        problems: list[str] = []
        packages: list[Package] = []
        for record in records.of(_INSTALLED):
            folder = parent_of(record.path)
            vendor = parent_of(folder)
            if folder.rpartition(b"/")[2] != b"composer":
                continue
            if record.extract is None:
                broken.append(record)
            elif record.extract:
                project = projects.get(joined(parent_of(vendor), b"composer.json") or b"")
                packages += _packages(record, vendor, _names(project), problems)
        notes = unread("composer", broken) + shortened("composer", problems)
        return Found(packages=packages, notes=notes)


def _names(project: Record | None) -> set[str] | None:
    if project is None or project.extract is None:
        return None
    return set(msgspec.msgpack.decode(project.extract, type=list[str]))


def _packages(
    record: Record, vendor: bytes, asked: set[str] | None, problems: list[str]
) -> list[Package]:
    entries = msgspec.msgpack.decode(record.extract or b"\x90", type=list[_Entry])
    installed = {entry.name for entry in entries}
    packages = []
    for entry in entries:
        tree = _tree(entry, vendor)
        if tree is None and entry.install_path:
            where = decode_path(parent_of(vendor)) or "/"
            problems.append(
                f"{decode_path(record.path)}: {entry.name} is installed outside of {where}"
            )
        packages.append(
            Package(
                system="composer",
                name=entry.name,
                version=entry.version or None,
                trees=(tree,) if tree is not None else (),
                requested=entry.name in asked if asked is not None else None,
                depends=tuple(name for name in entry.depends if name in installed),
                development=entry.development,
                source=record.path,
            )
        )
    return packages


def _tree(entry: _Entry, vendor: bytes) -> bytes | None:
    """A package's folder: in the project, and none that holds `vendor/composer` or is all of it."""
    relative = entry.install_path.encode("utf-8", "replace") or b"../" + entry.name.encode()
    tree = joined(joined(vendor, b"composer") or b"", relative)
    project = parent_of(vendor)
    if tree is None or not is_within(tree, project):
        return None
    own = vendor + b"/composer" if vendor else b"composer"
    return None if own == tree or is_within(own, tree) else tree


SYSTEM = _Composer()
