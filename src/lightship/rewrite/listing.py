"""The index of the source, for all the platforms that were carried over: kept, or edited.

Where every image stays byte for byte and all that the index lists is stored, its very bytes stay,
and with them its digest: attestations, artifacts and nested indexes are taken over. Else it is
edited: the new images stand where the old ones stood, what is about an old one goes with it.
Formats: OCI image-spec v1.1 (image-index.md, manifest.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from msgspec import Struct
from msgspec.structs import replace

from lightship.errors import CorruptInputError
from lightship.model import jsontext
from lightship.model.digest import Digest
from lightship.model.documents import (
    INDEXES,
    MAX_MANIFEST_BYTES,
    OCI_INDEX,
    OCI_MANIFEST,
    Index,
    Manifest,
)
from lightship.model.image import Listed, Manifested
from lightship.transports.described import decode_manifest
from lightship.transports.index_entries import Object, Row, dumped, read_index, set_value, value_of
from lightship.transports.indexes import family_of, rebuilt_index
from lightship.transports.storing import NewIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.documents import Descriptor
    from lightship.model.image import Image, Layer, SourceIndex
    from lightship.transports.storing import NewImage, Staging

_MAX_DEPTH = 8
_MAX_DOCUMENTS = 1024
_ANOTHER = "the index has another digest than the source's, since"


class CarriedIndex(Struct, frozen=True):
    """What becomes of the source's index.

    Attributes:
        index: to be committed with the images; None where a new one is made of them.
        notes: why its digest is another, and what was dropped; one line each.
        copied: digests of what went along besides the images.
    """

    index: NewIndex | None = None
    notes: tuple[str, ...] = ()
    copied: frozenset[str] = frozenset()

    def explained(self, *, same_manifests: bool) -> CarriedIndex:
        """With a word on a copy's index that is another because its manifests are."""
        if same_manifests or self.index is None or any(n.startswith(_ANOTHER) for n in self.notes):
            return self
        why = f"{_ANOTHER} layers or media types are others, and so the manifests"
        return replace(self, notes=(*self.notes, why))

    def without_copied(self, notes: Sequence[str]) -> tuple[str, ...]:
        """Notes but those on what was left behind and is there after all."""
        return tuple(note for note in notes if self.copied.isdisjoint(note.split()))


def carried_index(
    images: Sequence[Image], new: Sequence[NewImage], staging: Staging
) -> CarriedIndex:
    """Stage what the source's index lists besides the images.

    Args:
        images: of the source: all that are stored.
        new: what was made of each.
        staging: where they go; has their blobs.

    Raises:
        CorruptInputError: what is listed is not what its descriptor says.
        DestinationError: the destination failed.
    """
    found = [image.index if isinstance(image, Listed) else None for image in images]
    source = found[0]
    if source is None or any(one is None or one.data != source.data for one in found):
        return CarriedIndex()
    if not staging.accepts.keeps_blobs:
        why = f"{_ANOTHER} {staging.where} holds plain layers, and no attestations"
        return CarriedIndex(notes=(why,))
    carrier = _Carrier(source, staging)
    old = [image.manifest if isinstance(image, Manifested) else None for image in images]
    carrier.seen |= {Digest.of(image.manifest) for image in new}
    if all(was and was.data == one.manifest for was, one in zip(old, new, strict=True)):
        carrier.carry(source.data)
        if not carrier.missing:
            index = NewIndex(source.data, source.media_type, carrier.stage())
            return CarriedIndex(index, (), frozenset(carrier.copied))
    named = [
        Digest.of(was.data) if was else one.replaces for was, one in zip(old, new, strict=True)
    ]
    return _edited(source, list(zip(named, new, strict=True)), staging)


