"""What a transport gives: an image and its layers, read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Protocol, runtime_checkable

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.model.digest import Digest
    from lightship.model.documents import Config, Descriptor
    from lightship.model.platform import Platform
    from lightship.model.reference import Reference


class FileIdentity(Struct, frozen=True):
    """A stretch of a local file, told apart from any other or later one.

    Two equal identities mean the same bytes as long as nobody turns back a file's change time.
    """

    device: int
    inode: int
    file_bytes: int
    mtime_ns: int
    ctime_ns: int
    offset: int
    length: int


class ServedBlob(Struct, frozen=True):
    """Bytes that a server keeps under their digest; read once, they are the same anywhere."""

    digest: Digest


Identity = FileIdentity | ServedBlob
"""What tells stored bytes apart from any others."""


class Layer(Protocol):
    """One position of an image's layer list. A layer listed twice is two of these."""

    @property
    def position(self) -> int:
        """1..n, oldest first."""

    @property
    def digest(self) -> Digest | None:
        """What the image claims of the stored bytes; None where it claims nothing."""

    @property
    def diff_id(self) -> Digest | None:
        """What the image claims of the uncompressed tar; None where it claims nothing."""

    @property
    def media_type(self) -> str | None:
        """As the manifest gives it, or None. Never trusted: magic bytes decide."""

    @property
    def stored_bytes(self) -> int | None:
        """Size of the blob as stored here, claimed or known; None where nobody knows yet."""

    def identity(self) -> Identity | None:
        """The bytes behind `open()`, as they are now; None where nothing tells them apart."""

    def open(self) -> BinaryIO:
        """The stored bytes from their start.

        Raises:
            CorruptInputError: the blob is missing.
        """


class Image(Protocol):
    """One image for one platform."""

    @property
    def reference(self) -> Reference:
        """Canonical: what to type to get exactly this image again."""

    @property
    def digest(self) -> Digest | None:
        """Of the manifest; None where there is no manifest as a registry would store it."""

    @property
    def config_bytes(self) -> bytes | None:
        """The raw config; None where there is none (a root file system)."""

    @property
    def config(self) -> Config:
        """A view of the config; empty where there is none."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names the image is tagged with, sorted; foreign text."""

    @property
    def platform(self) -> Platform:
        """What the image says it is for."""

    @property
    def stores_wire_blobs(self) -> bool:
        """Whether the stored layer blobs are those a registry stores, also where they are plain."""

    @property
    def layers(self) -> Sequence[Layer]:
        """Oldest first."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out and why, one line each; complete once all layers were read."""


@runtime_checkable
class Annotated(Protocol):
    """An image whose manifest may carry annotations."""

    @property
    def annotations(self) -> Mapping[str, str] | None:
        """Of the manifest; foreign text."""


class RawManifest(Struct, frozen=True):
    """An image manifest as it is stored.

    Attributes:
        data: its bytes, verified by their digest.
        media_type: of it: what it says itself, else what points at it says.
    """

    data: bytes
    media_type: str


@runtime_checkable
class Manifested(Protocol):
    """An image that may have a manifest, and things that belong to it by that manifest's digest."""

    @property
    def manifest(self) -> RawManifest | None:
        """None where there is none."""

    def attached(self) -> tuple[str, ...]:
        """Signatures, attestations and the like, what and where, one line each; foreign text.

        They are looked for at each call. Where that fails, what was found until then is given.
        """


class SourceIndex(Protocol):
    """The index that an image was chosen from, with all that it lists."""

    @property
    def data(self) -> bytes:
        """The raw index, verified where its digest is known."""

    @property
    def media_type(self) -> str:
        """Of it."""

    def document(self, descriptor: Descriptor) -> bytes | None:
        """A manifest or index below it, verified; None where it is not stored.

        Raises:
            LightshipError: nobody knows, or it is corrupt.
        """

    def blob(self, descriptor: Descriptor, position: int) -> Layer | None:
        """A blob of such a manifest; None where it is not stored.

        Raises:
            LightshipError: its descriptor is corrupt.
        """


@runtime_checkable
class Listed(Protocol):
    """An image that an index may list."""

    @property
    def listed_as(self) -> Mapping[str, object] | None:
        """`platform` of its descriptor, raw; None where there is none."""

    @property
    def index(self) -> SourceIndex | None:
        """What its name stands for; None where that is no index."""
