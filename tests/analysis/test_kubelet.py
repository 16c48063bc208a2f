"""The kubelet's rules, against runs worked out by hand from its source."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lightship.analysis.kubelet import (
    collect,
    collects_from,
    reaction,
    usage_percent,
    wants_to_free,
)
from lightship.model.node import Node, NodeImage

if TYPE_CHECKING:
    from lightship.model.results.node import ImageFate

GB = 10**9
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def node(used: int, images: tuple[NodeImage, ...] = (), disk: int = 100, **how: int) -> Node:
    """A disk in GB, with the kubelet's defaults."""
    return Node(
        disk_bytes=disk * GB,
        used_bytes=used * GB,
        evict_below_bytes=how.pop("evict", 15) * GB,
        images=images,
        **how,  # type: ignore[arg-type]
    )


def image(name: str, size: int, days: float | None = None, **how: object) -> NodeImage:
    """`days` ago it was used last; None for never."""
    used = NOW - timedelta(days=days) if days is not None else None
    return NodeImage(name=name, reported_bytes=size * GB, last_used=used, **how)  # type: ignore[arg-type]


def gone(fates: tuple[ImageFate, ...]) -> list[str]:
    return [one.name for one in fates if one.fate == "collected"]


# The percentage rounds the free share down: 100 - int(available * 100 / capacity).


@pytest.mark.parametrize(
    ("available", "disk", "percent"),
    [(0, 100, 100), (100, 100, 0), (16, 100, 84), (159, 1000, 85), (150, 1000, 85), (149, 1000, 86),
     (1, 3, 67)],
)  # fmt: skip
def test_the_percentage(available: int, disk: int, percent: int) -> None:
    assert usage_percent(available, disk) == percent


@settings(deadline=None)
@given(st.integers(1, 10**14), st.integers(1, 99), st.integers(-2, 2))
def test_the_smallest_use_that_collects(disk: int, high: int, off: int) -> None:
    some = replace(node(0), disk_bytes=disk, evict_below_bytes=0, high_percent=high, low_percent=0)
    threshold = collects_from(some)
    assert threshold is not None
    used = min(max(threshold + off, 0), disk)
    assert (reaction(some, used) == "collects") is (used >= threshold)


def test_a_hundred_percent_switches_collecting_off() -> None:
    off = node(0, evict=0, high_percent=100)
    assert collects_from(off) is None
    assert reaction(off, 100 * GB) == "none"


@pytest.mark.parametrize(
    ("used", "does", "wanted"),
    [
        (83 * GB, "none", 0),
        (84 * GB, "none", 0),  # exactly 16 % free: 84 %
        (84 * GB + 1, "collects", 4 * GB + 1),  # 100 * 20 / 100 - available
        (85 * GB, "collects", 5 * GB),  # exactly 15 GB left is no pressure yet
        (85 * GB + 1, "disk_pressure", 1),
        (99 * GB, "disk_pressure", 14 * GB),
        (120 * GB, "disk_pressure", 15 * GB),
    ],
)
def test_what_happens_at_which_use(used: int, does: str, wanted: int) -> None:
    assert reaction(node(0), used) == does
    assert wants_to_free(node(0), used) == wanted


# Which images go.

OLD, NEW, NEVER = image("old", 1, 30), image("new", 9, 1), image("never", 2)
USED, PAUSE = image("used", 8, 0, in_use=True), image("pause", 1, pinned=True)


def test_the_least_recently_used_go_until_enough_is_free() -> None:
    # 85 GB of 100 are used: 5 GB are wanted; never (2), old (1), then new (9) are 12.
    fates = collect(node(85, (NEW, USED, OLD, PAUSE, NEVER)), 85 * GB, NOW)
    assert [(one.name, one.fate, one.why) for one in fates] == [
        ("never", "collected", "least recently used"),
        ("old", "collected", "least recently used"),
        ("new", "collected", "least recently used"),
        ("used", "kept", "in use"),
        ("pause", "kept", "pinned"),
    ]


def test_it_stops_as_soon_as_enough_is_free() -> None:
    images = (image("a", 3, 9), image("b", 2, 8), image("c", 50, 7))
    fates = collect(node(85, images), 85 * GB, NOW)
    assert gone(fates) == ["a", "b"]
    assert fates[2].why == "not needed"


def test_a_small_old_image_goes_before_a_large_new_one() -> None:
    """The guide's claim, answered: size does not choose."""
    images = (image("large", 40, 1), image("small", 5, 2))
    assert gone(collect(node(85, images), 85 * GB, NOW)) == ["small"]


def test_of_equals_the_one_detected_first_goes_first() -> None:
    first, second = NOW - timedelta(days=9), NOW - timedelta(days=8)
    images = (
        image("second", 9, 5, first_detected=second),
        image("first", 9, 5, first_detected=first),
    )
    assert gone(collect(node(85, images), 85 * GB, NOW)) == ["first"]


