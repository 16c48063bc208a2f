"""Scripts whose structure is known, and what bash and dash make of the same texts."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerfile.shell.scripts import Whole, scripts
from lightship.dockerfile.shell.grammar import Reader
from lightship.dockerfile.shell.parsing import script_of

if TYPE_CHECKING:
    from pathlib import Path

TOKENS = [
    *("a", "b", "if", "then", "fi", "while", "do", "done", "for", "in", "case", "x", "esac", "{"),
    *("}", "(", ")", "&&", "||", ";", "|", "&", "!", "[[", "]]", "$(", "`", "$((", "))", ";;"),
    *("'x'", '"$a"', ">f", "2>&1", "x=1", "f()", "function", "else", "elif", "time", "${a:-b}"),
    *("${", "\\", "'", '"', "a=(", "[", "]", "*", "~", "|&", "&>", "\n", "\\\n", "#c", "<<E"),
    *("\nE\n", "<<-'E'", "\n\tE\n", "<<<", "<(", "((", "$'a'", "coproc", "if a; then ", "; fi"),
    *("while a; do ", "; done", "case x in a) ", ";; esac", "f() { ", "; }", " ", " ", " "),
]
QUOTING = [*"ab'\"\\$ \n~*?[]{},=#\t:é/-!%", "\\\n", "'a'", '"b"', "..", "x="]
MEMBERS = [
    *("t 1", "f 2", "! t 3", "! f 4", "{ t 5; f 6; }", "(f 7; t 8)", "t 9 | f 10", "f 11 | t 12"),
    *("if f 13; then t 14; fi", "for i in 1 2; do t 15 || f 16; done", "t 17 >&2 #c\n", "A=1"),
    *("case x in x) f 18;; esac", "while f 19; do t; done", "until t 20; do f; done", "[ -n '' ]"),
    *("cat <<E\nt 21\nE\n", "g() { t 22; }; g", 't "$(f 23)"', "cat <<'E' | t 24\nf '\nE\n"),
]


def run(shell: str, script: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    command = [shell, "-c", script]
    return subprocess.run(command, capture_output=True, cwd=folder, check=False, timeout=60)


def rejects(shell: str, script: str) -> bytes:
    """What it has to say against a script; nothing is run."""
    ended = subprocess.run([shell, "-n"], input=script.encode(), capture_output=True, check=False)
    return ended.stderr if ended.stderr or ended.returncode else b""


@pytest.mark.slow
@given(scripts())
@settings(max_examples=150, deadline=None)
def test_what_was_written_is_what_is_read(whole: Whole) -> None:
    script = Reader(whole.text).script()
    assert script.exact
    assert tuple((piece.kind, piece.operator) for piece in script.statements) == whole.statements
    found = [
        (command.statement, (command.within, tuple(word.text for word in command.words)))
        for command in script.commands
    ]
    assert found == list(whole.commands)


@given(scripts())
@settings(max_examples=100, deadline=None)
def test_offsets_are_those_of_the_text(whole: Whole) -> None:
    script = script_of(whole.text)
    covered = 0
    for statement in script.statements:
        between = whole.text[covered : statement.start]
        assert not between.strip(" \t\n")
        assert not whole.text[statement.end : statement.operator_start].strip(" \t")
        operator = whole.text[statement.operator_start : statement.operator_end]
        assert operator == statement.operator
        covered = statement.operator_end
    assert covered == len(whole.text)
    for command in script.commands:
        statement = script.statements[command.statement]
        assert statement.start <= command.start < command.end <= statement.end
        for word in command.words:
            again = script_of("x " + whole.text[word.start : word.end]).commands[0].words
            assert [piece.text for piece in again] == ["x", word.text]


@given(st.lists(st.sampled_from(TOKENS), max_size=12).map("".join))
@settings(max_examples=600, deadline=None)
def test_what_bash_refuses_is_not_exact(text: str) -> None:
    if script_of(text).exact:
        assert not rejects("bash", text)


@pytest.mark.parametrize("shell", ["bash", "dash"])
@given(parts=st.lists(st.sampled_from(QUOTING), max_size=9))
@settings(max_examples=80, deadline=None)
def test_a_literal_word_is_what_the_program_gets(
    shell: str, parts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = "printf '%s|' " + "".join(parts)
    script = Reader(text).script()
    if not script.exact or len(script.commands) != 1 or len(script.statements) != 1:
        return
    words = script.commands[0].words
    if all(word.literal for word in words) and not script.commands[0].redirects:
        expected = "".join(word.text + "|" for word in words[2:]) or "|"
        assert run(shell, text, tmp_path_factory.getbasetemp()).stdout.decode() == expected


@pytest.mark.parametrize("shell", ["bash", "dash"])
@given(
    st.lists(
        st.tuples(st.sampled_from(MEMBERS), st.sampled_from(["&&", "||", ";", "\n"])),
        min_size=2,
        max_size=5,
    )
)
@settings(max_examples=40, deadline=None)
def test_a_statement_in_braces_does_the_same(
    shell: str, tmp_path_factory: pytest.TempPathFactory, members: list[tuple[str, str]]
) -> None:
    """Statements are cut where the shell cuts them, and joined as it joins them."""
    text = "".join(
        member if member.endswith("\n") else f"{member} {operator} " for member, operator in members
    ).rstrip("&|; ")
    script = Reader(text).script()
    assert script.exact
    define = "t() { echo t $1; }; f() { echo f $1; false; }\n"
    if script.has_heredoc:
        return  # its body stands behind the line, and not in the statement
    braced = "".join(
        f"{{ {text[part.start : part.end]}\n}} {part.operator} " for part in script.statements
    )
    folder = tmp_path_factory.getbasetemp()
    before, after = run(shell, define + text, folder), run(shell, define + braced, folder)
    assert (before.stdout, before.returncode) == (after.stdout, after.returncode)
    assert not after.stderr.startswith(b"syntax")
