"""What differs between two file trees, name by name.

Exact: no difference is left out, and the differences applied to the first tree give the second.
Contents are held equal by xxh3-128 and length, which is enough to measure and to find what to
look at; where a rewrite is proved, the contents that it stored anew are compared by bytes besides.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.filetree.linking import Links, compare_links
from lightship.filetree.tree import Directory
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.filetree.tree import Child, FileTree, TreeEntry
    from lightship.model.results.diff import Fact

_OF_CONTENT = frozenset(("kind", "content", "link_target", "device"))
_DEVICES = (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE)


class How(StrEnum):
    """What happened to a name."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    """Another kind, content, link target or device number."""
    METADATA = "metadata"
    """Only mode, owner, extended attributes, time, or the names that share its inode."""


class Change(Struct, frozen=True):
    """One name that differs.

    Attributes:
        path: relative to the root; the root itself is `b""`.
        how: what happened.
        facts: what differs, in the order of `Fact`; empty if the name was added or removed.
        old: the name in the first tree; None if it was added.
        new: the name in the second tree; None if it was removed.
        old_link: where several names share the inode in the first tree: the one that carries it,
            which both trees have if any of them is in both. None if the name is its inode's only.
        new_link: the same in the second tree.
    """

    path: bytes
    how: How
    facts: tuple[Fact, ...]
    old: TreeEntry | None
    new: TreeEntry | None
    old_link: bytes | None = None
    new_link: bytes | None = None

    @property
    def old_bytes(self) -> int:
        """Content bytes before: each inode's once, at the name that carries it."""
        if self.old is None or self.old_link not in (None, self.path):
            return 0
        return self.old.content_bytes

    @property
    def new_bytes(self) -> int:
        """Content bytes after. Over all changes, new less old is what `visible_bytes` grew."""
        if self.new is None or self.new_link not in (None, self.path):
            return 0
        return self.new.content_bytes

    @property
    def only_touched(self) -> bool:
        """Whether nothing but the modification time differs."""
        return self.facts == ("mtime",)


def diff(a: FileTree, b: FileTree, *, mtimes: bool = True) -> Iterator[Change]:
    """Every name that differs, a directory before what is in it, siblings in byte order.

    Time grows with the number of names, memory with the depth and with the hard links. Records of
    one layer index object are equal without a look, so trees that share their first layers compare
    quickly.

    Args:
        a: the tree before.
        b: the tree after.
        mtimes: whether a modification time that differs is a difference. A rebuild of the same
            files changes it everywhere; a proof must not overlook it.
    """
    return _Comparison(a, b, mtimes=mtimes).changes()


class _Comparison:
    def __init__(self, a: FileTree, b: FileTree, *, mtimes: bool) -> None:
        self._a, self._b, self._mtimes = a, b, mtimes
        self._links: Links = compare_links(a, b)
        self._same_records = 0
        for one, other in zip(a.indexes, b.indexes, strict=False):
            if one is not other:
                break
            self._same_records += len(one)
        self._relinked_in: dict[bytes, list[bytes]] = {}
        for path in self._links.relinked:
            head, slash, name = path.rpartition(b"/")
            self._relinked_in.setdefault(head + slash, []).append(name)

    def changes(self) -> Iterator[Change]:
        for path, old, new in self._pairs():
            if new is None:
                yield Change(
                    path, How.REMOVED, (), self._old(path, old), None, self._links.a.get(path)
                )
            elif old is None:
                made = self._new(path, new)
                yield Change(path, How.ADDED, (), None, made, None, self._links.b.get(path))
            elif (change := self._compared(path, old, new)) is not None:
                yield change

    # Names.

    def _pairs(self) -> Iterator[tuple[bytes, Child | None, Child | None]]:
        """Each name that may differ, with what it is before and after."""
        yield b"", self._a.root, self._b.root
        stack = [(b"", *self._inside(b"", self._a.root, self._b.root))]
        while stack:
            prefix, olds, news, names = stack[-1]
            name = next(names, None)
            if name is None:
                stack.pop()
                continue
            old, new, path = olds.get(name), news.get(name), prefix + name
            yield path, old, new
            if isinstance(old, Directory) or isinstance(new, Directory):
                below = path + b"/"
                stack.append((below, *self._inside(below, old, new)))

    def _inside(
        self, prefix: bytes, old: Child | None, new: Child | None
    ) -> tuple[dict[bytes, Child], dict[bytes, Child], Iterator[bytes]]:
        """What is in a directory before and after, and the names in it worth a look, in order."""
        olds = old.children if isinstance(old, Directory) else {}
        news = new.children if isinstance(new, Directory) else {}
        same_records = self._same_records
        names = [name for name in olds if name not in news]
        for name, child in news.items():
            # A record of a layer that both begin with says all about its inode.
            if isinstance(child, int) and child < same_records and olds.get(name) == child:
                continue
            names.append(name)
        if prefix in self._relinked_in:
            names = [*{*names, *self._relinked_in[prefix]}]
        names.sort()
        return olds, news, iter(names)

    # What they are.

    def _compared(self, path: bytes, old: Child, new: Child) -> Change | None:
        first, second = self._inode(self._a, old), self._inode(self._b, new)
        relinked = path in self._links.relinked
        if not relinked and self._is_one_record(first, second):
            return None
        before, after = self._a.entry(path, first), self._b.entry(path, second)
        facts = tuple(_differences(before, after, relinked=relinked, mtimes=self._mtimes))
        if not facts:
            return None
        how = How.METADATA if _OF_CONTENT.isdisjoint(facts) else How.CHANGED
        links = self._links
        return Change(path, how, facts, before, after, links.a.get(path), links.b.get(path))

    def _is_one_record(self, first: int, second: int) -> bool:
        if first < 0 or second < 0:
            return first == second
        _, index_a, entry_a = self._a.locate(first)
        _, index_b, entry_b = self._b.locate(second)
        return entry_a == entry_b and index_a is index_b

    def _old(self, path: bytes, child: Child | None) -> TreeEntry:
        return self._a.entry(path, self._inode(self._a, child))

    def _new(self, path: bytes, child: Child | None) -> TreeEntry:
        return self._b.entry(path, self._inode(self._b, child))

    @staticmethod
    def _inode(tree: FileTree, child: Child | None) -> int:
        """The record that made what a name is bound to."""
        if isinstance(child, int):
            return tree.inode_of.get(child, child)
        return child.record if child is not None else -1


def _differences(old: TreeEntry, new: TreeEntry, *, relinked: bool, mtimes: bool) -> Iterator[Fact]:
    if old.kind is not new.kind:
        yield "kind"
    elif old.kind is Kind.REGULAR:
        if old.content_bytes != new.content_bytes or old.content_hash != new.content_hash:
            yield "content"
    elif old.link_target != new.link_target:
        yield "link_target"
    elif old.kind in _DEVICES and old.device != new.device:
        yield "device"
    if old.mode != new.mode:
        yield "mode"
    if old.uid != new.uid:
        yield "uid"
    if old.gid != new.gid:
        yield "gid"
    if old.xattrs != new.xattrs:
        yield "xattrs"
    if relinked:
        yield "links"
    if mtimes and old.mtime_ns != new.mtime_ns:
        yield "mtime"
