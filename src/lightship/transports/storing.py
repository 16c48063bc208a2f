"""Storing an image: everything is staged first, and becomes visible at one moment, or never."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.layers.scan import Codec
    from lightship.model.digest import Digest
    from lightship.model.image import Layer
    from lightship.model.platform import Platform

Family = Literal["oci", "docker"]
"""Of media types: those of the OCI image specification, or of Docker's manifest v2 schema 2."""


class Accepts(Struct, frozen=True):
    """What a destination can hold.

    Attributes:
        families: media types that its manifests may have, the one it would rather have first.
        codec: of layers that are written anew, unless the user says another.
        keeps_blobs: whether layers that stay as they are keep their compression; else they are
            stored with `codec`, too.
    """

    families: tuple[Family, ...]
    codec: Codec
    keeps_blobs: bool = True


class StagedBlob(Protocol):
    """A blob that a staging holds, or that its destination has had before."""

    @property
    def digest(self) -> Digest:
        """Of its bytes."""

    @property
    def stored_bytes(self) -> int:
        """How many there are."""

    def open(self) -> BinaryIO:
        """The bytes that were written, read back from where they are now."""


class BlobSink(Protocol):
    """Takes a blob whose digest is not known before its end."""

    def write(self, data: bytes | memoryview, /) -> None:
        """Take the next bytes.

        Raises:
            DestinationError: they could not be written; nothing of the blob stays.
        """

    def finish(self, digest: Digest) -> StagedBlob:
        """The blob is whole, and `digest` is its digest."""

    def abandon(self) -> None:
        """Forget what was written."""


class NewImage(Struct, frozen=True):
    """One image for one platform, all of whose blobs are staged.

    Attributes:
        manifest: the raw manifest.
        media_type: of the manifest; also in it.
        platform: what an index says of it.
        replaces: digest of the manifest that it was made from; None where there was none.
        listed_as: `platform` of the descriptor that listed the source, raw; a config often knows
            less. None where nothing listed it.
    """

    manifest: bytes
    media_type: str
    platform: Platform
    replaces: Digest | None = None
    listed_as: Mapping[str, object] | None = None


class NewIndex(Struct, frozen=True):
    """The index of the source, to be stored with the new images; all its blobs are staged.

    Attributes:
        data: the raw index: the very bytes of the source's, or those edited.
        media_type: of it.
        documents: raw manifests and indexes that it lists besides the images, each with its media
            type; what an index lists comes before the index.
    """

    data: bytes
    media_type: str
    documents: tuple[tuple[bytes, str], ...] = ()


class Committed(Struct, frozen=True):
    """What became visible.

    Attributes:
        reference: canonical: what to type to open the image.
        digest: of what the name now stands for: a manifest or an index; None where an engine
            keeps neither.
        notes: what else a person should know: another platform that was kept, attestations that
            were dropped.
    """

    reference: str
    digest: Digest | None
    notes: tuple[str, ...] = ()


class Staging(Protocol):
    """A destination while an image is being put together.

    Whoever opens one calls `commit` or `discard`, exactly once. Every method raises
    `DestinationError` where the destination fails; until `commit` returns, whoever reads the
    destination finds what was there before.
    """

    @property
    def where(self) -> str:
        """The destination as a canonical reference, for messages."""

    @property
    def accepts(self) -> Accepts:
        """What it can hold."""

    def sink(self) -> BlobSink:
        """A new blob; one at a time."""

    def take(self, layer: Layer) -> StagedBlob:
        """Take over a layer's stored bytes as they are.

        What the destination has already is not copied again (its bytes are then verified where
        they can be read), and a registry is asked to mount it first.

        The bytes may be copied while the caller goes on.

        Raises:
            CorruptInputError: the bytes are not what the layer's digest says. It is raised here, or
                by `open` of what this gives, or by `commit` at the latest.
        """

    def put(self, data: bytes) -> StagedBlob:
        """A small blob: the config."""

    def commit(self, images: Sequence[NewImage], index: NewIndex | None = None) -> Committed:
        """Make the images visible under the destination's name, at once.

        Several images are one image for several platforms: an index is made of them. Where the
        name stands for an index by now, other platforms' images stay in it.

        Args:
            images: of one family, for different platforms.
            index: that lists them, and is stored as it is where nothing else stays.
        """

    def discard(self) -> None:
        """Leave the destination as it was. Never raises."""
