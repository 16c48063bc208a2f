"""Patterns for paths: what they match, and that Python's own glob agrees on real files."""

from __future__ import annotations

import fnmatch
import glob
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightship.errors import UsageError
from lightship.filetree import patterns
from lightship.filetree.patterns import Matcher, Pattern

if TYPE_CHECKING:
    from pathlib import Path


def match(pattern: str, path: str) -> str | None:
    found = Matcher([Pattern.parse(pattern)]).match(path.encode())
    return found[0].decode() if found else None


@pytest.mark.parametrize(
    ("pattern", "path", "matched"),
    [
        ("*.pem", "key.pem", "key.pem"),
        ("*.pem", "etc/ssl/key.pem", "etc/ssl/key.pem"),
        ("*.pem", "etc/ssl/key.pem.txt", None),
        (".git", "app/.git/config", "app/.git"),
        (".git/", "app/.git/config", "app/.git"),
        (".git", "app/.gitignore", None),
        ("/.git", "app/.git/config", None),
        ("./.git", "app/.git", None),
        ("/.git", ".git/config", ".git"),
        ("app/.git", "app/.git/config", "app/.git"),
        ("app/.git", "srv/app/.git", None),
        ("**/app/.git", "srv/app/.git", "srv/app/.git"),
        ("**/app/.git", "app/.git", "app/.git"),
        ("var/*/lists", "var/lib/apt/lists", None),
        ("var/**/lists", "var/lib/apt/lists", "var/lib/apt/lists"),
        ("var/**/lists", "var/lists", "var/lists"),
        ("tmp/**", "tmp", None),
        ("tmp/**", "tmp/a/b", "tmp/a"),
        ("**", "a/b", "a"),
        ("a/**/**/b", "a/b", "a/b"),
        ("id_[rd]sa", "root/.ssh/id_rsa", "root/.ssh/id_rsa"),
        ("id_[!r]sa", "root/.ssh/id_rsa", None),
        ("?", "a/b", "a"),
        ("a?c", "a/c", None),
        ("*", "é", "é"),
        ("a[", "x/a[", "x/a["),
    ],
)
def test_what_a_pattern_matches(pattern: str, path: str, matched: str | None) -> None:
    assert match(pattern, path) == matched


@pytest.mark.parametrize("text", ["", " ", "/", "//", ".", "a/../b", "..", "a\0b", "x" * 1001])
def test_what_is_no_pattern(text: str) -> None:
    with pytest.raises(UsageError):
        Pattern.parse(text)


def test_a_path_that_is_no_utf8_is_matched_by_a_wildcard() -> None:
    assert Matcher([Pattern.parse("*.key")]).match(b"a/\xff.key") == (b"a/\xff.key", 0)


@pytest.mark.parametrize("pattern", ["a\udcff", "*.\udcff", "a*\udcff*", "\udcff"])
def test_a_pattern_that_is_no_text_ends(pattern: str) -> None:
    # As an argument of a command can be: bytes that are no UTF-8 are surrogates.
    assert match(pattern, "a/b.c") is None
    matcher = Matcher([Pattern.parse(pattern)])
    assert matcher.among(matcher.start, [b"a", b"a\xff", b"b"])[0] == ()


def test_the_first_of_several_patterns_is_told() -> None:
    matcher = Matcher([Pattern.parse("*.txt"), Pattern.parse("b.*"), Pattern.parse("etc")])
    assert matcher.match(b"a/b.txt") == (b"a/b.txt", 0)
    assert matcher.match(b"a/b.md") == (b"a/b.md", 1)
    assert matcher.match(b"etc/b.txt") == (b"etc", 2)


