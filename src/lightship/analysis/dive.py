"""dive's figures of an image, by dive's own rules; ours are `dead_bytes` and `efficiency`.

What the figures mean, and where they mislead, is in docs/explanation/dive.md.

Source: dive 0.13.1, dive/filetree/efficiency.go and dive/image/image.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from lightship.analysis.dive_tree import (
    bytes_below,
    has_whiteouts,
    in_order,
    lay,
    layer_bytes,
    layer_tree,
)
from lightship.layers.names import WHITEOUT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.analysis.dive_tree import PathNode
    from lightship.layers.index import LayerIndex


class DiveFigures(Struct, frozen=True):
    """What dive measures.

    Attributes:
        efficiency: sum of each path's smallest mention over the sum of all mentions; 1.0 where
            nothing is mentioned. Below zero is possible: see `dive_figures`.
        wasted_bytes: all mentions of the paths that are mentioned twice or more.
        user_wasted_percent: `wasted_bytes / user_size_bytes`, a ratio; None where dive divides by
            zero: its NaN if nothing is wasted, its +Inf if something is.
        size_bytes: sizes of all records of all layers.
        user_size_bytes: the same without the first layer.
    """

    efficiency: float
    wasted_bytes: int
    user_wasted_percent: float | None
    size_bytes: int
    user_size_bytes: int


def dive_figures(indexes: Sequence[LayerIndex]) -> DiveFigures:
    """Measure an image as dive does.

    A path is mentioned by each layer that has it as a leaf of its tree, and by each whiteout of it:
    with the bytes below it in the layers under the whiteout if the highest of them that names it
    has it as a directory record, else with none. A whiteout of what is not there ends dive's look
    at its layer, and counts -1 as the path's smallest mention unless the path is mentioned
    elsewhere.

    Records that are no regular files are taken to have size 0, as builders write them; dive
    believes a link's, a device's or a directory's header that claims another.

    Args:
        indexes: the layers, the lowest first.
    """
    mentions = _Mentions()
    marked = [has_whiteouts(index) for index in indexes]
    last = max((position for position, has in enumerate(marked) if has), default=-1)
    stacked: PathNode | None = None
    for position, (index, has) in enumerate(zip(indexes, marked, strict=True)):
        tree = layer_tree(index)
        # In the lowest layer dive looks for what a whiteout removes in that layer itself.
        mentions.add_layer(tree, stacked or tree, ordered=has)
        if position < last:
            if stacked is None:
                stacked = tree
                # dive lays the lowest layer upon itself: only its whiteouts show.
                if has:
                    lay(layer_tree(index), stacked, whiteouts=True)
            else:
                lay(tree, stacked, whiteouts=has)
    sizes = [layer_bytes(index) for index in indexes]
    return mentions.figures(size_bytes=sum(sizes), user_size_bytes=sum(sizes[1:]))


_Path: TypeAlias = "tuple[int, bytes]"
"""The number of a directory, and a name in it; a hostile image has no room for whole paths."""


class _Mentions:
    """Which paths are mentioned, and with how many bytes."""

    def __init__(self) -> None:
        self._directories: dict[_Path, int] = {}
        self._first: dict[_Path, int] = {}
        self._repeated: dict[_Path, tuple[int, int]] = {}
        """All bytes and the smallest mention of paths mentioned more than once."""
        self._failed: set[_Path] = set()

    def add_layer(self, tree: PathNode, below: PathNode, *, ordered: bool) -> None:
        """Count a layer's mentions; `below` is what its whiteouts act on."""
        known: dict[int, int] = {}
        open_: list[tuple[Iterator[tuple[bytes, PathNode]], int, PathNode | None]] = [
            (_names(tree, ordered=ordered), 0, below)
        ]
        while open_:
            names, directory, lower = open_[-1]
            for name, node in names:
                if node.children:
                    number = self._directories.setdefault(
                        (directory, name), len(self._directories) + 1
                    )
                    deeper = lower.below(name) if lower else None
                    open_.append((_names(node, ordered=ordered), number, deeper))
                    break
                if not ordered or not name.startswith(WHITEOUT):
                    self._add((directory, name), node.content_bytes)
                    continue
                hidden = name[len(WHITEOUT) :]
                # `.wh.` alone acts on its directory, and dive's path for it is one of its own.
                removed = lower.below(hidden) if lower and hidden else lower
                if removed is None:
                    self._failed.add((directory, hidden))
                    return
                removed_bytes = bytes_below(removed, known) if removed.is_directory else 0
                self._add((directory, hidden), removed_bytes)
            else:
                open_.pop()

    def _add(self, path: _Path, mentioned_bytes: int) -> None:
        first = self._first.get(path)
        if first is None:
            self._first[path] = mentioned_bytes
            return
        total, smallest = self._repeated.get(path, (first, first))
        self._repeated[path] = (total + mentioned_bytes, min(smallest, mentioned_bytes))

    def figures(self, *, size_bytes: int, user_size_bytes: int) -> DiveFigures:
        """Sum up over all layers."""
        wasted = sum(total for total, _ in self._repeated.values())
        once = sum(self._first.values()) - sum(self._first[path] for path in self._repeated)
        smallest = once + sum(least for _, least in self._repeated.values())
        smallest -= len(self._failed - self._first.keys())
        mentioned = once + wasted
        # As dive does: both sums become doubles before the division.
        return DiveFigures(
            efficiency=float(smallest) / float(mentioned) if mentioned else 1.0,
            wasted_bytes=wasted,
            user_wasted_percent=float(wasted) / user_size_bytes if user_size_bytes else None,
            size_bytes=size_bytes,
            user_size_bytes=user_size_bytes,
        )


def _names(node: PathNode, *, ordered: bool) -> Iterator[tuple[bytes, PathNode]]:
    # The order only shows where a failed whiteout ends the look.
    return in_order(node) if ordered or node.children is None else iter(node.children.items())
