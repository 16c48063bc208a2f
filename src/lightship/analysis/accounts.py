"""The accounts of an image: users and groups by name (passwd(5), group(5))."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.layers.captures import CaptureRequest, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.analysis.packages.records import Records

_READER = "accounts"
_PASSWD, _GROUP = b"etc/passwd", b"etc/group"
_MAX_FILE_BYTES = 1024 * 1024
_MOST_NUMBERS = 2**32


class User(Struct, frozen=True):
    """One line of `/etc/passwd`."""

    uid: int
    gid: int
    home: bytes


class Accounts(Struct, frozen=True):
    """Users and groups by name; of a name that is given twice the first. Broken lines are left out.

    Attributes:
        is_known: whether `/etc/passwd` was there to be read.
    """

    users: Mapping[bytes, User]
    groups: Mapping[bytes, int]
    is_known: bool


def account_requests() -> tuple[CaptureRequest, ...]:
    """What must be captured for `accounts_of`."""
    return (_REQUEST,)


def accounts_of(records: Records) -> Accounts:
    """Read an image's accounts."""
    texts = {one.path: one.extract for one in records.of(_READER) if one.extract is not None}
    users: dict[bytes, User] = {}
    for parts in _lines(texts.get(_PASSWD, b""), 6):
        uid, gid = _number(parts[2]), _number(parts[3])
        if uid is not None and gid is not None:
            users.setdefault(parts[0], User(uid, gid, parts[5]))
    groups: dict[bytes, int] = {}
    for parts in _lines(texts.get(_GROUP, b""), 3):
        gid = _number(parts[2])
        if gid is not None:
            groups.setdefault(parts[0], gid)
    return Accounts(users, groups, _PASSWD in texts)


def _lines(text: bytes, least: int) -> list[list[bytes]]:
    rows = (line.split(b":") for line in text.splitlines())
    return [row for row in rows if len(row) >= least and row[0] and row[0][:1] not in b"#+-"]


def _number(text: bytes) -> int | None:
    if not text.isdigit() or len(text) > 10 or int(text) >= _MOST_NUMBERS:
        return None
    return int(text)


_REQUEST = CaptureRequest(
    name=_READER,
    version=1,
    paths=frozenset((_PASSWD, _GROUP)),
    head_bytes=_MAX_FILE_BYTES,
    extract=whole,
)
