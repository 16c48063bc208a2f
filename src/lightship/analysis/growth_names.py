"""Names that only one of two trees has: kept small, since a swapped base makes them many."""

from __future__ import annotations

import heapq
from array import array
from typing import TYPE_CHECKING

from msgspec import Struct, field

from lightship.filetree.diffing import Change, How
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from lightship.filetree.tree import FileTree, TreeEntry


class Tally(Struct):
    """Names to which one thing happened.

    Attributes:
        names: of any kind, directories too.
        files: names of regular files, before or after.
        old_bytes: content bytes before, each inode's once.
        new_bytes: content bytes after.
    """

    names: int = 0
    files: int = 0
    old_bytes: int = 0
    new_bytes: int = 0

    def add(self, change: Change) -> None:
        """Count a name."""
        self.names += 1
        self.files += is_file(change.old) or is_file(change.new)
        self.old_bytes += change.old_bytes
        self.new_bytes += change.new_bytes


class LoneNames(Struct):
    """Names of one tree that the other lacks, in the order of a walk; columns, not objects.

    Attributes:
        paths: relative to the root.
        inodes: records that made them.
        contents: xxh3-128 of a regular file with content, else None.
        natures: equal numbers for names that could be one that moved along with its directory.
        content_bytes: each inode's once, at the name that carries it.
        files: 1 for a regular file.
        links: of names that share an inode: the name that carries it.
    """

    paths: list[bytes] = field(default_factory=list)
    inodes: array[int] = field(default_factory=lambda: array("q"))
    contents: list[bytes | None] = field(default_factory=list)
    natures: array[int] = field(default_factory=lambda: array("q"))
    content_bytes: array[int] = field(default_factory=lambda: array("Q"))
    files: bytearray = field(default_factory=bytearray)
    links: dict[int, bytes] = field(default_factory=dict)

    def enter(self, entry: TreeEntry, content_bytes: int, link: bytes | None) -> None:
        """Add the next name."""
        if link is not None:
            self.links[len(self.paths)] = link
        self.paths.append(entry.path)
        self.inodes.append(entry.inode)
        self.contents.append(entry.content_hash if entry.content_bytes else None)
        self.natures.append(_nature(entry))
        self.content_bytes.append(content_bytes)
        self.files.append(is_file(entry))

    def tally(self, numbers: Iterable[int], how: How) -> Tally:
        """Count some of them."""
        tally = Tally()
        for number in numbers:
            tally.names += 1
            tally.files += self.files[number]
            if how is How.ADDED:
                tally.new_bytes += self.content_bytes[number]
            else:
                tally.old_bytes += self.content_bytes[number]
        return tally

    def others(self, left_out: Collection[int]) -> Iterator[int]:
        """The numbers of all names but some."""
        return (number for number in range(len(self.paths)) if number not in left_out)

    def largest(self, numbers: Iterable[int], count: int, how: How, tree: FileTree) -> list[Change]:
        """The names among `numbers` with most content, as changes."""
        found = heapq.nsmallest(
            count,
            numbers,
            key=lambda number: (-self.content_bytes[number], number),
        )
        changes = []
        for number in found:
            entry = tree.entry(self.paths[number], self.inodes[number])
            link = self.links.get(number)
            if how is How.ADDED:
                changes.append(Change(entry.path, how, (), None, entry, None, link))
            else:
                changes.append(Change(entry.path, how, (), entry, None, link))
        return changes


_DIRECTORY = -1


def is_file(entry: TreeEntry | None) -> bool:
    """Whether a name is that of a regular file."""
    return entry is not None and entry.kind is Kind.REGULAR


def _nature(entry: TreeEntry) -> int:
    if entry.kind is Kind.DIRECTORY:
        return _DIRECTORY
    facts = (entry.kind, entry.content_hash, entry.content_bytes, entry.link_target, entry.device)
    return abs(hash(facts))
