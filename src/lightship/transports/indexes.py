"""An image index rebuilt around new images: whatever it says besides stays as it was. Pure.

Formats: OCI image-spec v1.1 (image-index.md, descriptor.md), Docker manifest list v2; attestations
as BuildKit writes them (docs/attestations/attestation-storage.md). SOCI v2 lists its own indexes
beside the images in the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from msgspec import Struct

from lightship.errors import DestinationError
from lightship.model import jsontext
from lightship.model.digest import Digest
from lightship.model.documents import (
    DOCKER_INDEX,
    DOCKER_MANIFEST,
    MAX_MANIFEST_BYTES,
    OCI_INDEX,
    OCI_MANIFEST,
    Index,
)
from lightship.model.platform import Platform
from lightship.transports.index_entries import (
    ELSEWHERE,
    Key,
    Object,
    OldIndex,
    Row,
    dumped,
    key_of_listed,
    read_index,
    set_value,
    value_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.transports.storing import Family, NewImage, NewIndex

_INDEX_OF: dict[Family, str] = {"oci": OCI_INDEX, "docker": DOCKER_INDEX}
_MANIFEST_OF: dict[Family, str] = {"oci": OCI_MANIFEST, "docker": DOCKER_MANIFEST}
# Of a descriptor, what is about the very bytes it points at (descriptor.md), or says how the blobs
# are compressed (podman, for several images of one platform).
_OF_THE_BYTES = frozenset(("mediatype", "digest", "size", "data", "urls"))
_OF_THE_BLOBS = "io.github.containers."


class RebuiltIndex(Struct, frozen=True):
    """An index, ready to be stored.

    Attributes:
        data: the raw index.
        media_type: also in it.
        notes: platforms that were kept, records that were dropped; one line each.
        only_new: whether it lists the new images and nothing else. Of one image no index is
            needed then.
        kept: entries of the old index that stay.
        dropped: records of the old index that are about an image which goes.
    """

    data: bytes
    media_type: str
    notes: tuple[str, ...]
    only_new: bool
    kept: tuple[Row, ...] = ()
    dropped: tuple[Row, ...] = ()


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
    index = read_index(old, where)
    return family_of(index.media_type) if sum(row.is_image for row in index.rows) > 1 else None


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
    index = (
        read_index(old, where)
        if old is not None
        else OldIndex({"schemaVersion": 2}, (), _INDEX_OF[family])
    )
    listed, gone = _placed(index.rows, _new_rows(images, index.rows))
    lost = gone - {Digest.of(image.manifest) for image in images}
    lost -= {item.digest for item in listed if isinstance(item, Row)}
    dropped = [item for item in listed if isinstance(item, Row) and item.is_about(lost)]
    listed = [item for item in listed if not (isinstance(item, Row) and item.is_about(lost))]
    kept = [item for item in listed if isinstance(item, Row)]
    there = family_of(index.media_type)
    if kept and there != family:
        raise DestinationError(
            f"{where} has {_named(there)} media types, the new image {_named(family)} "
            "ones, and the two are never mixed",
            ELSEWHERE,
        )
    document = index.document
    set_value(document, "mediaType", _INDEX_OF[family])
    set_value(document, "manifests", [i.raw if isinstance(i, Row) else i for i in listed])
    only_new = not kept and value_of(document, "annotations") is None
    notes = tuple(_notes(kept, dropped))
    data = dumped(document, where)
    return RebuiltIndex(data, _INDEX_OF[family], notes, only_new, tuple(kept), tuple(dropped))


def fields_of(image: NewImage) -> Object:
    """`platform` of a new image's descriptor: what its source was listed as, where it was."""
    listed = image.listed_as or {}
    told = [value_of(listed, key) for key in ("os", "architecture")]
    return dict(listed) if all(told) else platform_fields(image.platform)


def key_of_image(image: NewImage) -> Key:
    """What tells a new image's platform from others; a config often knows no variant."""
    fields = fields_of(image)
    told = (str(value_of(fields, key) or "") for key in ("os", "architecture", "variant"))
    return key_of_listed(Platform(*told), fields)


