"""History is consistent whatever it was, and keeps what made the merged layers (C2-C6)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.analysis.instructions import map_history
from lightship.model.documents import HistoryEntry
from lightship.rewrite.history import OldHistory, clamped_history, new_history
from lightship.rewrite.records import KeptLayer, NewLayer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.rewrite.plan import PlannedLayer

    Entry = Mapping[str, object]


def entries_of(raw: Sequence[Entry]) -> list[HistoryEntry]:
    return msgspec.convert(list(raw), list[HistoryEntry])


def rewritten(
    raw: Sequence[Entry],
    layers: Sequence[PlannedLayer],
    records: Sequence[int],
    created: str | None = None,
) -> list[dict[str, Any]]:
    """The new history; `records` are those of each old layer."""
    entries = entries_of(raw)
    made = map_history(entries, records).entries
    old = OldHistory(entries, [json.dumps(one) for one in raw], made)
    new: list[dict[str, Any]] = json.loads(new_history(old, layers, "lightship squash", created))
    mapped = map_history(entries_of(new), [1] * len(layers))
    assert not mapped.guessed
    assert None not in mapped.entries
    return new


def merged(*positions: int) -> NewLayer:
    return NewLayer(positions, (), {})


def maker_of(history: Sequence[Entry], layers: int, position: int) -> Entry:
    number = map_history(entries_of(history), [1] * layers).entries[position - 1]
    assert number is not None
    return history[number]


IMAGE: list[Entry] = [
    {"created": "2020-01-01T00:00:00Z", "created_by": "ADD rootfs", "x": 1.0},
    {"created": "2020-01-01T00:00:00Z", "created_by": 'CMD ["bash"]', "empty_layer": True},
    {"created": "2021-01-01T00:00:00Z", "created_by": "RUN  apt-get\n install", "author": "me"},
    {"created": "2021-01-02T00:00:00Z", "created_by": "ENV A=1", "empty_layer": True},
    {"created": "2021-01-03T00:00:00Z", "created_by": "COPY . /app"},
    {"created": "2021-01-03T00:00:00Z", "created_by": 'ENTRYPOINT ["/app"]', "empty_layer": True},
]


def test_merged_layers_get_an_entry_before_what_closes_the_image() -> None:
    history = rewritten(IMAGE, [KeptLayer(1), merged(2, 3)], [9, 9, 9])
    new = {
        "created": "2021-01-03T00:00:00Z",
        "created_by": "lightship squash",
        "comment": "layers 2 to 3 in one: RUN apt-get install; COPY . /app",
    }
    assert history == [
        *IMAGE[:2],
        {**IMAGE[2], "empty_layer": True},
        IMAGE[3],
        {**IMAGE[4], "empty_layer": True},
        new,
        IMAGE[5],
    ]
    assert maker_of(history, 2, 2) == new


def test_one_layer_of_all() -> None:
    history = rewritten(IMAGE, [merged(1, 2, 3)], [9, 9, 9])
    assert [entry.get("empty_layer", False) for entry in history] == [
        *(True, True, True, True, True),
        *(False, True),
    ]
    assert history[5]["comment"].startswith("layers 1 to 3 in one: ADD rootfs; RUN apt-get")


def test_a_layer_that_is_written_anew_by_itself_keeps_its_entry() -> None:
    history = rewritten(IMAGE, [KeptLayer(1), merged(2), KeptLayer(3)], [9, 9, 9])
    assert history == IMAGE


def test_a_layer_that_is_gone_leaves_its_entry_behind() -> None:
    history = rewritten(IMAGE, [KeptLayer(1), KeptLayer(3)], [9, 9, 9])
    assert history == [*IMAGE[:2], {**IMAGE[2], "empty_layer": True}, *IMAGE[3:]]


def test_a_squash_of_a_squash_keeps_what_the_first_one_told() -> None:
    once = rewritten(IMAGE, [KeptLayer(1), merged(2, 3)], [9, 9, 9])
    twice = rewritten(once, [merged(1, 2)], [9, 9])
    assert twice[5]["comment"] == once[5]["comment"]
    assert twice[5]["empty_layer"] is True
    assert "lightship squash" in twice[6]["comment"]


def test_a_missing_history_is_made_c2() -> None:
    history = rewritten([], [KeptLayer(1), merged(2, 3), KeptLayer(4)], [1, 1, 1, 1])
    assert [entry.get("created_by") for entry in history] == [None, "lightship squash", None]
    assert history[1]["comment"] == "layers 2 to 3 in one"


def test_too_many_entries_are_marked_c3() -> None:
    surplus = [{"created_by": "RUN a"}, {"created_by": "ENV b"}, {"created_by": "RUN c"}]
    history = rewritten(surplus, [merged(1), KeptLayer(2)], [1, 1])
    assert history == [surplus[0], {**surplus[1], "empty_layer": True}, surplus[2]]


def test_an_empty_layer_without_an_entry_gets_one_c4() -> None:
    few = [{"created_by": "RUN a"}, {"created_by": "RUN c"}]
    history = rewritten(few, [KeptLayer(1), KeptLayer(2), merged(3)], [1, 0, 1])
    assert [entry.get("created_by") for entry in history] == ["RUN a", None, "RUN c"]


def test_an_image_that_has_no_layers_left_has_marked_entries_alone() -> None:
    assert all(entry["empty_layer"] for entry in rewritten(IMAGE, [], [1, 1, 1]))


def test_comments_are_bounded() -> None:
    long = [{"created_by": f"RUN {number} " + "x" * 10_000} for number in range(500)]
    history = rewritten(long, [merged(*range(1, 501))], [1] * 500)
    assert len(history[-1]["comment"]) < 3000
    assert history[-1]["comment"].endswith("; and 480 more")


def test_no_entry_is_dated_later_than_source_date_epoch() -> None:
    bound = "2021-01-01T12:00:00Z"
    history = rewritten(IMAGE, [KeptLayer(1), merged(2, 3)], [9, 9, 9], bound)
    assert [entry["created"] for entry in history] == [
        *("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z"),
        *(bound, bound, bound, bound),
    ]


@pytest.mark.parametrize(
    ("date", "after"),
    [
        ('"2021-01-01T12:00:00.000000001Z"', '"2021-01-01T12:00:00.000000001Z"'),
        ('"2021-01-01T12:00:01Z"', '"2021-01-01T12:00:00Z"'),
        ('"2021-01-01T13:00:00+02:00"', '"2021-01-01T13:00:00+02:00"'),
        ('"2021-01-01T13:00:00-02:00"', '"2021-01-01T12:00:00Z"'),
        ('"no date"', '"no date"'),
        ("null", "null"),
        ('"9999-12-31T23:59:59Z"', '"2021-01-01T12:00:00Z"'),
        ('"0001-01-01T00:00:00Z"', '"0001-01-01T00:00:00Z"'),
        ('"0001-01-01T00:00:00+23:00"', '"0001-01-01T00:00:00+23:00"'),
    ],
)
def test_dates_are_read_as_moments(date: str, after: str) -> None:
    clamped = clamped_history([f'{{"created":{date},"n":1.0}}'], "2021-01-01T12:00:00Z")
    assert clamped == f'[{{"created":{after},"n":1.0}}]'


def test_without_a_bound_nothing_is_dated() -> None:
    raw = ['{ "created" : "x" }', "{}"]
    assert clamped_history(raw, None) == '[{ "created" : "x" },{}]'


_ENTRIES = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "created_by": st.sampled_from(["RUN x", "ENV a=b", "COPY . /", ""]),
            "empty_layer": st.booleans(),
            "created": st.sampled_from(["2020-01-01T00:00:00Z", "bad"]),
            "unknown": st.integers(),
        },
    ),
    max_size=8,
)


@given(_ENTRIES, st.lists(st.integers(0, 2), max_size=6), st.data())
def test_any_history_comes_out_consistent(
    raw: list[Entry], records: list[int], data: st.DataObject
) -> None:
    layers: list[PlannedLayer] = []
    position = 1
    while position <= len(records):
        count = data.draw(st.integers(1, len(records) - position + 1))
        what = data.draw(st.sampled_from(["keep", "merge", "drop"]))
        if what == "keep":
            layers.append(KeptLayer(position))
            count = 1
        elif what == "merge":
            layers.append(merged(*range(position, position + count)))
        position += count
    history = rewritten(raw, layers, records)
    plain = [{k: v for k, v in entry.items() if k != "empty_layer"} for entry in history]
    waiting = iter(plain)
    for entry in raw:  # all of them, in their order
        assert {k: v for k, v in entry.items() if k != "empty_layer"} in waiting
