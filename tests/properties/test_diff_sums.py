"""What `diff` shares out adds up, on random stacks: by directory, by instruction, by name."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from independent.random_stacks import RandomStack, random_stack
from lightship.analysis.growth_instructions import Step, align
from lightship.api.diffing import diff
from lightship.errors import CorruptInputError
from lightship.testing import build_image

if TYPE_CHECKING:
    from random import Random

    from lightship.model.results.diff import DiffResult

steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(["1", "2", "3", "4", "5"]),
        st.sampled_from([None, "", "RUN a b c", "RUN a b d", "COPY x", "/bin/sh -c x"]),
    ),
    max_size=9,
)


@given(steps, steps)
def test_each_layer_is_in_one_row_and_rows_do_not_cross(a: list[Step], b: list[Step]) -> None:
    rows = align(a, b)
    assert [at for at, _ in rows if at is not None] == list(range(len(a)))
    assert [at for _, at in rows if at is not None] == list(range(len(b)))
    assert (None, None) not in rows


@given(steps)
def test_the_same_layers_are_paired_one_to_one(a: list[Step]) -> None:
    assert align(a, a) == [(at, at) for at in range(len(a))]


@given(steps, steps)
def test_no_other_pairing_keeps_more_equal_layers(a: list[Step], b: list[Step]) -> None:
    """The longest common subsequence of the diff IDs, counted in the plainest way."""
    longest = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, one in enumerate(a, 1):
        for j, other in enumerate(b, 1):
            longest[i][j] = (
                longest[i - 1][j - 1] + 1
                if one.diff_id == other.diff_id
                else max(longest[i - 1][j], longest[i][j - 1])
            )
    same = sum(
        one is not None and other is not None and a[one].diff_id == b[other].diff_id
        for one, other in align(a, b)
    )
    assert same == longest[-1][-1]


def compared(random: Random, folder: Path) -> DiffResult | None:
    """Two images of random layers, the second with some of the first one's."""
    first, second = random_stack(random), random_stack(random)
    shared = random.randint(0, len(first.layers))
    mixed = RandomStack(
        [*first.layers[:shared], *second.layers],
        second.form,
        [*first.codecs[:shared], *second.codecs],
        first.tar_format if first.tar_format == "pax" else "pax",
    )
    references = [
        build_image(
            stack.layers,
            directory=folder,
            form=stack.form,
            codec=stack.codecs,
            tar_format=stack.tar_format,
        )
        for stack in (first, mixed)
    ]
    try:
        return diff(*references, cache=None, listed=10_000)
    except CorruptInputError:
        return None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_rows_add_up_to_the_image(random: Random) -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = compared(random, Path(folder))
    if result is not None:
        check(result)


@pytest.mark.slow
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_rows_add_up_to_many_images(random: Random) -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = compared(random, Path(folder))
    if result is not None:
        check(result)


def check(result: DiffResult) -> None:
    a, b, delta, rest = result.a, result.b, result.delta, result.elsewhere
    assert delta.unpacked_bytes == delta.visible_bytes + delta.dead_bytes
    rows = result.directories
    assert sum(row.visible_bytes for row in rows) + rest.visible_bytes == delta.visible_bytes
    assert sum(row.files for row in rows) + rest.files == delta.files
    live = sum(row.wire_bytes for row in rows) + rest.wire_bytes
    assert live + rest.dead_wire_bytes + rest.overhead_wire_bytes == delta.wire_bytes
    steps = result.instructions
    assert sum(row.a_unpacked_bytes for row in steps) == a.unpacked_bytes
    assert sum(row.b_unpacked_bytes for row in steps) == b.unpacked_bytes
    config_a = a.wire_bytes - sum(row.a_wire_bytes for row in steps)
    config_b = b.wire_bytes - sum(row.b_wire_bytes for row in steps)
    assert config_a > 0
    assert config_b > 0
    assert result.pull.config_bytes in (0, config_b)
    in_b_only = [row for row in steps if row.sharing in ("none", "recompressed")]
    pulled = sum(row.b_wire_bytes for row in in_b_only) + result.pull.config_bytes
    assert pulled == result.pull.wire_bytes
    reused = result.shared.blobs_wire_bytes
    assert pulled + reused + (config_b - result.pull.config_bytes) == b.wire_bytes
    assert result.pull.wire_bytes <= result.pull.chain_wire_bytes <= b.wire_bytes
    assert result.pull.unpacked_bytes + result.shared.chain_unpacked_bytes == b.unpacked_bytes
    changes = result.changes
    every = (
        changes.added,
        changes.removed,
        changes.changed,
        changes.metadata,
        changes.touched,
        changes.moved,
    )
    assert sum(names.b_bytes - names.a_bytes for names in every) == delta.visible_bytes
    assert len(result.added) == changes.added.names
    assert len(result.removed) == changes.removed.names
    assert len(result.changed) == changes.changed.names
    assert len(result.metadata) == changes.metadata.names
    assert sum(move.names for move in result.moved) == changes.moved.names
    assert sum(move.content_bytes for move in result.moved) == changes.moved.b_bytes
    listed = [*result.added, *result.removed, *result.changed, *result.metadata]
    paths = [row.path_base64 or row.path for row in listed]
    assert len(set(paths)) == len(paths)
    same = not any(names.names for names in every)
    assert result.same_files == same
