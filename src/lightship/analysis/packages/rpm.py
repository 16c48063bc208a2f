"""Packages of rpm: its sqlite database, as rpm writes it since 4.16.

Sources: rpm.org, "rpmdb" and the macro `_db_backend`; sqlite.org/fileformat2.html for its header.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import msgspec

from lightship.analysis.packages.package import Found, Package
from lightship.analysis.packages.providing import Providers
from lightship.analysis.packages.rpm_header import RpmPackage, read_header
from lightship.analysis.packages.unread import unread
from lightship.layers.captures import MAX_EXTRACT_BYTES, CaptureRequest, Content
from lightship.printable import decode_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.analysis.packages.records import Record, Records

_FOLDERS = (b"var/lib/rpm", b"usr/lib/sysimage/rpm", b"usr/share/rpm")
_OLDER = {b"Packages": "Berkeley DB", b"Packages.db": "ndb"}
_VERSIONS_AT = 18  # of the file format: 2 means that a log may lie beside, which memory cannot have
_MAX_PACKAGES = 100_000
_STEPS, _MAX_STEPS = 100_000, 5_000
_DECODER = msgspec.msgpack.Decoder(list[RpmPackage])


def extract_database(content: Content) -> bytes:
    """MessagePack of every package's `RpmPackage`.

    Raises:
        ValueError: it is no database that can be read, or not whole.
    """
    if not content.is_whole:
        raise ValueError(f"{content.content_bytes} bytes are more than is read of a database")
    data = bytearray(content.head)
    if len(data) < 100 or not data.startswith(b"SQLite format 3\0"):
        raise ValueError("no sqlite database")
    data[_VERSIONS_AT : _VERSIONS_AT + 2] = b"\x01\x01"
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(bytes(data))
        return msgspec.msgpack.encode(_packed(_blobs(connection, len(data))))
    except (sqlite3.Error, OverflowError) as problem:
        raise ValueError(f"a damaged database ({problem})") from problem
    finally:
        connection.close()


def _packed(blobs: Iterable[bytes]) -> list[msgspec.Raw]:
    """Each package as MessagePack; no more in all than is kept of an extract."""
    packed: list[msgspec.Raw] = []
    total = 0
    for blob in blobs:
        one = msgspec.msgpack.encode(read_header(blob))
        total += len(one)
        if total > MAX_EXTRACT_BYTES:
            raise ValueError("a database of more packages than are read")
        packed.append(msgspec.Raw(one))
    return packed


def _blobs(connection: sqlite3.Connection, database_bytes: int) -> Iterable[bytes]:
    """The headers of a database that is not trusted.

    No view, no more steps than it needs, and not more bytes than it has: damaged pages can be part
    of many rows.
    """
    steps = 0

    def count() -> bool:
        nonlocal steps
        steps += 1
        return steps > _MAX_STEPS

    connection.set_progress_handler(count, _STEPS)
    connection.execute("PRAGMA trusted_schema = OFF")
    tables = connection.execute("SELECT type FROM sqlite_master WHERE name = 'Packages'").fetchall()
    if tables != [("table",)]:
        raise ValueError("a database without rpm's table of packages")
    rows = connection.execute("SELECT blob FROM Packages ORDER BY rowid")
    for number, (blob,) in enumerate(rows):
        if number >= _MAX_PACKAGES or not isinstance(blob, bytes):
            raise ValueError("a database of something else than packages")
        database_bytes -= len(blob)
        if database_bytes < 0:
            raise ValueError("a damaged database (rows that share pages)")
        yield blob


class _Rpm:
    name = "rpm"
    requests = (
        CaptureRequest(
            name="rpm-database",
            version=3,
            paths=frozenset(folder + b"/rpmdb.sqlite" for folder in _FOLDERS),
            extract=extract_database,
        ),
        CaptureRequest(
            name="rpm-older",
            version=1,
            paths=frozenset(folder + b"/" + name for folder in _FOLDERS for name in _OLDER),
            head_bytes=1,
            extract=lambda _: b"",
        ),
    )

    def find(self, records: Records) -> Found:
        """Every package of each database."""
        found = Found(notes=unread(self.name, records.of("rpm-database")))
        for record in records.of("rpm-database"):
            folder = record.path.rpartition(b"/")[0]
            if records.content_bytes(folder + b"/rpmdb.sqlite-wal"):
                path = decode_path(record.path)
                found.notes.append(f"rpm: {path}: what its log holds besides is not read")
            if record.extract:
                found.packages += _packages(record, _DECODER.decode(record.extract))
        for record in records.of("rpm-older"):
            kind = _OLDER.get(record.path.rpartition(b"/")[2], "an older format")
            path = decode_path(record.path)
            found.notes.append(f"rpm: {path}: {kind}, an older format, which is not read")
        return found


def _packages(record: Record, installed: list[RpmPackage]) -> list[Package]:
    providers = Providers((one.name, one.provides) for one in installed)
    return [
        Package(
            system="rpm",
            name=one.name,
            version=one.version or None,
            paths=one.paths.split(b"\n"),
            depends=providers.of(one.requires),
            recommends=providers.of(one.recommends),
            section=one.group,
            source=record.path,
            source_name=one.source_name,
            epoch=one.epoch,
        )
        for one in installed
        if one.name and one.name != "gpg-pubkey"
    ]


SYSTEM = _Rpm()
