"""Opens images in registries: index, manifest and config are asked for, each once, and no more."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from lightship.errors import CorruptInputError, UnreachableError
from lightship.model.digest import Digest
from lightship.model.documents import (
    INDEXES,
    MANIFESTS,
    OCI_INDEX,
    OCI_MANIFEST,
    Descriptor,
    Index,
    Manifest,
)
from lightship.model.image import RawManifest
from lightship.model.reference import Reference
from lightship.transports.attached import attestations_of
from lightship.transports.choosing import Catalogue, Choices, Root
from lightship.transports.described import diff_ids
from lightship.transports.oci_layout import MAX_INDEX_DEPTH, is_image_config
from lightship.transports.opened import OpenedImage
from lightship.transports.registry.attached import attached_to
from lightship.transports.registry.client import Repository
from lightship.transports.registry.layers import layers_of
from lightship.transports.registry.listing import ServedIndex
from lightship.transports.source_index import raw_platforms
from lightship.transports.store import checked_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lightship.model.documents import Config
    from lightship.model.image import Image
    from lightship.model.platform import Platform
    from lightship.transports.access import Access
    from lightship.transports.registry.client import Served

MAX_DOCUMENTS = 64
"""How many documents of one index are asked for to learn what it lists; most need none."""


def catalogue(reference: Reference, access: Access) -> Catalogue:
    """The one image that a reference to a registry names. Nothing is asked before it is chosen.

    Raises:
        UnreachableError: no network may be used.
    """
    if access.network.offline:
        raise UnreachableError(
            f"{reference} is in a registry, and no network may be used", "Leave out --offline."
        )
    host, _, path = reference.location.partition("/")
    selector = reference.selector
    digest = Digest(selector[1:]) if selector.startswith("@") else None
    names = () if digest else (f"{reference.location}:{selector}",)
    aliases = frozenset(() if digest else (selector,))

    def choices() -> Choices:
        return _choices(Repository(host, path, access), reference, names)

    return Catalogue("registry", reference.location, (Root(names, aliases, digest, choices),))


class ServedImage:
    """An image manifest in a registry (`transports.choosing.Candidate`), read when it is needed."""

    def __init__(
        self,
        repository: Repository,
        reference: Reference,
        descriptor: Descriptor,
        names: tuple[str, ...],
        served: Served | None = None,
    ) -> None:
        self._repository = repository
        self._reference = reference
        self._descriptor = descriptor
        self._names = names
        self.attestations: Sequence[Descriptor] = ()
        """Of the index that lists it; complete once that was gone through."""
        self.listed_in: Digest | None = None
        """The index that was asked for; signatures are most often of that."""
        self.listed_as: Mapping[str, object] | None = None
        self.index: ServedIndex | None = None
        if served is not None:
            self._served = served

    @property
    def digest(self) -> Digest:
        return checked_digest(self._descriptor.digest, what=f"manifest of {self._repository.where}")

    @property
    def image_id(self) -> Digest:
        return checked_digest(self.manifest.config.digest, what="config")

    @property
    def platform(self) -> Platform:
        claimed = self._descriptor.platform
        if claimed is not None and claimed.architecture:
            return claimed.platform()
        return self._config[1].platform()

    @property
    def artifact(self) -> str | None:
        """What it is, where it is no image."""
        kind = self.manifest.config.media_type
        return kind if kind and not is_image_config(kind) else None

    def image(self, _reference: Reference, notes: tuple[str, ...] = ()) -> Image:
        """Read the manifest and the config, and find the layers.

        Raises:
            CorruptInputError: they contradict each other.
            UnreachableError: it cannot be had, is no image, or has foreign layers.
        """
        repository = self._repository
        if self.artifact:
            raise _no_image(self._reference, self.artifact)
        data, config = self._config
        descriptors = self.manifest.layers or []
        where = f"manifest {self.digest.algorithm}:{self.digest.short} of {repository.where}"
        layers = layers_of(repository, descriptors, diff_ids(config, len(descriptors), where))
        says = config.platform() if config.architecture else self.platform
        return OpenedImage(
            self._reference,
            self.digest,
            data,
            config,
            self._names,
            says,
            True,
            layers,
            notes,
            self.manifest.annotations,
            RawManifest(
                self._served.data,
                self.manifest.media_type or self._descriptor.media_type or OCI_MANIFEST,
            ),
            self._attached,
            self.listed_as,
            self.index,
        )

    def _attached(self) -> tuple[str, ...]:
        """What belongs to it, in the index that lists it and in the registry."""
        found = attestations_of(self.attestations, self.digest)
        for digest in filter(None, (self.digest, self.listed_in)):
            found += attached_to(self._repository, digest)
        return tuple(found)

    @cached_property
    def _served(self) -> Served:
        return self._repository.described(self._descriptor)

    @cached_property
    def manifest(self) -> Manifest:
        document = self._served.document
        if not isinstance(document, Manifest):
            raise CorruptInputError(
                f"an index of {self._repository.where} calls {self.digest.short} an image manifest,"
                " which is an index"
            )
        return document

    @cached_property
    def _config(self) -> tuple[bytes, Config]:
        return self._repository.config(self.manifest.config)


def _choices(repository: Repository, reference: Reference, names: tuple[str, ...]) -> Choices:
    served = repository.manifest(reference.selector)
    if isinstance(served.document, Manifest):
        descriptor = Descriptor(
            digest=served.digest, blob_bytes=0, media_type=served.media_type or None
        )
        return Choices((ServedImage(repository, reference, descriptor, names, served),))
    listing = _Listing(repository, reference, names, served)
    found = {image.digest: image for image in listing.images(served.document, served.data)}
    if not found and listing.artifacts:
        raise _no_image(reference, listing.artifacts[0])
    if not found:
        raise CorruptInputError(f"{reference} is an index without images")
    return Choices(tuple(found.values()))


class _Listing:
    """Goes through an index; what its descriptors say enough of is not asked for."""

    def __init__(
        self, repository: Repository, reference: Reference, names: tuple[str, ...], top: Served
    ) -> None:
        self._repository = repository
        self._reference = reference
        self._names = names
        self._top = top.digest
        kind = top.document.media_type or top.media_type or OCI_INDEX
        self._index = ServedIndex(repository, top.data, kind)
        self._platforms: dict[str, Mapping[str, object]] = {}
        self._asked = 0
        self._seen: set[str] = set()
        self._attestations: list[Descriptor] = []
        self.artifacts: list[str] = []

    def images(self, index: Index, data: bytes, depth: int = 1) -> Iterator[ServedImage]:
        """The images below an index, in its order."""
        if depth > MAX_INDEX_DEPTH:
            raise CorruptInputError(
                f"{self._reference} nests indexes more than the limit of {MAX_INDEX_DEPTH} deep"
            )
        for name, platform in raw_platforms(data, str(self._reference)).items():
            self._platforms.setdefault(name, platform)
        for descriptor in index.manifests or []:
            if descriptor.is_attestation:
                self._attestations.append(descriptor)
                continue
            if descriptor.digest in self._seen:
                continue
            self._seen.add(descriptor.digest)
            yield from self._below(descriptor, depth)

    def _below(self, descriptor: Descriptor, depth: int) -> Iterator[ServedImage]:
        platform = descriptor.platform
        if descriptor.media_type in MANIFESTS and platform is not None and platform.architecture:
            yield self._image(descriptor, None)
            return
        if descriptor.media_type not in INDEXES | MANIFESTS | {None}:
            self.artifacts.append(descriptor.media_type or "")
            return
        served = self._ask(descriptor)
        if isinstance(served.document, Index):
            yield from self.images(served.document, served.data, depth + 1)
            return
        image = self._image(descriptor, served)
        if image.artifact:
            self.artifacts.append(image.artifact)
        else:
            yield image

    def _image(self, descriptor: Descriptor, served: Served | None) -> ServedImage:
        exactly = Reference("registry", self._reference.location, f"@{descriptor.digest}")
        image = ServedImage(self._repository, exactly, descriptor, self._names, served)
        image.attestations = self._attestations
        image.listed_in = self._top
        image.listed_as = self._platforms.get(descriptor.digest)
        image.index = self._index
        return image

    def _ask(self, descriptor: Descriptor) -> Served:
        self._asked += 1
        if self._asked > MAX_DOCUMENTS:
            raise CorruptInputError(
                f"{self._reference} lists more than {MAX_DOCUMENTS} documents without saying what "
                "platform they are for",
                "Name one of them by its digest.",
            )
        return self._repository.described(descriptor)


def _no_image(reference: Reference, kind: str) -> UnreachableError:
    return UnreachableError(f"{reference} is no image but an artifact, {kind}")
