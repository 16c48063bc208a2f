"""Trees in the plainest form, compared and rebuilt without the code under test."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from layers.scanned import scan
from lightship.filetree.merging import merge
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lightship.filetree.diffing import Change
    from lightship.filetree.tree import FileTree, TreeEntry
    from lightship.testing import Layer

Groups: TypeAlias = frozenset[frozenset[bytes]]


class Facts(NamedTuple):
    """All that is known of one name by itself."""

    kind: str
    content: tuple[int, bytes]
    link_target: bytes
    device: tuple[int, int]
    mode: int
    uid: int
    gid: int
    mtime_ns: int
    xattrs: tuple[tuple[bytes, bytes], ...]


class Plain(NamedTuple):
    """A tree: facts by path, and the names that share an inode."""

    names: dict[bytes, Facts]
    linked: Groups


def trees_of(a: Sequence[Layer | bytes], b: Sequence[Layer | bytes]) -> tuple[FileTree, FileTree]:
    """Two trees; a layer that both have is one index object in both."""
    indexes = {id(layer): scan(layer) for layer in (*a, *b)}
    return merge([indexes[id(layer)] for layer in a]), merge([indexes[id(layer)] for layer in b])


def facts_of(entry: TreeEntry) -> Facts:
    return Facts(
        entry.kind.name,
        (entry.content_bytes, entry.content_hash),
        entry.link_target,
        entry.device,
        entry.mode,
        entry.uid,
        entry.gid,
        entry.mtime_ns,
        tuple(sorted(entry.xattrs.items())),
    )


def plain(tree: FileTree) -> Plain:
    names = {b"": facts_of(tree.entry(b"", tree.root.record))}
    groups: dict[int, set[bytes]] = defaultdict(set)
    for entry in tree.walk():
        names[entry.path] = facts_of(entry)
        if entry.kind is not Kind.DIRECTORY:
            groups[entry.inode].add(entry.path)
    return Plain(names, _several(groups.values()))


def _several(groups: Iterable[Iterable[bytes]]) -> Groups:
    return frozenset(group for group in map(frozenset, groups) if len(group) > 1)


def applied(a: Plain, changes: Iterable[Change]) -> Plain:
    """The first tree with the changes made: what they say, and nothing that they do not say."""
    names = dict(a.names)
    partners: dict[bytes, set[bytes]] = {path: {path} for path in names}
    for group in a.linked:
        for path in group:
            partners[path] = set(group)
    told: list[tuple[bytes, bytes]] = []
    for change in changes:
        if "links" in change.facts or not _is_file_twice(change):
            for path in partners.pop(change.path, set()) - {change.path}:
                partners[path].discard(change.path)
            partners[change.path] = {change.path}
            if change.new_link is not None:
                told.append((change.path, change.new_link))
        if change.new is None:
            del names[change.path], partners[change.path]
        else:
            names[change.path] = facts_of(change.new)
    for path, carrier in told:
        together = partners[path] | partners[carrier]
        for one in together:
            partners[one] = together
    return Plain(names, _several(partners.values()))


def _is_file_twice(change: Change) -> bool:
    """Whether the name is there before and after, and no directory: only then links may stay."""
    both = (change.old, change.new)
    return all(entry is not None and entry.kind is not Kind.DIRECTORY for entry in both)


def differing(a: Plain, b: Plain) -> dict[bytes, set[str]]:
    """Each path that differs, and how; an added or removed one with no facts."""
    found: dict[bytes, set[str]] = {}
    for path in a.names.keys() | b.names.keys():
        old, new = a.names.get(path), b.names.get(path)
        if old is None or new is None:
            found[path] = set()
            continue
        facts = {name for name in Facts._fields if getattr(old, name) != getattr(new, name)}
        if old.kind != new.kind:
            # What another kind brings along is no news of its own.
            facts -= {"content", "link_target", "device"}
        is_name_twice = "DIRECTORY" not in (old.kind, new.kind)
        if is_name_twice and _shared(a, path, b) != _shared(b, path, a):
            facts.add("links")
        if facts:
            found[path] = {"mtime" if fact == "mtime_ns" else fact for fact in facts}
    return found


def _shared(tree: Plain, path: bytes, other: Plain) -> set[bytes]:
    """Names of the path's inode that the other tree has too, directories aside."""
    group = next((one for one in tree.linked if path in one), frozenset((path,)))
    return {name for name in group if name in other.names and other.names[name].kind != "DIRECTORY"}
