"""`.gitignore` files in Docker's words, held against git itself."""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

import pytest

from lightship.context.git_tree import GitTree
from lightship.context.gitignore import translate
from lightship.context.ignore_file import read_ignore_file
from lightship.context.matching import Matcher
from lightship.context.settling import look

from .git_trees import files_of, git, grow, kept_by_git

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.context.gitignore import Translation

MOST_TOO_MUCH = 0.1
"""Of random trees with unlikely lines, in which a file that git ignores is sent all the same."""


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def texts(translation: Translation) -> list[str]:
    return [line.text for line in translation.lines]


def sent(folder: Path, translation: Translation) -> set[str]:
    text = "\n".join(texts(translation))
    read = read_ignore_file(text.encode("utf-8", "surrogateescape"))
    assert read.refusal is None, text
    matcher = Matcher(read.patterns)
    return {path for path in files_of(folder) if not matcher.walked(path).ignored}


def sent_together(folder: Path, translation: Translation) -> set[str]:
    """As a walk of the folder has it."""
    text = "\n".join(texts(translation)).encode()
    return {file.path for file in look(folder, text).files()}


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        ("node_modules\n", ["**/node_modules"]),
        ("/dist\n", ["dist"]),
        ("docs/_build/\n", ["docs/_build"]),
        ("*.py[cod]\n", ["**/*.py[cdo]"]),
        ("[!a]x\n", ["**/[^/a]x"]),
        ("[[:digit:]].txt\n", ["**/[0-9].txt"]),
        ("a**b\n", ["**/a*b"]),
        ("/a**b\n", ["a*b"]),
        ("a/**/b\n", ["a/**/b"]),
        ("foo/**\n", ["foo/**"]),
        ("\\#x\n\\!y\n#comment\n\n", ["**/#x", "**/!y"]),
        ("/#x\n/!y\n", ["[#]x", "\\!y"]),
        ("/a\\ \n/b  \n", ["a[ ]", "b"]),
        ("C++/\n", ["**/C\\+\\+"]),
        ("*/\n", ["**/*/**"]),
        ("*\n!*/\n!*.txt\n", ["**/*", "!**/*.txt"]),
        ("/*\n!/src/\n", ["*", "!src/**"]),
        ("\ufeffx\r\n", ["**/x"]),
        ("!Icon[\r]\n", ["!**/Icon?"]),
        ("\\d\n", ["**/d"]),
    ],
)
def test_lines(tmp_path: Path, written: str, lines: list[str]) -> None:
    (tmp_path / ".gitignore").write_text(written, newline="")
    found = translate(tmp_path)
    written_back = [line for line in texts(found) if line != "!.gitignore"]
    assert written_back == lines


@pytest.mark.parametrize(
    "written", ["Icon[\r]\n", "./a\n", "a//b\n", "[a\n", "[[:nothing:]]\n", "a\\\n", "/\n", "!\n"]
)
def test_what_cannot_be_said_is_left_out_with_a_reason(tmp_path: Path, written: str) -> None:
    (tmp_path / ".gitignore").write_text(written, newline="")
    found = translate(tmp_path)
    assert found.lines == ()
    assert [(one.source, one.line) for one in found.dropped] == [(".gitignore", 1)]
    assert found.dropped[0].reason


def test_a_file_with_the_name_of_an_ignored_directory_stays(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "build/\n", "build": "#!/bin/sh", "web/build/x.js": ""})
    found = translate(tmp_path)
    assert texts(found) == ["**/build/**"]
    assert found.lines[0].note is not None
    assert sent(tmp_path, found) == {".gitignore", "build"}


def test_nested_files_count_from_where_they_are(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "*.log\n", "web/.gitignore": "!kept.log\n/dist\ntmp\n",
                     "web/kept.log": "", "web/lost.log": "", "web/dist/x": "", "web/a/tmp/x": "",
                     "dist/x": ""})  # fmt: skip
    found = translate(tmp_path)
    assert texts(found) == ["**/*.log", "!web/**/kept.log", "web/dist", "web/**/tmp"]
    assert [(line.source, line.line) for line in found.lines][1:] == [
        ("web/.gitignore", 1),
        ("web/.gitignore", 2),
        ("web/.gitignore", 3),
    ]
    assert sent(tmp_path, found) == {".gitignore", "web/.gitignore", "web/kept.log", "dist/x"}


