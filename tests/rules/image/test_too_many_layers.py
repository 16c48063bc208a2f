from __future__ import annotations

import pytest

from lightship.rules.image.too_many_layers import RULE
from rules.subjects import LISTED, found


def layers(count: int) -> list[dict[str, bytes]]:
    return [{f"f{at}": b"x"} for at in range(count)]


@pytest.mark.parametrize("count", [0, 1, 40])
def test_few(count: int) -> None:
    assert found(RULE, *layers(count)) == ()


@pytest.mark.parametrize(("count", "severity"), [(41, "info"), (100, "info"), (101, "error")])
def test_many(count: int, severity: str) -> None:
    (one,) = found(RULE, *layers(count))
    assert one.severity == severity
    assert one.evidence_count == count
    assert len(one.evidence) == LISTED
    assert one.message.startswith(f"The image has {count} layers")
    assert ("127" in one.message) == (severity == "error")


def test_the_small_ones_are_named() -> None:
    large = {"large": b"x" * 1_000_000}
    (one,) = found(RULE, *layers(2), *[large] * 40, history=[f"RUN {at}" for at in range(42)])
    assert one.message == "The image has 42 layers; 2 of them bring less than 1.00 MB each."
    assert [(e.layer, e.note, e.created_by) for e in one.evidence] == [
        (1, "brings 1 B", "RUN 0"),
        (2, "brings 1 B", "RUN 1"),
    ]
    (one,) = found(RULE, *[large] * 42)
    assert one.message == "The image has 42 layers."
