"""The parts of `diff` by themselves: instructions aligned, moves paired, directories chosen."""

from __future__ import annotations

from collections import defaultdict

import pytest

from filetree.trees_compared import trees_of
from lightship.analysis.growth import Growth, grow
from lightship.analysis.growth_directories import Grown, below, explaining
from lightship.analysis.growth_instructions import Step, align, is_same_instruction
from lightship.testing import Dir, File, Layer, Link, Symlink

BIG = b"content " * 100


# Instructions.


def pairs(a: str, b: str) -> list[tuple[int | None, int | None]]:
    """Align layers written `id=instruction`, one a line; without an id each is another layer."""

    def steps(text: str, side: str) -> list[Step]:
        found = []
        for number, line in enumerate(filter(None, map(str.strip, text.splitlines()))):
            diff_id, equals, made_by = line.partition("=")
            found.append(
                Step(diff_id if equals and diff_id else f"{side}{number}", made_by or line)
            )
        return found

    return align(steps(a, "a"), steps(b, "b"))


def test_the_same_instruction_made_another_layer() -> None:
    assert pairs("1=ADD x\n=RUN make\n=COPY . /app", "1=ADD x\n=RUN make\n=COPY . /app") == [
        (0, 0),
        (1, 1),
        (2, 2),
    ]


def test_an_instruction_in_between() -> None:
    assert pairs("1=ADD x\n=COPY . /app", "1=ADD x\n=RUN new\n=COPY . /app") == [
        (0, 0),
        (None, 1),
        (1, 2),
    ]


def test_one_word_more_is_the_same_place() -> None:
    a = "=RUN apt-get install -y git\n=RUN pip install -r requirements.txt"
    b = "=RUN apt-get install -y git curl\n=RUN pip install -r requirements.txt"
    assert pairs(a, b) == [(0, 0), (1, 1)]


def test_what_has_nothing_in_common_is_no_pair() -> None:
    assert pairs("=RUN make all", "=RUN apt-get update") == [(0, None), (None, 0)]
    assert pairs("=RUN a b c d", "=COPY a b c d") == [(0, None), (None, 0)]


def test_an_equal_layer_wins_over_equal_text() -> None:
    a = "=COPY a\n9=COPY b"
    b = "9=COPY a\n=COPY b"
    assert (1, 0) in pairs(a, b)


def test_rows_keep_the_order_of_both() -> None:
    assert pairs("1=a\n2=b\n3=c", "3=c\n1=a\n2=b") == [(None, 0), (0, 1), (1, 2), (2, None)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("COPY . /app", "COPY . /app # buildkit", True),
        (
            "/bin/sh -c #(nop) COPY dir:" + "ab" * 32 + " in /",
            "COPY dir:" + "cd" * 32 + " in /",
            True,
        ),
        ("RUN |1 A=1 /bin/sh -c make # buildkit", "/bin/sh -c make", True),
        ("RUN  make \t all", "RUN make all", True),
        ("RUN make", "RUN make all", False),
        (None, "", True),
    ],
)
def test_what_reads_the_same(one: str | None, other: str | None, same: bool) -> None:
    assert is_same_instruction(Step("1", one), Step("2", other)) is same