def _edited(
    source: SourceIndex, made_from: Sequence[tuple[Digest | None, NewImage]], staging: Staging
) -> CarriedIndex:
    """The source's index with the new images in it, and what still holds."""
    family = family_of(made_from[0][1].media_type)
    where = "the source's index"
    view = _index(source.data)
    if any(row.media_type in INDEXES for row in view.manifests or []):
        return CarriedIndex(
            notes=(f"{_ANOTHER} the source nests others, whose images are listed now",)
        )
    old = read_index(source.data, where)
    if family_of(old.media_type) != family:
        return CarriedIndex(notes=(f"{_ANOTHER} {staging.where} takes other media types",))
    carrier = _Carrier(source, staging)
    new = [one for was, image in made_from for one in _for_each_entry(was, image, old.rows)]
    carrier.seen |= {Digest.of(image.manifest) for image in new}
    replaced = {str(was) for was, _ in made_from if was}
    lost = replaced - carrier.seen
    rows = [
        row
        for row in old.rows
        if row.digest in replaced or row.is_about(lost) or carrier.row(row.view, 0)
    ]
    document = old.document
    set_value(document, "manifests", [row.raw for row in rows])
    made = rebuilt_index(dumped(document, where), new, family, where=where)
    notes = [note for note in made.notes if not note.startswith("other platforms of this name")]
    if carrier.missing:
        told = ", ".join(dict.fromkeys(carrier.missing))
        notes.append(f"{_ANOTHER} the source does not hold all that it lists; left out: {told}")
    if made.only_new and len(made_from) == 1:
        return CarriedIndex(notes=tuple(notes))
    index = NewIndex(made.data, made.media_type, carrier.stage())
    return CarriedIndex(index, tuple(notes), frozenset(carrier.copied))


def _for_each_entry(was: Digest | None, image: NewImage, rows: Sequence[Row]) -> list[NewImage]:
    """A new image as often as the old one is listed: one may be for several platforms."""
    listed = [
        cast("Object | None", value_of(row.raw, "platform")) or image.listed_as
        for row in rows
        if row.digest == was
    ]
    told = [replace(image, replaces=was, listed_as=platform) for platform in listed]
    return told or [image]


class _Carrier:
    """Takes over what an index lists; a manifest before what lists it."""

    def __init__(self, source: SourceIndex, staging: Staging) -> None:
        self._source = source
        self._staging = staging
        self._position = 0
        self._taken: list[Layer] = []
        self.seen: set[str] = set()
        self.copied: set[str] = set()
        self.documents: list[tuple[bytes, str]] = []
        self.missing: list[str] = []

    def carry(self, data: bytes, depth: int = 0) -> bool:
        """Take over all that an index lists; tells whether it was there."""
        if depth > _MAX_DEPTH:
            raise CorruptInputError(f"indexes are nested more than {_MAX_DEPTH} deep")
        found = [self.row(one, depth) for one in _index(data).manifests or []]
        return all(found)

    def row(self, descriptor: Descriptor, depth: int) -> bool:
        """Take over one entry; tells whether all of it was there."""
        if descriptor.digest in self.seen:
            return True
        self.seen.add(descriptor.digest)
        if len(self.seen) > _MAX_DOCUMENTS:
            raise CorruptInputError(f"an index lists more than {_MAX_DOCUMENTS} documents")
        data = self._source.document(descriptor)
        if data is None:
            return self._lacks(descriptor)
        document = decode_manifest(data, "what the index lists", (descriptor.media_type,))
        if isinstance(document, Index):
            found = self.carry(data, depth + 1)
        else:
            found = self._blobs(document) or self._lacks(descriptor)
        if found:
            usual = OCI_INDEX if isinstance(document, Index) else OCI_MANIFEST
            kind = document.media_type or descriptor.media_type or usual
            self.documents.append((data, kind))
            self.copied.add(descriptor.digest)
        return found

    def _blobs(self, manifest: Manifest) -> bool:
        blobs = []
        for descriptor in (manifest.config, *(manifest.layers or [])):
            self._position += 1
            blobs.append(self._source.blob(descriptor, self._position))
        there = [blob for blob in blobs if blob is not None]
        if len(there) < len(blobs):
            return False
        self._taken += there
        return True

    def stage(self) -> tuple[tuple[bytes, str], ...]:
        """Stage the blobs; gives the documents."""
        for blob in self._taken:
            self._staging.take(blob)
        return tuple(self.documents)

    def _lacks(self, descriptor: Descriptor) -> bool:
        platform = descriptor.platform.platform() if descriptor.platform else None
        told = "" if platform is None or platform.os == "unknown" else f"{platform} "
        self.missing.append(f"{told}{descriptor.digest[:80]}")
        return False


def _index(data: bytes) -> Index:
    return jsontext.decode(data, Index, what="the source's index", limit=MAX_MANIFEST_BYTES)
