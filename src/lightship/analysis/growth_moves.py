"""Moves between two images: what one has at one path and the other at another, byte for byte."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.moves import moved_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lightship.analysis.growth_names import LoneNames


class Moved(Struct, frozen=True):
    """A file, or a directory with what moved along; `pairs` are numbers of removed and added."""

    source: bytes
    target: bytes
    pairs: tuple[tuple[int, int], ...]
    content_bytes: int
    files: int


def find_moved(removed: LoneNames, added: LoneNames) -> list[Moved]:
    """Pair what went with what came, most bytes first.

    Equal content is paired where the base name is the same too, the pairs with most of their paths
    in common first; and whatever the names where a content went once and came once. Other names
    (directories, links, empty files) count as moved where the directory around them was.
    """
    pairs = dict(_equal_contents(removed, added))
    roots: dict[tuple[bytes, bytes], list[tuple[int, int]]] = defaultdict(list)
    for old, new in pairs.items():
        roots[moved_root(removed.paths[old], added.paths[new])].append((old, new))
    for key, along in _taken_along(removed, added, pairs, roots).items():
        roots[key] += along
    moves = []
    for (source, target), together in roots.items():
        if len(together) == 1:
            ((old, new),) = together
            source, target = removed.paths[old], added.paths[new]  # noqa: PLW2901 # the file
        moves.append(
            Moved(
                source,
                target,
                tuple(sorted(together)),
                sum(added.content_bytes[new] for _, new in together),
                sum(removed.files[old] for old, _ in together),
            )
        )
    return sorted(moves, key=lambda move: (-move.content_bytes, move.source))


def _equal_contents(removed: LoneNames, added: LoneNames) -> Iterator[tuple[int, int]]:
    wanted = set(filter(None, removed.contents)) & set(filter(None, added.contents))
    olds, news = _by_content(removed, wanted), _by_content(added, wanted)
    for content, gone in olds.items():
        came = news[content]
        if len(gone) == len(came) == 1:
            yield gone[0], came[0]
            continue
        yield from _namesakes(removed.paths, gone, added.paths, came)


def _by_content(names: LoneNames, wanted: set[bytes]) -> dict[bytes, list[int]]:
    found: dict[bytes, list[int]] = defaultdict(list)
    for number, content in enumerate(names.contents):
        if content in wanted:
            found[content].append(number)
    return found


def _namesakes(
    old_paths: Sequence[bytes], gone: list[int], new_paths: Sequence[bytes], came: list[int]
) -> Iterator[tuple[int, int]]:
    """Pair names that end alike, the longest common end first."""
    olds = {number: old_paths[number].split(b"/") for number in gone}
    news = {number: new_paths[number].split(b"/") for number in came}
    deepest = min(max(map(len, olds.values())), max(map(len, news.values())))
    for length in range(deepest, 0, -1):
        waiting: dict[tuple[bytes, ...], list[int]] = defaultdict(list)
        for number in sorted(olds, reverse=True):
            waiting[tuple(olds[number][-length:])].append(number)
        for number in sorted(news):
            same_end = waiting.get(tuple(news[number][-length:]))
            if same_end:
                old = same_end.pop()
                del olds[old], news[number]
                yield old, number
        if not olds or not news:
            return


def _taken_along(
    removed: LoneNames,
    added: LoneNames,
    pairs: Mapping[int, int],
    roots: Mapping[tuple[bytes, bytes], Sequence[tuple[int, int]]],
) -> dict[tuple[bytes, bytes], list[tuple[int, int]]]:
    """Names that went and came where a directory moved, and are of one nature."""
    targets: dict[bytes, bytes] = {}
    for source, target in sorted(roots, key=lambda key: -len(roots[key])):
        targets.setdefault(source, target)
    if not targets:
        return {}
    taken = set(pairs.values())
    numbers = {path: number for number, path in enumerate(added.paths) if number not in taken}
    along: dict[tuple[bytes, bytes], list[tuple[int, int]]] = defaultdict(list)
    for old, path in enumerate(removed.paths):
        if old in pairs:
            continue
        source = path
        while source not in targets and source:
            source = source.rpartition(b"/")[0]
        if not source:
            continue
        target = targets[source]
        new = numbers.get(target + path[len(source) :])
        if new is not None and removed.natures[old] == added.natures[new]:
            along[source, target].append((old, new))
    return along
