"""What must hold when names go, case by case; the independent applier reads what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from facts.test_tar_encoding import SPARSE_FORMS
from independent.rawtar import END, regular
from independent.records import read_records
from lightship.errors import CorruptInputError
from lightship.testing import Dir, File, Layer, Link, Symlink, layer_tar
from rewrite.cleaned import checked, clean
from rewrite.in_memory import tree_of

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow


def tars(*layers: Layer | bytes) -> list[bytes]:
    return [layer_tar(layer) for layer in layers]


def records(tar: bytes) -> list[tuple[bytes, str]]:
    return [(record.name, record.kind) for record in read_records(tar)]


def test_layers_that_lose_nothing_are_the_same_bytes() -> None:
    old = tars({"a": b"1", "b": b"2"}, {"c": b"3"}, {"a": b"4", ".wh.c": b""})
    done = checked(old, [b"b"])
    assert done.kept == [2, 3]
    assert records(done.tars[0]) == [(b"a", "regular")]


def test_no_older_version_comes_back() -> None:
    old = tars({"a": b"1", "z": b""}, {"a": b"22", "y": b""}, {"a": b"333", "x": b""})
    done = checked(old, [b"a"])
    assert [records(tar) for tar in done.tars] == [
        [(b"z", "regular")],
        [(b"y", "regular")],
        [(b"x", "regular")],
    ]


def test_w11_what_a_kept_layer_has_is_whited_out_where_it_was_covered() -> None:
    old = tars({"a": b"base", "k": b""}, {"b": b"2"}, {"a": b"new", "c": b""})
    done = checked(old, [b"a"], keep=1)
    assert done.kept == [1, 2]
    assert records(done.tars[2]) == [(b".wh.a", "regular"), (b"c", "regular")]


def test_w11_a_whiteout_that_is_there_is_not_written_again() -> None:
    old = tars({"a": b"base"}, {".wh.a": b"", "b": b""}, {"a": b"new", "c": b""})
    done = checked(old, [b"a"], keep=1)
    assert [name for name, _ in records(done.tars[1])].count(b".wh.a") == 1
    assert records(done.tars[2]) == [(b"c", "regular")]


def test_a_directory_over_a_file_of_the_base() -> None:
    done = checked(tars({"a": b"base"}, {"a": Dir(), "a/b": b"x", "c": b""}), [b"a"], keep=1)
    assert done.names == {b"a", b"a/b"}


def test_names_that_only_the_base_binds_stay() -> None:
    done = checked(tars({"d/a": b"1", "d/b": b"2"}, {"d/b": b"3", "d/c": b"4"}), [b"d"], keep=1)
    assert done.names == {b"d/b", b"d/c"}
    assert done.in_base == {b"d/a"}


def test_a_directory_stays_with_its_last_metadata_where_the_base_has_it() -> None:
    old = tars({"d": Dir(mode=0o700)}, {"d": Dir(mode=0o711, mtime=5), "d/a": b"x"})
    done = checked(old, [b"d"], keep=1)
    assert done.names == {b"d/a"}
    assert tree_of(done.tars)[b"d"].mode == 0o711


def test_what_is_below_a_directory_that_goes_goes_in_every_layer() -> None:
    old = tars({"d/a": b"1", "d/b": b""}, {"d/.wh.a": b"", "z": b""}, {"d/.wh..wh..opq": b""},
               {"d/c": b"3"})  # fmt: skip
    done = checked(old, [b"d"])
    assert not [name for tar in done.tars for name, _ in records(tar) if name.startswith(b"d")]


def test_t1_a_directory_that_only_what_goes_made_stays() -> None:
    done = checked(tars({"a/b/c": b"1", "z": b""}), [b"a/b/c"])
    assert set(tree_of(done.tars)) == {b"", b"a", b"a/b", b"z"}


def test_t2_a_directory_that_hid_a_file() -> None:
    done = checked(tars({"a": b"file"}, {"a/b": b"1", "z": b""}), [b"a/b"])
    assert tree_of(done.tars)[b"a"].kind == "directory"


def test_a_layer_with_nothing_left_is_gone() -> None:
    done = checked(tars({"a": b"1"}, {"b": b"2"}, {"c": b"3"}), [b"b"])
    assert done.positions == [1, 3]


def test_h2_another_name_carries_the_content() -> None:
    old = tars({"a": b"x" * 600, "b": Link("a"), "c": Link("a")}, {"d": b""})
    done = checked(old, [b"a"])
    assert [name for name, _ in records(done.tars[0])] == [b"b", b"c"]
    assert tree_of(done.tars)[b"c"].leader == b"b"
    assert done.kept == [2]


def test_h2_a_link_of_a_later_layer_points_at_a_name_that_is_left() -> None:
    old = tars({"a": b"x", "b": Link("a")}, {"c": Link("b"), "d": b""}, {"e": Link("c")})
    done = checked(old, [b"b", b"c"])
    tree = tree_of(done.tars)
    assert tree[b"e"].leader == tree[b"a"].leader


def test_h2_the_last_name_lies_in_a_later_layer() -> None:
    old = tars({"a": b"x" * 700, "z": b""}, {"b": Link("a")}, {"c": b""})
    done = checked(old, [b"a"])
    assert tree_of(done.tars)[b"b"].content == b"x" * 700


def test_h5_a_link_into_the_base() -> None:
    old = tars({"a": b"x", "z": b""}, {"b": Link("a"), "c": Link("b")}, {".wh.a": b""})
    checked(old, [b"b"], keep=1)
    checked(old, [b"b", b"c"], keep=1)


def test_a_symbolic_link_on_the_way_of_a_later_record() -> None:
    old = tars({"real": Dir(), "link": Symlink("real")}, {"link/a": b"x", "z": b""})
    done = checked(old, [b"link"])
    assert done.removal.remade
    assert tree_of(done.tars)[b"real/a"].content == b"x"


def test_a_record_that_gives_another_path_goes_with_its_name() -> None:
    old = tars({"real": Dir(), "link": Symlink("real")}, {"link/a": b"x", "z": b""})
    done = checked(old, [b"real/a"])
    assert not done.removal.remade
    assert records(done.tars[1]) == [(b"z", "regular")]


@pytest.mark.parametrize("form", SPARSE_FORMS)
def test_sparse_files_are_written_plainly_in_layers_that_lose_something(
    form: Callable[[], bytes],
) -> None:
    old = [form() + regular(b"other", b"x") + END]
    done = checked(old, [b"other"])
    assert done.tars[0] != old[0]
    assert b"GNU.sparse" not in done.tars[0]
    assert done.tars[0][156:157] == b"0"  # the type of the first record


def test_facts_of_what_stays_are_the_same() -> None:
    kept = File(b"x", mode=0o4755, uid=7, gid=8, mtime=9, xattrs={"user.a": b"\0\xff"})
    checked(tars({"a": kept, "b": b"y", "c": Symlink("a")}), [b"b"])


def test_a_link_without_a_target_is_refused() -> None:
    with pytest.raises(CorruptInputError, match="has no target"):
        clean(tars({"a": b"1", "b": Link("missing")}), [b"a"])


def test_equal_files_share_what_the_first_has() -> None:
    old = tars(
        {"usr/a": b"x" * 900, "usr/b": b"x" * 900, "usr/c": File(b"x" * 900, mode=0o600),
         "var/d": b"x" * 900},
        {"usr/e": b"x" * 900},
    )  # fmt: skip
    tree = tree_of(clean(old, (), dedupe=True).tars)
    assert tree[b"usr/b"].leader == b"usr/a"
    assert all(tree[name].leader == name for name in (b"usr/c", b"var/d", b"usr/e"))


def test_empty_files_are_left_alone() -> None:
    old = tars({"usr/a": b"", "usr/b": b""})
    assert clean(old, (), dedupe=True).tars == old
