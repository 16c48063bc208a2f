"""Java archives: each jar, war and ear is a package, and those in it are packages without files.

Source: the JAR file specification (docs.oracle.com) for MANIFEST.MF, Maven's archiver for
`META-INF/maven/GROUP/ARTIFACT/pom.properties`, Spring Boot's executable jar for nested ones. The
name is Maven's artifact where the archive has it, else that of the file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.analysis.packages.package import Found, Package
from lightship.analysis.packages.unread import unread
from lightship.analysis.packages.zip_directory import ZipDirectory, read_directory
from lightship.layers.captures import CaptureRequest, Content
from lightship.printable import decode_path

if TYPE_CHECKING:
    from lightship.analysis.packages.records import Record, Records

_READER = "java"
_MANIFEST = b"META-INF/MANIFEST.MF"
_POM = re.compile(rb"META-INF/maven/[^/]+/[^/]+/pom\.properties\Z")
_FILE_NAME = re.compile(r"(.+?)-(v?\d.*)\Z")
_MAX_TEXT_BYTES = 64 * 1024
_MAX_POMS = 20
_MAX_NESTED = 5000
_MAX_NAME_CHARS = 200
_SUFFIXES = (b".jar", b".war", b".ear")


class _Archive(Struct, frozen=True, array_like=True):
    """What an archive says of itself.

    Attributes:
        artifacts: Maven's artifact and version, of a shaded archive those of its parts too.
        version: of the manifest.
        nested: file names of the archives in it.
    """

    artifacts: list[tuple[str, str]]
    version: str
    nested: list[str]


def extract(content: Content) -> bytes:
    """MessagePack of what an archive says of itself.

    Raises:
        ValueError: it is no zip archive.
    """
    directory = read_directory(content)
    poms = [name for name in directory.entries if name.endswith(b".properties")]
    poms = [name for name in poms if _POM.match(name)][:_MAX_POMS]
    nested = [name for name in directory.entries if name.endswith(_SUFFIXES)][:_MAX_NESTED]
    return msgspec.msgpack.encode(
        _Archive(
            [artifact for name in poms if (artifact := _artifact(directory, name)) is not None],
            _version(directory),
            sorted(decode_path(name.rpartition(b"/")[2])[:_MAX_NAME_CHARS] for name in nested),
        )
    )


def _artifact(directory: ZipDirectory, name: bytes) -> tuple[str, str] | None:
    text = (directory.read(name, _MAX_TEXT_BYTES) or b"").decode("utf-8", "replace")
    fields: dict[str, str] = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals:
            fields[key.strip()] = value.strip()[:_MAX_NAME_CHARS]
    artifact = fields.get("artifactId")
    return (artifact, fields.get("version", "")) if artifact else None


def _version(directory: ZipDirectory) -> str:
    """The version in the manifest's main section; a line that begins with a blank continues."""
    text = (directory.read(_MANIFEST, _MAX_TEXT_BYTES) or b"").decode("utf-8", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    main = text.partition("\n\n")[0].replace("\n ", "")
    fields = dict(line.partition(":")[::2] for line in main.split("\n"))
    for key in ("Implementation-Version", "Bundle-Version"):
        if version := fields.get(key, "").strip():
            return version[:_MAX_NAME_CHARS]
    return ""


class _Java:
    name = "java"
    requests = (
        CaptureRequest(
            name=_READER,
            version=1,
            suffixes=frozenset(_SUFFIXES),
            head_bytes=16 * 1024 * 1024,
            tail_bytes=1024 * 1024,
            extract=extract,
        ),
    )

    def find(self, records: Records) -> Found:
        """The archives in byte order of their paths, each before those in it."""
        packages: list[Package] = []
        for record in records.of(_READER):
            if record.extract is not None:
                archive = msgspec.msgpack.decode(record.extract, type=_Archive)
                packages += _packages(record, archive)
        return Found(packages=packages, notes=unread("java", records.of(_READER)))


def _packages(record: Record, archive: _Archive) -> list[Package]:
    inner = [_named(_stem(name)) for name in archive.nested]
    name, version = _name(_stem(decode_path(record.path.rpartition(b"/")[2])), archive)
    outer = Package(
        system="java",
        name=name,
        version=version or None,
        paths=(record.path,),
        depends=tuple(dict.fromkeys(name for name, _ in inner)),
        source=record.path,
    )
    return [
        outer,
        *(
            Package(system="java", name=name, version=version or None, source=record.path)
            for name, version in inner
        ),
    ]


def _name(stem: str, archive: _Archive) -> tuple[str, str]:
    for artifact, version in archive.artifacts:
        if stem == artifact or stem.startswith(f"{artifact}-{version}"):
            return artifact, version
    if len(archive.artifacts) == 1:
        artifact, version = archive.artifacts[0]
        if archive.version in ("", version):  # else it is of something that was shaded into it
            return artifact, version
    name, version = _named(stem)
    return name, version or archive.version


def _named(stem: str) -> tuple[str, str]:
    """Name and version as a file is called: `commons-lang3-3.12.0`."""
    match = _FILE_NAME.match(stem)
    return (match[1], match[2]) if match else (stem, "")


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name


SYSTEM = _Java()
