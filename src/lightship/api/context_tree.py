"""The tree of a context, with what is small folded together."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct

from lightship.context.walking import Kind
from lightship.model.results.context import Amount, ContextNode
from lightship.printable import base64_of, decode_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightship.context.survey import Place, Survey

Uses = tuple[int, ...]


class Fold(Struct, frozen=True):
    """How much of a tree is shown.

    Attributes:
        enough: a context of so many files is shown whole.
        part: in a larger one a node with less than this part of what is sent, used and ignored is
            folded into one with its like.
        depth: of directories; None for all.
    """

    enough: int = 500
    part: int = 1000
    depth: int | None = None


PICTURE = Fold(enough=8_000, part=2000)
"""What a page holds and opens at once."""


class TreeFacts(NamedTuple):
    """What a tree says besides sizes.

    Attributes:
        uses_of: lines of the instructions that take a file, by its path.
        uses_in: those that take something of a directory itself, not of those in it.
        only_used: whether the builder is sent only what is used.
    """

    uses_of: Callable[[str], Uses]
    uses_in: Callable[[str], Uses]
    only_used: bool


class _Sums:
    """What there is of something: files and bytes, three times."""

    __slots__ = ("ignored", "ignored_files", "sent", "sent_files", "used", "used_files")

    def __init__(self) -> None:
        self.sent_files = self.sent = self.used_files = self.used = 0
        self.ignored_files = self.ignored = 0

    def add(self, other: _Sums) -> None:
        self.sent_files += other.sent_files
        self.sent += other.sent
        self.used_files += other.used_files
        self.used += other.used
        self.ignored_files += other.ignored_files
        self.ignored += other.ignored

    def reaches(self, least: _Sums) -> bool:
        """Whether it is worth a node of its own."""
        return (
            (self.sent_files > 0 and self.sent >= least.sent)
            or (self.used_files > 0 and self.used >= least.used)
            or (self.ignored_files > 0 and self.ignored >= least.ignored)
        )

    @property
    def files(self) -> int:
        return self.sent_files + self.ignored_files


class _Leaf(NamedTuple):
    """A file, or a directory that is ignored as a whole."""

    name: str
    kind: Literal["file", "directory"]
    sums: _Sums
    line: int | None


class _Folder:
    """A directory that was walked."""

    __slots__ = ("folders", "leaves", "path", "rest", "rest_uses", "sums", "uses")

    def __init__(self, path: str) -> None:
        self.path = path
        self.sums = _Sums()
        self.uses: frozenset[int] = frozenset()
        self.leaves: list[_Leaf] = []
        self.folders: list[_Folder] = []
        self.rest = _Sums()
        self.rest_uses: frozenset[int] = frozenset()


def context_tree(survey: Survey, facts: TreeFacts, fold: Fold) -> tuple[ContextNode, ...]:
    """The directories and files of a context, depth first, in each the largest first.

    What is sent comes before what stays behind, and that before what is ignored.
    """
    least = _least(survey, fold)
    folders = {"": _Folder("")}
    for place in survey.places:
        _fill(_folder(folders, place.path), place, least, facts)
    for folder in reversed(folders.values()):
        _sum_up(folder, least)
    return tuple(_nodes(folders[""], facts, fold.depth))


def _least(survey: Survey, fold: Fold) -> _Sums:
    least = _Sums()
    if sum(len(place.names) + len(place.left_out) for place in survey.places) > fold.enough:
        least.sent = survey.sent.content_bytes // fold.part + 1
        least.used = survey.used.content_bytes // fold.part + 1
        least.ignored = survey.ignored.content_bytes // fold.part + 1
    return least


def _folder(folders: dict[str, _Folder], path: str) -> _Folder:
    """The directory at a path, made with those above it where it is new."""
    missing = []
    while (found := folders.get(path)) is None:
        missing.append(path)
        path = posixpath.dirname(path)
    for one in reversed(missing):
        above, found = found, _Folder(one)
        above.folders.append(found)
        folders[one] = found
    return found


def _fill(folder: _Folder, place: Place, least: _Sums, facts: TreeFacts) -> None:
    folder.uses = frozenset(facts.uses_in(place.path))
    for name, size, used in zip(place.names, place.sizes, place.used, strict=True):
        sums = _Sums()
        sums.sent_files, sums.sent = 1, size
        if used:
            sums.used_files, sums.used = 1, size
        _put(folder, _Leaf(name, "file", sums, None), least)
    for one in place.left_out:
        sums = _Sums()
        sums.ignored_files, sums.ignored = one.totals.files, one.totals.content_bytes
        kind: Literal["file", "directory"] = "directory" if one.kind is Kind.DIRECTORY else "file"
        if one.kind in (Kind.FILE, Kind.DIRECTORY):
            _put(folder, _Leaf(one.name, kind, sums, one.pattern.line), least)


def _put(folder: _Folder, leaf: _Leaf, least: _Sums) -> None:
    folder.sums.add(leaf.sums)
    if leaf.sums.reaches(least) or (leaf.kind == "directory" and not least.sent):
        folder.leaves.append(leaf)
    else:
        folder.rest.add(leaf.sums)
        folder.rest_uses = folder.uses


def _sum_up(folder: _Folder, least: _Sums) -> None:
    """Add what is in a directory's own directories, and fold those that are small."""
    kept = []
    for inner in folder.folders:
        folder.sums.add(inner.sums)
        folder.uses |= inner.uses
        if inner.sums.reaches(least) or inner.leaves:
            kept.append(inner)
        else:
            folder.rest.add(inner.sums)
            folder.rest_uses |= inner.uses
    folder.folders = kept


