"""The OCI image layout, over any store (OCI image-spec v1.1: image-layout, index, manifest)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import CorruptInputError, UnreachableError
from lightship.model.documents import (
    MAX_MANIFEST_BYTES,
    OCI_MANIFEST,
    Descriptor,
    Index,
    Manifest,
)
from lightship.model.image import RawManifest
from lightship.transports.attached import attached_in
from lightship.transports.choosing import Catalogue, Choices, Root
from lightship.transports.described import diff_ids, read_config, read_manifest
from lightship.transports.opened import OpenedImage, all_compressed, layer_of
from lightship.transports.source_index import StoredIndex, raw_platforms, source_index
from lightship.transports.store import blob_name, check_size, checked_digest, read_described

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lightship.model.digest import Digest
    from lightship.model.image import Image, Layer
    from lightship.model.platform import Platform
    from lightship.model.reference import Reference
    from lightship.transports.store import Store

MAX_INDEX_DEPTH = 8
_NAME = "io.containerd.image.name"
_TAG = "org.opencontainers.image.ref.name"
_DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
_FOREIGN = ("nondistributable", "foreign")


class StoredManifest(Struct, frozen=True):
    """An image manifest that a store holds; a `transports.choosing.Candidate`."""

    store: Store
    descriptor: Descriptor
    manifest: Manifest
    names: tuple[str, ...]
    stores_wire_blobs: bool = True
    listed_as: Mapping[str, object] | None = None
    index: StoredIndex | None = None

    @property
    def digest(self) -> Digest:
        return checked_digest(self.descriptor.digest, what="manifest")

    @property
    def image_id(self) -> Digest:
        return checked_digest(self.manifest.config.digest, what="config")

    @property
    def platform(self) -> Platform:
        claimed = self.descriptor.platform
        if claimed is not None and claimed.architecture:
            return claimed.platform()
        return read_config(self.store, self.manifest.config)[1].platform()

    def image(self, reference: Reference, notes: tuple[str, ...] = ()) -> Image:
        """Read the config, and find the layers.

        Raises:
            CorruptInputError: a blob is missing, or is not what the manifest says.
            UnreachableError: a layer is foreign and not stored.
        """
        data, config = read_config(self.store, self.manifest.config)
        descriptors = self.manifest.layers or []
        layers = _layers(self.store, descriptors, diff_ids(config, len(descriptors), self.where))
        says = config.platform() if config.architecture else self.platform
        digest = self.digest if self.stores_wire_blobs or all_compressed(layers) else None
        return OpenedImage(
            reference,
            digest,
            data,
            config,
            self.names,
            says,
            self.stores_wire_blobs,
            layers,
            notes,
            self.manifest.annotations,
            self.raw(),
            partial(attached_in, self.store, self.digest),
            self.listed_as,
            self.index,
        )

    def raw(self) -> RawManifest:
        """The manifest as it is stored.

        Raises:
            CorruptInputError: it has changed meanwhile.
        """
        data = read_described(
            self.store, self.descriptor, what="manifest", limit=MAX_MANIFEST_BYTES
        )
        return RawManifest(
            data, self.manifest.media_type or self.descriptor.media_type or OCI_MANIFEST
        )

    @property
    def where(self) -> str:
        """For messages."""
        return f"manifest {self.digest.algorithm}:{self.digest.short} of {self.store.where}"


class Entry(Struct, frozen=True):
    """The entries of an `index.json` that have one name: one image, for several platforms."""

    names: tuple[str, ...]
    aliases: frozenset[str]
    descriptors: tuple[Descriptor, ...]


class Listed(Struct, frozen=True):
    """What an entry lists: images that are stored, images that are not, things that are none."""

    present: tuple[StoredManifest, ...]
    absent: tuple[Descriptor, ...]
    artifacts: tuple[str, ...]

    @property
    def absent_platforms(self) -> tuple[Platform, ...]:
        return tuple(d.platform.platform() for d in self.absent if d.platform is not None)


def catalogue(store: Store, index: Index, transport: str, location: str) -> Catalogue:
    """What an `index.json` names."""
    roots = tuple(_root(store, entry) for entry in entries(index))
    return Catalogue(transport, location, roots)


def entries(index: Index) -> list[Entry]:
    """The images that an `index.json` names, in its order."""
    groups: dict[tuple[tuple[str, ...], frozenset[str]], list[Descriptor]] = {}
    for descriptor in index.manifests or []:
        if not descriptor.is_attestation:
            key = names_of(descriptor), _aliases(descriptor)
            groups.setdefault(key, []).append(descriptor)
    return [Entry(names, aliases, tuple(group)) for (names, aliases), group in groups.items()]


def listed(store: Store, entry: Entry) -> Listed:
    """Read the manifests below an entry.

    Raises:
        CorruptInputError: none of its images is stored, or a document is corrupt.
    """
    present: dict[str, StoredManifest] = {}
    absent: list[Descriptor] = []
    artifacts: list[str] = []
    index = source_index(store, entry.descriptors)
    platforms: dict[str, Mapping[str, object]] = {}
    for root in entry.descriptors:
        for descriptor, manifest in walk(store, root, platforms):
            if manifest is None:
                absent.append(descriptor)
            elif (kind := manifest.config.media_type) and not is_image_config(kind):
                artifacts.append(kind)
            else:
                found = StoredManifest(
                    store,
                    descriptor,
                    manifest,
                    entry.names,
                    listed_as=platforms.get(descriptor.digest),
                    index=index,
                )
                present.setdefault(descriptor.digest, found)
    if not present and absent:
        digest = checked_digest(absent[0].digest, what=f"index of {store.where}")
        raise store.missing(blob_name(digest), "image manifest")
    return Listed(tuple(present.values()), tuple(absent), tuple(artifacts))


def _root(store: Store, entry: Entry) -> Root:
    digests = [
        checked_digest(descriptor.digest, what=f"index.json of {store.where}")
        for descriptor in entry.descriptors
    ]

    def choices() -> Choices:
        found = listed(store, entry)
        if not found.present and found.artifacts:
            raise UnreachableError(
                f"{store.where} holds no image but an artifact, {found.artifacts[0]}"
            )
        if not found.present:
            raise CorruptInputError(f"{store.where} has an index without images")
        return Choices(found.present, found.absent_platforms)

    return Root(entry.names, entry.aliases, digests[0] if len(digests) == 1 else None, choices)


def names_of(descriptor: Descriptor) -> tuple[str, ...]:
    """What an index calls an image: its full name where there is one, else its tag."""
    notes = descriptor.annotations or {}
    name = notes.get(_NAME) or notes.get(_TAG)
    return (name,) if name else ()


def walk(
    store: Store,
    descriptor: Descriptor,
    platforms: dict[str, Mapping[str, object]] | None = None,
) -> Iterator[tuple[Descriptor, Manifest | None]]:
    """The image manifests below a descriptor, each once; None where one is not stored.

    Args:
        store: holds them.
        descriptor: of a manifest or an index.
        platforms: gets the raw `platform` of each descriptor, by its digest.

    Raises:
        CorruptInputError: a document is corrupt, or indexes are nested more than
            `MAX_INDEX_DEPTH` deep.
    """
    yield from _walk(store, descriptor, 0, set(), {} if platforms is None else platforms)


def _aliases(descriptor: Descriptor) -> frozenset[str]:
    tag = (descriptor.annotations or {}).get(_TAG)
    return frozenset((tag,) if tag else ())


def _walk(
    store: Store,
    descriptor: Descriptor,
    depth: int,
    seen: set[str],
    platforms: dict[str, Mapping[str, object]],
) -> Iterator[tuple[Descriptor, Manifest | None]]:
    if descriptor.is_attestation or descriptor.digest in seen:
        return
    seen.add(descriptor.digest)
    if depth > MAX_INDEX_DEPTH:
        raise CorruptInputError(
            f"{store.where} nests indexes more than the limit of {MAX_INDEX_DEPTH} deep"
        )
    digest = checked_digest(descriptor.digest, what=f"index of {store.where}")
    if store.find(blob_name(digest)) is None:
        yield descriptor, None
        return
    document = read_manifest(store, descriptor)
    if isinstance(document, Manifest):
        yield descriptor, document
        return
    data = read_described(store, descriptor, what="manifest", limit=MAX_MANIFEST_BYTES)
    for name, platform in raw_platforms(data, f"index of {store.where}").items():
        platforms.setdefault(name, platform)
    for nested in document.manifests or []:
        yield from _walk(store, nested, depth + 1, seen, platforms)


def is_image_config(media_type: str) -> bool:
    """Whether a config of this media type makes its manifest an image, and no artifact."""
    return media_type == _DOCKER_CONFIG or media_type.startswith("application/vnd.oci.image.config")


def _layers(
    store: Store, descriptors: Sequence[Descriptor], claimed: Sequence[Digest]
) -> tuple[Layer, ...]:
    layers = []
    for position, (descriptor, diff_id) in enumerate(zip(descriptors, claimed, strict=True), 1):
        what = f"layer {position} of {store.where}"
        digest = checked_digest(descriptor.digest, what=what)
        blob = store.find(blob_name(digest))
        if blob is None:
            raise missing_layer(store, descriptor, blob_name(digest), position)
        check_size(blob.stored_bytes, descriptor.blob_bytes, what=what)
        layers.append(layer_of(blob, position, digest, diff_id, descriptor.media_type))
    return tuple(layers)


def missing_layer(
    store: Store, descriptor: Descriptor, name: str, position: int
) -> CorruptInputError | UnreachableError:
    """The error for a layer that is not stored."""
    return (
        foreign_layer(store.where, position)
        if is_foreign(descriptor)
        else store.missing(name, f"layer {position}")
    )


def is_foreign(descriptor: Descriptor) -> bool:
    """Whether a layer is kept elsewhere, by what its descriptor says."""
    foreign = any(word in (descriptor.media_type or "") for word in _FOREIGN)
    return bool(descriptor.urls) or foreign


def foreign_layer(where: str, position: int) -> UnreachableError:
    """The error for a layer that is kept elsewhere."""
    return UnreachableError(
        f"layer {position} of {where} is foreign: it is kept elsewhere, and its address "
        "is never followed",
        "Copy the image with its foreign layers included.",
    )
