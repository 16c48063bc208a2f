"""Lightship and the independent applier agree on random stacks of layers, in every figure."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from independent.random_stacks import RandomStack, random_stack, seeded_stack
from properties.agreement import disagree

if TYPE_CHECKING:
    from random import Random

BULK = 5_000


def check(stack: RandomStack) -> None:
    with tempfile.TemporaryDirectory() as folder:
        differences = disagree(stack, Path(folder))
    assert not differences, "\n".join((_described(stack), *differences))


def _described(stack: RandomStack) -> str:
    lines = [f"{stack.form}, {stack.tar_format}, {stack.codecs}"]
    lines += [f"layer {number}: {layer}" for number, layer in enumerate(stack.layers, 1)]
    return "\n".join(lines)


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_random_stacks_agree_and_shrink(random: Random) -> None:
    check(random_stack(random))


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_seeded_stacks_agree(start: int) -> None:
    for seed in range(start, start + 50):
        check(seeded_stack(seed))


@pytest.mark.slow
@settings(max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_many_random_stacks_agree_and_shrink(random: Random) -> None:
    check(random_stack(random))


@pytest.mark.acceptance
def test_thousands_of_seeded_stacks_agree() -> None:
    failed = []
    for seed in range(1_000_000, 1_000_000 + BULK):
        try:
            check(seeded_stack(seed))
        except AssertionError as difference:
            failed.append(f"seed {seed}: {difference}")
    assert not failed, "\n\n".join((f"{len(failed)} of {BULK} disagree", *failed[:5]))
