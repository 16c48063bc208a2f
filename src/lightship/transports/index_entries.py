"""The entries of an image index, each as it is written and as it is read.

Formats: OCI image-spec v1.1 (image-index.md, descriptor.md), Docker manifest list v2.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from msgspec import Struct

from lightship.errors import CorruptInputError, DestinationError
from lightship.model import jsontext
from lightship.model.documents import (
    DOCKER_INDEX,
    DOCKER_MANIFEST,
    INDEXES,
    MAX_MANIFEST_BYTES,
    OCI_INDEX,
    Descriptor,
    Index,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.model.platform import Platform

ELSEWHERE = "Write to another tag."
# What an absent variant means (containerd, platforms/database.go).
_IMPLIED = {"amd64": "v1", "arm64": "v8", "arm": "v7"}

Key = tuple[str, ...]
"""Tells a platform from others; equal ones may be spelled in several ways."""
Object = dict[str, object]


class Row(Struct, frozen=True):
    """One entry of the old index."""

    raw: Object
    view: Descriptor

    @property
    def digest(self) -> str:
        return self.view.digest

    @property
    def is_image(self) -> bool:
        return not (self.view.is_attestation or "artifacttype" in map(str.casefold, self.raw))

    @property
    def system(self) -> Key | None:
        """Operating system and architecture, where they are told."""
        platform = self.view.platform
        return (platform.os, platform.architecture) if platform and platform.architecture else None

    @property
    def key(self) -> Key:
        """What tells its platform from others, Windows by its version too; empty if untold."""
        if self.view.platform is None:
            return ()
        fields = cast("Object", value_of(self.raw, "platform"))
        return key_of_listed(self.view.platform.platform(), fields)

    def is_about(self, digests: set[str]) -> bool:
        """Whether it is a record about one of these manifests, and no image itself."""
        values = (self.view.annotations or {}).values()
        return not self.is_image and not digests.isdisjoint(values)


class OldIndex(Struct, frozen=True):
    """The index that was there.

    Attributes:
        document: all of it.
        rows: its entries.
        media_type: of it; where it has none, what its entries make of it.
    """

    document: Object
    rows: Sequence[Row]
    media_type: str


def read_index(old: bytes, where: str) -> OldIndex:
    """Read a raw index that images go into.

    Raises:
        DestinationError: it is broken, or holds another index.
    """
    try:
        document = jsontext.parse(old, what=where, limit=MAX_MANIFEST_BYTES)
        index = jsontext.convert(document, Index, what=where)
    except CorruptInputError as error:
        raise DestinationError(error.what, ELSEWHERE) from None
    whole = cast("Object", document)  # `convert` takes no other shape
    raw = cast("list[Object]", value_of(whole, "manifests") or [])
    rows = tuple(Row(item, view) for item, view in zip(raw, index.manifests or [], strict=True))
    if any(row.view.media_type in INDEXES for row in rows):
        raise DestinationError(
            f"{where} holds another index, and which of its images would stay is not known",
            ELSEWHERE,
        )
    docker = any(row.view.media_type == DOCKER_MANIFEST for row in rows)
    return OldIndex(whole, rows, index.media_type or (DOCKER_INDEX if docker else OCI_INDEX))


def dumped(document: object, where: str) -> bytes:
    """A document as JSON, for a destination.

    Raises:
        DestinationError: it holds a number that JSON cannot, or is nested too deeply.
    """
    try:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode()
    except (ValueError, RecursionError):
        raise DestinationError(
            f"{where} holds a number that no reader takes, or is nested too deeply"
        ) from None


def key_of(platform: Platform) -> Key:
    """What tells a platform from others."""
    variant = platform.variant or _IMPLIED.get(platform.architecture, "")
    return (platform.os, platform.architecture, variant)


def key_of_listed(platform: Platform, fields: Mapping[str, object]) -> Key:
    """The same, with what a descriptor says besides: Windows has versions and features."""
    features = value_of(fields, "os.features")
    told = [value_of(fields, "os.version"), *(features if isinstance(features, list) else ())]
    return (*key_of(platform), *(item for item in told if isinstance(item, str) and item))


def value_of(mapping: Mapping[str, object], name: str) -> object:
    """A structure's member, whatever the case of its key: as Go reads it."""
    return next((v for k, v in mapping.items() if k.casefold() == name.casefold()), None)


def set_value(mapping: Object, name: str, value: object) -> None:
    """Set a structure's member, whatever the case its key had."""
    for key in [key for key in mapping if key.casefold() == name.casefold()]:
        if key != name:
            del mapping[key]
    mapping[name] = value
