"""The questions of the analysis, asked of layers that are described in a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from filetree.merged import tree_of
from lightship.analysis.dead import dead_groups, dead_records, largest_dead, largest_places
from lightship.analysis.duplicates import Duplicates, find_duplicates
from lightship.analysis.largest import largest_visible
from lightship.analysis.moves import MovedTree, find_moves
from lightship.analysis.wins import biggest_wins

if TYPE_CHECKING:
    from lightship.model.results.inspect import Win
    from lightship.testing import Layer

MANY = 1000


class Group(NamedTuple):
    """Dead bytes of one layer that another took in one way."""

    born: int
    killed_by: int
    death: str
    content_bytes: int
    files: int


def groups(*layers: Layer | bytes) -> list[Group]:
    tree = tree_of(*layers)
    return [
        Group(one.born, one.killed_by, one.death.name.lower(), one.content_bytes, one.files)
        for one in dead_groups(tree, dead_records(tree))
    ]


def places(*layers: Layer | bytes, count: int = MANY) -> list[tuple[str, int, int]]:
    """Path, bytes and files of the directories in which dead bytes gather."""
    tree = tree_of(*layers)
    found = largest_places(dead_groups(tree, dead_records(tree)), count)
    return [(place.path.decode(), place.content_bytes, place.files) for place in found]


def dead_files(*layers: Layer | bytes, count: int = MANY) -> list[tuple[str, int]]:
    tree = tree_of(*layers)
    found = largest_dead(dead_records(tree), count)
    return [(tree.path(one.record).decode(), one.content_bytes) for one in found]


def moves(*layers: Layer | bytes) -> list[MovedTree]:
    tree = tree_of(*layers)
    return find_moves(tree, dead_records(tree))


def duplicates(*layers: Layer | bytes, count: int = MANY) -> Duplicates:
    return find_duplicates(tree_of(*layers), count)


def duplicate_paths(*layers: Layer | bytes, count: int = MANY) -> list[tuple[int, set[str]]]:
    """Wasted bytes and paths of each class, in order."""
    tree = tree_of(*layers)
    return [
        (one.wasted_bytes, {tree.path(record).decode() for record in one.records})
        for one in find_duplicates(tree, count).largest
    ]


def largest(*layers: Layer | bytes, count: int = MANY) -> list[tuple[str, int]]:
    tree = tree_of(*layers)
    found = largest_visible(tree, count)
    return [(tree.path(record).decode(), content_bytes) for record, content_bytes in found]


def wins(*layers: Layer | bytes) -> tuple[Win, ...]:
    tree = tree_of(*layers)
    dead = dead_records(tree)
    copies = find_duplicates(tree, MANY)
    return biggest_wins(
        dead_groups(tree, dead),
        find_moves(tree, dead),
        copies,
        [tree.path(one.records[0]).decode() for one in copies.largest],
    )
