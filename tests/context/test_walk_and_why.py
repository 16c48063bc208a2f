"""The walk, which splits patterns to be quick, and `decided`, which asks one path: one answer."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, get_args

import pytest

from lightship.context.builders import Builder
from lightship.context.deciding import decided
from lightship.context.ignore_file import read_ignore_file
from lightship.context.matching import Matcher
from lightship.context.walking import walk

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.context.ignore_file import Pattern

BUILDERS: tuple[Builder, ...] = get_args(Builder)
FIRST_SEED = 7_200_000

# Letters that mean something in a pattern, or pass through it and mean something in a regexp.
_PIECES = (
    "a", "b", "c", "{", "}", "|", "*", "**", "?", "[ab]", "[^a]", "[!a]", "[a-c]", "[[:alpha:]]",
    "\\", "\\*", ".", "+", "(", ")", "$", "^", " ", "{2}", "{1,2}", "{,2}", "\\d", "\\Q", "é",
    "\ufffd", "\udcff", "-", "]", "!", "#", "~",
)  # fmt: skip
_NAMES = (
    "a", "b", "c", "ab", "aa", "a{2}", "{a}", "a|b", "|", "a}", "{", "}", ".x", "a.b", "a+", "(a)",
    "$", "^", "a b", "\n", "a\n", "é", "\ufffd", "\udcff", "\\", "*", "?", "[ab]", "!a", "#a", "-",
)  # fmt: skip


def filled(folder: Path, random: Random, depth: int = 0) -> list[str]:
    """Every path in it, from it."""
    paths = []
    for name in {random.choice(_NAMES) for _ in range(random.randint(1, 4))}:
        paths.append(name)
        roll = random.random()
        if roll < 0.5 and depth < 3:
            (folder / name).mkdir()
            paths += [f"{name}/{one}" for one in filled(folder / name, random, depth + 1)]
        elif roll < 0.6:
            (folder / name).symlink_to("a")
        else:
            (folder / name).touch()
    return paths


def lines(random: Random) -> str:
    return "\n".join(line(random) for _ in range(random.randint(1, 5)))


def line(random: Random) -> str:
    parts = (
        "".join(random.choice(_PIECES) for _ in range(random.choice((1, 1, 2, 2, 3))))
        for _ in range(random.choice((1, 1, 2, 3)))
    )
    return random.choice(("", "", "!")) + "/".join(parts)


def walked(root: Path, matcher: Matcher, builder: Builder) -> tuple[set[str], dict[str, Pattern]]:
    """What is sent, and the pattern that leaves out each of the rest that was looked at."""
    sent: set[str] = set()
    left: dict[str, Pattern] = {}
    for one in walk(root, matcher, builder):
        above = one.path + "/" if one.path else ""
        sent.update(above + name for name in (*one.names, *one.directories, *one.links))
        for number, names in one.left_files.items():
            left |= {above + name: matcher.patterns[number] for name in names}
        left |= {above + out.name: out.pattern for out in one.left_out}
    return sent, left


def agree(root: Path, seed: int) -> int:
    """How many paths of a tree were left out; that both say so is asserted."""
    random = Random(seed)  # noqa: S311 - a case, no secret
    root.mkdir()
    paths = filled(root, random)
    ignored = 0
    for _ in range(3):
        text = lines(random)
        matcher = Matcher(read_ignore_file(text.encode("utf-8", "surrogateescape")).patterns)
        for builder in BUILDERS:
            sent, left = walked(root, matcher, builder)
            told = {path: decided(matcher, builder, path) for path in paths}
            assert sent == {path for path in paths if not told[path].ignored}, (seed, builder, text)
            assert left == {path: told[path].pattern for path in left}, (seed, builder, text)
            ignored += len(paths) - len(sent)
    return ignored


def test_both_say_the_same(tmp_path: Path) -> None:
    ignored = [agree(tmp_path / str(seed), seed) for seed in range(FIRST_SEED, FIRST_SEED + 150)]
    assert sum(ignored) > 1_500


@pytest.mark.acceptance
def test_both_say_the_same_of_thousands(tmp_path: Path) -> None:
    for seed in range(FIRST_SEED, FIRST_SEED + 5_000):
        agree(tmp_path / str(seed), seed)


@pytest.mark.parametrize(
    ("pattern", "ignored"),
    [
        ("a|*b", {"a", "ab", "xb"}),
        ("a{2}*", {"aa", "aab"}),
        ("*.{2}", {"x..."}),
        ("a|b", {"a|b"}),
        ("**/{a}", {"{a}"}),
    ],
)
def test_braces_and_bars_are_the_regexp_s(tmp_path: Path, pattern: str, ignored: set[str]) -> None:
    names = ("a", "aa", "aab", "ab", "xb", "x.{2}", "x...", "a|b", "{a}", "c")
    for name in names:
        (tmp_path / name).touch()
    matcher = Matcher(read_ignore_file(pattern.encode()).patterns)
    sent, _ = walked(tmp_path, matcher, "buildkit")
    assert set(names) - sent == {name for name in names if matcher.test(name).ignored}
    assert ignored <= set(names) - sent
