"""What killed bytes, case by case, and the figures beside it. Worked out by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from facts.seen import DIR
from lightship.testing import Device, Dir, Fifo, File, Link, Symlink

if TYPE_CHECKING:
    from facts.seen import Read
    from lightship.testing.entries import Content


def test_unpacked_counts_a_layer_at_each_position(read: Read) -> None:
    seen = read([{"a": b"xx"}, {".wh.a": b""}, {"a": b"xx"}])
    seen.counts(4, 2, killed={(1, 2, "deleted"): 2})
    assert seen.outcome.layer_unpacked_bytes == [2, 0, 2]
    assert seen.outcome.layer_dead_bytes == [2, 0, 0]


def test_metadata_copy(read: Read) -> None:
    seen = read([{"a": b"xx"}, {"a": File(b"xx", mode=0o755, uid=5)}])
    seen.counts(4, 2, killed={(1, 2, "metadata_copy"): 2})
    assert (seen["a"].mode, seen["a"].uid) == (0o755, 5)


def test_metadata_copy_is_judged_against_the_inode_that_dies(read: Read) -> None:
    seen = read([{"a": b"xx"}, {"a": b"yy"}, {"a": b"xx"}, {"a": b"xx"}])
    seen.counts(
        8,
        2,
        killed={
            (1, 2, "overwritten"): 2,
            (2, 3, "overwritten"): 2,
            (3, 4, "metadata_copy"): 2,
        },
    )


@pytest.mark.parametrize(
    "entry", [Symlink("b"), Dir(), Device(1, 3), Fifo()], ids=["symlink", "dir", "device", "fifo"]
)
def test_another_kind_at_the_path_is_overwritten(read: Read, entry: Content) -> None:
    read([{"a": b"xx"}, {"a": entry}]).counts(2, 0, killed={(1, 2, "overwritten"): 2})


@pytest.mark.parametrize(
    "entry", [b"", b"xx", Dir(), Fifo()], ids=["empty", "equal", "dir", "fifo"]
)
def test_whiteout_and_any_record_there_is_overwritten(read: Read, entry: Content) -> None:
    seen = read([{"a": b"xx"}, {".wh.a": b"", "a": entry}])
    assert seen.outcome.killed == {(1, 2, "overwritten"): 2}


def test_whiteout_and_recreation_judged_path_by_path(read: Read) -> None:
    seen = read([{"d/a": b"1", "d/b": b"22"}, {".wh.d": b"", "d": Dir(), "d/a": b"333"}])
    seen.counts(6, 3, killed={(1, 2, "overwritten"): 1, (1, 2, "deleted"): 2})


def test_a_directory_replaced_by_a_file_deletes_what_was_below(read: Read) -> None:
    seen = read([{"d/a": b"1", "d/e/b": b"22"}, {"d": b"333"}])
    seen.holds({"d": b"333"})
    seen.counts(6, 3, killed={(1, 2, "deleted"): 3})


def test_a_file_in_a_parents_place_is_deleted(read: Read) -> None:
    seen = read([{"d": b"1"}, {"d/a": b"22"}])
    seen.holds({"d": DIR, "d/a": b"22"})
    seen.counts(3, 2, killed={(1, 2, "deleted"): 1})


def test_in_layer_duplicate(read: Read) -> None:
    seen = read([[("a", b"1"), ("a", b"22"), ("a", Symlink("b"))]])
    seen.holds({"a": "b"})
    seen.counts(3, 0, killed={(1, 1, "in_layer_duplicate"): 3})
    assert seen.outcome.layer_files == [2]


def test_in_layer_duplicate_by_whatever_the_layer_does(read: Read) -> None:
    seen = read([[("d/a", b"1"), ("d", b"22"), ("d/b", b"333")]])
    seen.holds({"d": DIR, "d/b": b"333"})
    seen.counts(6, 3, killed={(1, 1, "in_layer_duplicate"): 3})


def test_the_first_overwriting_record_takes_the_lower_name(read: Read) -> None:
    """Equal content twice in the upper layer: the first took the name, the second the first."""
    seen = read([{"a": b"xx"}, [("a", b"xx"), ("a", b"yy")]])
    seen.counts(6, 2, killed={(1, 2, "metadata_copy"): 2, (2, 2, "in_layer_duplicate"): 2})


def test_duplicates_count_inodes_not_names(read: Read) -> None:
    seen = read([{"a": b"xx", "b": b"xx", "c": b"xx", "l": Link("a"), "e": b"", "f": b""}])
    seen.counts(6, 6, duplicates=4)
    assert seen.outcome.files == 6


def test_duplicates_are_of_the_final_tree(read: Read) -> None:
    seen = read([{"a": b"xx", "b": b"xx"}, {".wh.a": b""}])
    seen.counts(4, 2, killed={(1, 2, "deleted"): 2}, duplicates=0)


def test_an_empty_image(read: Read) -> None:
    seen = read([])
    seen.holds({})
    seen.counts(0, 0)


def test_an_empty_layer(read: Read) -> None:
    seen = read([{}, {"a": b"x"}, {}])
    seen.counts(1, 1)
    assert seen.outcome.layer_files == [0, 1, 0]


def test_only_regular_files_have_bytes(read: Read) -> None:
    seen = read([{"d": Dir(), "s": Symlink("x" * 50), "c": Device(1, 1), "f": Fifo()}])
    seen.counts(0, 0)
    assert seen.outcome.files == 0


def test_the_readme_example(read: Read) -> None:
    seen = read([{"a": b"x"}, {".wh.a": b""}])
    seen.holds({})
    seen.counts(1, 0, killed={(1, 2, "deleted"): 1})


def test_a_squash_has_no_dead_bytes(read: Read) -> None:
    layers: list[dict[str, Content]] = [
        {"a": b"1", "d/b": b"22", "l": Link("a")},
        {".wh.a": b"", "d/b": b"333"},
        {"e": b"4444", "m": Link("l")},
    ]
    before = read(layers)
    after = read([{"d": Dir(), "d/b": b"333", "l": b"1", "m": Link("l"), "e": b"4444"}])
    before.counts(10, 8, killed={(1, 2, "overwritten"): 2})
    after.counts(8, 8)
    assert {p: (n.content, n.leader) for p, n in before.outcome.tree.items()} == {
        p: (n.content, n.leader) for p, n in after.outcome.tree.items()
    }
