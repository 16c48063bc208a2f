"""The captured records of an image's visible files, as package systems and rules read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.analysis.places import Place
    from lightship.filetree.tree import Directory, FileTree


class Record(Struct, frozen=True):
    """One file's extract.

    Attributes:
        path: where the file is (its inode's first name).
        extract: what the reader made of it; None where it could not, and `problem` says why.
    """

    path: bytes
    record: int
    content_bytes: int
    extract: bytes | None
    problem: str = ""


class Records:
    """What was captured of the files that are visible, by reader."""

    def __init__(self, tree: FileTree, places: list[Place]) -> None:
        self.tree = tree
        self.places = places
        self._by_reader: dict[str, list[Record]] = {}
        self._collect()

    def of(self, reader: str) -> list[Record]:
        """A reader's records in byte order of their paths."""
        return self._by_reader.get(reader, [])

    def at(self, reader: str, path: bytes) -> Record | None:
        """A reader's record at a path, links on the way followed."""
        found = {record.path: record for record in self.of(reader)}
        return found.get(path) or found.get(self.resolved(path))

    def resolved(self, path: bytes) -> bytes:
        """The path without a link in its directories; the path itself where it leads nowhere."""
        head, _, name = path.rpartition(b"/")
        directory = self.tree.find(head)
        return directory.path_of(name) if directory is not None else path

    def names_in(self, path: bytes) -> Iterator[bytes]:
        """Names in a directory, links on the way followed, in byte order; none if it is none."""
        directory = self.tree.find(path)
        if directory is not None:
            yield from sorted(directory.children)

    def exists(self, path: bytes) -> bool:
        """Whether there is anything at a path, links on the way followed."""
        head, _, name = path.rpartition(b"/")
        directory = self.tree.find(head)
        return directory is not None and name in directory.children

    def content_bytes(self, path: bytes) -> int:
        """Of the regular file at a path, links on the way followed; 0 where there is none."""
        head, _, name = path.rpartition(b"/")
        directory = self.tree.find(head)
        child = directory.children.get(name) if directory is not None else None
        if not isinstance(child, int):
            return 0
        _, index, entry = self.tree.locate(self.tree.inode_of.get(child, child))
        return index.columns.content_bytes[entry]

    def directory(self, path: bytes) -> Directory | None:
        """The directory at a path, links followed."""
        return self.tree.find(path)

    def _collect(self) -> None:
        wanted: dict[int, dict[str, tuple[bytes | None, str]]] = {}
        for base, index in zip(self.tree.bases, self.tree.indexes, strict=True):
            for entry, extracts in index.rarities.captures.items():
                wanted.setdefault(base + entry, {}).update(
                    {reader: (extract, "") for reader, extract in extracts.items()}
                )
            for entry, problems in index.rarities.unreadable.items():
                wanted.setdefault(base + entry, {}).update(
                    {reader: (None, problem) for reader, problem in problems.items()}
                )
        for place in self.places:
            prefix = place.path + b"/" if place.path else b""
            for name, record, size in zip(place.names, place.records, place.sizes, strict=True):
                for reader, (extract, problem) in wanted.get(record, {}).items():
                    self._by_reader.setdefault(reader, []).append(
                        Record(prefix + name, record, size, extract, problem)
                    )
        for records in self._by_reader.values():
            records.sort(key=lambda record: record.path)
