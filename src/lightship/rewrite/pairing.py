"""Two file trees side by side: every name with what it is in both, as columns of numbers.

A proof looks at every name. A million objects would cost more than reading the layers: a pair of
names is two numbers here, and whole columns are compared at once.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING

from lightship.filetree.tree import Directory
from lightship.layers.index import NO_HASH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lightship.filetree.tree import Child, FileTree


class Pairs:
    """Names that both trees have, and those that one of them lacks.

    A name that is bound to one and the same record of the layers that both trees begin with is
    equal without a look, and left out; unless its inode has several names.

    Args:
        old: the first tree.
        new: the second one.
        same_records: how many records the layers have that both begin with.

    Attributes:
        same: how many names were left out.
        olds: of each name in both: the record that made its inode in the first tree.
        news: the same of the second tree.
        gone: paths of names that only the first tree has.
        come: paths of names that only the second tree has.
    """

    def __init__(self, old: FileTree, new: FileTree, same_records: int = 0) -> None:
        self.olds: array[int] = array("q", (old.root.record,))
        self.news: array[int] = array("q", (new.root.record,))
        self.gone: list[bytes] = []
        self.come: list[bytes] = []
        self._names = [b""]
        self._starts = [0]
        self._prefixes = [b""]
        self.same = 0
        linked: frozenset[int] = frozenset()
        if same_records:
            linked = linked.union(*(links for tree in (old, new) for links in _linked(tree)))
        self._walk(old.root, new.root, same_records, linked)
        self.olds = _inodes(self.olds, old.inode_of)
        self.news = _inodes(self.news, new.inode_of)

    def __len__(self) -> int:
        return len(self.olds)

    def path(self, pair: int) -> bytes:
        """The path of a pair."""
        return self._prefixes[bisect_right(self._starts, pair) - 1] + self._names[pair]

    def numbers(self, paths: Mapping[bytes, object] | frozenset[bytes]) -> dict[bytes, int]:
        """The pairs of some paths; a path that is in one tree only, or in none, has none."""
        if not paths:
            return {}
        wanted: dict[bytes, set[bytes]] = {}
        for path in paths:
            head, slash, name = path.rpartition(b"/")
            wanted.setdefault(head + slash, set()).add(name)
        found: dict[bytes, int] = {}
        stops = (*self._starts[1:], len(self._names))
        for prefix, start, stop in zip(self._prefixes, self._starts, stops, strict=True):
            if names := wanted.get(prefix):
                for pair in range(start, stop):
                    if self._names[pair] in names:
                        found[prefix + self._names[pair]] = pair
        return found

    def _walk(
        self,
        old_root: Directory,
        new_root: Directory,
        same_records: int,
        linked: frozenset[int],
    ) -> None:
        add_old, add_new, add_name = self.olds.append, self.news.append, self._names.append
        stack = [(b"", old_root, new_root)]
        while stack:
            prefix, old, new = stack.pop()
            self._starts.append(len(self._names))
            self._prefixes.append(prefix)
            news = new.children
            for name, child in old.children.items():
                other = news.get(name)
                if other is None:
                    self.gone += _all(prefix + name, child)
                    continue
                if child.__class__ is int and other.__class__ is int:
                    if child == other and child < same_records and child not in linked:
                        self.same += 1
                        continue
                    add_name(name)
                    add_old(child)
                    add_new(other)
                else:
                    add_name(name)
                    add_old(_record(child))
                    add_new(_record(other))
                    self._go_down(stack, prefix + name, child, other)
            if len(news) != len(old.children) or not news.keys() <= old.children.keys():
                for name in news.keys() - old.children.keys():
                    self.come += _all(prefix + name, news[name])

    def _go_down(
        self,
        stack: list[tuple[bytes, Directory, Directory]],
        path: bytes,
        old: Child,
        new: Child,
    ) -> None:
        if isinstance(old, Directory) and isinstance(new, Directory):
            stack.append((path + b"/", old, new))
        elif isinstance(old, Directory):
            self.gone += _below(path, old)
        elif isinstance(new, Directory):
            self.come += _below(path, new)


def column(tree: FileTree, name: str, typecode: str, of_nowhere: int) -> array[int]:
    """A column of the layers' indexes, by number of the record.

    The last is of -1, which stands for a directory that no record made.
    """
    joined: array[int] = array(typecode)
    for index in tree.indexes:
        values = getattr(index.columns, name)
        if isinstance(values, array):
            joined.extend(values)
        else:
            joined.frombytes(values)
    joined.append(of_nowhere)
    return joined


def hash_columns(tree: FileTree) -> tuple[array[int], array[int]]:
    """The xxh3-128 of each record's content, in halves; as `column`."""
    joined: array[int] = array("Q")
    for index in tree.indexes:
        joined.frombytes(index.columns.hashes)
    joined.frombytes(NO_HASH)
    return joined[0::2], joined[1::2]


def _linked(tree: FileTree) -> tuple[Iterable[int], Iterable[int]]:
    return tree.inode_of.keys(), tree.inode_of.values()


def _record(child: Child) -> int:
    return child.record if isinstance(child, Directory) else child


def _inodes(records: array[int], inode_of: Mapping[int, int]) -> array[int]:
    return array("q", map(inode_of.get, records, records)) if inode_of else records


def _all(path: bytes, child: Child) -> Iterator[bytes]:
    yield path
    if isinstance(child, Directory):
        yield from _below(path, child)


def _below(path: bytes, directory: Directory) -> Iterator[bytes]:
    stack = [(path + b"/", directory)]
    while stack:
        prefix, node = stack.pop()
        for name, child in node.children.items():
            yield prefix + name
            if isinstance(child, Directory):
                stack.append((prefix + name + b"/", child))
