"""What a new layer is made of: stretches of the old layers' tars, and headers made anew."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from msgspec import Struct, field

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


class Remade(Struct, frozen=True):
    """A record with a header of its own; its content, if any, follows from the old tar.

    Attributes:
        header: what it says.
        expand: whether the old record is sparse: its content is written with its holes filled.
    """

    header: TarRecord
    expand: bool = False


class Cut(Struct):
    """What a new layer takes from one old layer, in the old tar's order.

    Attributes:
        bounds: start and stop of each stretch of the old tar that is copied, two numbers each.
        before: what is written before a stretch, by the stretch's number; as many as there are
            stretches for what comes last.
        contents: entries of the regular files with content that are taken, in order: their
            SHA-256 are what the proof holds against what was written.
        sparse: stretches that are a sparse record, header and all: number and entry.
    """

    bounds: array[int] = field(default_factory=lambda: array("Q"))
    before: dict[int, list[Remade | TarRecord]] = field(default_factory=dict)
    contents: array[int] = field(default_factory=lambda: array("I"))
    sparse: dict[int, int] = field(default_factory=dict)

    def copy(self, start: int, stop: int) -> None:
        """Take a stretch; it grows the last one where it follows it with nothing in between."""
        bounds = self.bounds
        count = len(bounds) // 2
        if count and bounds[-1] == start and count not in self.before and not self._closed(count):
            bounds[-1] = stop
        else:
            bounds.extend((start, stop))

    def make(self, record: Remade | TarRecord) -> None:
        """Write a record of our own before whatever is taken next."""
        self.before.setdefault(len(self.bounds) // 2, []).append(record)

    def _closed(self, count: int) -> bool:
        return count - 1 in self.sparse


class NewLayer(Struct, frozen=True):
    """A layer that is written anew, in place of the layers at `positions`.

    Attributes:
        positions: of the old layers, ascending, without gaps.
        first: records without content that come before all others: whiteouts, and directories
            whose own record lies in a kept layer.
        cuts: by position, what is taken from each old layer.
        borrowed: contents that lie in a kept layer: by the new record's place in `loans`.
    """

    positions: tuple[int, ...]
    first: tuple[TarRecord, ...]
    cuts: Mapping[int, Cut]
    loans: tuple[Loan, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left in it."""
        return not (self.first or self.loans) and not any(
            cut.bounds or cut.before for cut in self.cuts.values()
        )


class Loan(Struct, frozen=True):
    """A file whose content lies in a layer that stays: it is written once more, after the rest.

    Attributes:
        header: of the new record.
        position: of the layer that holds the content.
        entry: of the record there.
    """

    header: TarRecord
    position: int
    entry: int


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
    if without_xattrs:
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
