"""Runs of files of one directory are bound at once; the outcome is that of one by one."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filetree.merged import deaths, names, tree_of
from filetree.running_stacks import running_stack
from lightship.errors import CorruptInputError
from lightship.filetree import merging
from lightship.filetree.tree import Death
from lightship.testing import Dir, File, Link, Symlink
from properties.agreement import disagree

if TYPE_CHECKING:
    from lightship.filetree.tree import FileTree

FILES = {f"d/{number}": b"%d" % number for number in range(6)}
ONE_BY_ONE = 10**9


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each run that was met could be bound at once."""
    outcomes: list[bool] = []
    bind_run = merging._Merger._bind_run

    def noted(self: merging._Merger, *arguments: object) -> bool:
        outcomes.append(bind_run(self, *arguments))  # type: ignore[arg-type]
        return outcomes[-1]

    monkeypatch.setattr(merging._Merger, "_bind_run", noted)
    return outcomes


def deaths_by_record(tree: FileTree) -> list[tuple[str, int]]:
    return [
        (Death(death).name.lower(), tree.killers[record])
        for record, death in enumerate(tree.deaths)
        if death
    ]


def test_new_files_are_bound_at_once(runs: list[bool]) -> None:
    tree = tree_of(FILES)
    assert runs == [True]
    assert names(tree) == {path: number for number, path in enumerate(FILES)}
    assert tree.files == 6
    assert deaths(tree) == {}


@pytest.mark.parametrize(("count", "met"), [(3, []), (4, [True])])
def test_a_run_is_more_than_three(runs: list[bool], count: int, met: list[bool]) -> None:
    tree = tree_of({f"d/{number}": b"" for number in range(count)})
    assert runs == met
    assert tree.files == count


def test_a_name_that_is_taken(runs: list[bool]) -> None:
    tree = tree_of({"d/3": b"3", "d/5": b"other"}, FILES)
    assert runs == [False]
    assert tree.files == 6
    assert deaths(tree) == {(1, "d/3"): ("metadata_copy", 2), (1, "d/5"): ("overwritten", 2)}


def test_all_names_taken_by_the_same_layer_again(runs: list[bool]) -> None:
    tree = tree_of(FILES, FILES)
    assert runs == [True, False]
    assert tree.files == 6
    assert set(deaths(tree).values()) == {("metadata_copy", 2)}
    assert len(deaths(tree)) == 6


def test_t6_a_name_twice_within_a_run(runs: list[bool]) -> None:
    layer = [("d/a", b"1"), ("d/b", b"2"), ("d/a", b"three"), ("d/c", b"4"), ("d/e", b"5")]
    tree = tree_of(layer)
    assert runs == [False]
    assert names(tree) == {"d/a": 2, "d/b": 1, "d/c": 3, "d/e": 4}
    assert tree.files == 4
    assert deaths(tree) == {(1, "d/a"): ("in_layer_duplicate", 1)}


def test_t1_a_run_takes_the_name_of_a_directory(runs: list[bool]) -> None:
    tree = tree_of({"d/0/below": b"lost", "d/0/below2": b"lost"}, FILES)
    assert runs == [False]
    assert set(deaths(tree).values()) == {("deleted", 2)}
    assert tree.files == 6


def test_a_run_through_a_symlink_of_a_lower_layer(runs: list[bool]) -> None:
    tree = tree_of({"real/0": b"old", "d": Symlink("real")}, FILES)
    assert runs == [False]
    assert {path for path in names(tree) if path.startswith("real/")} == {
        f"real/{number}" for number in range(6)
    }
    assert deaths(tree) == {(1, "real/0"): ("overwritten", 2)}


def test_the_directory_becomes_a_symlink_between_two_runs(runs: list[bool]) -> None:
    """What was known of the path must be forgotten: the second run goes to the link's target."""
    layer = [
        *((f"d/{number}", b"first") for number in range(5)),
        ("d", Symlink("real")),
        *((f"d/{number}", b"second") for number in range(5)),
    ]
    tree = tree_of({"real": Dir()}, layer)
    assert runs == [True, True]
    assert set(names(tree)) == {"d", *(f"real/{number}" for number in range(5))}
    assert deaths_by_record(tree) == [("in_layer_duplicate", 2)] * 5
    assert tree.files == 5


def test_a_parent_becomes_a_symlink_between_two_runs(runs: list[bool]) -> None:
    layer = [
        *((f"p/d/{number}", b"first") for number in range(5)),
        ("p", Symlink("q")),
        *((f"p/d/{number}", b"second") for number in range(5)),
    ]
    tree = tree_of({"q/d/7": b"kept"}, layer)
    assert runs == [True, True]
    assert set(names(tree)) == {"p", "q/d/7", *(f"q/d/{number}" for number in range(5))}


def test_a_symlink_becomes_a_directory_between_two_runs(runs: list[bool]) -> None:
    layer = [
        *((f"d/{number}", b"first") for number in range(5)),
        ("d", Dir()),
        *((f"d/{number}", b"second") for number in range(5)),
    ]
    tree = tree_of({"real": Dir(), "d": Symlink("real")}, layer)
    assert runs == [True, True]
    assert set(names(tree)) == {
        f"{place}/{number}" for place in ("d", "real") for number in range(5)
    }
    assert tree.files == 10
    assert deaths(tree) == {}


