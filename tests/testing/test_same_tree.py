"""assert_same_tree() sees every difference, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lightship.testing import Device, Dir, File, Link, Symlink, assert_same_tree, build_image

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.testing import Layer

SAME: list[tuple[list[Layer], list[Layer]]] = [
    ([{"a": b"x"}], [{"./a": b"x"}]),
    ([{"a": b"old"}, {"a": b"x"}], [{"a": b"x"}]),
    ([{"a": b"x", "b": b"y"}, {".wh.b": b""}], [{"a": b"x"}]),
    ([{"a": b"x", "b": Link("a")}, {".wh.a": b""}], [{"b": b"x"}]),
    ([{"a": b"x", "b": Link("a")}], [{"b": b"x", "a": Link("b")}]),
    ([{"d/x": b""}], [{"d": Dir(), "d/x": b""}]),
    ([{"d": Dir(mode=0o700)}, {"d/x": b""}], [{"d": Dir(mode=0o700), "d/x": b""}]),
    ([{"a": b""}], [{".": Dir(), "a": b""}]),
]
DIFFERENT: list[tuple[Layer, Layer, str]] = [
    ({"a": b"x"}, {"b": b"x"}, "/a: only in the first"),
    ({"a": b"x"}, {"a": b"y"}, "/a: content "),
    ({"a": b"x"}, {"a": b"xx"}, "/a: content bytes 1, then 2"),
    ({"a": b""}, {"a": Symlink("b")}, "/a: kind 'regular', then 'symlink'"),
    ({"a": Symlink("b")}, {"a": Symlink("c")}, "/a: link target"),
    ({"a": Device(1, 3)}, {"a": Device(1, 4)}, "/a: device (1, 3), then (1, 4)"),
    ({"a": File(mode=0o600)}, {"a": b""}, "/a: mode '0o600', then '0o644'"),
    ({"a": File(uid=1)}, {"a": b""}, "/a: uid 1, then 0"),
    ({"a": File(gid=1)}, {"a": b""}, "/a: gid 1, then 0"),
    ({"a": File(mtime=1)}, {"a": b""}, "/a: mtime_ns 1000000000, then 0"),
    ({"a": File(xattrs={"user.a": b"1"})}, {"a": b""}, "/a: xattrs"),
    ({"a": b"x", "b": Link("a")}, {"a": b"x", "b": b"x"}, "/b: same inode as b'a', then b'b'"),
    ({"d": Dir(uid=1)}, {"d": Dir()}, "/d: uid 1, then 0"),
    ({".": Dir(mode=0o700)}, {}, "/: mode '0o700', then '0o755'"),
    ({"\x1b[31m": b""}, {}, "/\\x1b[31m: only in the first"),
]


@pytest.mark.parametrize(("first", "second"), SAME, ids=[str(n) for n in range(len(SAME))])
def test_trees_that_are_the_same(tmp_path: Path, first: list[Layer], second: list[Layer]) -> None:
    plain = build_image(second, directory=tmp_path, form="docker-archive", codec="plain")
    assert_same_tree(build_image(first, directory=tmp_path), plain)


@pytest.mark.parametrize(
    ("first", "second", "text"), DIFFERENT, ids=[str(n) for n in range(len(DIFFERENT))]
)
def test_trees_that_differ(tmp_path: Path, first: Layer, second: Layer, text: str) -> None:
    one, other = (build_image([layer], directory=tmp_path) for layer in (first, second))
    with pytest.raises(AssertionError) as caught:
        assert_same_tree(one, other)
    assert text in str(caught.value)
    with pytest.raises(AssertionError):
        assert_same_tree(other, one)


def test_the_first_differences_and_how_many_more(tmp_path: Path) -> None:
    many = {f"f{n:02}": b"" for n in range(30)}
    with pytest.raises(AssertionError) as caught:
        assert_same_tree(
            build_image([many], directory=tmp_path), build_image([{}], directory=tmp_path)
        )
    lines = str(caught.value).splitlines()
    assert lines[1].startswith("/f00: ")
    assert lines[-1] == "and 20 more"
    assert len(lines) == 12
