"""Finds forbidden paths: in the final tree, and in every layer below it.

A path that a higher layer removes or replaces is still in its layer, and everybody who pulls the
image gets it. So a path counts wherever it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.filetree.patterns import Matcher, State
from lightship.filetree.tree import Directory
from lightship.model.entry import MARKERS, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.filetree.patterns import Pattern
    from lightship.filetree.tree import FileTree
    from lightship.layers.index import LayerIndex


class Place(Struct, frozen=True):
    """A path that a pattern matches, with everything in it.

    Attributes:
        path: the shortest that matches; what is in a directory is not listed by itself.
        pattern: number of the pattern.
        layer: position of the topmost layer that has a record of it; None for a directory that no
            record made.
        unpacked_bytes: content of the regular records there, in all layers.
        visible: whether the final tree has it.
    """

    path: bytes
    pattern: int
    layer: int | None
    unpacked_bytes: int
    visible: bool


class _Found:
    """What is known of one path while the layers are gone through."""

    def __init__(self, pattern: int) -> None:
        self.pattern = pattern
        self.layer: int | None = None
        self.unpacked_bytes = 0
        self.visible = False


def find_forbidden(tree: FileTree, patterns: Sequence[Pattern]) -> tuple[Place, ...]:
    """Every place that a pattern matches, the heaviest first."""
    matcher = Matcher(patterns)
    found: dict[bytes, _Found] = {}
    _visible(tree, matcher, found)
    for position, index in enumerate(tree.indexes, 1):
        _recorded(position, index, matcher, found)
    places = [
        Place(path, one.pattern, one.layer, one.unpacked_bytes, one.visible)
        for path, one in found.items()
    ]
    return tuple(sorted(places, key=lambda place: (-place.unpacked_bytes, place.path)))


def _visible(tree: FileTree, matcher: Matcher, found: dict[bytes, _Found]) -> None:
    stack: list[tuple[bytes, Directory, State]] = [(b"", tree.root, matcher.start)]
    while stack:
        prefix, directory, state = stack.pop()
        for name, child in directory.children.items():
            reached, matched = matcher.step(state, name)
            if matched is not None:
                one = found.setdefault(prefix + name, _Found(matched))
                one.visible = True
                record = child.record if isinstance(child, Directory) else child
                one.layer = tree.locate(record)[0] if record >= 0 else None
            elif reached and isinstance(child, Directory):
                stack.append((prefix + name + b"/", child, reached))


def _recorded(
    position: int, index: LayerIndex, matcher: Matcher, found: dict[bytes, _Found]
) -> None:
    columns = index.columns
    inside = [matcher.match(path) if path else None for path in index.directories]
    states = [_state(matcher, path) for path in index.directories]
    steps: dict[tuple[State, bytes], int | None] = {}
    for entry, kind in enumerate(columns.kinds):
        name, directory = columns.names[entry], columns.directories[entry]
        if kind in MARKERS or not name:
            continue
        above = inside[directory]
        if above is not None:
            path, pattern = above
        else:
            key = states[directory], name
            if key not in steps:
                steps[key] = matcher.step(*key)[1]
            matched = steps[key]
            if matched is None:
                continue
            path, pattern = index.path(entry), matched
        one = found.setdefault(path, _Found(pattern))
        one.layer = position
        if kind == Kind.REGULAR:
            one.unpacked_bytes += columns.content_bytes[entry]


def _state(matcher: Matcher, path: bytes) -> State:
    state = matcher.start
    for name in path.split(b"/") if path else ():
        state, _ = matcher.step(state, name)
    return state