@pytest.mark.system("git")
def test_what_git_has_is_sent_whatever_its_lines_say(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "lib/\n", "lib/a b.js": "", "lib/other.js": ""})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", "lib/a b.js")
    for version in ("2", "3", "4"):
        git(tmp_path, "update-index", "--index-version", version)
        found = translate(tmp_path)
        assert texts(found) == ["**/lib", "!lib/a b.js"]
        assert sent(tmp_path, found) == {".gitignore", "lib/a b.js"}


@pytest.mark.system("git")
def test_a_line_with_many_files_that_git_has_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "lib/*\n", **{f"lib/{number}.js": "" for number in range(30)}})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", "lib")
    found = translate(tmp_path)
    assert found.lines == ()
    assert found.dropped[0].reason == "git keeps 30 files that it hits"


@pytest.mark.system("git")
def test_a_folder_of_a_repository_has_the_lines_of_the_folders_above(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "*.tmp\n/services/api/dist\n/services/web/dist\n/other\n",
                     "services/.gitignore": "api/cache/\n/web/x\n", "services/api/dist/x": "",
                     "services/api/cache/x": "", "services/api/a.tmp": "",
                     "services/api/main.go": ""})  # fmt: skip
    git(tmp_path, "init", "-q")
    found = translate(tmp_path / "services/api")
    assert texts(found) == ["**/*.tmp", "dist", "cache"]
    assert {line.source for line in found.lines} == {"../../.gitignore", "../.gitignore"}
    # Lines about other folders are no loss, and nobody wants to read of them.
    assert found.dropped == ()


def test_many_lines_and_many_files(tmp_path: Path) -> None:
    below = {f"{part}/.gitignore": f"*.x{part}\n/out\n!/out.y\n" for part in range(300)}
    files = {f"{part}/deep/{name}.y": "" for part in range(300) for name in range(20)}
    write(tmp_path, {**below, **files, "7/out": "", "7/deep/a.x7": "", "8/deep/a.x7": ""})
    found = translate(tmp_path)
    assert len(found.lines) > 600
    left_out = files_of(tmp_path) - sent_together(tmp_path, found)
    assert left_out == {"7/out", "7/deep/a.x7"}


def test_docker_lets_nothing_in_that_git_does_not(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "node_modules/\n*.txt\n!*.txt\n!node_modules/keep\n",
                     "node_modules/a.txt": "", "node_modules/keep": "", "b.txt": ""})  # fmt: skip
    assert sent(tmp_path, translate(tmp_path)) == {".gitignore", "b.txt"}


def test_no_link_is_followed(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    write(tmp_path, {"lines": "secret\n", "inside/a": ""})
    (inside / ".gitignore").symlink_to(tmp_path / "lines")
    (inside / "loop").symlink_to(".")
    os.mkfifo(inside / "fifo")
    assert translate(inside).lines == ()


@pytest.mark.slow
def test_any_bytes(tmp_path: Path) -> None:
    random = Random(5)  # noqa: S311 - not a secret
    name = os.fsdecode(b"\xff\x01[")
    (tmp_path / name).touch()
    for _ in range(60):
        data = random.randbytes(60) + random.choice([b"\n!", b"*", b"\n[", b"\\"]) * 5
        (tmp_path / ".gitignore").write_bytes(data)
        assert name in sent(tmp_path, translate(tmp_path)) or kept_names(tmp_path) == set()
    (tmp_path / ".gitignore").write_bytes(b"*a" * 100_000 + b"\n" + b"**/a" * 10_000 + b"\n")
    assert name in sent(tmp_path, translate(tmp_path))


def kept_names(folder: Path) -> set[str]:
    return {path for path in map(os.fsdecode, GitTree(folder).kept) if path != ".gitignore"}


@pytest.mark.system("git")
@pytest.mark.slow
@pytest.mark.parametrize("first", [0, pytest.param(1000, marks=pytest.mark.acceptance)])
def test_random_trees_against_git(tmp_path: Path, first: int) -> None:
    count = 60 if first == 0 else 1000
    too_much = []
    for seed in range(first, first + count):
        folder = tmp_path / str(seed)
        folder.mkdir()
        random = Random(seed)  # noqa: S311 - not a secret
        grow(random, folder)
        git(folder, "init", "-q")
        tracked = random.sample(sorted(files_of(folder)), 2) if random.random() < 0.5 else []
        tracked and git(folder, "add", "-f", "--", *(f":(literal){path}" for path in tracked))
        kept = kept_by_git(folder)
        assert {os.fsdecode(path) for path in GitTree(folder).kept} == kept, seed
        found = sent(folder, translate(folder))
        assert kept <= found, seed
        if found != kept:
            too_much.append(seed)
    assert len(too_much) <= MOST_TOO_MUCH * count, too_much
