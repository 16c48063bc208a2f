"""What `base update` learnt, as it lies in the user's data folder: types, reading and writing.

One JSON file, `bases.json`. It is written by lightship alone, and read as if anybody had: a file
that is broken, too large or of another form costs one line, and the shipped rows still serve.
"""

from __future__ import annotations

import os
from collections.abc import Mapping  # noqa: TC003 - msgspec reads the annotations
from datetime import date  # noqa: TC003 - as well
from pathlib import Path  # noqa: TC003 - as well
from typing import Annotated

import msgspec
from msgspec import Struct

from lightship.catalogue.base_images import Libc, Origin
from lightship.errors import CorruptInputError, DestinationError
from lightship.replacing import replace_file

SCHEMA = "lightship.bases/1"
FILE = "bases.json"
MAX_FILE_BYTES = 16 * 1024 * 1024
Count = Annotated[int, msgspec.Meta(ge=0)]


class PlatformFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a registry says of an image for one platform.

    Attributes:
        digest: of its manifest.
        wire_bytes: the config and the distinct layers, compressed.
        layer_wire_bytes: of each layer, oldest first.
        unpacked_bytes: of all layers; None if they were not read.
    """

    digest: str | None = None
    wire_bytes: Count | None = None
    layer_wire_bytes: tuple[Count, ...] = ()
    unpacked_bytes: Count | None = None


class RefreshedRow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was learnt of one image, all of it on one day and from one place.

    Attributes:
        image, tag: as a FROM instruction names them.
        source: the registry that was asked, as people name it.
        seen: when.
        top_digest: of what the tag named then: an index, or the one manifest.
        platforms: by platform (`linux/amd64`).
        created: the image's own date.
        version: of what it is made for, where its config says so.
        others: as in `BaseRow`; None if nothing was learnt of it.
    """

    image: str
    tag: str
    source: str
    seen: date
    top_digest: str | None = None
    platforms: Mapping[str, PlatformFacts] = {}
    created: date | None = None
    version: str | None = None
    user: str | None = None
    system: str | None = None
    libc: Libc | None = None
    package_manager: str | None = None
    shell: str | None = None
    packages: Count | None = None


class RefreshedRelease(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When support of a release ends.

    Attributes:
        ends: the last day of its makers' support; None if they announced none.
        extended: the last day of free support by others.
        latest: its newest patch.
    """

    ends: date | None = None
    extended: date | None = None
    latest: str | None = None


class RefreshedProduct(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The releases of a product of end_of_life.toml, from one place and of one day.

    Attributes:
        etag: by which the place knows what it said (RFC 9110, section 8.8.3).
    """

    name: str
    source: str
    seen: date
    etag: str | None = None
    releases: Mapping[str, RefreshedRelease] = {}

    @property
    def origin(self) -> Origin:
        """Where its dates are from."""
        return Origin(self.source, self.seen)


class Refreshed(Struct, frozen=True, kw_only=True):
    """The whole file."""

    schema: str = SCHEMA
    rows: tuple[RefreshedRow, ...] = ()
    products: tuple[RefreshedProduct, ...] = ()


def read_refreshed(folder: Path) -> Refreshed | None:
    """What was refreshed; None if nothing was yet.

    Raises:
        CorruptInputError: the file is there and cannot be used.
    """
    path = folder / FILE
    try:
        where = folder.stat()
        if where.st_uid not in (os.geteuid(), 0) or where.st_mode & 0o022:
            raise _unusable(path, "others may write to its folder")
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise _unusable(path, problem.strerror or "it cannot be read") from None
    if len(content) > MAX_FILE_BYTES:
        raise _unusable(path, f"it is longer than {MAX_FILE_BYTES} bytes")
    try:
        found = msgspec.json.decode(content, type=Refreshed)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as problem:
        raise _unusable(path, str(problem)) from None
    if found.schema != SCHEMA:
        raise _unusable(path, f"it is of schema {found.schema!r}, not {SCHEMA!r}")
    return found


def write_refreshed(folder: Path, refreshed: Refreshed) -> None:
    """Put the file in its place, whole or not at all.

    Raises:
        DestinationError: it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise DestinationError(f"{folder}: {problem.strerror}") from None
    content = msgspec.json.format(msgspec.json.encode(refreshed), indent=1)
    if len(content) > MAX_FILE_BYTES:
        raise DestinationError(f"{folder / FILE} would be longer than {MAX_FILE_BYTES} bytes")
    replace_file(folder / FILE, content)


def _unusable(path: Path, why: str) -> CorruptInputError:
    return CorruptInputError(
        f"{path} cannot be used: {why}",
        "the rows that come with lightship serve; delete the file, or run `lightship base update`",
    )
