"""Debian packages: dpkg's status and lists, apt's marks, distroless' `status.d`.

Sources: deb-control(5), dpkg(1), dpkg-divert(1), apt-mark(8); distroless keeps a stanza a package
in `var/lib/dpkg/status.d/NAME`, with a list of checksums beside some of them
(GoogleContainerTools/distroless).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.packages.control_file import Stanza, stanzas
from lightship.analysis.packages.package import Found, Package
from lightship.analysis.packages.providing import Providers
from lightship.analysis.packages.unread import shortened, unread
from lightship.layers.captures import CaptureRequest, Content

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lightship.analysis.packages.records import Record, Records

_ROOT = b"var/lib/dpkg"
_STATUS, _EXTENDED = _ROOT + b"/status", b"var/lib/apt/extended_states"
_DIVERSIONS, _LISTS, _PARTS = _ROOT + b"/diversions", _ROOT + b"/info", _ROOT + b"/status.d"
_SUMS = b".md5sums"
_FIELDS = (
    b"Package", b"Status", b"Version", b"Source", b"Architecture", b"Essential", b"Priority",
    b"Section", b"Depends", b"Pre-Depends", b"Recommends", b"Provides", b"Auto-Installed",
)  # fmt: skip
_WANTED = re.compile(rb"(?m)^(?:(?:%s):[^\n]*)?$" % b"|".join(_FIELDS))
_SOURCE = re.compile(r"([^\s(]+)\s*(?:\(([^\s()]+)\))?")
_BASIC = frozenset(("required", "important"))


def _stanzas_only(content: Content) -> bytes:
    """The lines of a control file that are read, without descriptions and file lists."""
    if not content.is_whole:
        raise ValueError(f"{content.content_bytes} bytes are more than is read of a status file")
    return b"\n".join(_WANTED.findall(bytes(content.head)))


def _list_only(content: Content) -> bytes | None:
    """A list of paths; nothing of what else dpkg keeps in its folder."""
    head = bytes(content.head)
    if not head.startswith(b"/"):
        return b""
    if not content.is_whole:
        raise ValueError(f"{content.content_bytes} bytes are more than is read of a list")
    return head


class _Dpkg:
    name = "dpkg"
    requests = (
        CaptureRequest(
            name="dpkg-status",
            version=2,
            paths=frozenset((_STATUS, _EXTENDED)),
            extract=_stanzas_only,
        ),
        CaptureRequest(name="dpkg-parts", version=1, directories=frozenset((_PARTS,))),
        CaptureRequest(
            name="dpkg-lists",
            version=2,
            suffixes=frozenset((b".list",)),
            head_bytes=32 * 1024 * 1024,
            extract=_list_only,
        ),
        CaptureRequest(name="dpkg-diversions", version=1, paths=frozenset((_DIVERSIONS,))),
    )

    def find(self, records: Records) -> Found:
        """Every installed package with the files of its list."""
        notes = [
            note
            for reader in ("dpkg-status", "dpkg-parts", "dpkg-diversions")
            for note in unread(self.name, records.of(reader))
        ]
        installed = list(_installed(records))
        if not installed:
            return Found(notes=notes)
        marks = _marks(records.at("dpkg-status", _EXTENDED))
        lists, broken = _lists(records)
        diverted = _diversions(records.at("dpkg-diversions", _DIVERSIONS))
        providers = Providers((one.name, _asked(one.stanza, "Provides")) for one in installed)
        packages = [
            _package(one, _list_of(one, lists), diverted, marks, providers) for one in installed
        ]
        return Found(packages=packages, notes=[*notes, *shortened(self.name, broken)])


class _Installed(Struct, frozen=True):
    """An installed package: its stanza, and the record that has it."""

    stanza: Stanza
    source: bytes

    @property
    def name(self) -> str:
        return self.stanza.get("Package", "")

    @property
    def key(self) -> str:
        return f"{self.name}:{self.stanza.get('Architecture', '')}"


class _Listed(Struct):
    """Where a package's list is, and its lines."""

    source: bytes = b""
    paths: bytes = b""


