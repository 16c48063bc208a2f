"""`context_show` and `context_why` on real folders."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

import lightship
from lightship.api.context_tree import Fold
from lightship.errors import CorruptInputError, UnreachableError, UsageError
from lightship.model.results.context import Amount, ContextNode, ContextResult

if TYPE_CHECKING:
    from pathlib import Path

DOCKERFILE = (
    "FROM node:20 AS built\nCOPY package.json ./\nCOPY src ./src\nFROM scratch\nCOPY docs /d\n"
)


def make(root: Path, files: dict[str, int | str]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else "x" * content, encoding="utf-8")
    return root


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make(
        tmp_path,
        {
            "Dockerfile": DOCKERFILE,
            ".dockerignore": "# ours\n*.tmp\nnode_modules\n!keep.tmp\n",
            "package.json": 100,
            "src/a.js": 2000,
            "src/b/c.js": 500,
            "docs/page.md": 70,
            "data/big.csv": 9000,
            "old.tmp": 30,
            "keep.tmp": 5,
            "node_modules/x/y.js": 4000,
        },
    )


def at(result: ContextResult, path: str) -> ContextNode:
    return next(one for one in result.tree if one.path == path and one.kind != "rest")


def test_buildkit_is_sent_what_reachable_stages_take(shop: Path) -> None:
    result = lightship.context_show(shop)
    assert result.used == Amount(1, 70) == result.transferred
    assert [(one.line, one.amount) for one in result.uses] == [(5, Amount(1, 70))]
    built = lightship.context_show(shop, target="built")
    assert built.used == Amount(3, 2600)
    assert [(one.line, one.amount) for one in built.uses] == [
        (2, Amount(1, 100)),
        (3, Amount(2, 2500)),
    ]
    assert at(built, "src/b/c.js").uses == (3,)
    assert at(built, "src").uses == (3,)
    assert at(built, "data").uses == ()


@pytest.mark.parametrize("builder", ["legacy", "buildah"])
def test_others_take_all_that_is_not_ignored(shop: Path, builder: str) -> None:
    result = lightship.context_show(shop, builder=builder)  # type: ignore[arg-type] # one of them
    assert result.transferred == result.sent
    assert result.sent.content_bytes >= 2500 + 100 + 70 + 9000 + 5 + len(DOCKERFILE)
    assert at(result, "data/big.csv").sent == Amount(1, 9000)
    assert at(result, "data/big.csv").used == Amount(0, 0)


def test_each_line_has_what_it_keeps_out(shop: Path) -> None:
    lines = {one.line: one for one in lightship.context_show(shop).lines}
    assert set(lines) == {2, 3, 4}
    assert lines[2].amount == Amount(1, 30)
    assert lines[4].is_exception
    assert lines[4].pattern == "!keep.tmp"
    assert at(lightship.context_show(shop), "old.tmp").line == 2
    assert at(lightship.context_show(shop), "node_modules").line == 3


def test_without_a_dockerfile_everything_counts_as_sent(tmp_path: Path) -> None:
    result = lightship.context_show(make(tmp_path, {"a": 3, "b/c": 4}))
    assert (result.dockerfile, result.ignore_file, result.used) == (None, None, None)
    assert result.transferred == Amount(2, 7)
    assert [one.path for one in result.tree] == ["", "b", "b/c", "a"]


def test_the_tree_adds_up_however_it_is_folded(tmp_path: Path) -> None:
    files: dict[str, int | str] = {f"d{n % 7}/e{n % 3}/f{n}": n for n in range(300)}
    make(tmp_path, files)
    for fold in (Fold(), Fold(enough=0, part=20), Fold(enough=0, part=3), Fold(depth=1)):
        tree = lightship.context_show(tmp_path, fold=fold).tree
        assert tree[0].sent == Amount(300, sum(range(300)))
        for place, one in enumerate(tree):
            inside = []
            for below in tree[place + 1 :]:
                if below.depth <= one.depth:
                    break
                if below.depth == one.depth + 1:
                    inside.append(below)
            if inside:
                assert sum(each.sent.content_bytes for each in inside) == one.sent.content_bytes
                assert sum(each.sent.files for each in inside) == one.sent.files
    assert max(one.depth for one in lightship.context_show(tmp_path, fold=Fold(depth=1)).tree) == 1
    assert len(lightship.context_show(tmp_path, fold=Fold(enough=0, part=3)).tree) < 30


def test_ignored_folders_need_not_be_looked_into(shop: Path) -> None:
    result = lightship.context_show(shop, count_ignored=False)
    assert result.ignored is None
    assert all(one.amount is None for one in result.lines)


def test_names_that_are_not_utf8_have_their_bytes_beside_them(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9")).write_text("x", encoding="utf-8")
    one = lightship.context_show(tmp_path).tree[1]
    assert (one.path, one.path_base64) == ("caf\ufffd", "Y2Fm6Q==")


def test_a_variable_without_a_value_may_take_anything(tmp_path: Path) -> None:
    make(tmp_path, {"Dockerfile": "FROM x\nARG what\nCOPY $what /\n", "a": 4})
    result = lightship.context_show(tmp_path)
    assert not result.uses[0].is_known
    assert result.used == result.sent
    assert len(result.warnings) == 1
    assert "line 3 " in result.warnings[0]


def test_why_names_the_last_line_that_matches(shop: Path) -> None:
    asked = ["node_modules/x", "old.tmp", "./keep.tmp", "none/such", str(shop / "src"), "a.tmp/b"]
    paths = lightship.context_why(asked, folder=shop).paths
    assert [one.path for one in paths] == asked
    assert [(one.ignored, one.line, one.pattern) for one in paths] == [
        (True, 3, "node_modules"),
        (True, 2, "*.tmp"),
        (False, 4, "!keep.tmp"),
        (False, None, None),
        (False, None, None),
        (True, 2, "*.tmp"),
    ]


def test_the_root_itself_is_always_sent(tmp_path: Path) -> None:
    make(tmp_path, {".dockerignore": "*\n"})
    paths = lightship.context_why([".", "a", tmp_path], folder=tmp_path).paths
    assert [one.ignored for one in paths] == [False, True, False]


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/passwd", "", "a\0b"])
def test_paths_out_of_the_context_are_refused(shop: Path, path: str) -> None:
    with pytest.raises(UsageError):
        lightship.context_why([path], folder=shop)


def test_what_is_not_there(shop: Path) -> None:
    with pytest.raises(UnreachableError):
        lightship.context_show(shop / "none")
    with pytest.raises(UnreachableError):
        lightship.context_show(shop, dockerfile=shop / "none")
    with pytest.raises(UsageError):
        lightship.context_show(shop, target="none")


@pytest.mark.parametrize("text", ["a\n[\n", "!\n"])
def test_an_ignore_file_that_every_build_refuses(tmp_path: Path, text: str) -> None:
    make(tmp_path, {".dockerignore": text})
    with pytest.raises(CorruptInputError, match=r"^\(?'?\.dockerignore:"):
        lightship.context_show(tmp_path)
    with pytest.raises(CorruptInputError):
        lightship.context_why(["a"], folder=tmp_path)
