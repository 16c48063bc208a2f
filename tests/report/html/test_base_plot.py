"""The plot of bases: what is drawn where, and labels that can be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lightship.report.html.base_list_html import base_list_html
from lightship.report.html.base_plot import base_plot
from lightship.report.html.base_plot_scale import byte_scale, day_scale

from ..base_compared_samples import (  # noqa: TID252 # as the other tests of reports
    LISTED,
    OLD,
    SLIM,
    UNKNOWN,
    count,
    listed,
)

if TYPE_CHECKING:
    from .conftest import Opened

VALUES = st.lists(st.integers(0, 10**13), min_size=1, max_size=20)


def several(number: int) -> list[tuple[str, object]]:
    return [
        (
            f"example.com/base-{n}:1",
            replace(SLIM, wire_bytes=count((n % 7 + 1) * 10**6 * (n + 1)), age_days=n * n % 300),
        )
        for n in range(number)
    ]


@given(VALUES)
def test_values_lie_on_the_sheet_in_their_order(values: list[int]) -> None:
    for scale in (day_scale(values, 10, 500), byte_scale(values, 10, 500)):
        places = [scale.at(value) for value in sorted(values)]
        assert all(9.99 <= place <= 500.01 for place in places)
        assert places == sorted(places)
        ticks = [scale.at(value) for value, _ in scale.ticks]
        assert ticks == sorted(ticks)
        assert all(9.99 <= place <= 500.01 for place in ticks)


def test_support_is_told_by_shape_and_what_cannot_be_drawn_is_counted() -> None:
    html = base_plot([("a:1", SLIM), ("b:1", OLD), ("c:1", UNKNOWN)])
    shapes = dict(re.findall(r'class="mark-(\w+)" [^>]*? d="([^"]+)"', html))
    assert shapes.keys() == {"good", "ended"}
    assert shapes["good"] != shapes["ended"]
    assert "1 not drawn" in html
    assert "<title>b:1: 900 kB, 1421 days old, support has ended</title>" in html
    assert base_plot([("a:1", SLIM), ("c:1", UNKNOWN)]) == ""


@pytest.mark.system("chromium")
@pytest.mark.parametrize("width", [1280, 400])
def test_labels_touch_neither_each_other_nor_the_edge(opened: Opened, width: int) -> None:
    bases = [listed(name, facts) for name, facts in several(60)]  # type: ignore[arg-type]  # facts
    browser = opened(base_list_html(replace(LISTED, bases=tuple(bases))))
    browser.resize(width, 900)
    assert browser.trouble == []
    boxes = browser.value(
        "Array.from(document.querySelectorAll('.plot > svg text'))"
        ".map(one => one.getBoundingClientRect()).filter(one => one.width)"
        ".map(one => [one.left, one.top, one.right, one.bottom])"
    )
    assert len(boxes) > 10
    for at, (left, top, right, bottom) in enumerate(boxes):
        assert left >= 0
        assert right <= width
        for other in boxes[:at]:
            apart = left >= other[2] or other[0] >= right or top >= other[3] or other[1] >= bottom
            assert apart, (boxes[at], other)
    assert browser.value("document.documentElement.scrollWidth") <= width
