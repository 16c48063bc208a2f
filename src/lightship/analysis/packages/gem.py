"""Ruby gems: the gemspecs in `specifications`, read as text and never run.

Source: RubyGems' guides (guides.rubygems.org) and the gemspecs it writes when it installs: a first
line `# stub: NAME VERSION PLATFORM PATHS`, then assignments of literals. A gem owns its folder
in `gems`, what was built for it in `extensions`, its documentation and its archive in `cache`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.analysis.packages.listed_paths import parent_of
from lightship.analysis.packages.package import Found, Package
from lightship.analysis.packages.unread import shortened, unread
from lightship.layers.captures import CaptureRequest, Content
from lightship.printable import decode_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.analysis.packages.records import Record, Records

_READER = "gem"
_SPECIFICATIONS = b"specifications"
_CHECKOUTS = b"/bundler/gems"
_NAME = r"[A-Za-z0-9._][A-Za-z0-9._-]{0,199}"
_FULL_NAME = re.compile(r"(.+?)-(\d[^-]*)(?:-(.+))?\Z")
_DEPENDENCY = re.compile(rf"\.add_(?:runtime_)?dependency\(?\s*(?:%q<|[\"'])({_NAME})[>\"']")
_EXECUTABLES = ".executables = ["
_MAX_LIST_CHARS = 10_000
_QUOTED = re.compile(rf"[\"']({_NAME})[\"']")
_MAX_DEPENDENCIES = 1000


class _Spec(Struct, frozen=True, array_like=True):
    """What a gemspec's text tells beside its file's name."""

    depends: list[str]
    executables: list[str]


def extract(content: Content) -> bytes:
    """MessagePack of the gems that it needs and the programs that it has.

    Raises:
        ValueError: it is not whole.
    """
    if not content.is_whole:
        raise ValueError(f"{content.content_bytes} bytes are more than is read")
    text = bytes(content.head).decode("utf-8", "replace")
    depends = list(dict.fromkeys(_DEPENDENCY.findall(text)))[:_MAX_DEPENDENCIES]
    listed = text.partition(_EXECUTABLES)[2][:_MAX_LIST_CHARS].partition("]")[0]
    executables = _QUOTED.findall(listed)
    return msgspec.msgpack.encode(_Spec(depends, executables))


class _Gem:
    name = "gem"
    requests = (
        CaptureRequest(
            name=_READER,
            version=1,
            suffixes=frozenset({b".gemspec"}),
            head_bytes=1024 * 1024,
            extract=extract,
        ),
    )

    def find(self, records: Records) -> Found:
        """The gems of every gem folder, in byte order of their gemspecs."""
        listed = [
            (record, base)
            for record in records.of(_READER)
            if (base := _base(record.path)) is not None
        ]
        read: list[tuple[Record, bytes, str, str]] = []
        problems: list[str] = []
        for record, base in listed:
            stem = decode_path(record.path.rpartition(b"/")[2].removesuffix(b".gemspec"))
            match = _FULL_NAME.match(stem)
            if match is None:
                problems.append(f"{decode_path(record.path)}: no name and version in its name")
            else:
                version = f"{match[2]}-{match[3]}" if match[3] else match[2]
                read.append((record, base, match[1], version))
        installed = {name for _, _, name, _ in read}
        grounds = _Grounds(records)
        packages = [
            _package(record, base, name, version, installed=installed, grounds=grounds)
            for record, base, name, version in read
        ]
        packages += _checkouts(records)
        notes = unread("gem", (record for record, _ in listed)) + shortened("gem", problems)
        return Found(packages=packages, notes=notes)


def _base(path: bytes) -> bytes | None:
    """The gem folder that a gemspec in `specifications` (or `specifications/default`) is of."""
    folder = parent_of(path)
    if folder.rpartition(b"/")[2] == b"default":
        folder = parent_of(folder)
    return parent_of(folder) if folder.rpartition(b"/")[2] == _SPECIFICATIONS else None


def _checkouts(records: Records) -> Iterator[Package]:
    """Gems that Bundler took out of Git: `bundler/gems/NAME-COMMIT`, with a gemspec each or more.

    A folder is the first gem's; what gems of one repository share is not to be told apart.
    """
    seen: set[bytes] = set()
    for record in records.of(_READER):
        folder, _, name = record.path.rpartition(b"/")
        if folder in seen or not parent_of(folder).endswith(_CHECKOUTS):
            continue
        seen.add(folder)
        yield Package(
            system="gem",
            name=decode_path(name.removesuffix(b".gemspec")),
            version=None,
            trees=(folder,),
            requested=True,
            source=record.path,
        )


class _Grounds:
    """Folders of gem folders, looked at once each."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._extensions: dict[bytes, dict[bytes, list[bytes]]] = {}

    def extensions(self, base: bytes) -> dict[bytes, list[bytes]]:
        """Folders `extensions/PLATFORM/ABI/GEM`, by the gem's full name."""
        if base not in self._extensions:
            found: dict[bytes, list[bytes]] = {}
            top = _below(base, b"extensions")
            for platform in self._records.names_in(top):
                for abi in self._records.names_in(top + b"/" + platform):
                    folder = b"/".join((top, platform, abi))
                    for full in self._records.names_in(folder):
                        found.setdefault(full, []).append(folder + b"/" + full)
            self._extensions[base] = found
        return self._extensions[base]

    def has(self, path: bytes) -> bool:
        return self._records.exists(path)


def _package(
    record: Record,
    base: bytes,
    name: str,
    version: str,
    *,
    installed: set[str],
    grounds: _Grounds,
) -> Package:
    full = record.path.rpartition(b"/")[2].removesuffix(b".gemspec")
    spec = _Spec([], [])
    if record.extract is not None:
        spec = msgspec.msgpack.decode(record.extract, type=_Spec)
    programs = (_below(base, b"bin/" + one.encode()) for one in spec.executables)
    return Package(
        system="gem",
        name=name,
        version=version,
        paths=[
            record.path,
            _below(base, b"cache/" + full + b".gem"),
            _below(base, b"build_info/" + full + b".info"),
            *(path for path in programs if grounds.has(path)),
        ],
        trees=tuple(_trees(base, full, grounds)),
        depends=tuple(one for one in spec.depends if one in installed),
        source=record.path,
    )


def _trees(base: bytes, full: bytes, grounds: _Grounds) -> Iterator[bytes]:
    for place in (_below(base, b"gems"), _below(base, b"doc")):
        path = place + b"/" + full
        if grounds.has(path):
            yield path
    yield from grounds.extensions(base).get(full, ())


def _below(base: bytes, name: bytes) -> bytes:
    return base + b"/" + name if base else name


SYSTEM = _Gem()