def test_a_symlink_gets_another_target_between_two_runs() -> None:
    layer = [
        ("s", Symlink("one")),
        *((f"s/{number}", b"first") for number in range(5)),
        ("s", Symlink("two")),
        *((f"s/{number}", b"second") for number in range(5)),
    ]
    tree = tree_of(layer)
    assert set(names(tree)) == {
        "s",
        *(f"{place}/{number}" for place in ("one", "two") for number in range(5)),
    }


def test_the_directory_becomes_a_file_and_comes_back() -> None:
    layer = [
        *((f"d/{number}", b"first") for number in range(5)),
        ("d", File(b"in the way")),
        *((f"d/{number}", b"second") for number in range(5)),
    ]
    tree = tree_of(layer)
    assert set(names(tree).values()) == set(range(6, 11))
    assert deaths_by_record(tree) == [("in_layer_duplicate", 1)] * 6


def test_h3_hard_links_of_other_layers_to_files_of_a_run() -> None:
    links = {"e/link": Link("d/2"), "e/other": Link("d/2")}
    tree = tree_of(FILES, links, {"d/2": b"new"}, {"e/.wh.link": b""}, {"e/.wh.other": b""})
    assert deaths(tree) == {(1, "d/2"): ("deleted", 5)}
    before = tree_of(FILES, links, {"d/2": b"new"}, {"e/.wh.link": b""})
    assert deaths(before) == {}
    assert names(before)["e/other"] == 2
    assert before.files == 7


def test_hard_links_into_a_run_that_follows_them() -> None:
    layer = [("a", Link("d/1")), *FILES.items(), ("b", Link("d/1"))]
    tree = tree_of(FILES, layer)
    assert names(tree)["a"] == 1
    assert names(tree)["b"] == names(tree)["d/1"] == 6 + 1 + 1
    assert (1, "d/1") not in deaths(tree)
    assert tree.files == 8


def test_a_run_at_the_root_and_runs_of_two_directories(runs: list[bool]) -> None:
    layer = {f"{place}{number}": b"x" for place in ("", "a/", "b/") for number in range(4)}
    tree = tree_of(layer)
    assert runs == [True] * 3
    assert tree.files == 12


def test_markers_and_links_end_a_run(runs: list[bool]) -> None:
    layer = [
        *((f"d/{number}", b"") for number in range(4)),
        ("d/.wh.9", b""),
        *((f"d/{number}", b"") for number in range(4, 7)),
        ("d/l", Link("d/0")),
        ("d/7", b""),
    ]
    tree = tree_of({"d/9": b"nine"}, layer)
    assert runs == [True]
    assert tree.files == 9
    assert deaths(tree) == {(1, "d/9"): ("deleted", 2)}


# Random stacks.


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_stacks_with_runs_agree_with_the_applier(random: Random) -> None:
    check_against_the_applier(random)


@pytest.mark.slow
def test_many_stacks_with_runs_agree_with_the_applier() -> None:
    for seed in range(1500):
        check_against_the_applier(Random(seed))  # noqa: S311 - no secret depends on it


def check_against_the_applier(random: Random) -> None:
    stack = running_stack(random)
    with tempfile.TemporaryDirectory() as folder:
        differences = disagree(stack, Path(folder))
    assert not differences, "\n".join((*map(str, stack.layers), *differences))


def merged(random: Random) -> tuple[object, ...] | str:
    try:
        tree = tree_of(*running_stack(random).layers)
    except CorruptInputError as problem:
        return str(problem)
    return (
        list(tree.walk()),
        bytes(tree.deaths),
        list(tree.killers),
        dict(tree.inode_of),
        tree.files,
        list(tree.lost_links),
    )


def test_binding_at_once_is_binding_one_by_one(
    monkeypatch: pytest.MonkeyPatch, runs: list[bool]
) -> None:
    for seed in range(400):
        monkeypatch.setattr(merging, "_SHORT_RUN", 3)
        at_once = merged(Random(seed))  # noqa: S311
        monkeypatch.setattr(merging, "_SHORT_RUN", ONE_BY_ONE)
        assert merged(Random(seed)) == at_once  # noqa: S311
    assert runs.count(True) > 200, "these stacks do not reach what they are for"
    assert runs.count(False) > 50


def test_a_big_tree(runs: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    big = {f"{place}/{number:05}": b"%d" % number for place in "abc" for number in range(2_000)}
    change = {f"b/{number:05}": b"new" for number in range(1_900, 2_100)}
    tree = tree_of(big, {"a/.wh..wh..opq": b"", "c": Symlink("b")}, change)
    assert runs == [True, True, True, False]
    assert tree.files == 2_100
    assert len(deaths(tree)) == 2_000 + 2_000 + 100
    walked = list(tree.walk())
    monkeypatch.setattr(merging, "_SHORT_RUN", ONE_BY_ONE)
    assert list(tree_of(big, {"a/.wh..wh..opq": b"", "c": Symlink("b")}, change).walk()) == walked


def test_more_layers_than_16_bits_count() -> None:
    tree = tree_of({"a": b"x"}, *[{}] * 65_534, {"a": b"y"})
    assert tree.killers[0] == 65_536
