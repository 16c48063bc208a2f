from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.context.go_text import raw
from lightship.context.ignore_file import read_ignore_file

from .recorded import content_of, random_files, table


def patterns_of(data: bytes) -> list[str]:
    return [pattern.cleaned for pattern in read_ignore_file(data).patterns]


def reason_of(data: bytes) -> str | None:
    refusal = read_ignore_file(data).refusal
    return None if refusal is None else refusal.reason


@pytest.mark.parametrize("case", table()["reader_cases"])
def test_the_readers_own_cases(case: dict[str, list[str]]) -> None:
    assert patterns_of(content_of({"file": case["content"]})) == case["patterns"]


def test_all_recorded_errors_and_no_others() -> None:
    for case in table()["cases"]:
        expected = case.get("moby_error", case.get("error"))
        assert (reason_of(content_of(case)) is None) == (expected is None), case


def test_random_files_are_read_and_refused_as_docker_does() -> None:
    for case in random_files():
        file = read_ignore_file(base64.b64decode(case["file"]))
        is_refused = file.refusal is not None and not file.refusal.builders
        if "refused" in case:
            assert is_refused, case
            continue
        assert [raw(one.glob) for one in file.patterns] == [*map(base64.b64decode, case["globs"])]
        if is_refused:
            assert any("broken" in kind for kind in case["kinds"]), case
        if "e" in case["test"] + case["walk"]:
            assert is_refused, case


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb", ["a", "\ufeffb"]),
        (b"\xef\xbb\xbf#a\n#b\n #c", ["#c"]),
        (b"a\rb\x0bc\x0cd\xc2\x85e", ["a\rb\x0bc\x0cd\x85e"]),
        (b"a\r\nb\r\r\n", ["a", "b"]),
        ("\u00a0a\u3000\n\x85b\x85".encode(), ["a", "b"]),
        ("\x1ca\x1f\n\u200bb".encode(), ["\x1ca\x1f", "\u200bb"]),
        (b"! a\n!  /b/", ["!a", "!b"]),
        (b"foo/\na/../b\n./c\n//d\n../e\n/../f", ["foo", "b", "c", "d", "../e", "f"]),
        (b".\n/\na/..", [".", "/", "."]),
        (b"/!a", ["!a"]),
        (b"/ a\n/ !b\n/ ./c", ["a", "!b", "c"]),
        (b"/ /\n", []),
        (b"\xff/\xfe/..", ["\udcff"]),
        (b"", []),
        (b"\n \n\t\n", []),
    ],
)
def test_lines_as_go_reads_them(data: bytes, expected: list[str]) -> None:
    file = read_ignore_file(data)
    assert [pattern.cleaned for pattern in file.patterns] == expected
    assert file.refusal is None or file.refusal.builders


def test_a_pattern_knows_its_line_and_what_was_written() -> None:
    file = read_ignore_file(b"# one\n\n ! /a/ \r\n#two")
    (pattern,) = file.patterns
    assert (pattern.line, pattern.text, pattern.glob) == (3, " ! /a/ ", "a")
    assert pattern.is_exception
    assert file.comments == ((1, "# one"), (4, "#two"))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"[", "has a [ without its ]"),
        (b"[a-", "has a [ without its ]"),
        (b"[]a]", "has ] where [...] needs a character"),
        (b"[-x]", "has - where [...] needs a character"),
        (b"[x-]", "has ] where [...] needs a character"),
        (b"[\xff]", "has a byte in [...] that is no UTF-8"),
        (b"foo\\ ", "ends with a lone \\"),
        (b"!", "is a lone !"),
        (b"!/", "is a lone !"),
        (b"!  ", "is a lone !"),
        (b"[z-a]", "is no valid pattern once it is a regexp"),
        (b"*\n!\\y", "is no valid pattern once it is a regexp"),
        (b"a{2,1}*", "is no valid pattern once it is a regexp"),
        (b"a{2}{2}*", "is no valid pattern once it is a regexp"),
        (b"*|{2}", "is no valid pattern once it is a regexp"),
    ],
)
def test_what_all_builders_refuse(data: bytes, reason: str) -> None:
    refusal = read_ignore_file(b"a\n" + data + b"\nb").refusal
    assert refusal is not None
    assert (refusal.reason, refusal.builders) == (reason, ())
    assert refusal.line == data.count(b"\n") + 2


# An exception before all others is never tried; what is compared letter by letter is never
# compiled; and the check reads only as far as a pattern can match ".".
@pytest.mark.parametrize("data", [b"![z-a]", b"a{2,1}", b"a*[x-]", b"a*\\", b"x*{,2}"])
def test_what_looks_wrong_and_is_refused_by_nobody(data: bytes) -> None:
    assert read_ignore_file(data).refusal is None


def test_a_line_and_its_end_have_room_in_64_kib() -> None:
    longest = b"a" * 65535
    assert reason_of(longest) is None
    assert reason_of(longest + b"\nb") is None
    assert reason_of(b"b\n" + longest + b"a") == "has 65536 bytes: 65535 are the most"
    assert reason_of(longest + b"\r\nb") == "has 65536 bytes: 65535 are the most"
    assert reason_of(b"#" + longest) == "has 65536 bytes: 65535 are the most"
    assert patterns_of(b"b\n" + longest + b"aaa\nc") == ["b", "a" * 65538, "c"]


def test_a_line_that_is_too_long_fails_docker_alone() -> None:
    long = b"a" * 70000
    for data in (long, b"#" + long, b"!a\n" + long + b"\n" + long + b"b"):
        refusal = read_ignore_file(data).refusal
        assert refusal is not None
        assert refusal.builders == ("buildkit", "legacy")
        assert len(refusal.text) == 200
    refusal = read_ignore_file(long + b"\n[").refusal
    assert refusal is not None
    assert (refusal.line, refusal.builders) == (2, ())


@pytest.mark.parametrize("letter", [b"*", b"?", b"[", b"\\"])
def test_a_pattern_that_is_too_long_is_not_read(letter: bytes) -> None:
    file = read_ignore_file(b"b\n" + b"a" * 70000 + letter + b"a\n[\n")
    assert file.refusal is not None
    assert (file.refusal.line, file.refusal.builders) == (2, ())
    assert [one.glob for one in file.patterns] == ["b"]


def test_control_characters_are_refused_by_buildkit_alone() -> None:
    for data in (b"Icon\rx", b"a\x7f", b"/\tb", b"a\x00"):
        refusal = read_ignore_file(b"ok\n" + data).refusal
        assert refusal is not None
        assert (refusal.line, refusal.builders) == (2, ("buildkit",))


def test_beside_a_letter_beyond_ascii_buildkit_encodes_them() -> None:
    assert reason_of("Icon\rx\ncafé".encode()) is None
    assert reason_of(b"Icon\rx\n\xff") is None


@given(st.binary(max_size=200))
def test_any_bytes_are_read(data: bytes) -> None:
    file = read_ignore_file(data)
    for pattern in file.patterns:
        assert pattern.glob or file.refusal
        assert pattern.text == data.split(b"\n")[pattern.line - 1].removeprefix(
            b"\xef\xbb\xbf" if pattern.line == 1 else b""
        ).removesuffix(b"\r").decode("utf-8", "surrogateescape")


@given(st.text(alphabet="[]^-\\*?!/ a{}|,12", max_size=30))
def test_any_pattern_is_read(text: str) -> None:
    file = read_ignore_file(text.encode())
    assert len(file.patterns) <= 1
