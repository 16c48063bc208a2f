"""Paths in a tree that is being merged: links are followed inside the root, as in a container."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.errors import CorruptInputError
from lightship.filetree.tree import Child, Directory
from lightship.model.entry import Kind
from lightship.printable import printable_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SYMLINK = Kind.SYMLINK.value
# Linux gives up after 40, containerd after 255: what either could follow is followed.
_MAX_LINKS = 255
# Path components that links lead through, in a whole image: a real one has some thousands, and a
# hostile one could keep a core busy for days.
MAX_LINK_STEPS = 100_000_000


class Paths:
    """Resolves paths below `root`.

    Args:
        kinds: `Kind` of each record.
        inode_of: of each hard-link record the record that made its inode.
        link_target: gives the target of the symbolic link that a record made.
        root: of a tree that is made already; None begins an empty one.
    """

    def __init__(
        self,
        kinds: bytearray,
        inode_of: Mapping[int, int],
        link_target: Callable[[int], bytes],
        root: Directory | None = None,
    ) -> None:
        self.root = root if root is not None else Directory(-1, None, b"")
        self._kinds = kinds
        self._inode_of = inode_of
        self._link_target = link_target
        self._link_steps = 0

    def find(
        self, path: bytes, *, follow: bool = True, replaced: frozenset[bytes] = frozenset()
    ) -> Directory | None:
        """The directory at a path, if there is one; `replaced` are links not to follow.

        Raises:
            CorruptInputError: the path runs through a loop of links, or all paths through too many.
        """
        return self._walk(path, None, follow=follow, replaced=replaced)

    def at(self, path: bytes) -> Child | None:
        """What is at a path, no link followed."""
        head, _, name = path.rpartition(b"/")
        directory = self.find(head, follow=False)
        return directory.children.get(name) if directory is not None else None

    def make(self, path: bytes, make_way: Callable[[Directory, bytes, int], None]) -> Directory:
        """The directory at a path; missing ones are made.

        `make_way` is told of what is in the way and no directory: it has just lost its name (T2).

        Raises:
            CorruptInputError: the path runs through a loop of links.
        """
        found = self._walk(path, make_way, follow=True, replaced=frozenset())
        assert found is not None  # noqa: S101 - nothing is left missing
        return found

    def _walk(
        self,
        path: bytes,
        make_way: Callable[[Directory, bytes, int], None] | None,
        *,
        follow: bool,
        replaced: frozenset[bytes],
    ) -> Directory | None:
        node = self.root
        parts = path.split(b"/")[::-1] if path else []
        followed = 0
        while parts:
            part = parts.pop()
            if part in (b"", b"."):
                continue
            if part == b"..":
                node = node.parent or node
                continue
            child = node.children.get(part)
            if isinstance(child, Directory):
                node = child
                continue
            if child is not None and self._kinds[self._inode_of.get(child, child)] == _SYMLINK:
                if not follow or (replaced and node.path_of(part) in replaced):
                    return None
                followed += 1
                if followed > _MAX_LINKS:
                    raise CorruptInputError(
                        f"the path {printable_path(path)!r} runs through a loop of symbolic links"
                    )
                target = self._link_target(self._inode_of.get(child, child))
                steps = target.split(b"/")
                self._link_steps += len(steps)
                if self._link_steps > MAX_LINK_STEPS:
                    raise CorruptInputError(
                        f"the paths of the image run through more than {MAX_LINK_STEPS} steps of "
                        "symbolic links"
                    )
                parts.extend(reversed(steps))
                if target.startswith(b"/"):
                    node = self.root
                continue
            if make_way is None:
                return None
            made = Directory(-1, node, part)
            node.children[part] = made
            if child is not None:
                make_way(node, part, child)
            node = made
        return node