@pytest.mark.parametrize(("seconds", "goes"), [(119, False), (120, True)])
def test_images_that_came_just_now_are_left_alone(seconds: int, goes: bool) -> None:
    young = image("young", 9, first_detected=NOW - timedelta(seconds=seconds))
    fates = collect(node(85, (young,)), 85 * GB, NOW)
    assert bool(gone(fates)) is goes
    assert fates[0].why == ("least recently used" if goes else "too young")


def test_what_was_used_just_now_is_left_alone() -> None:
    fates = collect(node(85, (image("now", 9, 0),)), 85 * GB, NOW)
    assert [one.why for one in fates] == ["used just now"]


def test_under_disk_pressure_all_unused_images_go() -> None:
    images = (image("a", 50, 9), image("b", 1, 8), USED, PAUSE)
    fates = collect(node(90, images), 90 * GB, NOW)
    assert gone(fates) == ["a", "b"]
    assert {one.why for one in fates[:2]} == {"disk pressure"}


def test_nothing_goes_while_there_is_room() -> None:
    fates = collect(node(50, (OLD, NEW, NEVER)), 50 * GB, NOW)
    assert {one.why for one in fates} == {"not needed"}


def test_what_was_unused_for_too_long_goes_in_any_case() -> None:
    # 10 days: old (30 days) and never go; that they free 3 GB ends the need for more.
    limited = node(85, (OLD, NEW, NEVER), max_age_seconds=10 * 86400)
    assert gone(collect(limited, 50 * GB, NOW)) == ["never", "old"]
    fates = collect(limited, 84 * GB + GB // 2, NOW)
    assert [(one.name, one.why) for one in fates if one.fate == "collected"] == [
        ("never", "unused too long"),
        ("old", "unused too long"),
    ]


@pytest.mark.parametrize(("seconds", "goes"), [(86_400, False), (86_401, True)])
def test_the_maximum_age_is_passed_strictly(seconds: int, goes: bool) -> None:
    aged = image("aged", 1, seconds / 86_400)
    assert bool(gone(collect(node(1, (aged,), max_age_seconds=86_400), GB, NOW))) is goes


# Whatever the node.

times = st.none() | st.integers(-60, 10**7).map(lambda ago: NOW - timedelta(seconds=ago))
images = st.lists(
    st.builds(
        NodeImage,
        name=st.text(max_size=3),
        reported_bytes=st.integers(0, 40),
        last_used=times,
        first_detected=times,
        in_use=st.booleans(),
        pinned=st.booleans(),
    ),
    max_size=8,
).map(tuple)
nodes = st.builds(
    Node,
    disk_bytes=st.just(100),
    used_bytes=st.just(0),
    high_percent=st.integers(50, 99),
    low_percent=st.integers(0, 49),
    evict_below_bytes=st.integers(0, 30),
    images=images,
)
aging = st.builds(lambda some: replace(some, max_age_seconds=1000), nodes)


@settings(deadline=None)
@given(nodes | aging, st.integers(0, 120))
def test_what_is_in_use_or_pinned_stays(some: Node, used: int) -> None:
    fates = collect(some, used, NOW)
    assert len(fates) == len(some.images or ())
    kept = sorted(i.name for i in some.images or () if i.in_use or i.pinned)
    assert sorted(one.name for one in fates if one.why in {"in use", "pinned"}) == kept
    assert all(one.fate == "kept" for one in fates if one.why in {"in use", "pinned"})


@settings(deadline=None)
@given(nodes, st.integers(0, 120))
def test_it_frees_enough_or_all_it_may(some: Node, used: int) -> None:
    fates = collect(some, used, NOW)
    taken = [one.reported_bytes for one in fates if one.fate == "collected"]
    spared = [one for one in fates if one.why == "not needed"]
    if reaction(some, used) == "none":
        assert not taken
        return
    wanted = wants_to_free(some, used)
    assert sum(taken) >= wanted or not spared
    if reaction(some, used) == "collects" and taken:
        assert sum(taken[:-1]) < max(wanted, 1)  # the last one was needed


@settings(deadline=None)
@given(nodes, st.integers(0, 119))
def test_a_fuller_disk_spares_nothing_that_an_emptier_one_takes(some: Node, used: int) -> None:
    emptier, fuller = (gone(collect(some, at, NOW)) for at in (used, used + 1))
    assert fuller[: len(emptier)] == emptier


@settings(deadline=None)
@given(nodes, st.integers(0, 120))
def test_sizes_change_how_many_go_and_not_their_order(some: Node, used: int) -> None:
    alike = replace(some, images=tuple(replace(i, reported_bytes=1) for i in some.images or ()))
    order = [one.name for one in collect(some, used, NOW)]
    assert [one.name for one in collect(alike, used, NOW)] == order