def platform_fields(platform: Platform) -> Object:
    """A platform, as a descriptor gives it."""
    fields: Object = {"architecture": platform.architecture, "os": platform.os}
    return {**fields, "variant": platform.variant} if platform.variant else fields


def index_for(
    old: bytes | None, images: Sequence[NewImage], index: NewIndex | None, *, where: str
) -> RebuiltIndex:
    """What a name stands for once there are new images, whose index may be given.

    Args:
        old: the raw index that the name stands for by now; None where there is none.
        images: of one family.
        index: that lists them; stays as it is where nothing of the old one stays.
        where: names the old one in messages.

    Raises:
        DestinationError: as `rebuilt_index`.
    """
    if index is not None and old in (None, index.data):
        return RebuiltIndex(index.data, index.media_type, (), only_new=False)
    rest = rebuilt_index(old, images, family_of(images[0].media_type), where=where)
    if index is None:
        return rest
    source = jsontext.decode(index.data, Index, what="the index", limit=MAX_MANIFEST_BYTES)
    listed = {descriptor.digest for descriptor in source.manifests or []}
    kept = [row for row in rest.kept if row.digest not in listed]
    notes = _notes(kept, rest.dropped)
    if not kept:
        return RebuiltIndex(index.data, index.media_type, tuple(notes), only_new=False)
    document = cast(
        "Object", jsontext.parse(index.data, what="the index", limit=MAX_MANIFEST_BYTES)
    )
    rows = cast("list[object]", value_of(document, "manifests") or [])
    set_value(document, "manifests", [*rows, *(row.raw for row in kept)])
    notes.append(f"the index has another digest than the source's, since {where} lists more")
    return RebuiltIndex(dumped(document, where), index.media_type, tuple(notes), only_new=False)


class _Slots(Struct, frozen=True):
    """Which entries of the old index make room, and for which new ones.

    Attributes:
        entries: the new ones, by the platform they are listed for.
        bare: that platform, by digests that are listed without one.
    """

    entries: dict[Key, list[Object]]
    bare: dict[str, Key]

    def of(self, row: Row) -> Key | None:
        """The place that an entry makes room in; None where it stays."""
        if not row.is_image:
            return None
        key = row.key or self.bare.get(row.digest)
        return key if key in self.entries else None


def _new_rows(images: Sequence[NewImage], rows: Sequence[Row]) -> _Slots:
    """The new entries by whose place they take."""
    first: dict[Key, Row] = {}
    same: dict[str, list[Row]] = {}
    for row in rows:
        if row.is_image:
            first.setdefault(row.key, row)
            same.setdefault(row.digest, []).append(row)
    slots = _Slots({}, {})
    for image in images:
        own = key_of_image(image)
        system = own[:2]
        listed = [
            row
            for digest in (Digest.of(image.manifest), image.replaces or "")
            for row in same.get(digest, ())
            if row.system in (None, system)
        ]
        keys = [row.key for row in listed if row.key]
        key = own if own in keys or not keys else keys[0]
        bare = [row for row in listed if not row.key]
        slots.bare.update({row.digest: key for row in bare})
        like = [row for row in listed if row.key == key]
        like += [first[key]] if key in first else bare
        slots.entries.setdefault(key, []).append(_entry(image, *like[:1]))
    return slots


def _entry(image: NewImage, old: Row | None = None) -> Object:
    entry: Object = {
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
        set_value(entry, "platform", fields_of(image))
    return entry


def _placed(rows: Sequence[Row], slots: _Slots) -> tuple[list[Row | Object], set[str]]:
    """The rows that stay and the new entries, in order; the digests that go."""
    listed: list[Row | Object] = []
    gone: set[str] = set()
    left = dict(slots.entries)
    for row in rows:
        slot = slots.of(row)
        if slot is None:
            listed.append(row)
        else:
            gone.add(row.digest)
            listed += left.pop(slot, [])
    for entries in left.values():
        listed += entries
    return listed, gone


def _notes(kept: Sequence[Row], dropped: Sequence[Row]) -> list[str]:
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


def _named(family: Family) -> str:
    return "Docker" if family == "docker" else "OCI"
