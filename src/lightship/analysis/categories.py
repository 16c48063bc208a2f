"""What each file is for: the rows of catalogue/categories.toml, asked in one walk."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.analysis.ledger import NO_PACKAGE
from lightship.catalogue.categories import NUMBER_OF, ROWS, row_matcher
from lightship.catalogue.data_types import HEADS, data_type_of, heads_request
from lightship.filetree.tree import Directory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.analysis.ledger import Ownership
    from lightship.analysis.packages.package import Package
    from lightship.analysis.packages.records import Records
    from lightship.analysis.places import Place
    from lightship.catalogue.data_types import DataType
    from lightship.filetree.patterns import State
    from lightship.filetree.tree import FileTree
    from lightship.layers.captures import CaptureRequest

_Rows = tuple[int, ...]
_DATA_ROW = next(number for number, row in enumerate(ROWS) if row.by_data_type)
_UNPACKED_ROWS = frozenset(number for number, row in enumerate(ROWS) if row.unpacked)
_BY_FILE = _UNPACKED_ROWS | {_DATA_ROW}
_CONDITIONAL = _BY_FILE | {n for n, row in enumerate(ROWS) if row.systems or row.sections}
_LAST_ROW = len(ROWS) - 1
_CATEGORY_OF_ROW = bytes(NUMBER_OF.get(row.category, 0) for row in ROWS).ljust(256, b"\0")
_ARCHIVE = re.compile(rb"\.(tar(\.[A-Za-z0-9]{1,5})?|tgz|tbz2|txz|zip|whl|7z|rar|jar|war)\Z")
_VERSION = re.compile(rb"[-_.]v?\d.*$", re.DOTALL)


def category_requests() -> tuple[CaptureRequest, ...]:
    """What must be captured so that data sets and model weights are told."""
    return (heads_request(),)


def categorise(
    tree: FileTree, places: Sequence[Place], records: Records, ownership: Ownership
) -> bytearray:
    """For each record its category's number in `CATEGORIES`; visible regular inodes have one.

    Of what is not visible the number says nothing.
    """
    return _Categoriser(tree, records, ownership).run(places)


class _Categoriser:
    """The state of one walk.

    A directory's own rows are those that its path matches; a file's are these and those that its
    name matches. Which of them holds is decided once for each combination of rows and each kind
    of package, as far as no row asks about the file itself.
    """

    def __init__(self, tree: FileTree, records: Records, ownership: Ownership) -> None:
        self._row_of = bytearray([_LAST_ROW]) * len(tree.kinds)
        self._heads = {record.record: record for record in records.of(HEADS)}
        self._data: dict[int, DataType] = {}
        self._owner_of = ownership.owner_of
        self._kind_of, self._kinds = _kinds_of(ownership.packages)
        self._tables: dict[_Rows, bytes] = {}
        self._joined: dict[tuple[_Rows, _Rows], _Rows] = {}

    def run(self, places: Sequence[Place]) -> bytearray:
        """Go through all places, parents before their children."""
        matcher = row_matcher().matcher
        at: dict[int, tuple[State, _Rows]] = {}
        for place in places:
            directory = place.directory
            state: State = matcher.start
            rows: _Rows = ()
            if directory.parent is not None:
                state, rows = at[id(directory.parent)]
                state, matched = matcher.reach(state, directory.name)
                rows = self._join(rows, matched)
            at[id(directory)] = state, rows
            if place.names:
                everywhere, some = matcher.among(state, place.names)
                self._unnamed(place, self._join(rows, everywhere))
                self._named(place, rows, some)
        self._told_by_content()
        category_of = self._row_of.translate(_CATEGORY_OF_ROW)
        for record, kind in self._data.items():
            if self._row_of[record] == _DATA_ROW:
                category_of[record] = NUMBER_OF[kind.kind]
        return category_of

    def _unnamed(self, place: Place, rows: _Rows) -> None:
        """All files of a directory, by where they are."""
        table = self._table(rows)
        row_of, first = self._row_of, table[0]
        if table.count(first) == len(table):
            for record in place.records:
                row_of[record] = first
            return
        owner_of, kind_of = self._owner_of, self._kind_of
        for record in place.records:
            row_of[record] = table[kind_of[owner_of[record]]]

    def _named(self, place: Place, rows: _Rows, some: dict[bytes, _Rows]) -> None:
        """Files whose own names match."""
        if not some:
            return
        row_of, owner_of, kind_of = self._row_of, self._owner_of, self._kind_of
        for position, name in enumerate(place.names):
            matched = some.get(name)
            if matched is None:
                continue
            record = place.records[position]
            found = self._join(rows, matched)
            if not _BY_FILE.isdisjoint(found):
                found = self._asked(found, place, position)
            row_of[record] = self._table(found)[kind_of[owner_of[record]]]

    def _asked(self, rows: _Rows, place: Place, position: int) -> _Rows:
        """The rows without those that ask about the file itself and are denied."""
        name, record = place.names[position], place.records[position]
        denied: set[int] = set()
        if not has_unpacked(place.directory, name):
            denied |= _UNPACKED_ROWS
        # Of a file whose first bytes are known, they decide, in the end.
        kind = None if record in self._heads else data_type_of(name)
        if kind is not None and place.sizes[position] >= kind.least_bytes:
            self._data[record] = kind
        else:
            denied.add(_DATA_ROW)
        return tuple(row for row in rows if row not in denied)

    def _told_by_content(self) -> None:
        """Large files that are data by their first bytes, unless an earlier row holds."""
        for record, head in self._heads.items():
            if self._row_of[record] > _DATA_ROW and head.extract is not None:
                kind = data_type_of(head.path.rpartition(b"/")[2], head.extract)
                if kind is not None and head.content_bytes >= kind.least_bytes:
                    self._row_of[record] = _DATA_ROW
                    self._data[record] = kind

    def _join(self, rows: _Rows, matched: _Rows) -> _Rows:
        """The rows of a directory and of patterns that match in it, in order, no more than count.

        Behind a row that every file may match, none counts.
        """
        joined = self._joined.get((rows, matched))
        if joined is None:
            row_of = row_matcher().row_of
            every = sorted({*rows, *(row_of[pattern] for pattern in matched)})
            last = next((at for at, row in enumerate(every) if row not in _CONDITIONAL), len(every))
            joined = self._joined[rows, matched] = tuple(every[: last + 1])
        return joined

    def _table(self, rows: _Rows) -> bytes:
        """For each kind of package the first of the rows that allows it."""
        table = self._tables.get(rows)
        if table is None:
            table = self._tables[rows] = bytes(
                next((row for row in rows if ROWS[row].allows(*kind)), _LAST_ROW)
                for kind in self._kinds
            )
        return table


def _kinds_of(packages: Sequence[Package]) -> tuple[list[int], list[tuple[str, str]]]:
    """For each owner the number of its kind; the kinds: a system and a section, empty for none."""
    numbers: dict[tuple[str, str], int] = {("", ""): NO_PACKAGE}
    kind_of = [NO_PACKAGE]
    for package in packages:
        kind = package.system, package.section.rpartition("/")[2]
        kind_of.append(numbers.setdefault(kind, len(numbers)))
    return kind_of, list(numbers)


def has_unpacked(directory: Directory, archive: bytes) -> bool:
    """Whether a directory has, beside an archive, a directory that it unpacks to.

    That is one of its name, with or without a version (`node-v20.tar.gz` beside `node-v20` or
    `node`), or with what hosts of sources add (`app.zip` beside `app-main`).
    """
    suffix = _ARCHIVE.search(archive)
    if suffix is None or not suffix.start():
        return False
    stem = archive[: suffix.start()]
    if isinstance(directory.children.get(stem), Directory):
        return True
    base = _VERSION.sub(b"", stem)
    for name in (base, stem + b"-src", stem + b"-main", stem + b"-master"):
        if name and isinstance(directory.children.get(name), Directory):
            return True
    return False