def _nodes(root: _Folder, facts: TreeFacts, deepest: int | None) -> Iterator[ContextNode]:
    stack: list[tuple[_Folder | _Leaf | _Sums, _Folder, int]] = [(root, root, 0)]
    while stack:
        one, above, depth = stack.pop()
        if isinstance(one, _Folder):
            yield _node(one.path, "directory", depth, one.sums, uses=tuple(sorted(one.uses)))
            if deepest is None or depth < deepest:
                stack += [(inner, one, depth + 1) for inner in reversed(_inside(one, facts))]
        elif isinstance(one, _Sums):
            yield _node(above.path, "rest", depth, one, uses=tuple(sorted(above.rest_uses)))
        else:
            path = f"{above.path}/{one.name}" if above.path else one.name
            uses = facts.uses_of(path) if one.sums.used_files else ()
            yield _node(path, one.kind, depth, one.sums, uses=uses, line=one.line)


def _inside(folder: _Folder, facts: TreeFacts) -> list[_Folder | _Leaf | _Sums]:
    """What a directory shows, the largest first, and what is folded at the end."""

    def standing(one: _Folder | _Leaf) -> tuple[int, int, int, str]:
        sums = one.sums
        first = sums.used if facts.only_used else sums.sent
        name = one.name if isinstance(one, _Leaf) else posixpath.basename(one.path)
        return -first, -sums.sent, -sums.ignored, name

    shown: list[_Folder | _Leaf] = sorted([*folder.leaves, *folder.folders], key=standing)
    return [*shown, folder.rest] if folder.rest.files else [*shown]


def _node(
    path: str,
    kind: Literal["file", "directory", "rest"],
    depth: int,
    sums: _Sums,
    *,
    uses: Uses,
    line: int | None = None,
) -> ContextNode:
    raw = path.encode("utf-8", "surrogateescape")
    return ContextNode(
        path=decode_path(raw),
        path_base64=base64_of(raw),
        kind=kind,
        depth=depth,
        sent=Amount(sums.sent_files, sums.sent),
        used=Amount(sums.used_files, sums.used),
        ignored=Amount(sums.ignored_files, sums.ignored),
        line=line,
        uses=uses,
    )
