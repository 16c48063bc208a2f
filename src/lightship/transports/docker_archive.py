"""`docker-archive:` what `docker save` writes, from the oldest layout to the containerd store's.

`manifest.json` gives the order of layers, `index.json` (since Docker 25) the platforms; each
stands in for what the other lacks, and where both say something they must say the same.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lightship.errors import CorruptInputError
from lightship.model import jsontext
from lightship.model.digest import Digest
from lightship.model.documents import MAX_CONFIG_BYTES, MAX_MANIFEST_BYTES, SavedImage
from lightship.transports import described, oci_layout
from lightship.transports.archive import inside
from lightship.transports.attached import attached_in
from lightship.transports.choosing import Catalogue, Choices, Root, familiar
from lightship.transports.opened import OpenedImage, all_compressed, layer_of
from lightship.transports.store import (
    check_digest,
    check_size,
    checked_digest,
    digest_in_name,
    read_document,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lightship.model.image import Image, Layer
    from lightship.model.platform import Platform
    from lightship.model.reference import Reference
    from lightship.transports.choosing import Candidate
    from lightship.transports.oci_layout import StoredManifest
    from lightship.transports.store import Store

_CONFIG_NAME = re.compile(r"(?:sha256:)?([0-9a-f]{64})(?:\.json)?")


def catalogue(store: Store, location: str) -> Catalogue:
    """What `manifest.json` and, where there is one, `index.json` name.

    Raises:
        CorruptInputError: a document breaks its format, or the two disagree.
    """
    saved = _saved_images(store)
    indexed = _indexed(store)
    pairs = _Pairing(store, saved, indexed)
    return Catalogue("docker-archive", location, (*pairs.roots(), *pairs.only_indexed()))


class Saved(Struct, frozen=True):
    """One element of `manifest.json`, with the manifest of `index.json` that it agrees with."""

    store: Store
    saved: SavedImage
    image_id: Digest
    names: tuple[str, ...]
    manifest: StoredManifest | None = None

    @property
    def digest(self) -> Digest | None:
        return self.manifest.digest if self.manifest else None

    @property
    def platform(self) -> Platform:
        if self.manifest:
            return self.manifest.platform
        return described.decode_config(_config(self.store, self.saved), self._where).platform()

    def image(self, reference: Reference, notes: tuple[str, ...] = ()) -> Image:
        """Read the config, and find the layers.

        Raises:
            CorruptInputError: a blob is missing, or is not what is claimed of it.
        """
        data = _config(self.store, self.saved)
        config = described.decode_config(data, f"the config of {self._where}")
        if not self.saved.layers and self.manifest and self.manifest.manifest.layers:
            return self.manifest.image(reference, notes)
        paths = self.saved.layers or []
        layers = self._layers(paths, described.diff_ids(config, len(paths), self._where))
        stored = self.digest if all_compressed(layers) else None
        says = config.platform() if config.architecture else self.platform
        made = OpenedImage(reference, stored, data, config, self.names, says, False, layers, notes)
        if self.manifest is None:
            return made
        return replace(
            made,
            annotations=self.manifest.manifest.annotations,
            manifest=self.manifest.raw() if self.manifest.manifest.layers else None,
            find_attached=partial(attached_in, self.store, self.manifest.digest),
            listed_as=self.manifest.listed_as,
            index=self.manifest.index,
        )

    @property
    def _where(self) -> str:
        name = self.names[0] if self.names else f"image {self.image_id.short}"
        return f"{name} in {self.store.where}"

    def _layers(self, paths: Sequence[str], diff_ids: Sequence[Digest]) -> tuple[Layer, ...]:
        descriptors = (self.manifest.manifest.layers if self.manifest else None) or []
        layers = []
        for position, (path, diff_id) in enumerate(zip(paths, diff_ids, strict=True), 1):
            descriptor = descriptors[position - 1] if descriptors else None
            digest = _claim(self.store, path)
            blob = self.store.find(path)
            if blob is None and descriptor is not None:
                raise oci_layout.missing_layer(self.store, descriptor, path, position)
            if blob is None:
                raise self.store.missing(path, f"layer {position}")
            if descriptor is not None:
                what = f"layer {position} of {self._where}"
                check_size(blob.stored_bytes, descriptor.blob_bytes, what=what)
                digest = checked_digest(descriptor.digest, what=what)
            media_type = descriptor.media_type if descriptor else None
            layers.append(layer_of(blob, position, digest, diff_id, media_type))
        return tuple(layers)


class _Indexed(Struct, frozen=True):
    """One entry of `index.json`, with the image manifests below it that are stored."""

    entry: oci_layout.Entry
    manifests: tuple[StoredManifest, ...]
    absent: tuple[Platform, ...]

    def has_config(self, image_id: Digest) -> bool:
        return any(manifest.image_id == image_id for manifest in self.manifests)


class _Pairing:
    """Which element of `manifest.json` is which entry of `index.json`."""

    def __init__(
        self, store: Store, saved: Sequence[SavedImage], indexed: Sequence[_Indexed]
    ) -> None:
        self._store = store
        self._indexed = indexed
        self._ids: dict[str, Digest] = {}
        self._matched: set[int] = set()
        self._pairs = [(image, self._partners(image)) for image in saved]
        lonely = [image for image, partners in self._pairs if not partners]
        if lonely and len(self._matched) < len(indexed):
            raise self._disagreement(f"on the config of {_called(lonely[0])}")

    def roots(self) -> list[Root]:
        """What `manifest.json` names."""
        return [self._root(image, partners) for image, partners in self._pairs]

    def only_indexed(self) -> list[Root]:
        """What `index.json` names besides."""
        rest = [e for number, e in enumerate(self._indexed) if number not in self._matched]
        return [_indexed_root(indexed, indexed.entry.names) for indexed in rest]

    def _partners(self, image: SavedImage) -> list[_Indexed]:
        if not image.config:
            found = self._stand_ins(image)
        else:
            image_id = self._image_id(image)
            found = [n for n, e in enumerate(self._indexed) if e.has_config(image_id)]
            self._check_names(image, found)
        self._matched.update(found)
        return [self._indexed[number] for number in found]

    def _stand_ins(self, image: SavedImage) -> list[int]:
        """For an element without a config: what the index has of that name, else all it has."""
        tags = set(map(familiar, image.repo_tags or []))
        named = [n for n, e in enumerate(self._indexed) if tags & set(map(familiar, e.entry.names))]
        found = named or list(range(len(self._indexed)))
        if len(found) != 1:
            raise CorruptInputError(f"manifest.json of {self._store.where} names no config")
        return found

    def _image_id(self, image: SavedImage) -> Digest:
        if image.config not in self._ids:
            self._ids[image.config] = Digest.of(_config(self._store, image))
        return self._ids[image.config]

    def _check_names(self, image: SavedImage, found: Sequence[int]) -> None:
        tags = set(map(familiar, image.repo_tags or []))
        for number, entry in enumerate(self._indexed):
            if number not in found and tags & set(map(familiar, entry.entry.names)):
                raise self._disagreement(f"on the config of {_called(image)}")

    def _root(self, image: SavedImage, partners: Sequence[_Indexed]) -> Root:
        names = tuple(sorted(set(image.repo_tags or [])))
        names = names or tuple(sorted({n for e in partners for n in e.entry.names}))
        aliases = frozenset(alias for entry in partners for alias in entry.entry.aliases)
        if not image.config:
            return _indexed_root(partners[0], names)
        own = Saved(self._store, image, self._image_id(image), names)
        candidates: dict[Digest, Candidate] = {}
        for entry in partners:
            for manifest in entry.manifests:
                if manifest.image_id == own.image_id:
                    self._check_layers(image, manifest)
                    paired = replace(manifest, names=names)
                    candidates[manifest.digest] = replace(own, manifest=paired)
                else:
                    paired = replace(manifest, names=names)
                    candidates.setdefault(manifest.digest, paired)
        absent = tuple(p for entry in partners for p in entry.absent)
        choices = Choices(tuple(candidates.values()) or (own,), absent)
        return Root(names, aliases, own.image_id, _constant(choices))

    def _check_layers(self, image: SavedImage, manifest: StoredManifest) -> None:
        paths, descriptors = image.layers or [], manifest.manifest.layers or []
        if not paths or not descriptors:
            return  # Docker 25.0 wrote null for either: A3
        claims = [_claim(self._store, path) for path in paths]
        same = len(claims) == len(descriptors) and all(
            claim is None or claim == descriptor.digest
            for claim, descriptor in zip(claims, descriptors, strict=True)
        )
        if not same:
            raise self._disagreement(f"on the layers of {_called(image)}")

    def _disagreement(self, on_what: str) -> CorruptInputError:
        return CorruptInputError(
            f"manifest.json and index.json of {self._store.where} disagree {on_what}",
            "Two readers would see two different images.",
        )


def _constant(choices: Choices) -> Callable[[], Choices]:
    return lambda: choices


def _saved_images(store: Store) -> list[SavedImage]:
    what = f"manifest.json of {store.where}"
    data = read_document(store, "manifest.json", what=what, limit=MAX_MANIFEST_BYTES)
    if data is None:
        raise store.missing("manifest.json", "list of images")
    if data.strip() == b"null":
        return []
    return jsontext.decode(data, list[SavedImage], what=what, limit=MAX_MANIFEST_BYTES)


def _indexed(store: Store) -> list[_Indexed]:
    what = f"index.json of {store.where}"
    data = read_document(store, "index.json", what=what, limit=MAX_MANIFEST_BYTES)
    if data is None:
        return []
    index = described.read_index(store, data, what)
    found = []
    for entry in oci_layout.entries(index):
        listed = oci_layout.listed(store, entry)
        manifests = tuple(replace(m, stores_wire_blobs=False) for m in listed.present)
        if manifests:
            found.append(_Indexed(entry, manifests, listed.absent_platforms))
    return found


def _indexed_root(indexed: _Indexed, names: tuple[str, ...]) -> Root:
    manifests = tuple(replace(m, names=names) for m in indexed.manifests)
    choices = Choices(manifests, indexed.absent)
    digest = manifests[0].digest if len(manifests) == 1 else None
    return Root(names, indexed.entry.aliases, digest, _constant(choices))


def _config(store: Store, image: SavedImage) -> bytes:
    what = f"the config {image.config} of {store.where}"
    data = read_document(store, image.config, what=what, limit=MAX_CONFIG_BYTES)
    if data is None:
        raise store.missing(image.config, "config")
    name = _CONFIG_NAME.fullmatch(image.config)
    claim = Digest(f"sha256:{name[1]}") if name else _claim(store, image.config)
    if claim is not None:
        check_digest(data, claim, what=what)
    return data


def _claim(store: Store, path: str) -> Digest | None:
    own = digest_in_name(inside(path, store.where))
    return own or digest_in_name(store.resolved(path))


def _called(image: SavedImage) -> str:
    return (image.repo_tags or [image.config])[0]
