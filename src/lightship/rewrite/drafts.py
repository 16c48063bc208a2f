"""A layer that loses some of its records: as it will be written, and as it will be read."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

from msgspec import Struct, field

from lightship.layers.index import HASH_BYTES, NO_HASH, Columns, LayerIndex, Rarities
from lightship.layers.writing import HARD_LINK
from lightship.model.entry import Kind
from lightship.rewrite.expanding import check_expandable
from lightship.rewrite.records import Cut, NewLayer, whiteout

if TYPE_CHECKING:
    from lightship.layers.writing import TarRecord
    from lightship.rewrite.changes import Changes

_REGULAR, _HARD_LINK = Kind.REGULAR.value, Kind.HARD_LINK.value
_WHITEOUT = Kind.WHITEOUT.value
_MADE = -1


class Draft(Struct):
    """What becomes of one layer.

    Attributes:
        position: 1..n.
        index: what the layer holds now.
        dropped: entries that go.
        remade: entries that get another header.
        edited: of these, the contents that are to be other ones.
        hidden: paths that get a whiteout.
        directories: directories that get a record, as what was in them goes.
    """

    position: int
    index: LayerIndex
    dropped: set[int] = field(default_factory=set)
    remade: dict[int, TarRecord] = field(default_factory=dict)
    edited: dict[int, bytes] = field(default_factory=dict)
    hidden: set[bytes] = field(default_factory=set)
    directories: dict[bytes, TarRecord] = field(default_factory=dict)

    @property
    def changes_nothing(self) -> bool:
        """Whether the layer stays."""
        return not (self.dropped or self.remade or self.hidden or self.directories)

    def layer(self, changes: Changes) -> NewLayer:
        """The layer as it is written.

        Raises:
            CorruptInputError: a sparse file in it is too large to be written plainly.
        """
        markers = map(whiteout, sorted(self.hidden))
        directories = (self.directories[path] for path in sorted(self.directories))
        return NewLayer(
            (self.position,), (*markers, *directories), {self.position: self._cut(changes)}
        )

    def _cut(self, changes: Changes) -> Cut:
        index = self.index
        headers = {**self._odd_headers(changes), **self.remade}
        cut = Cut()
        start = 0
        for entry in sorted(self.dropped | headers.keys()):
            if start < entry:
                cut.take(index, start, entry)
            start = entry + 1
            if entry in self.dropped:
                continue
            if entry in self.edited:
                cut.edit(entry, headers[entry], self.edited[entry])
            else:
                cut.remake(index, entry, headers[entry])
        if start < len(index):
            cut.take(index, start, len(index))
        return cut

    def _odd_headers(self, changes: Changes) -> dict[int, TarRecord]:
        """Of records that cannot be copied as they stand: sparse files, overlayfs' own marks."""
        index, kinds = self.index, self.index.columns.kinds
        rarities = index.rarities
        found = {}
        entries = {*rarities.stored_bytes, *rarities.xattrs}
        for entry in range(len(index)) if changes.clamps else entries:
            kind = kinds[entry]
            if entry in self.dropped or kind >= _WHITEOUT:
                continue
            sparse = kind == _REGULAR and entry in rarities.stored_bytes
            if sparse or changes.touches(index, entry):
                link = rarities.links[entry] if kind == _HARD_LINK else None
                found[entry] = changes.header(index, entry, index.path(entry), link)
            if sparse:
                check_expandable(index, entry)
        return found

    # As it will be read.

    def expected(self) -> tuple[LayerIndex, array[int]]:
        """The layer as it would be indexed, as far as names go, and each record's old entry.

        Records that are made have -1, and come first.
        """
        rows = _Rows(list(self.index.directories))
        for path in sorted(self.directories):
            rows.add(path, Kind.DIRECTORY)
        for path in sorted(self.hidden):
            rows.add(path, Kind.WHITEOUT)
        made = len(rows.kinds)
        dropped = sorted(self.dropped)
        start = 0
        for stop in (*dropped, len(self.index)):
            rows.extend(self.index, start, stop)
            start = stop + 1
        links = {
            made + entry - bisect_left(dropped, entry): target
            for entry, target in self.index.rarities.links.items()
            if entry not in self.dropped
        }
        for entry, new in self.remade.items():
            row = made + entry - bisect_left(dropped, entry)
            rows.rename(row, new.name)
            if new.kind == HARD_LINK:
                rows.kinds[row] = _HARD_LINK
                links[row] = new.target
        return rows.index(links), rows.origins


class _Rows:
    """The columns of an index that say what is where."""

    def __init__(self, directories: list[bytes]) -> None:
        self._paths = directories
        self._number_of = {path: number for number, path in enumerate(directories)}
        self._directories = array("I")
        self._names: list[bytes] = []
        self._sizes = array("Q")
        self._hashes = bytearray()
        self.kinds = bytearray()
        self.origins = array("q")

    def add(self, path: bytes, kind: Kind) -> None:
        """A record that is made."""
        head, _, name = path.rpartition(b"/")
        self._directories.append(self._number(head))
        self._names.append(name)
        self.kinds.append(kind)
        self._sizes.append(0)
        self._hashes += NO_HASH
        self.origins.append(_MADE)

    def extend(self, index: LayerIndex, start: int, stop: int) -> None:
        """Records that stay."""
        columns = index.columns
        self._directories.extend(columns.directories[start:stop])
        self._names.extend(columns.names[start:stop])
        self.kinds += columns.kinds[start:stop]
        self._sizes.extend(columns.content_bytes[start:stop])
        self._hashes += columns.hashes[start * HASH_BYTES : stop * HASH_BYTES]
        self.origins.extend(range(start, stop))

    def rename(self, row: int, path: bytes) -> None:
        """Another name for a record."""
        head, _, name = path.rpartition(b"/")
        self._directories[row] = self._number(head)
        self._names[row] = name

    def index(self, links: dict[int, bytes]) -> LayerIndex:
        """All of it; what does not bear on names is not there."""
        columns = Columns(
            directories=self._directories,
            names=self._names,
            kinds=self.kinds,
            content_bytes=self._sizes,
            hashes=self._hashes,
        )
        return LayerIndex(self._paths, columns, Rarities(links=links), 0)

    def _number(self, path: bytes) -> int:
        number = self._number_of.setdefault(path, len(self._paths))
        if number == len(self._paths):
            self._paths.append(path)
        return number
