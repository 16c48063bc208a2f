"""What savings are predicted is what squashing and dropping records take away, on random stacks."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from independent.applier import Stack
from independent.names import CorruptError, clean
from independent.random_stacks import random_stack
from independent.tree import Inode, below
from layers.scanned import ANY
from lightship.analysis.wire_files import wire_use
from lightship.errors import CorruptInputError
from lightship.filetree.merging import merge
from lightship.layers.reading import Reading, read_layer
from lightship.rules.saved_records import SavedRecords
from lightship.testing import File, Link, layer_tar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from independent.random_stacks import Layer

many = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def opened(tars: Sequence[bytes]) -> SavedRecords:
    scans = [read_layer(io.BytesIO(tar), Reading.within(ANY)) for tar in tars]
    tree = merge([scan.index for scan in scans])
    return SavedRecords(tree, wire_use(tree, scans))


def taken(tars: Sequence[bytes]) -> tuple[SavedRecords, Stack]:
    """The records, and the state after all layers as the independent applier has it."""
    stack = Stack()
    try:
        records = opened(tars)
        for tar in tars:
            stack.apply(tar)
    except (CorruptInputError, CorruptError):
        assume(condition=False)
    return records, stack


@pytest.mark.slow
@many
@given(st.randoms(use_true_random=False))
def test_a_merge_saves_what_one_layer_instead_of_several_would_not_hold(random: Random) -> None:
    tars = random_stack(random).tars()
    first = random.randint(1, len(tars))
    last = random.randint(first, len(tars))
    records, _ = taken(tars)
    _, stack = taken(tars[:last])
    merged = range(first, last + 1)
    inodes = {id(node): node for _, node in below((), stack.root) if isinstance(node, Inode)}
    held = sum(len(node.record.content) for node in inodes.values() if node.born in merged)
    doubled = sum(
        len(death.inode.record.content)
        for death in stack.deaths
        if death.inode.born in merged and death.kind == "in_layer_duplicate"
    )
    before = sum(stack.layers[at - 1].unpacked_bytes for at in merged)
    predicted, _ = records.weight(records.rewritten(merged))
    assert predicted == before - doubled - held


def without(layer: Layer, places: Sequence[tuple[bytes, ...]]) -> Layer:
    """The layer without its regular files at these places."""
    return [
        (name, entry)
        for name, entry in layer
        if not isinstance(entry, File)
        or any(part.startswith(b".wh.") for part in name.split(b"/"))
        or not any(clean(name)[: len(place)] == place for place in places)
    ]


@pytest.mark.slow
@many
@given(st.randoms(use_true_random=False))
def test_paths_save_what_the_layers_hold_there(random: Random) -> None:
    layers = random_stack(random).layers
    # What a link still names stays: that has tests of its own.
    plain = [[row for row in layer if not isinstance(row[1], Link)] for layer in layers]
    chosen = sorted(random.sample(range(1, len(plain) + 1), random.randint(1, len(plain))))
    names = [clean(name) for at in chosen for name, _ in plain[at - 1] if b".." not in name]
    names = [one for one in names if one and all(part.isascii() for part in one)]
    assume(names)
    places = [one[: random.randint(1, len(one))] for one in random.choices(names, k=2)]
    records, stack = taken([layer_tar(layer) for layer in plain])
    found = records.at(chosen, [f"/{b'/'.join(place).decode()}" for place in places])
    assert found is not None
    dropped = [
        without(layer, places) if at in chosen else layer for at, layer in enumerate(plain, 1)
    ]
    _, after = taken([layer_tar(layer) for layer in dropped])
    predicted, wire = records.weight(found)
    before = sum(one.unpacked_bytes for one in stack.layers)
    assert predicted == before - sum(one.unpacked_bytes for one in after.layers)
    assert wire >= 0


@pytest.mark.slow
@many
@given(st.randoms(use_true_random=False))
def test_sets_keep_to_what_they_are_asked_about(random: Random) -> None:
    tars = random_stack(random).tars()
    records, stack = taken(tars)
    chosen = frozenset(random.sample(range(1, len(tars) + 1), random.randint(1, len(tars))))
    held = records.held(chosen)
    assert held is not None
    assert records.weight(held)[0] == sum(stack.layers[at - 1].unpacked_bytes for at in chosen)
    assert records.rewritten(chosen) <= held
    copied = records.copied(chosen)
    assert copied is not None
    killed = [
        one for one in stack.deaths if one.kind == "metadata_copy" and one.killed_by in chosen
    ]
    assert records.weight(copied)[0] == sum(len(one.inode.record.content) for one in killed)
    everything, nothing = records.all_but(["/*"]), records.all_but([])
    assert everything is not None
    assert nothing is not None
    inodes = {id(node): node for _, node in below((), stack.root) if isinstance(node, Inode)}
    visible = sum(len(node.record.content) for node in inodes.values())
    unpacked = sum(one.unpacked_bytes for one in stack.layers)
    assert records.weight(everything)[0] == unpacked - visible
    assert records.weight(nothing)[0] == unpacked
