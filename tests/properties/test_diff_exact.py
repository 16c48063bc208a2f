"""The diff of two trees is exact, on random stacks of layers with and without layers in common."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filetree.trees_compared import Facts, Plain, applied, differing, plain, trees_of
from independent.applier import apply_layers
from independent.names import CorruptError
from independent.random_stacks import random_stack, seeded_stack
from lightship.errors import CorruptInputError
from lightship.filetree.diffing import Change, How, diff
from properties.ours import fingerprinted

if TYPE_CHECKING:
    from random import Random

    from lightship.filetree.tree import FileTree

_MIRRORED = {How.ADDED: How.REMOVED, How.REMOVED: How.ADDED}


def pair(random: Random) -> tuple[FileTree, FileTree] | None:
    """Two trees that share some of their first layers, perhaps a later one, or none."""
    one, other = random_stack(random).tars(), random_stack(random).tars()
    shared = one[: random.randint(0, len(one))]
    late = [random.choice(one)] if random.random() < 0.3 else []
    try:
        return trees_of(one, [*shared, *other[: random.randint(0, 3)], *late])
    except CorruptInputError:
        return None


def mirrored(change: Change) -> Change:
    how = _MIRRORED.get(change.how, change.how)
    return Change(
        change.path,
        how,
        change.facts,
        change.new,
        change.old,
        change.new_link,
        change.old_link,
    )


def check(a: FileTree, b: FileTree) -> None:
    before, after = plain(a), plain(b)
    changes = list(diff(a, b))
    assert {change.path: set(change.facts) for change in changes} == differing(before, after)
    assert applied(before, changes) == after
    assert [mirrored(change) for change in changes] == list(diff(b, a))
    paths = [change.path for change in changes]
    assert paths == sorted(paths, key=lambda path: path.split(b"/") if path else [])
    grown = sum(change.new_bytes - change.old_bytes for change in changes)
    assert grown == visible_bytes(b) - visible_bytes(a)
    for change in changes:
        assert (change.old is None) == (change.how is How.ADDED)
        assert (change.new is None) == (change.how is How.REMOVED)
        content = {"kind", "content", "link_target", "device"} & set(change.facts)
        assert bool(content) == (change.how is How.CHANGED)
    timeless = [change.path for change in changes if not change.only_touched]
    assert [change.path for change in diff(a, b, mtimes=False)] == timeless


def applied_plainly(tars: list[bytes]) -> Plain:
    """A tree as the independent applier makes it."""
    tree = fingerprinted(apply_layers(tars)).tree
    groups: dict[bytes, set[bytes]] = defaultdict(set)
    names = {}
    for path, node in tree.items():
        names[path] = Facts(
            kind=node.kind.upper(),
            content=(0, node.content),
            link_target=node.link_target,
            device=node.device,
            mode=node.mode,
            uid=node.uid,
            gid=node.gid,
            mtime_ns=node.mtime_ns,
            xattrs=node.xattrs,
        )
        if node.kind != "directory":
            groups[node.leader].add(path)
    return Plain(names, frozenset(frozenset(one) for one in groups.values() if len(one) > 1))


@pytest.mark.parametrize("start", range(0, 200, 100))
def test_the_independent_applier_sees_the_same_differences(start: int) -> None:
    compared = 0
    for seed in range(start, start + 100):
        one, other = seeded_stack(seed).tars(), seeded_stack(seed + 20_000).tars()
        both = [one, one[: seed % 3] + other[:2]]
        try:
            a, b = trees_of(*both)
            before, after = map(applied_plainly, both)
        except (CorruptInputError, CorruptError):
            continue
        found = {change.path: set(change.facts) for change in diff(a, b)}
        assert found == differing(before, after), seed
        compared += 1
    assert compared > 50


def visible_bytes(tree: FileTree) -> int:
    inodes = {entry.inode: entry.content_bytes for entry in tree.walk() if entry.content_bytes}
    return sum(inodes.values())


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_random_pairs(random: Random) -> None:
    trees = pair(random)
    if trees is not None:
        check(*trees)


@pytest.mark.parametrize("start", range(0, 300, 100))
def test_seeded_neighbours(start: int) -> None:
    for seed in range(start, start + 100):
        one, other = seeded_stack(seed).tars(), seeded_stack(seed + 10_000).tars()
        try:
            a, b = trees_of(one, one + other[:1])
        except CorruptInputError:
            continue
        check(a, b)
        assert list(diff(a, a)) == []


@pytest.mark.slow
@settings(max_examples=1_500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_many_random_pairs(random: Random) -> None:
    trees = pair(random)
    if trees is not None:
        check(*trees)
