from __future__ import annotations

from analysis.asked import wins
from lightship.testing import File

K = 1000


def big(letter: str, kilobytes: int) -> bytes:
    return letter.encode() * kilobytes * K


def test_a_clean_image_has_none() -> None:
    assert wins() == ()
    assert wins({"a": big("a", 9), "b": big("b", 9)}, {"c": big("c", 9)}) == ()


def test_below_a_kilobyte_there_is_nothing_to_win() -> None:
    assert wins({"a": b"x" * 999}, {".wh.a": b""}) == ()
    assert len(wins({"a": b"x" * 1000}, {".wh.a": b""})) == 1


def test_each_way_to_die_has_its_advice() -> None:
    (deleted,) = wins({"c/a": big("a", 5), "c/b": big("b", 1)}, {".wh.c": b""})
    assert deleted.what == "layer 2 deletes 2 files that layer 1 brought"
    assert "RUN" in deleted.how
    assert (deleted.bytes, deleted.layer, deleted.paths) == (6 * K, 2, ("/c (6.00 kB)",))
    (overwritten,) = wins({"a": big("a", 5)}, {"a": big("b", 5)})
    assert overwritten.what == "layer 2 writes 1 file of layer 1 again"
    (copied,) = wins({"a": big("a", 5)}, {"a": File(big("a", 5), uid=1000)})
    assert copied.what == "layer 2 copies 1 file of layer 1 to change owner, mode or time"
    assert "--chown" in copied.how
    (twice,) = wins([("a", big("a", 5)), ("a", big("b", 5))])
    assert twice.what == "layer 1 holds 1 file twice"
    (moved,) = wins({"a": big("a", 5)}, {".wh.a": b"", "b": big("a", 5)})
    assert moved.what == "layer 2 moves 1 file, which stores it again"
    assert moved.paths == ("/a -> /b",)
    (copies,) = wins({"a": big("a", 5), "b": big("a", 5), "c": big("a", 5)})
    assert copies.what == "2 files stored again under other names"
    assert (copies.bytes, copies.layer, copies.paths) == (10 * K, None, ("/a",))


def test_three_at_most_the_largest_first() -> None:
    layers = (
        {"a": big("a", 40), "b": big("b", 20), "c": big("c", 30), "d": big("d", 10)},
        {".wh.a": b""},
        {".wh.b": b""},
        {"c": big("C", 1)},
        {"d": File(big("d", 10), mode=0o700)},
    )
    assert [(win.bytes, win.layer) for win in wins(*layers)] == [
        (40 * K, 2),
        (30 * K, 4),
        (20 * K, 3),
    ]


def test_what_one_change_would_save_is_one_win() -> None:
    """One RUN deletes what several layers brought."""
    layers = ({"a": big("a", 4)}, {"b": big("b", 3)}, {"c": big("c", 2)})
    (win,) = wins(*layers, {".wh.a": b"", ".wh.b": b"", ".wh.c": b""})
    assert win.what == "layer 4 deletes 3 files that layers 1, 2 and 3 brought"
    assert win.bytes == 9 * K
    more = [{f"{number}": big(str(number), 1)} for number in range(5)]
    (win,) = wins(*more, {f".wh.{number}": b"" for number in range(5)})
    assert win.what == "layer 6 deletes 5 files that 5 layers brought"


def test_moved_files_are_not_counted_as_deleted_too() -> None:
    layers = (
        {"build/app": big("a", 50), "build/trash": big("t", 20)},
        {".wh.build": b"", "usr/bin/app": big("a", 50)},
    )
    moved, deleted = wins(*layers)
    assert (moved.what, moved.bytes) == ("layer 2 moves 1 file, which stores it again", 50 * K)
    assert (deleted.what, deleted.bytes) == (
        "layer 2 deletes 1 file that layer 1 brought",
        20 * K,
    )


def test_all_moved_leaves_nothing_deleted() -> None:
    layers = ({"build/app": big("a", 50)}, {".wh.build": b"", "usr/app": big("a", 50)})
    assert [win.bytes for win in wins(*layers)] == [50 * K]


def test_wins_never_exceed_what_there_is_to_win() -> None:
    layers = (
        {"a": big("a", 9), "b": big("a", 9), "m": big("m", 5)},
        {".wh.a": b"", ".wh.m": b"", "n": big("m", 5), "x": big("x", 3)},
        {"x": File(big("x", 3), uid=1), "y": big("y", 2), "z": big("y", 2)},
    )
    dead, duplicate = 9 * K + 5 * K + 3 * K, 2 * K
    assert sum(win.bytes for win in wins(*layers)) <= dead + duplicate
