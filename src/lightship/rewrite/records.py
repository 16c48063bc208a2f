"""What a new layer is made of: stretches of the old layers' tars, and headers made anew."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from lightship.layers.writing import (
    BLOCK_DEVICE,
    CHARACTER_DEVICE,
    DIRECTORY,
    FIFO,
    HARD_LINK,
    REGULAR,
    SYMLINK,
    TarRecord,
)
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.layers.index import LayerIndex

_FLAGS = {
    Kind.REGULAR: REGULAR,
    Kind.HARD_LINK: HARD_LINK,
    Kind.SYMLINK: SYMLINK,
    Kind.DIRECTORY: DIRECTORY,
    Kind.CHARACTER_DEVICE: CHARACTER_DEVICE,
    Kind.BLOCK_DEVICE: BLOCK_DEVICE,
    Kind.FIFO: FIFO,
}
_REGULAR = Kind.REGULAR.value


class Cut(Struct):
    """What a new layer takes from one old layer, in the old tar's order.

    Records that are taken as they stand cost no object: only the ends of each stretch are kept,
    and the number of each file with content.

    Attributes:
        bounds: start and stop of each stretch of the old tar that is copied, two numbers each.
        before: headers written before a stretch, by the stretch's number; as many as there are
            stretches for what comes last.
        contents: entries of the regular files with content that are taken, in order: their
            SHA-256 are what the proof holds against what was written.
        sparse: stretches that are a sparse record, extension headers, map and all: number and
            entry. Its content is written with the holes filled, padding included.
        edited: files that get another content, by the names that their headers in `before` have:
            entry of the old record, which is among `contents` if there is any, and the content.
    """

    bounds: array[int] = field(default_factory=lambda: array("Q"))
    before: dict[int, list[TarRecord]] = field(default_factory=dict)
    contents: array[int] = field(default_factory=lambda: array("I"))
    sparse: dict[int, int] = field(default_factory=dict)
    edited: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is taken."""
        return not (self.bounds or self.before)

    def take(self, index: LayerIndex, first: int, stop: int) -> None:
        """Take records as they stand in the old tar, byte for byte; none of them is sparse.

        A global PAX header between them is left out: no engine applies it (extensions.py), and
        here it would stand before records of other layers.

        Args:
            index: of the old layer.
            first: entry of the first record.
            stop: entry after the last record.
        """
        offsets = index.columns.offsets
        pending = [(first, stop)]
        while pending:
            start, end = pending.pop()
            from_byte, to_byte = offsets[start], stored_end(index, end - 1)
            if end - start == 1 or to_byte - from_byte == _record_bytes(index, start, end):
                self.copy(from_byte, to_byte)
            else:
                middle = (start + end) // 2
                pending += [(middle, end), (start, middle)]
        kinds, sizes = index.columns.kinds, index.columns.content_bytes
        self.contents.extend(
            [entry for entry in range(first, stop) if sizes[entry] and kinds[entry] == _REGULAR]
        )

    def remake(self, index: LayerIndex, entry: int, header: TarRecord) -> None:
        """Take a record's content under another header; a sparse file's holes are filled."""
        columns = index.columns
        self.make(header)
        if entry in index.rarities.stored_bytes:
            self.sparse[len(self.bounds) // 2] = entry
            self.bounds.extend((columns.offsets[entry], stored_end(index, entry)))
        elif header.content_bytes:
            self.copy(
                columns.offsets[entry] + columns.header_bytes[entry], stored_end(index, entry)
            )
        if header.content_bytes:
            self.contents.append(entry)

    def edit(self, entry: int, header: TarRecord, content: bytes) -> None:
        """Write a record with another content than it has in the old layer."""
        self.make(replace(header, content_bytes=len(content)))
        self.edited[header.name] = entry, content
        if content:
            self.contents.append(entry)

    def make(self, header: TarRecord) -> None:
        """Write a record of our own, without content, before whatever is taken next."""
        self.before.setdefault(len(self.bounds) // 2, []).append(header)

    def copy(self, start: int, stop: int) -> None:
        """Take a stretch; it grows the last one where it follows it with nothing in between."""
        bounds = self.bounds
        count = len(bounds) // 2
        follows = count and bounds[-1] == start
        if follows and count not in self.before and count - 1 not in self.sparse:
            bounds[-1] = stop
        else:
            bounds.extend((start, stop))


class NewLayer(Struct, frozen=True):
    """A layer that is written anew, in place of the layers at `positions`.

    Its size in memory grows with the number of headers that are made anew and of stretches, not
    with the entries that are taken as they stand, nor with any content.

    Attributes:
        positions: of the old layers, ascending, without gaps.
        first: records without content that come before all others: whiteouts, then directories
            that must be there before what is in them.
        cuts: what is taken, by the position of the old layer, in the order in which it is written.
            A layer that stays is among them where a file is written once more whose content lies
            in it.
    """

    positions: tuple[int, ...]
    first: tuple[TarRecord, ...]
    cuts: Mapping[int, Cut]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left in it."""
        return not self.first and all(cut.is_empty for cut in self.cuts.values())


class KeptLayer(Struct, frozen=True):
    """A layer that stays as it is: its tar does not change."""

    position: int


def header_of(
    index: LayerIndex,
    entry: int,
    *,
    path: bytes,
    link_to: bytes | None = None,
    latest_ns: int | None = None,
    without_xattrs: str = "",
) -> TarRecord:
    """The header of a record as the index knows it, under another name or as a hard link.

    What an index does not know is lost: access and change times, names of owners, PAX records of
    other programs.

    Args:
        index: of the layer that has the record.
        entry: number of the record.
        path: the new record's name.
        link_to: of a hard link: the name that it shares its inode with.
        latest_ns: no later modification time is written; None for no bound.
        without_xattrs: extended attributes of this prefix are left out.
    """
    columns, rarities = index.columns, index.rarities
    kind = Kind(columns.kinds[entry])
    mtime_ns = columns.mtimes_ns[entry]
    if latest_ns is not None:
        mtime_ns = min(mtime_ns, latest_ns)
    xattrs = rarities.xattrs.get(entry, {})
    if without_xattrs and xattrs:
        prefix = without_xattrs.encode()
        xattrs = {key: value for key, value in xattrs.items() if not key.startswith(prefix)}
    target = link_to
    if target is None:
        target = rarities.links.get(entry, b"") if kind is Kind.SYMLINK else b""
    return TarRecord(
        name=path or b".",  # the root
        kind=HARD_LINK if link_to is not None else _FLAGS[kind],
        mode=columns.modes[entry],
        uid=columns.uids[entry],
        gid=columns.gids[entry],
        content_bytes=columns.content_bytes[entry] if link_to is None else 0,
        mtime_ns=mtime_ns,
        target=target,
        device=rarities.devices.get(entry, (0, 0)),
        xattrs=xattrs,
    )


def whiteout(path: bytes) -> TarRecord:
    """The marker that removes a path of the layers below (OCI image-spec, layer.md)."""
    head, slash, name = path.rpartition(b"/")
    return TarRecord(name=head + slash + b".wh." + name, mode=0)


def opaque(directory: bytes) -> TarRecord:
    """The marker that hides what lower layers have in a directory."""
    name = b".wh..wh..opq"
    return TarRecord(name=directory + b"/" + name if directory else name, mode=0)


def stored_end(index: LayerIndex, entry: int) -> int:
    """Where a record ends in its tar, padding included."""
    columns = index.columns
    content = index.rarities.stored_bytes.get(entry, columns.content_bytes[entry])
    return columns.offsets[entry] + columns.header_bytes[entry] + (content + 511 & -512)


def _record_bytes(index: LayerIndex, first: int, stop: int) -> int:
    """Bytes of records in the tar, without what may lie between them."""
    columns = index.columns
    contents = sum([size + 511 & -512 for size in columns.content_bytes[first:stop] if size])
    return sum(columns.header_bytes[first:stop]) + contents
