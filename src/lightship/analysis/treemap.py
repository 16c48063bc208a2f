"""The picture of an image: the tree of all its bytes, with what is small folded together."""

from __future__ import annotations

from array import array
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
ENOUGH = 20_000
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
        limits = self._limits()
        self._place_visible(limits)
        self._place_dead(limits)
        # A directory was made before those in it.
        for folder in reversed(self._folders.values()):
            folder.sum_up(limits)
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

    def _limits(self) -> Limits:
        wire_of, places = self._wire_of, self._ledger.places
        visible = [size for place in places for size in place.sizes]
        dead = [one.content_bytes for one in self._dead]
        if len(visible) + len(dead) <= self._enough:
            return Limits(0, 0, 0)
        wires = [wire_of[record] for place in places for record in place.records]
        wires += [wire_of[one.record] for one in self._dead]
        return Limits(*(_least(weights, self._enough) for weights in (visible, dead, wires)))

    def _place_visible(self, limits: Limits) -> None:
        owner_of, category_of = self._ledger.ownership.owner_of, self._ledger.category_of
        wire_of, layer_of = self._wire_of, self._layer_of
        for place in self._ledger.places:
            folder = self._folder(place.path)
            folded = folder.live
            owners = folded.owners
            for name, record, size in zip(place.names, place.records, place.sizes, strict=True):
                wire_bytes = wire_of[record]
                owner = owner_of[record], category_of[record], layer_of[record], 0
                if size >= limits.visible_bytes or wire_bytes >= limits.wire_bytes:
                    weights = Weights(wire_bytes, size, 0)
                    folder.keep(Leaf(NodeKind.FILE, name, weights, Owner(*owner)))
                else:
                    folded.wire_bytes += wire_bytes
                    folded.content_bytes += size
                    folded.files += 1
                    owners[owner] = owners.get(owner, 0) + size

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
                folded = folder.dead
                folded.wire_bytes += wire_bytes
                folded.content_bytes += size
                folded.files += 1
                folded.owners[owner] = folded.owners.get(owner, 0) + size

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


def _least(weights: Sequence[int], enough: int) -> int:
    """What a file must weigh to have a node: one in `_PART`, or be among the heaviest."""
    if len(weights) <= enough:
        return 1
    # Of many that weigh the same none is kept, or they would be more than enough.
    among_heaviest = sorted(weights)[-enough] + 1
    return max(min(-(-sum(weights) // _PART), among_heaviest), 1)
