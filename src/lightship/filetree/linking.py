"""Hard links of two trees side by side: which names share an inode, and which of them carries it.

A hard link is a fact about several names, so the groups are compared, not the records: only names
that are no directory in both trees can be *linked otherwise*; a name that one tree lacks says by
itself what it was or is linked to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.filetree.tree import Directory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from lightship.filetree.tree import Child, FileTree


class Links(Struct, frozen=True):
    """The hard links of two trees.

    Attributes:
        a: of each name in the first tree that shares its inode: the name that carries the inode,
            which is the first that both trees have, or else the first (in the order of a walk).
        b: the same of the second tree.
        relinked: names in both trees that share an inode with other names in one than in the other.
    """

    a: Mapping[bytes, bytes]
    b: Mapping[bytes, bytes]
    relinked: AbstractSet[bytes]


def compare_links(a: FileTree, b: FileTree) -> Links:
    """Hold the hard links of two trees against each other; linear in their names."""
    groups_a, groups_b = _groups(a), _groups(b)
    common_a, common_b = _common(groups_a, b), _common(groups_b, a)
    relinked: set[bytes] = set()
    for common, other, other_common in ((common_a, b, common_b), (common_b, a, common_a)):
        for names in common.values():
            inodes = {i for i in (_inode_at(other, name) for name in names) if i is not None}
            # Singles have no group of their own: a group of one common name and one single agree.
            if len(inodes) > 1 or any(
                len(other_common.get(inode, (b"",))) != len(names) for inode in inodes
            ):
                relinked.update(names)
    return Links(_carriers(groups_a, common_a), _carriers(groups_b, common_b), relinked)


def _groups(tree: FileTree) -> dict[int, list[bytes]]:
    """The names of each inode that has several, in the order of a walk."""
    linked = {*tree.inode_of, *tree.inode_of.values()}
    groups: dict[int, list[bytes]] = {}
    stack = [(b"", tree.root)] if linked else []
    while stack:
        prefix, directory = stack.pop()
        for name, child in directory.children.items():
            if isinstance(child, Directory):
                stack.append((prefix + name + b"/", child))
            elif child in linked:
                groups.setdefault(tree.inode_of.get(child, child), []).append(prefix + name)
    return {inode: sorted(names, key=_in_walk) for inode, names in groups.items() if len(names) > 1}


def _in_walk(path: bytes) -> list[bytes]:
    return path.split(b"/")


def _common(groups: Mapping[int, Sequence[bytes]], other: FileTree) -> dict[int, list[bytes]]:
    """The names of each group that are no directory in the other tree either."""
    return {
        inode: [name for name in names if _inode_at(other, name) is not None]
        for inode, names in groups.items()
    }


def _inode_at(tree: FileTree, path: bytes) -> int | None:
    """The inode of a name; None where there is none, or a directory."""
    child: Child | None = tree.root
    for part in path.split(b"/"):
        if not isinstance(child, Directory):
            return None
        child = child.children.get(part)
    return tree.inode_of.get(child, child) if isinstance(child, int) else None


def _carriers(
    groups: Mapping[int, Sequence[bytes]], common: Mapping[int, Sequence[bytes]]
) -> dict[bytes, bytes]:
    return {name: (common[inode] or names)[0] for inode, names in groups.items() for name in names}
