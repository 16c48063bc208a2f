"""What is picked from one tree and laid over another is what really merged layers give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from filetree.merged import tree_of
from independent.applier import apply_layers
from independent.names import CorruptError
from independent.random_stacks import RandomStack, random_stack, seeded_stack
from layers.scanned import scan
from lightship.errors import LightshipError
from lightship.filetree.merging import merge
from lightship.filetree.picked import pick
from lightship.model.entry import Kind
from lightship.testing import Device, Dir, Fifo, File, Link, Symlink, layer_tar

if TYPE_CHECKING:
    from random import Random

    from lightship.filetree.tree import FileTree
    from lightship.layers.index import LayerIndex
    from lightship.testing.entries import Entry

_CONTENTS = [b"", b"x", b"x" * 1000, b"y", b"y" * 3000, b"z" * 513]
_BY_HASH = {xxhash.xxh3_128_digest(content): content for content in _CONTENTS}
Shown = dict[bytes, tuple[str, bytes, bytes, int, int, bytes]]


def shown(tree: FileTree) -> Shown:
    """What the independent applier tells of each name."""
    names: dict[int, list[bytes]] = {}
    for entry in tree.walk():
        names.setdefault(entry.inode, []).append(entry.path)
    return {
        entry.path: (
            entry.kind.name.lower(),
            entry.content_hash,
            entry.link_target,
            entry.uid,
            entry.mode,
            entry.path if entry.kind is Kind.DIRECTORY else min(names[entry.inode]),
        )
        for entry in tree.walk()
    }


def really_merged(tars: list[bytes]) -> Shown:
    return {
        path: (
            node.kind,
            xxhash.xxh3_128_digest(node.content) if node.kind == "regular" else b"",
            node.link_target,
            node.uid,
            node.mode,
            node.leader,
        )
        for path, node in apply_layers(tars).tree.items()
        if path
    }


def written(index: LayerIndex) -> bytes:
    """The tar that an index without one stands for."""
    columns, rare = index.columns, index.rarities
    records: list[tuple[bytes, Entry]] = []
    for entry in range(len(index)):
        kind = Kind(columns.kinds[entry])
        uid, mode = columns.uids[entry], columns.modes[entry]
        target = rare.links.get(entry, b"")
        made: Entry
        if kind is Kind.REGULAR:
            made = File(content=_BY_HASH[index.content_hash(entry)], uid=uid, mode=mode)
        elif kind is Kind.HARD_LINK:
            made = Link(target)
        elif kind is Kind.SYMLINK:
            made = Symlink(target, uid=uid, mode=mode)
        elif kind is Kind.DIRECTORY:
            made = Dir(uid=uid, mode=mode)
        elif kind is Kind.FIFO:
            made = Fifo(uid=uid, mode=mode)
        else:
            numbers = rare.devices[entry]
            made = Device(
                major=numbers[0],
                minor=numbers[1],
                block=kind is Kind.BLOCK_DEVICE,
                uid=uid,
                mode=mode,
            )
        records.append((index.path(entry), made))
    return layer_tar(records)


def check(below: RandomStack, above: RandomStack, chance: Random | None = None) -> bool:
    """Whether the stacks made trees at all."""
    try:
        base = merge([scan(tar) for tar in below.tars()])
        own = merge([scan(tar) for tar in above.tars()])
    except LightshipError:
        return False
    leave = set()
    if chance is not None:
        leave = {entry.path for entry in own.walk() if chance.random() < 0.3}
    picked = pick(own, lambda place, name, _: place + b"/" * bool(place) + name not in leave, base)
    try:
        ours = merge([*base.indexes, picked.index])
    except LightshipError:
        with pytest.raises(CorruptError):
            really_merged([*below.tars(), written(picked.index)])
        return False
    assert shown(ours) == really_merged([*below.tars(), written(picked.index)])
    for number, origin in enumerate(picked.origins):
        _, index, entry = own.locate(origin)
        if picked.index.columns.kinds[number] == Kind.REGULAR:
            assert picked.index.content_hash(number) == index.content_hash(entry)
    return True


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False))
def test_what_is_picked_lies_over_a_base_as_a_real_layer_would(random: Random) -> None:
    check(random_stack(random), random_stack(random), random)


def test_seeded_stacks_agree_as_well() -> None:
    assert sum(check(seeded_stack(seed), seeded_stack(seed + 10_000)) for seed in range(150)) > 50


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False))
def test_everything_picked_is_the_tree_but_for_empty_directories(random: Random) -> None:
    try:
        own = merge([scan(tar) for tar in random_stack(random).tars()])
    except LightshipError:
        return
    picked = pick(own, lambda *_: True, merge([]))
    again = shown(merge([picked.index]))
    names = {path: one for path, one in shown(own).items() if one[0] != "directory"}
    assert {path: one for path, one in again.items() if one[0] != "directory"} == names
    parents = {path.rpartition(b"/")[0] for path in again} - {b""}
    assert {path for path, one in again.items() if one[0] == "directory"} == parents


def test_a_link_to_a_directory_of_the_base_stays_and_is_gone_through() -> None:
    base = tree_of({"usr/lib/a": b"1", "lib": Symlink("usr/lib")})
    own = tree_of({"lib/b": b"2", "lib/deep/c": b"3"})
    tree = merge([*base.indexes, pick(own, lambda *_: True, base).index])
    assert [entry.path for entry in tree.walk() if entry.kind is not Kind.DIRECTORY] == [
        b"lib",
        b"usr/lib/a",
        b"usr/lib/b",
        b"usr/lib/deep/c",
    ]
