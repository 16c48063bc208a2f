"""Which system an image is of, as it says itself.

Source: os-release(5): `/etc/os-release`, else `/usr/lib/os-release`; lines of `NAME=value`, quoted
as a shell does it, without substitution.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.lookup import Lookup
from lightship.layers.captures import CaptureRequest

if TYPE_CHECKING:
    from lightship.analysis.packages.records import Records
    from lightship.layers.captures import Content

_READER = "os-release"
_PLACES = (b"etc/os-release", b"usr/lib/os-release")
_MAX_FILE_BYTES = 16 * 1024
_MAX_VALUE = 200


class OsRelease(Struct, frozen=True):
    """What an image says of its system; foreign text, empty where it says nothing.

    Attributes:
        id: in lower case: `debian`, `rhel`; `linux` where it is left out, as os-release(5) says.
        version_id: `13`, `9.4`.
        pretty: for people: `Debian GNU/Linux 13 (trixie)`.
        codename: `trixie`.
        like: IDs of systems that it is close to: `("rhel", "fedora")`.
    """

    id: str
    version_id: str = ""
    pretty: str = ""
    codename: str = ""
    like: tuple[str, ...] = ()

    @property
    def system(self) -> str:
        """As `BaseRow.system`: `debian 13`, `wolfi`."""
        version = "" if self.id in _WITHOUT_RELEASES else _release(self.id, self.version_id)
        return f"{self.id} {version}".strip()


_WITHOUT_RELEASES = frozenset(("wolfi", "chainguard", "arch", "opensuse-tumbleweed"))
"""Whose VERSION_ID, if they have one, is a day or a build."""
_BY_TWO_NUMBERS = frozenset(("alpine", "ubuntu", "opensuse-leap", "sles"))
"""Whose releases have two numbers; those of the others have one."""


def os_release_requests() -> tuple[CaptureRequest, ...]:
    """What must be captured for `os_release`."""
    return (_REQUEST,)


def os_release(records: Records) -> OsRelease | None:
    """Which system an image is of; None if it does not say."""
    extracts = {one.record: one.extract for one in records.of(_READER) if one.extract is not None}
    lookup = Lookup(records.tree)
    for place in _PLACES:
        file = lookup.file(place)
        text = extracts.get(file.record) if file is not None else None
        if text is not None:
            return _read(text)
    return None


def _read(text: bytes) -> OsRelease:
    said: dict[str, str] = {}
    for line in text.decode("utf-8", "replace").splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and name.isidentifier():
            said[name] = _unquoted(value)
    return OsRelease(
        id=said.get("ID", "").lower() or "linux",
        version_id=said.get("VERSION_ID", ""),
        pretty=said.get("PRETTY_NAME", ""),
        codename=said.get("VERSION_CODENAME", ""),
        like=tuple(said.get("ID_LIKE", "").lower().split()),
    )


def _unquoted(value: str) -> str:
    try:
        words = shlex.split(value)
    except ValueError:
        return ""
    return " ".join(words)[:_MAX_VALUE]


def _release(identity: str, version_id: str) -> str:
    """The release that a version is of: `alpine 3.24.1` is of 3.24, `rhel 9.4` of 9."""
    numbers = 2 if identity in _BY_TWO_NUMBERS else 1
    return ".".join(version_id.split(".")[:numbers])


def _extract(content: Content) -> bytes | None:
    return bytes(content.head) if content.is_whole else None


_REQUEST = CaptureRequest(
    name=_READER,
    version=1,
    basenames=frozenset((b"os-release",)),
    directories=frozenset((b"usr/lib/os.release.d",)),  # where Fedora's links lead
    head_bytes=_MAX_FILE_BYTES,
    extract=_extract,
)
