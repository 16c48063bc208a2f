"""A file tree in the plainest form: directories of names, names of inodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from independent.names import CorruptError
from independent.records import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Parts: TypeAlias = tuple[bytes, ...]
MAX_LINKS = 255


@dataclass(eq=False)
class Inode:
    """Anything but a directory."""

    record: Record
    born: int
    names: int = 0


@dataclass(eq=False)
class Directory:
    """A directory; one that no record made has the mode 0o755 and belongs to root."""

    record: Record = field(default_factory=lambda: Record(b"", "directory"))
    children: dict[bytes, Inode | Directory] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """A directory reached, and the path of names that leads to it without symlinks."""

    parts: Parts
    directory: Directory


class Blocked(Exception):  # noqa: N818 - no error: the way ends here
    """A part of a path is missing or leads no further."""


def walk(
    root: Directory,
    parts: Parts,
    at_dead_end: Callable[[Place, bytes], Directory],
    at_symlink: Callable[[Parts], None],
) -> Place:
    """Go along `parts` and follow symlinks, inside the root whatever they point at.

    `at_dead_end` is called where a part is missing or is neither a directory nor a symlink: it
    makes a directory there or raises. `at_symlink` may raise too.
    """
    trail = [Place((), root)]
    links = 0
    todo = list(reversed(parts))
    while todo:
        part = todo.pop()
        here = trail[-1]
        if part in (b"", b"."):
            continue
        if part == b"..":
            if len(trail) > 1:
                trail.pop()
            continue
        node = here.directory.children.get(part)
        if isinstance(node, Inode) and node.record.kind == "symlink":
            at_symlink((*here.parts, part))
            links += 1
            if links > MAX_LINKS:
                raise CorruptError(f"too many symlinks on the way to {parts!r}")
            if node.record.target.startswith(b"/"):
                trail = [Place((), root)]
            todo.extend(reversed(node.record.target.split(b"/")))
            continue
        if not isinstance(node, Directory):
            node = at_dead_end(here, part)
        trail.append(Place((*here.parts, part), node))
    return trail[-1]


def block(_place: Place, _part: bytes) -> Directory:
    """For walks that change nothing."""
    raise Blocked


def follow(_parts: Parts) -> None:
    """For walks that follow every symlink."""


def below(place: Parts, directory: Directory) -> Iterator[tuple[Parts, Inode | Directory]]:
    """Everything under a directory, in byte order of names, a directory before what it holds."""
    for name, node in sorted(directory.children.items()):
        yield (*place, name), node
        if isinstance(node, Directory):
            yield from below((*place, name), node)
