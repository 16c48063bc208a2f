from __future__ import annotations

from analysis.asked import moves
from lightship.analysis.moves import MovedTree
from lightship.testing import File, Link

BIG = b"content " * 100
OTHER = b"other " * 50


def move(source: str, target: str, content: int, *, files: int = 1, born: int = 1) -> MovedTree:
    return MovedTree(source.encode(), target.encode(), born, 2 if born < 2 else 3, content, files)


def test_a_file_that_is_renamed() -> None:
    assert moves({"a": BIG}, {".wh.a": b"", "b": BIG}) == [move("a", "b", 800)]


def test_a_file_that_goes_to_another_directory() -> None:
    assert moves({"tmp/app.bin": BIG}, {"tmp/.wh.app.bin": b"", "usr/bin/app.bin": BIG}) == [
        move("tmp/app.bin", "usr/bin/app.bin", 800)
    ]


def test_a_directory_is_one_move() -> None:
    layer = {f"build/out/lib/{n}.so": b"%d" % n * 100 for n in range(10)}
    moved = {path.replace("build/out", "opt/app"): content for path, content in layer.items()}
    assert moves(layer, {".wh.build": b"", **moved}) == [
        move("build/out", "opt/app", sum(map(len, layer.values())), files=10)
    ]


def test_the_order_of_records_does_not_matter() -> None:
    moved = [("x/b", BIG), ("x/a", OTHER), (".wh.d", b"")]
    assert moves({"d/a": OTHER, "d/b": BIG}, moved) == [move("d", "x", 1100, files=2)]


def test_a_copy_is_no_move() -> None:
    assert moves({"a": BIG}, {"b": BIG}) == []


def test_a_deletion_alone_is_no_move() -> None:
    assert moves({"a": BIG, "b": OTHER}, {".wh.a": b"", "c": b"else"}) == []


def test_what_is_written_again_at_its_place_is_no_move() -> None:
    assert moves({"a": BIG}, {"a": File(BIG, uid=1000)}) == []
    assert moves({"a": BIG}, {".wh.a": b"", "a": BIG}) == []


def test_a_copy_in_another_layer_than_the_deletion_is_no_move() -> None:
    assert moves({"a": BIG}, {"b": BIG}, {".wh.a": b""}) == []
    assert moves({"a": BIG}, {".wh.a": b""}, {"b": BIG}) == []


def test_empty_files_are_not_moved() -> None:
    assert moves({"a": b""}, {".wh.a": b"", "b": b""}) == []


def test_of_several_with_one_content_the_namesake_is_taken() -> None:
    layer = {"d/x": BIG, "d/y": BIG, "d/z": BIG}
    moved = {"e/z": BIG, "e/y": BIG, "e/x": BIG}
    assert moves(layer, {".wh.d": b"", **moved}) == [move("d", "e", 2400, files=3)]


def test_each_lost_file_pairs_once() -> None:
    """Two lost, one found again: one was moved, the other only deleted."""
    (found,) = moves({"a": BIG, "b": BIG}, {".wh.a": b"", ".wh.b": b"", "c": BIG})
    assert (found.target, found.files, found.content_bytes) == (b"c", 1, 800)


def test_one_lost_file_found_twice_is_one_move() -> None:
    (found,) = moves({"a": BIG}, {".wh.a": b"", "b": BIG, "c": BIG})
    assert (found.source, found.files, found.content_bytes) == (b"a", 1, 800)


def test_moves_of_several_layers_are_kept_apart() -> None:
    found = moves(
        {"a/x": BIG}, {"b/y": OTHER}, {".wh.a": b"", ".wh.b": b"", "c/x": BIG, "c/y": OTHER}
    )
    assert found == [
        MovedTree(b"a/x", b"c/x", 1, 3, 800, 1),
        MovedTree(b"b/y", b"c/y", 2, 3, 300, 1),
    ]


def test_moved_on_and_on() -> None:
    found = moves({"a": BIG}, {".wh.a": b"", "b": BIG}, {".wh.b": b"", "c": BIG})
    assert found == [MovedTree(b"a", b"b", 1, 2, 800, 1), MovedTree(b"b", b"c", 2, 3, 800, 1)]


def test_the_most_bytes_come_first() -> None:
    layer = {"a/1": b"x" * 10, "b/2": b"y" * 30, "c/3": b"z" * 20}
    moved = {"x/1": b"x" * 10, "y/2": b"y" * 30, "z/3": b"z" * 20}
    gone = {f".wh.{name}": b"" for name in "abc"}
    assert [one.content_bytes for one in moves(layer, {**gone, **moved})] == [30, 20, 10]


def test_a_hard_link_that_still_stands_is_no_loss() -> None:
    assert moves({"a": BIG, "keep": Link("a")}, {".wh.a": b"", "b": BIG}) == []


def test_renaming_and_moving_at_once() -> None:
    assert moves({"d/old": BIG}, {".wh.d": b"", "e/new": BIG}) == [move("d/old", "e/new", 800)]


def test_thousands_of_equal_files_move_without_each_being_held_against_each() -> None:
    # Names change places, so that none is found at the front: this took minutes once.
    count = 20_000
    lost = {f"old/{at}": b"x" for at in range(count)}
    again = {f"new/{at * 7919 % count}": b"x" for at in range(count)}
    (move,) = moves(lost, {".wh.old": b"", **again})
    assert (move.source, move.target, move.files) == (b"old", b"new", count)
