"""Random stacks of layers: whatever goes, what is left is what was there."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from independent.random_stacks import random_stack, seeded_stack
from lightship.filetree.merging import merge
from lightship.rewrite.going import at
from rewrite.cleaned import checked, clean, without
from rewrite.in_memory import Stack, tree_of, with_targets

if TYPE_CHECKING:
    from independent.applier import Node

pytestmark = pytest.mark.slow

BULK = 20_000
_SETTINGS = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def _drawn(random: Random) -> tuple[list[bytes], dict[bytes, Node]]:
    tars = with_targets(random_stack(random))
    assume(tars)
    tars = tars or []
    tree = tree_of(tars)
    assume(len(tree) > 1)
    return tars, tree


@_SETTINGS
@given(st.randoms(use_true_random=False), st.data())
def test_names_that_are_to_go_go_and_no_others(random: Random, data: st.DataObject) -> None:
    tars, tree = _drawn(random)
    paths = data.draw(st.sets(st.sampled_from(sorted(tree)[1:]), min_size=1, max_size=4))
    keep = data.draw(st.integers(0, len(tars) - 1))
    done = checked(tars, paths, keep)
    allowed = {
        name for name in tree if any(name == top or name.startswith(top + b"/") for top in paths)
    }
    assert done.names <= allowed
    if not keep:
        left = allowed - done.names
        assert all(
            b".wh." in name or any(b".wh." in n for n in _below(allowed, name)) for name in left
        )


def _below(names: set[bytes], top: bytes) -> list[bytes]:
    return [name for name in names if name.startswith(top + b"/")]


def _seeded(seed: int) -> str:
    random = Random(seed)  # noqa: S311 - no secret depends on it
    tars = with_targets(seeded_stack(seed))
    if not tars:
        return "corrupt"
    names = sorted(tree_of(tars))[1:]
    paths = set(random.sample(names, min(len(names), random.randint(1, 4))))
    done = checked(tars, paths, random.randint(0, len(tars) - 1))
    if not done.names:
        return "nothing goes"
    return "remade" if done.removal.remade else "each by itself"


def test_seeded_stacks_lose_what_is_to_go_and_both_ways_are_gone() -> None:
    seen = Counter(_seeded(seed) for seed in range(250))
    assert seen["each by itself"] > 100
    assert seen["remade"] >= 3


@pytest.mark.acceptance
def test_thousands_of_seeded_stacks_lose_what_is_to_go() -> None:
    failed = []
    for seed in range(3_000_000, 3_000_000 + BULK):
        try:
            _seeded(seed)
        except AssertionError as difference:
            failed.append(f"seed {seed}: {difference}")
    assert not failed, "\n\n".join((f"{len(failed)} of {BULK} differ", *failed[:5]))


@_SETTINGS
@given(st.randoms(use_true_random=False))
def test_layers_without_anything_that_goes_stay(random: Random) -> None:
    tars, _ = _drawn(random)
    done = clean(tars, ())
    assert done.tars == tars
    assert done.kept == list(range(1, len(tars) + 1))


@_SETTINGS
@given(st.randoms(use_true_random=False), st.data())
def test_what_is_cleaned_twice_is_cleaned(random: Random, data: st.DataObject) -> None:
    tars, tree = _drawn(random)
    paths = data.draw(st.sets(st.sampled_from(sorted(tree)[1:]), min_size=1, max_size=4))
    done = clean(tars, paths)
    again = clean(done.tars, paths - tree_of(done.tars).keys())
    assert again.tars == done.tars
    assert clean(tars, paths).tars == done.tars


@_SETTINGS
@given(st.randoms(use_true_random=False), st.integers(0, 3), st.data())
def test_equal_files_of_a_layer_are_one_and_nothing_else_differs(
    random: Random, keep: int, data: st.DataObject
) -> None:
    tars, tree = _drawn(random)
    assume(keep < len(tars))
    paths = data.draw(st.sets(st.sampled_from(sorted(tree)[1:]), max_size=2))
    done = clean(tars, (), keep, dedupe=True)
    assert not done.names
    linked = done.removal.changes.linked
    new = tree_of(done.tars)
    old = dict(tree)
    for path, link in linked.items():
        assert new[path].leader == new[link.to].leader
        assert tree[path].leader == path
        assert replace(tree[path], leader=b"") == replace(tree[link.to], leader=b"")
        old[path] = replace(old[path], leader=old[link.to].leader)
    assert without(new, ()) == without(old, ())
    checked(done.tars, paths - {b""}, keep)


@_SETTINGS
@given(st.randoms(use_true_random=False), st.binary(max_size=2000), st.data())
def test_a_file_gets_the_content_that_it_is_to_have(
    random: Random, content: bytes, data: st.DataObject
) -> None:
    tars, tree = _drawn(random)
    merged = merge(Stack(tars).indexes)
    linked = {*merged.inode_of, *merged.inode_of.values()}
    files = [
        path for path, node in sorted(tree.items())
        if node.kind == "regular" and at(merged, path) not in linked
    ]  # fmt: skip
    assume(files)
    path = data.draw(st.sampled_from(files))
    others = data.draw(st.sets(st.sampled_from(sorted(tree)[1:]), max_size=2))
    others = {one for one in others if one != path and not path.startswith(one + b"/")}
    done = clean(tars, others, contents={path: content})
    wanted = without(tree, done.names)
    wanted[path] = replace(wanted[path], content=content)
    assert tree_of(done.tars) == wanted
