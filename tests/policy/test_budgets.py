"""How limits are written."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.errors import UsageError
from lightship.policy.budgets import BUDGETS, BY_LIMIT, Budget
from lightship.policy.limits import parse_limit, parse_patterns


@pytest.mark.parametrize(
    ("name", "value", "amount"),
    [
        ("max-wire", "5GiB", 5_368_709_120),
        ("max-wire", "1GB", 1_000_000_000),
        ("max-wire", 1024, 1024),
        ("warn-dead", "0", 0),
        ("max-layers", "20", 20),
        ("max-layers", 0, 0),
        ("max-files", " 7 ", 7),
        ("min-efficiency", 0.95, Fraction(19, 20)),
        ("min-efficiency", "0.95", Fraction(19, 20)),
        ("min-efficiency", "95%", Fraction(19, 20)),
        ("min-efficiency", "99.9 %", Fraction(999, 1000)),
        ("min-efficiency", 1, 1),
        ("min-efficiency", 0.1, Fraction(1, 10)),
        ("max-growth", "10MB", 10_000_000),
        ("max-growth", 5, 5),
        ("max-growth", "5%", Fraction(1, 20)),
        ("max-growth-unpacked", "250%", Fraction(5, 2)),
    ],
)
def test_limits(name: str, value: object, amount: Fraction) -> None:
    limit = parse_limit(BY_LIMIT[name], value, "here")
    assert limit is not None
    assert limit.amount == amount
    assert limit.origin == "here"
    assert limit.of_baseline == (isinstance(value, str) and "growth" in name and "%" in value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max-wire", "5%"),
        ("max-wire", "-1"),
        ("max-wire", -1),
        ("max-wire", True),
        ("max-wire", 1.5),
        ("max-wire", "much"),
        ("max-wire", None),
        ("max-layers", "3.5"),
        ("max-layers", "3MB"),
        ("max-layers", 10**15),
        ("min-efficiency", "95"),
        ("min-efficiency", 1.01),
        ("min-efficiency", "101%"),
        ("min-efficiency", float("nan")),
        ("min-efficiency", float("inf")),
        ("min-efficiency", True),
        ("max-growth", "%"),
        ("max-growth", "-5%"),
        ("max-growth", 0.5),
    ],
)
def test_what_is_no_limit(name: str, value: object) -> None:
    with pytest.raises(UsageError):
        parse_limit(BY_LIMIT[name], value, "here")


@pytest.mark.parametrize("budget", BUDGETS, ids=lambda budget: budget.name)
def test_none_is_no_limit(budget: Budget) -> None:
    assert parse_limit(budget, "none", "here") is None


@pytest.mark.parametrize("budget", BUDGETS, ids=lambda budget: budget.name)
@given(
    value=st.one_of(
        st.text(),
        st.text(alphabet="0123456789.%kMGiB -", max_size=30),
        st.integers(),
        st.booleans(),
        st.floats(),
        st.lists(st.none()),
    )
)
def test_any_value_is_read_or_a_usage_error(budget: Budget, value: object) -> None:
    with suppress(UsageError):
        if budget.kind == "paths":
            parse_patterns(value)
        else:
            parse_limit(budget, value, "here")


@given(st.integers(0, 10**6))
def test_a_ratio_is_exactly_what_was_written(millionths: int) -> None:
    written = f"{millionths // 10**6}.{millionths % 10**6:06d}"
    budget = BY_LIMIT["min-efficiency"]
    for value in (written, float(written)):
        # Python writes small numbers with an exponent, which nobody would type as a limit.
        if isinstance(value, float) and "e" in repr(value):
            continue
        limit = parse_limit(budget, value, "here")
        assert limit is not None
        assert limit.amount == Fraction(millionths, 10**6)


def test_names_of_limits_are_all_different() -> None:
    names = [name for budget in BUDGETS for name in budget.limit_names]
    assert len(names) == len(set(names)) == len(BY_LIMIT)


def test_patterns_are_a_text_or_a_list() -> None:
    assert [one.written for one in parse_patterns("*.pem")] == ["*.pem"]
    assert [one.written for one in parse_patterns(["a", "b/**"])] == ["a", "b/**"]
    for wrong in (1, [1], ["a", ""], ["a"] * 1001, {"a": 1}):
        with pytest.raises(UsageError):
            parse_patterns(wrong)
