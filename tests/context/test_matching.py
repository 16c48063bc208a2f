from __future__ import annotations

import base64

import pytest

from lightship.context.compiling import Compiled
from lightship.context.expression import Kind, translate
from lightship.context.ignore_file import read_ignore_file
from lightship.context.matching import Matcher

from .recorded import content_of, matcher_of, random_files, table


def test_all_recorded_cases() -> None:
    judged = 0
    for case in table()["cases"]:
        if "error" in case or "moby_error" in case:
            continue
        matcher = Matcher(read_ignore_file(content_of(case)).patterns)
        assert matcher.test(case["path"]).ignored == case.get("moby_ignored", case["ignored"]), case
        assert matcher.walked(case["path"]).ignored == case["ignored_by_walker"], case
        judged += 1
    assert judged > 1100


@pytest.mark.parametrize("row", table()["compile_table"], ids=lambda row: str(row["pattern"]))
def test_patterns_become_what_docker_makes_of_them(row: dict[str, str]) -> None:
    kind, regexp = translate(row["pattern"])
    assert (kind.value + "Match", regexp) == (row["kind"], row["regexp"])


def test_random_files_are_matched_as_docker_does() -> None:
    answers = 0
    for case in random_files():
        if "refused" in case:
            continue
        matcher = Matcher(read_ignore_file(base64.b64decode(case["file"])).patterns)
        kinds = [
            compiled.kind.value + "!" * pattern.is_exception
            for compiled, pattern in zip(matcher.compiled, matcher.patterns, strict=True)
        ]
        assert kinds == case["kinds"]
        for encoded, tested, walked in zip(case["paths"], case["test"], case["walk"], strict=True):
            path = base64.b64decode(encoded).decode("utf-8", "surrogateescape")
            if "broken" not in str(kinds):
                assert matcher.test(path).ignored == (tested == "1"), (case, path)
            if walked != "e":
                assert matcher.walked(path).ignored == (walked == "1"), (case, path)
            answers += 2
    assert answers > 30_000


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        # Regexp notation that passes through.
        (r"\d?", ["1a", "1/"[:1] + "b"], ["da", "ab"]),
        (r"\Qa*", ["a[^/]*$", "a[^/]*$/b"], ["aa", "a[^/]*"]),
        ("[*]", ["[]", "^^]", "]"], ["*", "a]"]),
        ("[[:alpha:]]", ["a", "Z"], ["1", "[", ":]"]),
        ("x[^a]y", ["x/y", "x\ny"], ["xay"]),
        ("*a^b", [], ["a^b", "aab"]),
        (r"\x41\x{42}", ["AB"], ["x41B"]),
        (r"\pL\p{Nd}", ["é1"], ["11", "pL"]),
        ("a{2}*", ["aa", "aab"], ["a{2}", "a"]),
        ("*.{js,ts}", ["x.{js,ts}"], ["x.js"]),
        ("a|*b", ["a", "ax", "b", "xxb"], ["x"]),
        ("?{0}b|c", ["b", "bc", "xxc"], ["x"]),
        ("a*[x-]", ["a-", "abx"], ["a"]),
        ("a*\\", ["ab$", "a$/c"], ["ab", "a\\"]),
        # Not that.
        ("[!a]", ["!", "a"], ["b"]),
        ("a+(b)*.$", ["a+(b).$"], ["aab."]),
        ("*\nb", ["a\nb"], ["a/b"]),
        ("a**", ["a", "ab/c\n"], ["b"]),
        ("**a", ["a", "x/ya", "\na"], ["ab"]),
        ("**/a", ["a", "x/a"], ["xa"]),
        ("**/?", ["a", "b/a"], ["b\n/ab", "ab"]),
    ],
)
def test_one_pattern(pattern: str, matching: list[str], other: list[str]) -> None:
    compiled = Compiled(pattern)
    assert [path for path in matching + other if compiled.matches(path)] == matching


def test_bytes_that_are_no_utf8() -> None:
    assert Compiled("a?").matches("a\udcff")
    assert Compiled("*\udcfe").matches("a\udcff"), "a regexp knows only that both are none"
    assert not Compiled("a\udcfe").matches("a\udcff")
    assert Compiled("*\ufffd").matches("a\udcff")
    assert Compiled("**\udcac").matches("€"), "ends with the same byte"
    assert Compiled("\udce2**").matches("€")
    assert Compiled("**\udcac").expression is None


def test_gaps_between_the_test_and_the_walk() -> None:
    matcher = matcher_of("node_modules/*", "!node_modules", "!node_modules/package")
    assert not matcher.test("node_modules/a/a.js").ignored
    assert matcher.walked("node_modules/a/a.js").ignored


def test_states_say_what_the_walk_says() -> None:
    matcher = matcher_of("a/*", "!a", "!a/b", "**/c", "!**/d")
    for path in ("a", "a/b", "a/x/d", "a/b/c", "a/b/c/d", "c/e"):
        state = matcher.root()
        *above, _ = parts = path.split("/")
        for count in range(1, len(above) + 1):
            state = state.below("/".join(parts[:count]))
        assert matcher.decide(path, state) == matcher.walked(path)


@pytest.mark.parametrize(
    ("lines", "path", "line"),
    [
        (["a", "*.log"], "b", None),
        (["*.log", "x", "*.log"], "a.log", 3),
        (["*", "!a", "b"], "a/b", 2),
        (["*", "!a", "**/b"], "a/b", 3),
        (["node_modules"], "node_modules/x/y", 1),
        (["!a"], "a", 1),
    ],
)
def test_the_last_line_that_matches_is_named(lines: list[str], path: str, line: int | None) -> None:
    matcher = matcher_of(*lines)
    for decision in (matcher.test(path), matcher.walked(path)):
        assert (decision.pattern and decision.pattern.line) == line
        if decision.pattern is not None:
            assert decision.ignored != decision.pattern.is_exception


def test_exceptions_are_known() -> None:
    assert matcher_of("a", "!b").has_exceptions
    assert not matcher_of("a").has_exceptions


def test_what_is_broken_matches_nothing() -> None:
    compiled = Compiled("[z-a]")
    assert compiled.kind is Kind.BROKEN
    assert compiled.expression is None
    assert not compiled.matches("b")
