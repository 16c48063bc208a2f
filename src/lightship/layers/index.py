"""The layer index: what one layer's tar holds, in columns, about 120 bytes an entry."""

from __future__ import annotations

from array import array
from functools import cached_property
from typing import TYPE_CHECKING

import xxhash
from msgspec import Struct, field

from lightship.model.entry import Kind

HASH_BYTES = 16
EMPTY_HASH = xxhash.xxh3_128_digest(b"")
NO_HASH = bytes(HASH_BYTES)
Device = tuple[int, int]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.layers.limits import Limits


class Columns(Struct):
    """One value an entry, in tar order; filled by the scanner, then only read.

    Attributes:
        directories: number of the entry's directory in `LayerIndex.directories`.
        names: last path component; of a whiteout the name it removes; empty for the root entry.
        kinds: `Kind`.
        content_bytes: c(r): logical size of a regular file, else 0.
        modes: permission bits, 0 to 0o7777.
        mtimes_ns: modification time in nanoseconds since 1970.
        hashes: xxh3-128 of the content (NULs for what has none), `HASH_BYTES` an entry.
        offsets: of the record in the tar, extension headers first.
        header_bytes: from `offsets` to the stored content.
    """

    directories: array[int] = field(default_factory=lambda: array("I"))
    names: list[bytes] = field(default_factory=list)
    kinds: bytearray = field(default_factory=bytearray)
    content_bytes: array[int] = field(default_factory=lambda: array("Q"))
    modes: array[int] = field(default_factory=lambda: array("H"))
    uids: array[int] = field(default_factory=lambda: array("I"))
    gids: array[int] = field(default_factory=lambda: array("I"))
    mtimes_ns: array[int] = field(default_factory=lambda: array("q"))
    hashes: bytearray = field(default_factory=bytearray)
    offsets: array[int] = field(default_factory=lambda: array("Q"))
    header_bytes: array[int] = field(default_factory=lambda: array("I"))


class Rarities(Struct):
    """What few entries have, by entry number.

    Attributes:
        links: target of a symbolic link as written; of a hard link as a clean path.
        devices: major and minor number.
        xattrs: extended attributes, `SCHILY.xattr.` taken off.
        stored_bytes: content bytes in the tar of sparse files and of markers with content: not
            what `content_bytes` says.
        captures: extracts of captured files, by reader.
        unreadable: why readers could make nothing of a file that they asked for.
    """

    links: dict[int, bytes] = field(default_factory=dict)
    devices: dict[int, Device] = field(default_factory=dict)
    xattrs: dict[int, dict[bytes, bytes]] = field(default_factory=dict)
    stored_bytes: dict[int, int] = field(default_factory=dict)
    captures: dict[int, dict[str, bytes]] = field(default_factory=dict)
    unreadable: dict[int, dict[str, str]] = field(default_factory=dict)


class LayerIndex(Struct, frozen=True, dict=True):
    """What a layer's tar holds.

    Attributes:
        directories: distinct clean directory paths, the root is `b""`; `columns.directories`
            points here.
        tar_bytes: length of the uncompressed stream, whatever follows the tar's end included.
        captures_fingerprint: which capture requests were served.
        captures_complete: whether nothing that was asked for is missing for its size.
    """

    directories: list[bytes]
    columns: Columns
    rarities: Rarities
    tar_bytes: int
    captures_fingerprint: str = ""
    captures_complete: bool = True

    def __len__(self) -> int:
        return len(self.columns.kinds)

    @cached_property
    def unpacked_bytes(self) -> int:
        """Sum of c(r) over all records."""
        return sum(self.columns.content_bytes)

    @cached_property
    def files(self) -> int:
        """Number of regular and hard-link records."""
        kinds = self.columns.kinds
        return kinds.count(Kind.REGULAR) + kinds.count(Kind.HARD_LINK)

    @cached_property
    def hole_bytes(self) -> int:
        """Content bytes of sparse files that the tar does not store."""
        sizes = self.columns.content_bytes
        stored = self.rarities.stored_bytes.items()
        return sum(max(sizes[entry] - stored_bytes, 0) for entry, stored_bytes in stored)

    def is_within(self, limits: Limits) -> bool:
        """Whether the layer keeps to the limits that hold for each layer by itself."""
        deepest = max((path.count(b"/") + 1 for path in self.directories), default=0)
        return len(self) <= limits.max_entries and deepest <= limits.max_depth

    def entries_of(self, kind: int) -> Iterator[int]:
        """The entries of one kind, in tar order."""
        kinds = self.columns.kinds
        entry = kinds.find(kind)
        while entry >= 0:
            yield entry
            entry = kinds.find(kind, entry + 1)

    def path(self, entry: int) -> bytes:
        """The clean path of an entry, relative to the root; of a whiteout the path it removes."""
        directory = self.directories[self.columns.directories[entry]]
        name = self.columns.names[entry]
        return directory + b"/" + name if directory and name else directory or name

    def content_hash(self, entry: int) -> bytes:
        """xxh3-128 of an entry's content; `NO_HASH` for what is no regular file."""
        return bytes(self.columns.hashes[entry * HASH_BYTES : (entry + 1) * HASH_BYTES])
