"""The picture of an image: the tree of all its bytes, with what is small folded together."""

from __future__ import annotations

from array import array
from itertools import repeat
from typing import TYPE_CHECKING

from lightship.analysis.picture_nodes import Nodes, Owner, Weights
from lightship.analysis.treemap_folders import Folder, Leaf, Limits
from lightship.model.results.picture import NodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.analysis.dead import DeadRecord
    from lightship.analysis.ledger import Ledger
    from lightship.model.results.picture import Picture

_PART = 2000
"""A node with less than this part of every weight (0.05 %) may be folded."""
ENOUGH = 8_000
"""So many files, the heaviest by each weight, keep their nodes however small they are."""


def fold(
    ledger: Ledger, dead: Sequence[DeadRecord], config_bytes: int, *, enough: int = ENOUGH
) -> Picture:
    """Make the picture.

    A file keeps a node of its own if it has 0.05 % of the image's visible, dead or wire bytes, or
    is among the heaviest `enough` by one of them. All others become one node in their directory,
    and so does a whole directory that is small. An image of `enough` files is shown whole.

    Args:
        ledger: the explained image.
        dead: every dead record, as `dead_records` gives them.
        config_bytes: length of the config, which is pulled too.
        enough: files; a page holds so many and opens at once.
    """
    return _Folding(ledger, dead, enough).picture(config_bytes)


class _Folding:
    def __init__(self, ledger: Ledger, dead: Sequence[DeadRecord], enough: int) -> None:
        self._ledger = ledger
        self._dead = dead
        self._enough = enough
        self._wire_of = ledger.wire.wire_of
        self._layer_of = array("I")
        for position, index in enumerate(ledger.tree.indexes, 1):
            self._layer_of.extend(array("I", [position]) * len(index))
        self._folders = {b"": Folder(b"", None)}

    def picture(self, config_bytes: int) -> Picture:
        of_files, of_directories = self._limits()
        self._place_visible(of_files)
        self._place_dead(of_files)
        # A directory was made before those in it.
        for folder in reversed(self._folders.values()):
            folder.sum_up(of_directories)
        root = self._folders[b""]
        overhead = self._ledger.wire.overhead_of
        nodes = Nodes(self._ledger.ownership.packages)
        beside = sum(overhead) + config_bytes
        whole = Weights(root.wire_bytes + beside, root.visible_bytes, root.dead_bytes)
        nodes.add(NodeKind.DIRECTORY, 0, whole, files=root.files)
        self._show(root, nodes)
        _show_overhead(overhead, nodes)
        if config_bytes:
            nodes.add(NodeKind.CONFIG, 1, Weights(config_bytes))
        return nodes.picture()

    def _limits(self) -> tuple[Limits, Limits]:
        """Of files, and of directories without a file that is kept."""
        wire_of, places = self._wire_of, self._ledger.places
        visible = [size for place in places for size in place.sizes]
        dead = [one.content_bytes for one in self._dead]
        if len(visible) + len(dead) <= self._enough:
            return Limits(0, 0, 0), Limits(0, 0, 0)
        wires = [wire_of[record] for place in places for record in place.records]
        wires += [wire_of[one.record] for one in self._dead]
        each = (visible, dead, wires)
        return (
            Limits(*(_least(weights, self._enough) for weights in each)),
            Limits(*map(_share, each)),
        )

    def _place_visible(self, limits: Limits) -> None:
        wire_of, layer_of = self._wire_of, self._layer_of
        owner_of, category_of = self._ledger.ownership.owner_of, self._ledger.category_of
        for place in self._ledger.places:
            if not place.names:
                continue
            folder, records, sizes = self._folder(place.path), place.records, place.sizes
            wires = [wire_of[record] for record in records]
            owners = zip(
                [owner_of[record] for record in records],
                [category_of[record] for record in records],
                [layer_of[record] for record in records],
                repeat(0),
                strict=False,
            )
            if max(sizes) < limits.visible_bytes and max(wires) < limits.wire_bytes:
                folder.live.add_all(sizes, wires, list(owners))
                continue
            for name, size, wire_bytes, owner in zip(
                place.names, sizes, wires, owners, strict=True
            ):
                if size >= limits.visible_bytes or wire_bytes >= limits.wire_bytes:
                    weights = Weights(wire_bytes, size, 0)
                    folder.keep(Leaf(NodeKind.FILE, name, weights, Owner(*owner)))
                else:
                    folder.live.add_one(size, wire_bytes, owner)

    def _place_dead(self, limits: Limits) -> None:
        wire_of, tree = self._wire_of, self._ledger.tree
        for record, born, killed_by, _, size in self._dead:
            index = tree.indexes[born - 1]
            entry = record - tree.bases[born - 1]
            folder = self._folder(index.directories[index.columns.directories[entry]])
            wire_bytes = wire_of[record]
            owner = Owner(layer=born, killed_by=killed_by)
            if size >= limits.dead_bytes or wire_bytes >= limits.wire_bytes:
                weights = Weights(wire_bytes, 0, size)
                folder.keep(Leaf(NodeKind.DEAD, index.columns.names[entry], weights, owner))
            else:
                folder.dead.add_one(size, wire_bytes, owner)

    def _folder(self, path: bytes) -> Folder:
        """The directory at a path, made with those above it where it is new."""
        missing: list[bytes] = []
        while (found := self._folders.get(path)) is None:
            missing.append(path)
            path = path.rpartition(b"/")[0]
        for below in reversed(missing):
            found = self._folders[below] = Folder(below.rpartition(b"/")[2], found)
        return found

    def _show(self, root: Folder, nodes: Nodes) -> None:
        stack = [(root, 0)]
        while stack:
            folder, depth = stack.pop()
            if depth:
                nodes.add(
                    NodeKind.DIRECTORY,
                    depth,
                    folder.weights,
                    name=folder.name,
                    files=folder.files,
                )
            for kind, name, weights, owner in folder.kept:
                nodes.add(kind, depth + 1, weights, name=name, files=1, owner=owner)
            for kind, folded, weights in folder.folded():
                nodes.add(kind, depth + 1, weights, files=folded.files, owner=folded.owner)
            stack.extend((child, depth + 1) for child in folder.children)


def _show_overhead(overhead: Sequence[int], nodes: Nodes) -> None:
    """One node for all layers, and one in it for each that has any."""
    if sum(overhead):
        nodes.add(NodeKind.OVERHEAD, 1, Weights(sum(overhead)))
        for position, wire_bytes in enumerate(overhead, 1):
            if wire_bytes:
                nodes.add(NodeKind.OVERHEAD, 2, Weights(wire_bytes), owner=Owner(layer=position))


def _share(weights: Sequence[int]) -> int:
    """One in `_PART`, and something."""
    return max(-(-sum(weights) // _PART), 1)


def _least(weights: Sequence[int], enough: int) -> int:
    """What a file must weigh to have a node: its share, or be among the heaviest."""
    if len(weights) <= enough:
        return 1
    # Of many that weigh the same none is kept, or they would be more than enough.
    return min(_share(weights), sorted(weights)[-enough] + 1)
