"""Layers without some names, each by itself: what stays in a layer is copied as it stands.

Every record of a name that goes is dropped, in whatever layer above the base it lies, so that no
older version comes back; what the base has at such a name is whited out. Names that share an inode
with one that goes go on sharing it. What comes of it is tried before anything is written: the
layers are merged as they would be, and each name must lead to the record that it led to before. In
rare stacks it does not (a link that a later record leads through is gone, a directory that hid a
file has nothing in it any more): then all layers above the base are made of the final tree's
records, as a squash does it, each record in the layer that had it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lightship.rewrite.changes import stargz_leftovers
from lightship.rewrite.dropping import Dropping, record_at
from lightship.rewrite.records import Cut, KeptLayer, NewLayer, whiteout
from lightship.rewrite.squashing import squashed
from lightship.rewrite.trying import leads_as_before

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lightship.filetree.tree import FileTree
    from lightship.rewrite.changes import Changes
    from lightship.rewrite.drafts import Draft
    from lightship.rewrite.plan import PlannedLayer


class Removal(Struct, frozen=True):
    """Layers of the new image, and what is announced.

    Attributes:
        layers: those in which nothing is left are not among them, unless none would be.
        changes: as asked for, and what eStargz left in layers that are written anew; without the
            links that could not be made.
        remade: whether all layers above the base had to be made of the final tree's records.
    """

    layers: tuple[PlannedLayer, ...]
    changes: Changes
    remade: bool = False


def removed(
    tree: FileTree,
    below: FileTree | None,
    changes: Changes,
    contents: Mapping[bytes, bytes] | None = None,
) -> Removal:
    """The layers of an image without some names.

    Args:
        tree: of all layers.
        below: of the first layers, which stay whatever happens; None if there are none. No name
            that goes may be bound by one of them, and no directory that goes be one there.
        changes: what is to differ. Names that become links, and those that they are linked to, are
            regular files in one layer, at the names that their records give.
        contents: of the files that are edited, by path; each is bound by a record of its own above
            the base, which no link ever named.

    Raises:
        CorruptInputError: a hard link has no target.
    """
    contents = contents or {}
    kept = len(below.indexes) if below is not None else 0
    while True:
        removing = Dropping(tree, below, changes, contents)
        drafts = removing.drafts()
        written = [draft.position for draft in drafts.values() if not draft.changes_nothing]
        left = stargz_leftovers(tree, written) - changes.removed
        if not left:
            break
        changes = changes.without(left)
    if not tree.lost_links and removing.is_simple and leads_as_before(tree, drafts, changes):
        return Removal(_layers(tree, drafts, changes), changes)
    changes = replace(changes, linked={})
    new = squashed_without(tree, below, changes, contents)
    layers = _some([*_first(kept), *_parted(new)], len(tree.indexes))
    return Removal(layers, changes, remade=True)


def squashed_without(
    tree: FileTree, below: FileTree | None, changes: Changes, contents: Mapping[bytes, bytes]
) -> NewLayer:
    """As `squashed`, where names go and files are edited besides; arguments as of `removed`.

    Raises:
        CorruptInputError: as `squashed`.
    """
    new = squashed(tree, below, changes.without(contents.keys()))
    unhidden = {whiteout(path).name for path in contents}
    cuts = {position: new.cuts.get(position, Cut()) for position in new.positions}
    for path, content in sorted(contents.items()):
        position, index, entry = tree.locate(record_at(tree, path))
        cuts[position].edit(entry, changes.header(index, entry, path), content)
    first = tuple(record for record in new.first if record.name not in unhidden)
    return NewLayer(new.positions, first, {**new.cuts, **cuts})


def _layers(
    tree: FileTree, drafts: Mapping[int, Draft], changes: Changes
) -> tuple[PlannedLayer, ...]:
    made: list[PlannedLayer] = []
    for position in range(1, len(tree.indexes) + 1):
        draft = drafts.get(position)
        if draft is None or draft.changes_nothing:
            made.append(KeptLayer(position))
            continue
        layer = draft.layer(changes)
        if not layer.is_empty:
            made.append(layer)
    return _some(made, len(tree.indexes))


def _some(layers: Sequence[PlannedLayer], count: int) -> tuple[PlannedLayer, ...]:
    """These layers, or an empty one: engines take no image without any."""
    return tuple(layers) or (NewLayer((count,), (), {}),) * min(count, 1)


def _first(kept: int) -> Iterator[KeptLayer]:
    return (KeptLayer(position) for position in range(1, kept + 1))


def _parted(new: NewLayer) -> Iterator[NewLayer]:
    """A squashed layer as one layer for each that it was made of."""
    first = new.positions[0]
    lent = {position: cut for position, cut in new.cuts.items() if position < first}
    for position in new.positions:
        cuts = {position: new.cuts.get(position, Cut())}
        layer = NewLayer((position,), (), cuts)
        if position == first:
            layer = NewLayer((position,), new.first, {**lent, **cuts})
        if not layer.is_empty:
            yield layer
