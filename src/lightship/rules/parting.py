"""A claim parted by suppressions: what is suppressed, by which, and what is left of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lightship.filetree.patterns import Matcher
from lightship.filetree.tree import Directory
from lightship.rules.evidence import path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lightship.filetree.patterns import State
    from lightship.filetree.tree import Child, FileTree
    from lightship.model.finding import Evidence
    from lightship.rules.rule import Claim
    from lightship.rules.suppressing import Ignore

Parted = tuple["Claim", "Ignore | None"]
_Open = tuple[bytes, Directory, "State"]


def part(claim: Claim, ignores: Iterable[Ignore], tree: FileTree) -> list[Parted]:
    """The claim in pieces, each with the suppression that holds for it; None for what is shown.

    A directory of which a suppression names only something below goes to pieces too. Figures that
    a claim gives itself are parted by its evidence's bytes.
    """
    parted: list[Parted] = []
    left: Claim | None = claim
    for ignore in ignores:
        if left is None:
            break
        if not ignore.patterns:
            parted.append((left, ignore))
            return parted
        taken, left = _split(left, Matcher(ignore.patterns), tree)
        if taken is not None:
            parted.append((taken, ignore))
    return [*parted, (left, None)] if left is not None else parted


def _split(claim: Claim, matcher: Matcher, tree: FileTree) -> tuple[Claim | None, Claim | None]:
    """What the patterns match of a claim, and the rest; None for none."""
    taken, kept = _parted_paths(claim.paths, matcher, tree)
    matched, other = _parted_evidence(claim.evidence, matcher)
    if claim.paths:
        is_taken, is_kept = bool(taken), bool(kept)
    else:
        is_taken, is_kept = bool(matched), bool(other) or not matched
    if not is_taken:
        return None, claim
    if not is_kept:
        return claim, None
    part_of = _Shares(claim, matched)
    return (
        msgspec.structs.replace(claim, paths=taken, evidence=matched, **part_of.taken()),
        msgspec.structs.replace(claim, paths=kept, evidence=other, **part_of.left()),
    )


class _Shares:
    """The figures that a claim gives itself, parted as its evidence is."""

    def __init__(self, claim: Claim, matched: Sequence[Evidence]) -> None:
        self._claim = claim
        self._bytes = min(sum(one.bytes for one in matched), claim.removable_bytes)
        self._share = self._bytes / claim.removable_bytes if claim.removable_bytes else 0.0
        each_a_file = claim.files == len(claim.evidence)
        self._files = len(matched) if each_a_file else round(claim.files * self._share)
        self._wire = round(claim.wire_bytes * self._share)

    def taken(self) -> dict[str, int]:
        """Of what is matched."""
        return {"removable_bytes": self._bytes, "wire_bytes": self._wire, "files": self._files}

    def left(self) -> dict[str, int]:
        """Of the rest."""
        claim = self._claim
        return {
            "removable_bytes": claim.removable_bytes - self._bytes,
            "wire_bytes": claim.wire_bytes - self._wire,
            "files": claim.files - self._files,
        }


def _parted_evidence(
    evidence: Sequence[Evidence], matcher: Matcher
) -> tuple[list[Evidence], list[Evidence]]:
    taken: list[Evidence] = []
    kept: list[Evidence] = []
    for one in evidence:
        path = path_of(one)
        is_matched = path is not None and matcher.match(path) is not None
        (taken if is_matched else kept).append(one)
    return taken, kept


def _parted_paths(
    paths: Iterable[bytes], matcher: Matcher, tree: FileTree
) -> tuple[list[bytes], list[bytes]]:
    taken: list[bytes] = []
    kept: list[bytes] = []
    for path in paths:
        if matcher.match(path) is not None:
            taken.append(path)
            continue
        child, state = _reach(path, matcher, tree)
        if isinstance(child, Directory) and state:
            _parted_directory((path, child, state), matcher, taken, kept)
        else:
            kept.append(path)
    return taken, kept


def _reach(path: bytes, matcher: Matcher, tree: FileTree) -> tuple[Child | None, State]:
    """What is at a path that does not match, and the matcher's state there."""
    child: Child | None = tree.root
    state = matcher.start
    for name in path.split(b"/") if path else ():
        child = child.children.get(name) if isinstance(child, Directory) else None
        state, _ = matcher.step(state, name)
    return child, state


def _parted_directory(
    start: _Open, matcher: Matcher, taken: list[bytes], kept: list[bytes]
) -> None:
    """Put what matches in `taken` and the rest, in as few pieces as can be, in `kept`."""
    matched: dict[int, set[bytes]] = {}
    broken: set[int] = set()
    stack = [start]
    while stack:
        path, directory, state = stack.pop()
        for name, child in directory.children.items():
            after, number = matcher.step(state, name)
            below = path + b"/" + name if path else name
            if number is not None:
                taken.append(below)
                matched.setdefault(id(directory), set()).add(name)
                _break(directory, start[1], broken)
            elif isinstance(child, Directory) and after:
                stack.append((below, child, after))
    if not broken:
        kept.append(start[0])
        return
    whole: list[tuple[bytes, Directory]] = [(start[0], start[1])]
    while whole:
        path, directory = whole.pop()
        for name, child in sorted(directory.children.items()):
            below = path + b"/" + name if path else name
            if isinstance(child, Directory) and id(child) in broken:
                whole.append((below, child))
            elif name not in matched.get(id(directory), ()):
                kept.append(below)


def _break(directory: Directory, top: Directory, broken: set[int]) -> None:
    """Mark a directory, and those above it up to `top`, as not to be kept whole."""
    at: Directory | None = directory
    while at is not None and id(at) not in broken:
        broken.add(id(at))
        at = at.parent if at is not top else None
