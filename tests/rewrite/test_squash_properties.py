"""Random stacks of layers: a squash at every cut keeps the tree, for every reader."""

from __future__ import annotations

import io
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from independent.random_stacks import RandomStack, random_stack, seeded_stack
from independent.rawtar import END, pax
from lightship.layers.reading import Reading, read_layer
from lightship.rewrite.changes import Changes
from lightship.rewrite.records import stored_end
from rewrite.in_memory import kept, squash, tree_of, with_targets

if TYPE_CHECKING:
    from independent.applier import Node
    from lightship.testing.images import Codec

pytestmark = pytest.mark.slow

BULK = 10_000
TALL = 2_000
_SETTINGS = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def _drawn(random: Random) -> list[bytes]:
    tars = with_targets(random_stack(random))
    assume(tars is not None)
    return tars or []


def _every_cut(tars: list[bytes]) -> None:
    for keep in range(len(tars)):
        kept(tars, keep)


@_SETTINGS
@given(st.randoms(use_true_random=False))
def test_a_squash_at_every_cut_keeps_the_tree(random: Random) -> None:
    tars = _drawn(random)
    _every_cut(tars)


@pytest.mark.parametrize("start", [0, 50])
def test_seeded_stacks_keep_the_tree(start: int) -> None:
    stacks = [with_targets(seeded_stack(seed)) for seed in range(start, start + 50)]
    sound = [tars for tars in stacks if tars]
    assert len(sound) > 35
    for tars in sound:
        _every_cut(tars)


@pytest.mark.acceptance
def test_thousands_of_seeded_stacks_keep_the_tree() -> None:
    failed = []
    for seed in range(2_000_000, 2_000_000 + BULK):
        try:
            _every_cut(with_targets(seeded_stack(seed)) or [])
        except AssertionError as difference:
            failed.append(f"seed {seed}: {difference}")
    assert not failed, "\n\n".join((f"{len(failed)} of {BULK} differ", *failed[:5]))


@_SETTINGS
@given(st.randoms(use_true_random=False))
def test_what_stands_between_records_is_left_out(random: Random) -> None:
    """Global PAX headers anywhere, anything behind the end, or no end at all."""
    plain = _drawn(random)
    _every_cut([_disguised(tar, random) for tar in plain])
    keep = random.randrange(len(plain))
    disguised = [*plain[:keep], *(_disguised(tar, random) for tar in plain[keep:])]
    assert squash(disguised, keep) == squash(plain, keep)


def _disguised(tar: bytes, random: Random) -> bytes:
    scan = read_layer(io.BytesIO(tar), Reading(), pipelined=False)
    starts = [*scan.index.columns.offsets]
    ends = [stored_end(scan.index, entry) for entry in range(len(starts))]
    found = b""
    for start, end in zip(starts, ends, strict=True):
        found += pax({b"comment": b"x" * random.randrange(600)}, b"g") * random.choice([0, 0, 1, 2])
        found += tar[start:end]
    ends_of_tars = [b"" if found else END, END, END + b"junk" * random.randrange(900)]
    return found + random.choice(ends_of_tars)


@pytest.mark.acceptance
def test_tall_stacks_keep_the_tree() -> None:
    corrupt = 0
    for seed in range(TALL):
        random = Random(seed)  # noqa: S311 - no secret depends on it
        layers = [layer for _ in range(5) for layer in random_stack(random).layers][:12]
        codecs: list[Codec] = ["plain"] * len(layers)
        tars = with_targets(RandomStack(layers, "oci", codecs, "pax"))
        corrupt += tars is None
        for keep in random.sample(range(len(layers)), min(3, len(layers))) if tars else ():
            kept(tars or [], keep)
    assert corrupt < TALL * 2 // 3


@_SETTINGS
@given(st.randoms(use_true_random=False), st.data())
def test_a_squash_above_and_then_below_is_the_direct_one(
    random: Random, data: st.DataObject
) -> None:
    tars = _drawn(random)
    assume(len(tars) > 1)
    above = data.draw(st.integers(1, len(tars) - 1))
    below = data.draw(st.integers(0, above - 1))
    assert tree_of(squash(squash(tars, above), below)) == tree_of(squash(tars, below))


@_SETTINGS
@given(st.randoms(use_true_random=False), st.integers(1, 4_000), st.integers(1, 4_000))
def test_the_same_layers_give_the_same_bytes(random: Random, one: int, other: int) -> None:
    """However the old layers come in pieces."""
    tars = _drawn(random)
    keep = len(tars) // 2
    assert squash(tars, keep, chunk=one) == squash(tars, keep, chunk=other)


@_SETTINGS
@given(st.randoms(use_true_random=False), st.data())
def test_names_that_are_to_go_are_gone_and_no_others(random: Random, data: st.DataObject) -> None:
    tars = _drawn(random)
    tree = tree_of(tars)
    chosen = data.draw(st.sets(st.sampled_from(sorted(tree)), max_size=5)) - {b""}
    removed = frozenset(
        path for path in tree if any(path == top or path.startswith(top + b"/") for top in chosen)
    )
    keep = data.draw(st.integers(0, len(tars) - 1))
    left = tree_of(squash(tars, keep, Changes(removed=removed)))
    assert left == _without(tree, removed)


def _without(tree: dict[bytes, Node], removed: frozenset[bytes]) -> dict[bytes, Node]:
    leaders: dict[bytes, bytes] = {}
    return {
        path: replace(node, leader=leaders.setdefault(node.leader, path))
        for path, node in sorted(tree.items())
        if path not in removed
    }


@_SETTINGS
@given(st.randoms(use_true_random=False), st.integers(0, 2**34), st.data())
def test_no_time_in_a_new_layer_is_later_than_the_clamp(
    random: Random, seconds: int, data: st.DataObject
) -> None:
    tars = _drawn(random)
    latest = seconds * 10**9
    keep = data.draw(st.integers(0, len(tars) - 1))
    old, new = tree_of(tars), squash(tars, keep, Changes(latest_ns=latest))
    assert all(node.mtime_ns <= latest for node in tree_of(new[keep:]).values())
    found = tree_of(new)
    assert found.keys() == old.keys()
    for path, node in old.items():
        assert found[path] in (node, replace(node, mtime_ns=min(node.mtime_ns, latest)))
