"""An image index rebuilt around new images: whatever it says besides stays as it was. Pure.

Formats: OCI image-spec v1.1 (image-index.md, descriptor.md), Docker manifest list v2; attestations
as BuildKit writes them (docs/attestations/attestation-storage.md). SOCI v2 lists its own indexes
beside the images in the same way.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from msgspec import Struct

from lightship.errors import CorruptInputError, DestinationError
from lightship.model import jsontext
from lightship.model.digest import Digest
from lightship.model.documents import (
    DOCKER_INDEX,
    DOCKER_MANIFEST,
    INDEXES,
    MAX_MANIFEST_BYTES,
    OCI_INDEX,
    OCI_MANIFEST,
    Descriptor,
    Index,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.platform import Platform
    from lightship.transports.storing import Family, NewImage

_INDEX_OF: dict[Family, str] = {"oci": OCI_INDEX, "docker": DOCKER_INDEX}
_MANIFEST_OF: dict[Family, str] = {"oci": OCI_MANIFEST, "docker": DOCKER_MANIFEST}
_ELSEWHERE = "Write to another tag."
# What an absent variant means (containerd, platforms/database.go).
_IMPLIED = {"amd64": "v1", "arm64": "v8", "arm": "v7"}
# Of a descriptor, what is about the very bytes it points at (descriptor.md), or says how the blobs
# are compressed (podman, for several images of one platform).
_OF_THE_BYTES = frozenset(("mediatype", "digest", "size", "data", "urls"))
_OF_THE_BLOBS = "io.github.containers."

_Key = tuple[str, ...]
_Object = dict[str, object]


class RebuiltIndex(Struct, frozen=True):
    """An index, ready to be stored.

    Attributes:
        data: the raw index.
        media_type: also in it.
        notes: platforms that were kept, records that were dropped; one line each.
        only_new: whether it lists the new images and nothing else. Of one image no index is
            needed then.
    """

    data: bytes
    media_type: str
    notes: tuple[str, ...]
    only_new: bool


def family_of(media_type: str) -> Family:
    """The family of a manifest's or index's media type."""
    return "docker" if media_type in (DOCKER_MANIFEST, DOCKER_INDEX) else "oci"


def required_family(old: bytes | None, *, where: str) -> Family | None:
    """The media types an image must have to go into an index; None where either will do.

    Raises:
        DestinationError: as `rebuilt_index`.
    """
    if old is None:
        return None
    index = _read(old, where)
    return index.family if sum(row.is_image for row in index.rows) > 1 else None


def rebuilt_index(
    old: bytes | None, images: Sequence[NewImage], family: Family, *, where: str = "the index"
) -> RebuiltIndex:
    """An index that lists the new images, each where the old one of its platform was.

    What is about a manifest that goes (its attestations) goes with it. All else stays: other
    platforms, their order, keys that are not known here.

    Args:
        old: the raw index that the name stands for by now; None where there is none.
        images: of one family.
        family: theirs.
        where: names the old index in messages.

    Raises:
        DestinationError: the old index is broken, holds another index, or has images of the
            other family that would have to stay.
    """
    if any(image.media_type != _MANIFEST_OF[family] for image in images):
        raise ValueError(f"an image that is not of the {family} family")
    index = _read(old, where) if old is not None else _Old({"schemaVersion": 2}, (), family)
    listed, gone = _placed(index.rows, _new_rows(images, index.rows))
    lost = gone - {Digest.of(image.manifest) for image in images}
    lost -= {item.digest for item in listed if isinstance(item, _Row)}
    dropped = [item for item in listed if isinstance(item, _Row) and item.is_about(lost)]
    listed = [item for item in listed if not (isinstance(item, _Row) and item.is_about(lost))]
    kept = [item for item in listed if isinstance(item, _Row)]
    if kept and index.family != family:
        raise DestinationError(
            f"{where} has {_named(index.family)} media types, the new image {_named(family)} "
            "ones, and the two are never mixed",
            _ELSEWHERE,
        )
    document = index.document
    _set(document, "mediaType", _INDEX_OF[family])
    _set(document, "manifests", [i.raw if isinstance(i, _Row) else i for i in listed])
    only_new = not kept and _value(document, "annotations") is None
    notes = tuple(_notes(kept, dropped))
    return RebuiltIndex(dumped(document, where), _INDEX_OF[family], notes, only_new)


def dumped(document: object, where: str) -> bytes:
    """A document as JSON, for a destination.

    Raises:
        DestinationError: it holds a number that JSON cannot, or is nested too deeply.
    """
    try:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (ValueError, RecursionError):
        raise DestinationError(
            f"{where} holds a number that no reader takes, or is nested too deeply"
        ) from None
    return text.encode()


def platform_fields(platform: Platform) -> dict[str, str]:
    """A platform, as a descriptor gives it."""
    fields = {"architecture": platform.architecture, "os": platform.os}
    return {**fields, "variant": platform.variant} if platform.variant else fields


class _Row(Struct, frozen=True):
    """One entry of the old index."""

    raw: _Object
    view: Descriptor

    @property
    def digest(self) -> str:
        return self.view.digest

    @property
    def is_image(self) -> bool:
        return not (self.view.is_attestation or "artifacttype" in map(str.casefold, self.raw))

    @property
    def system(self) -> _Key | None:
        """Operating system and architecture, where they are told."""
        platform = self.view.platform
        return (platform.os, platform.architecture) if platform and platform.architecture else None

    @property
    def key(self) -> _Key:
        """What tells its platform from others; Windows has a version besides."""
        if self.view.platform is None:
            return ()
        fields = cast("_Object", _value(self.raw, "platform"))
        features = _value(fields, "os.features")
        told = [_value(fields, "os.version"), *(features if isinstance(features, list) else ())]
        rest = [item for item in told if isinstance(item, str) and item]
        return (*_key(self.view.platform.platform()), *rest)

    def is_about(self, digests: set[str]) -> bool:
        """Whether it is a record about one of these manifests, and no image itself."""
        values = (self.view.annotations or {}).values()
        return not self.is_image and not digests.isdisjoint(values)


class _Old(Struct, frozen=True):
    """The index that was there."""

    document: _Object
    rows: Sequence[_Row]
    family: Family


def _read(old: bytes, where: str) -> _Old:
    try:
        document = jsontext.parse(old, what=where, limit=MAX_MANIFEST_BYTES)
        index = jsontext.convert(document, Index, what=where)
    except CorruptInputError as error:
        raise DestinationError(error.what, _ELSEWHERE) from None
    whole = cast("_Object", document)  # `convert` takes no other shape
    raw = cast("list[_Object]", _value(whole, "manifests") or [])
    rows = tuple(_Row(item, view) for item, view in zip(raw, index.manifests or [], strict=True))
    if any(row.view.media_type in INDEXES for row in rows):
        raise DestinationError(
            f"{where} holds another index, and which of its images would stay is not known",
            _ELSEWHERE,
        )
    says = index.media_type
    docker = says is None and any(row.view.media_type == DOCKER_MANIFEST for row in rows)
    return _Old(whole, rows, "docker" if docker else family_of(says or ""))


def _new_rows(images: Sequence[NewImage], rows: Sequence[_Row]) -> dict[_Key, list[_Object]]:
    """The new entries by the key of the platform whose place they take."""
    found: dict[_Key, list[_Object]] = {}
    first: dict[_Key, _Row] = {}
    for row in rows:
        if row.is_image:
            first.setdefault(row.key, row)
    by_digest = {row.digest: row for row in rows if row.is_image}
    for image in images:
        source = by_digest.get(image.replaces or "")
        system = (image.platform.os, image.platform.architecture)
        takes_its_place = source is not None and source.system in (None, system)
        key = source.key if source and takes_its_place else _key(image.platform)
        found.setdefault(key, []).append(_entry(image, first.get(key)))
    return found


def _entry(image: NewImage, old: _Row | None) -> _Object:
    entry: _Object = {
        "mediaType": image.media_type,
        "digest": Digest.of(image.manifest),
        "size": len(image.manifest),
    }
    for key, value in (old.raw if old else {}).items():
        if key.casefold() == "annotations" and isinstance(value, dict):
            still = {k: v for k, v in value.items() if not k.startswith(_OF_THE_BLOBS)}
            entry |= {key: still} if still else {}
        elif key.casefold() not in _OF_THE_BYTES:
            entry[key] = value
    if old is None or old.view.platform is None:
        _set(entry, "platform", platform_fields(image.platform))
    return entry


def _placed(
    rows: Sequence[_Row], new: dict[_Key, list[_Object]]
) -> tuple[list[_Row | _Object], set[str]]:
    """The rows that stay and the new entries, in order; the digests that go."""
    listed: list[_Row | _Object] = []
    gone: set[str] = set()
    left = dict(new)
    for row in rows:
        if row.is_image and row.key in new:
            gone.add(row.digest)
            listed += left.pop(row.key, [])
        else:
            listed.append(row)
    for entries in left.values():
        listed += entries
    return listed, gone


def _notes(kept: Sequence[_Row], dropped: Sequence[_Row]) -> list[str]:
    notes = []
    platforms = [str(r.view.platform.platform()) for r in kept if r.is_image and r.view.platform]
    if platforms:
        notes.append(f"other platforms of this name stay as they were: {', '.join(platforms)}")
    if dropped:
        told = ", ".join(dict.fromkeys(row.digest for row in dropped))
        what = "1 record" if len(dropped) == 1 else f"{len(dropped)} records"
        notes.append(
            f"{what} about the image that was replaced (attestations: provenance, SBOM) dropped, "
            f"since nothing in it holds for the new one: {told}"
        )
    return notes


def _key(platform: Platform) -> _Key:
    variant = platform.variant or _IMPLIED.get(platform.architecture, "")
    return (platform.os, platform.architecture, variant)


def _named(family: Family) -> str:
    return "Docker" if family == "docker" else "OCI"


def _value(mapping: _Object, name: str) -> object:
    """A structure's member, whatever the case of its key: as Go reads it."""
    return next((v for k, v in mapping.items() if k.casefold() == name.casefold()), None)


def _set(mapping: _Object, name: str, value: object) -> None:
    for key in [key for key in mapping if key.casefold() == name.casefold()]:
        if key != name:
            del mapping[key]
    mapping[name] = value
