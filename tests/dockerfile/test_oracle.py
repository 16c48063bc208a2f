"""Files read by us and by BuildKit's own parser, the PyPI package `dockerfile`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.oracle import Reading, can_be_asked, is_newer, ours, theirs
from corpus.reading import LATER, is_lossless
from corpus.running import files_below, run
from corpus.summary import failures, printed
from dockerfile.generated import by_rule, mutated, of_pieces
from lightship.dockerfile.build import Build
from lightship.dockerfile.instructions import KEYWORDS
from lightship.dockerfile.parsing import parse

GARBLED = ("HEALTHCHECK is neither", "is not ASCII")


def agree(text: str) -> None:
    read = parse(text.encode())
    assert is_lossless(text.encode(), read)
    if not can_be_asked(text.encode()):
        return
    try:
        expected = theirs(text)
    except UnicodeDecodeError:  # BuildKit, which reads bytes, cut a letter apart
        return
    if isinstance(expected, str):
        assert read.problems or is_newer(read), expected
        return
    messages = [one.message for one in read.problems]
    if any(mark in message for message in messages for mark in GARBLED):
        return
    own = [message for message in messages if not any(mark in message for mark in LATER)]
    if is_newer(read):
        return
    assert not own
    assert ours(read) == expected


def first(text: str) -> Reading:
    return ours(parse(text.encode()))[-1]


@settings(max_examples=400)
@given(by_rule())
@example('# escape=`\nFROM a AS b\nONBUILD ONBUILD RUN --a\\ b ["a", null]\n')
def test_files_by_rule_are_read_alike(text: str) -> None:
    agree(text)


@settings(max_examples=300)
@given(of_pieces())
@example('FROM a\nRUN "a${b:?}"<<\\EOF\nEOF\n')
@example("FROM a\nLABEL a=b \\\x0b\n")
@example("FROM a\nADD <<-\n")
@example("FROM a\nU\u017fER b\n")
@example("FROM a\nRUN ${a:-x <<EOF}\nEOF}\n")
@example("\\\n\n# c\n FROM a")
def test_files_of_any_pieces_are_read_alike(text: str) -> None:
    agree(text)


@settings(max_examples=200, deadline=None)
@given(mutated())
def test_mutated_files_are_read_alike(text: str) -> None:
    agree(text)


@st.composite
def any_bytes(draw: st.DrawFn) -> bytes:
    if draw(st.booleans()):
        return draw(st.binary())
    data = draw(of_pieces()).encode()
    at = draw(st.integers(0, len(data)))
    return data[:at] + draw(st.binary(max_size=6)) + data[at:]


@settings(max_examples=300)
@given(any_bytes())
def test_any_bytes_are_read_and_printed_as_they_are(data: bytes) -> None:
    assert is_lossless(data, parse(data))
    build = Build.read(data)
    assert all(step.keyword is not None for step in build.steps)
    assert build.pragmas is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n \n# only a comment\n",
        "FROM a\nENV x\n",
        "FROM a\nENV a=b c\n",
        "FROM a\nLABEL x\n",
        "FROM a\nONBUILD ENV x\n",
        'FROM a\nRUN ["a", 1]\n',
        "FROM a\nCMD [null]\n",
        "FROM a\nHEALTHCHECK CMD [[]]\n",
        "FROM a\nRUN <<EOF\na\n",
        "FROM a\nCOPY <<A <<B /\nA\n",
        "FROM a\nONBUILD RUN <<EOF\n",
        'FROM a\nRUN ${a:-"x <<E"}\n',
        "# escape=x\nFROM a\n",
        "# escape=`\n# escape=`\nFROM a\n",
    ],
)
def test_what_buildkit_refuses_is_a_problem(text: str) -> None:
    assert isinstance(theirs(text), str)
    assert parse(text.encode()).problems


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("RUN a\n", 1, "RUN stands before the first FROM"),
        ("# c\nARG a\n", 1, "there is no FROM"),
        ("FROM a b\n", 1, "FROM takes an image, or an image AS a name"),
        ("FROM a as b c\n", 1, "FROM takes an image, or an image AS a name"),
        ("FROM\n", 1, "FROM takes an image, or an image AS a name"),
        ("FROM a\nFOO b\n", 2, "unknown instruction 'FOO'"),
        ("FROM a\nONBUILD foo b\n", 2, "unknown instruction 'FOO'"),
        ("FROM a\nHEALTHCHECK x\n", 2, "HEALTHCHECK is neither CMD nor NONE"),
        ("FROM a\nCOPY --from=é /a /b\n", 2, "--from is not ASCII, and BuildKit reads bytes there"),
        ("FROM a\n\\\n\n", 2, "a continued line that nothing follows"),
    ],
)
def test_what_buildkit_refuses_later_is_a_problem_too(text: str, line: int, said: str) -> None:
    problems = parse(text.encode()).problems
    assert [(one.line, one.message) for one in problems] == [(line, said)]


@pytest.mark.parametrize("size", [65_535, 65_536])
@pytest.mark.parametrize(
    ("before", "start", "after"),
    [
        ("", "FROM ", ""),
        ("", "\ufeffFROM ", ""),
        ("", "FROM ", "\n"),
        ("FROM a\n", "RUN ", ""),
        ("FROM a\n", "RUN \u00e9 ", "\n"),
        ("FROM a\n", "# ", "\n"),
        ("FROM a\nRUN <<E\n", "", "\nE\n"),
    ],
)
def test_the_longest_line_is_buildkits(size: int, before: str, start: str, after: str) -> None:
    text = before + start + "x" * (size - len(start.encode())) + after
    problems = parse(text.encode()).problems
    assert any("bytes in one line" in one.message for one in problems) == (size > 65_535)
    assert isinstance(theirs(text), str) == (size > 65_535)


@pytest.mark.parametrize(
    ("opened", "name", "expands", "strips"),
    [
        ("<<EOF", "EOF", True, False),
        ("<<-EOF", "EOF", True, True),
        ("<<'EOF'", "EOF", False, False),
        ('<<-"EOF"', "EOF", False, True),
        ("<<E'O'F", "EOF", False, False),
        # Other than in a shell.
        ("<<\\EOF", "EOF", True, False),
        ("<<'E F'", "E F", False, False),
        ("<< EOF", "EOF", True, False),
        ("<<\t'EOF'", "EOF", False, False),
        ("<<$X", "$X", True, False),
    ],
)
def test_how_here_documents_are_opened(opened: str, name: str, expands: bool, strips: bool) -> None:
    read = parse(f"FROM a\nRUN cat {opened}\n# x\n{name}\n".encode())
    (found,) = read.instructions[1].heredocs
    assert (found.name, found.expands, found.strips_tabs) == (name, expands, strips)
    assert read.text[found.start : found.end] == "# x\n"
    assert not read.problems


@pytest.mark.parametrize(
    "opened", ["cat<<EOF", "<<- EOF", "<<<EOF", "<<''", "'<<EOF'", "\\<<EOF", "<<"]
)
def test_what_opens_no_here_document(opened: str) -> None:
    text = f"FROM a\nRUN cat {opened}\nEOF\n"
    read = parse(text.encode())
    assert not read.instructions[1].heredocs
    assert ours(read) == theirs(text)


@pytest.mark.parametrize(
    ("text", "now", "then"),
    [
        ("FROM a\nRUN cat << EOF\nEOF\n", 2, 3),
        ("FROM a\nRUN cat ${a#b} <<EOF\nEOF\n", 2, 3),
        ("FROM a\nRUN cat ${a/b/c} <<EOF\nEOF\n", 2, 3),
        ("# check=skip=all\n# escape=`\nFROM a\nRUN b `\n c\n", 2, 3),
    ],
)
def test_where_buildkit_reads_differently_since_the_oracle(text: str, now: int, then: int) -> None:
    read = parse(text.encode())
    assert is_newer(read)
    assert (len(read.instructions), len(theirs(text))) == (now, then)
    assert not read.problems


def test_json_that_something_follows_is_a_shell_form_since_the_oracle() -> None:
    read = parse(b'FROM a\nRUN ["a"] && b\n')
    assert is_newer(read)
    assert read.instructions[1].json is None
    assert read.instructions[1].value == '["a"] && b'


def test_every_keyword_is_known_to_both() -> None:
    for keyword in KEYWORDS - {"FROM", "ONBUILD", "HEALTHCHECK", "ENV", "LABEL"}:
        agree(f"FROM a\n{keyword.lower()}  a b \\\n c\n")


@pytest.mark.acceptance
def test_a_corpus_is_read_linted_and_fixed_without_fault() -> None:
    named = os.environ.get("LIGHTSHIP_CORPUS")
    if not named:
        pytest.skip("LIGHTSHIP_CORPUS names no folder of Dockerfiles")
    outcome = run(Path(named), files_below(Path(named)), 2, fixes=True)
    assert outcome.counts["files"] >= 1_000
    assert not failures(outcome), printed(outcome)