def test_more_layers_than_a_table_holds_are_paired_where_they_are_equal() -> None:
    a = [Step(str(n), f"RUN {n}") for n in range(600)]
    b = [Step(str(n + 1), f"RUN {n}") for n in range(0, 1_200, 2)]
    paired = [(one, other) for one, other in align(a, b) if one is not None and other is not None]
    assert paired == [(n, n // 2) for n in range(1, 600, 2)]


# Moves.


def grown(a: Layer, b: Layer) -> Growth:
    return grow(*trees_of([a], [b]), 50)


def moves(a: Layer, b: Layer) -> list[tuple[str, str, int]]:
    """Where from, where to, and how many names, most bytes first."""
    found = grown(a, b).moves
    return [(one.source.decode(), one.target.decode(), len(one.pairs)) for one in found]


def test_a_renamed_file() -> None:
    assert moves({"a": BIG}, {"b": BIG}) == [("a", "b", 1)]


def test_a_copy_is_no_move() -> None:
    assert moves({"a": BIG}, {"a": BIG, "b": BIG}) == []
    assert moves({"a": BIG, "b": BIG}, {"a": BIG}) == []


def test_empty_files_alone_are_no_move() -> None:
    assert moves({"a": b""}, {"b": b""}) == []


def test_a_directory_with_all_that_is_in_it() -> None:
    old: Layer = {"o/d": Dir(), "o/d/x": BIG, "o/d/y": BIG[1:], "o/d/e": b"", "o/d/l": Symlink("x")}
    new: Layer = {"n/d": Dir(), "n/d/x": BIG, "n/d/y": BIG[1:], "n/d/e": b"", "n/d/l": Symlink("x")}
    found = grown(old, new)
    assert moves(old, new) == [("o", "n", 6)]
    assert found.moves[0].files == 3
    assert found.tallies["added"].names == found.tallies["removed"].names == 0


def test_what_did_not_come_along_is_news() -> None:
    old: Layer = {"o/x": BIG, "o/y": BIG[1:], "o/l": Symlink("x"), "o/e": b""}
    new: Layer = {"n/x": BIG, "n/y": BIG[1:], "n/l": Symlink("y"), "n/e": b"no longer empty"}
    found = grown(old, new)
    assert moves(old, new) == [("o", "n", 3)]
    assert found.tallies["added"].names == found.tallies["removed"].names == 2


def test_equal_files_are_paired_by_the_longest_common_end() -> None:
    same = {"a/one/__init__.py": BIG, "a/two/__init__.py": BIG, "b/two/__init__.py": BIG}
    moved = {path.replace("a/", "z/"): data for path, data in same.items()}
    assert moves(same, moved) == [("a", "z", 5)]


def test_several_of_one_content_and_no_name_in_common_are_no_move() -> None:
    assert moves({"a": BIG, "b": BIG}, {"x": BIG, "y": BIG}) == []
    assert moves({"a": BIG, "b": BIG}, {"d/b": BIG, "y": BIG}) == [("b", "d/b", 1)]


def test_a_moved_file_may_have_another_owner() -> None:
    assert moves({"a": BIG}, {"b": File(BIG, uid=5)}) == [("a", "b", 1)]


def test_moved_hard_links_hold_their_bytes_once() -> None:
    (move,) = grown({"o/x": BIG, "o/y": Link("o/x")}, {"n/x": BIG, "n/y": Link("n/x")}).moves
    assert (move.content_bytes, move.files) == (800, 2)


# Tallies and lists.


def test_lists_have_what_weighs_most() -> None:
    a = {f"{n:03}": b"x" * n for n in range(200)}
    b = {f"{n:03}": b"y" * (n + n % 7 * 100) for n in range(200)}
    listed = grow(*trees_of([a], [b]), 5).listed["changed"]
    assert [change.path.decode() for change in listed] == ["195", "188", "181", "174", "167"]


def test_a_name_that_only_differs_in_time_is_touched() -> None:
    tallies = grown(
        {"a": b"1", "b": b"2"}, {"a": File(b"1", mtime=3), "b": File(b"2", mode=0)}
    ).tallies
    assert (tallies["touched"].names, tallies["metadata"].names) == (1, 1)


# Directories.


def explained(grew: dict[str, int], count: int = 10) -> list[tuple[str, int]]:
    sums: dict[bytes, Grown] = defaultdict(Grown)
    for path, visible in grew.items():
        sums[path.encode()] = Grown(visible_bytes=visible)
    found = explaining(below(sums), count)
    return [(path.decode(), one.visible_bytes) for path, one in found]


def test_a_chain_of_directories_ends_where_it_spreads() -> None:
    grew = {f"usr/lib/python3/site-packages/p{n}": 100 for n in range(30)}
    assert explained(grew) == [("usr/lib/python3/site-packages", 3_000)]


def test_two_places_that_hold_it_all() -> None:
    assert explained({"usr/lib/a": 500, "opt/x/y": 300, "etc": 3}) == [
        ("usr/lib/a", 500),
        ("opt/x/y", 300),
    ]


def test_growth_and_shrinking_do_not_hide_each_other() -> None:
    assert explained({"usr/lib": 1_000, "usr/share": -1_000}) == [
        ("usr/lib", 1_000),
        ("usr/share", -1_000),
    ]


def test_no_directory_is_inside_another() -> None:
    grew = {"a": 50, "a/b": 40, "a/b/c": 30, "a/d": 20, "e": 70}
    places = [path for path, _ in explained(grew)]
    assert not any(one != two and one.startswith(two + "/") for one in places for two in places)


def test_nothing_grew() -> None:
    assert explained({}) == []
    assert explained({"a": 0}) == []