_PARTS = st.sampled_from(["a", "b", "*", "?", "a*", "*b", "[ab]", "**", "ab", "*a*b*"])


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every path of up to three parts out of a, b and ab."""
    root = tmp_path_factory.mktemp("tree")
    for first in ("a", "b", "ab"):
        for second in ("a", "b", "ab"):
            (root / first / second).mkdir(parents=True)
            for third in ("a", "b", "ab"):
                (root / first / second / third).touch()
    return root


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(_PARTS, min_size=1, max_size=4))
def test_agrees_with_glob_on_real_files(parts: list[str], tree: Path) -> None:
    if parts[-1] == "**":
        parts = [*parts, "*"]  # glob's `**` at the end is the directory itself as well
    pattern = Pattern.parse("/" + "/".join(parts))
    # pathlib's glob takes `**` otherwise before Python 3.13.
    found = glob.glob("/".join(parts), root_dir=tree, recursive=True)  # noqa: PTH207
    there = [path.relative_to(tree).as_posix() for path in tree.rglob("*")]
    matcher = Matcher([pattern])
    ours = {path for path in there if matcher.match(path.encode())}
    below = {
        path for path in there if any(path == one or path.startswith(one + "/") for one in found)
    }
    assert ours == below


@given(st.text(alphabet="a*?[]!-/", max_size=60), st.text(alphabet="a/-]", max_size=200))
def test_hostile_patterns_end(pattern: str, path: str) -> None:
    try:
        parsed = Pattern.parse(pattern)
    except UsageError:
        return
    found = Matcher([parsed]).match(path.encode())
    assert found is None or path.encode().startswith(found[0])


def test_what_is_forgotten_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = [Pattern.parse(f"**/{a}/*/{b}/**/{a}") for a in "abc" for b in "abc"]
    paths = ["/".join(path).encode() for path in product("abc", repeat=6)]
    remembered = Matcher(parsed)
    expected = [remembered.match(path) for path in paths]
    monkeypatch.setattr(patterns, "_MOST_STATES", 3)
    forgetful = Matcher(parsed)
    assert [forgetful.match(path) for path in paths] == expected
    assert any(expected)
    assert len(forgetful._states) <= 3 < len(remembered._states)


def test_many_stars_do_not_run_for_ever() -> None:
    stars = "/".join(["**", "*a" * 60 + "b"] * 8)
    assert match(stars, "/".join(["a" * 255] * 40)) is None


_NAMES = st.sampled_from(
    [b"a", b"b", b"ab", b"a.b", b".b", b"a.b.b", b"b.a", b"\xff.b", b".", b"a."]
)
_TRICKY = st.sampled_from(
    ["*.b", "a.*", "*.b.b", "a.b", "*", "[a]b", "?b", "**", "a", "*a*", ".b", "*."]
)


@given(
    written=st.lists(st.lists(_TRICKY, min_size=1, max_size=3), min_size=1, max_size=6),
    above=st.lists(_NAMES, max_size=2),
    names=st.lists(_NAMES, unique=True),
)
def test_names_together_match_as_each_by_itself(
    written: list[list[str]], above: list[bytes], names: list[bytes]
) -> None:
    parsed = [Pattern.parse("/" + "/".join(parts)) for parts in written]
    matcher = Matcher(parsed)
    state = matcher.start
    for name in above:
        state, _ = matcher.reach(state, name)
    everywhere, some = matcher.among(state, names)
    for name in names:
        together = some.get(name, everywhere)
        assert together == matcher.reach(state, name)[1]
        # Each pattern by itself, without its leading directories' matches: the slow way.
        alone = []
        for number, pattern in enumerate(parsed):
            single = Matcher([pattern])
            at = single.start
            for part in above:
                at, _ = single.step(at, part)
            if single.step(at, name)[1] is not None:
                alone.append(number)
        assert list(together) == alone


@given(parts=st.lists(_TRICKY, min_size=1, max_size=1), name=_NAMES)
def test_one_part_matches_as_the_standard_library_says(parts: list[str], name: bytes) -> None:
    text = name.decode("utf-8", "replace")
    expected = fnmatch.fnmatchcase(text, "*" if parts[0] == "**" else parts[0])
    matcher = Matcher([Pattern.parse("/" + parts[0])])
    assert (matcher.step(matcher.start, name)[1] is not None) == expected