def _installed(records: Records) -> Iterator[_Installed]:
    status = records.at("dpkg-status", _STATUS)
    for stanza in stanzas(status.extract or b"") if status is not None else ():
        if stanza.get("Package") and stanza.get("Status", "").split()[2:] == ["installed"]:
            yield _Installed(stanza, _STATUS)
    for record in records.of("dpkg-parts"):
        if record.extract is None or record.path.endswith(_SUMS):
            continue
        for stanza in stanzas(record.extract):
            if stanza.get("Package"):
                yield _Installed(stanza, record.path)


def _lists(records: Records) -> tuple[dict[str, _Listed], list[str]]:
    """By `NAME:ARCHITECTURE`, or by `NAME:` of lists that are named without one."""
    found: dict[str, _Listed] = {}
    for record in records.of("dpkg-lists"):
        folder, _, name = record.path.rpartition(b"/")
        if folder != _LISTS or not name.endswith(b".list"):
            continue
        key = name[: -len(b".list")].decode("utf-8", "replace")
        if record.extract is not None:
            found[key if ":" in key else f"{key}:"] = _Listed(record.path, record.extract)
    for record in records.of("dpkg-parts"):
        if record.path.endswith(_SUMS) and record.extract is not None:
            key = record.path.rpartition(b"/")[2][: -len(_SUMS)].decode("utf-8", "replace")
            paths = b"\n".join(line[34:] for line in record.extract.split(b"\n") if line)
            found.setdefault(f"{key}:", _Listed(record.path, paths))
    broken = [
        f"/{record.path.decode('utf-8', 'replace')}: {record.problem}"
        for record in records.of("dpkg-lists")
        if record.extract is None
    ]
    return found, broken


def _list_of(one: _Installed, lists: Mapping[str, _Listed]) -> _Listed:
    """A package's list, named with its architecture or without."""
    return lists.get(one.key) or lists.get(f"{one.name}:") or _Listed()


def _marks(record: Record | None) -> frozenset[str] | None:
    """Packages that apt marked as installed for another's sake; None if apt keeps no marks."""
    if record is None or record.extract is None:
        return None
    return frozenset(
        stanza.get("Package", "")
        for stanza in stanzas(record.extract)
        if stanza.get("Auto-Installed") == "1"
    )


def _diversions(record: Record | None) -> Mapping[bytes, tuple[bytes, str]]:
    """Of each diverted path where it went, and whose package may use it all the same."""
    if record is None or record.extract is None:
        return {}
    lines = record.extract.split(b"\n")
    return {
        old.lstrip(b"/"): (new.lstrip(b"/"), package.decode("utf-8", "replace"))
        for old, new, package in zip(lines[::3], lines[1::3], lines[2::3], strict=False)
    }


def _asked(stanza: Stanza, *fields: str) -> Iterator[str]:
    return (name for field in fields for group in stanza.groups(field) for name in group)


def _package(
    one: _Installed,
    listed: _Listed,
    diverted: Mapping[bytes, tuple[bytes, str]],
    marks: frozenset[str] | None,
    providers: Providers,
) -> Package:
    stanza = one.stanza
    built_from = _SOURCE.match(stanza.get("Source", ""))
    basic = stanza.get("Essential") == "yes" or stanza.get("Priority") in _BASIC
    requested = None if marks is None or basic else one.name not in marks
    return Package(
        system="dpkg",
        name=one.name,
        version=stanza.get("Version") or None,
        paths=_paths(listed.paths, one.name, diverted),
        requested=False if marks is not None and one.name in marks else requested,
        essential=basic,
        depends=providers.of(_asked(stanza, "Pre-Depends", "Depends")),
        recommends=providers.of(_asked(stanza, "Recommends")),
        section=stanza.get("Section", ""),
        source=listed.source or one.source,
        source_name=built_from[1] if built_from else "",
        source_version=(built_from[2] or "") if built_from else "",
    )


def _paths(lines: bytes, name: str, diverted: Mapping[bytes, tuple[bytes, str]]) -> Iterator[bytes]:
    for line in lines.split(b"\n"):
        path = line.lstrip(b"/")
        if diverted and path in diverted:
            target, owner = diverted[path]
            path = path if owner == name else target
        yield path


SYSTEM = _Dpkg()
