"""One command: its program, its options, its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lightship.dockerfile.shell.parsing import script_of

if TYPE_CHECKING:
    from lightship.dockerfile.shell.script import Command


def only(text: str) -> Command:
    (command,) = script_of(text).commands
    return command


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ("apt-get update", "apt-get", ["update"]),
        ("/usr/bin/apt-get update", "apt-get", ["update"]),
        ("sudo -E -u root apt-get update", "apt-get", ["update"]),
        ("sudo DEBIAN_FRONTEND=noninteractive apt-get update", "apt-get", ["update"]),
        ("A=1 env -u B C=d apt update", "apt", ["update"]),
        ("exec nice -n 5 nohup make all", "make", ["all"]),
        ("command -v git", "command", ["-v", "git"]),
        ("command git log", "git", ["log"]),
        ("time eatmydata -- make", "make", []),
        ("sudo -v", "sudo", ["-v"]),
        ("env", "env", []),
        ("A=1", "", []),
        (">f", "", []),
        ("$CC -c x.c", "$CC", ["-c", "x.c"]),
        ("'ca t' x", "ca t", ["x"]),
        ("sudo", "sudo", []),
        ("env A=1", "env", ["A=1"]),
    ],
)
def test_the_program(text: str, name: str, arguments: list[str]) -> None:
    command = only(text)
    assert command.name == name
    assert [word.text for word in command.arguments] == arguments


def test_options() -> None:
    command = only("apt-get install -qy --no-install-recommends -o Dpkg::Use-Pty=0 -- -z git")
    assert command.has("-y")
    assert command.has("--yes", "-y", "--assume-yes")
    assert command.has("--no-install-recommends")
    assert not command.has("-z")
    assert not command.has("--no-install")
    assert not command.has("-s")
    assert not only("apt-get install --quiet").has("-q")
    assert only("npm ci --omit=dev").has("--omit")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("apt-get install -y -t stable git curl", ["install", "git", "curl"]),
        ("apt-get -qt stable install git", ["install", "git"]),
        ("apt-get -tstable install git", ["install", "git"]),
        ("apt-get install --target-release stable git", ["install", "git"]),
        ("apt-get install --target-release=stable git", ["install", "git"]),
        ("apt-get install -- -t git -", ["install", "-t", "git", "-"]),
        ("apt-get install git -t", ["install", "git"]),
    ],
)
def test_operands(text: str, expected: list[str]) -> None:
    found = only(text).operands("-t", "--target-release")
    assert [word.text for word in found] == expected


@pytest.mark.parametrize(
    ("raw", "text", "is_literal"),
    [
        ("a", "a", True),
        ("'a b'", "a b", True),
        ('"a b"', "a b", True),
        (r"a\ b", "a b", True),
        ("''", "", True),
        (r'"a\b\"\$"', r'a\b"$', True),
        ("'$A'", "$A", True),
        ("'*'.c", "*.c", True),
        ("a=b", "a=b", True),
        ("--opt=x", "--opt=x", True),
        ("{}", "{}", True),
        ("a#b", "a#b", True),
        ("http://a/?b", "http://a/?b", False),
        ("$A", "$A", False),
        ('"$A/b"', "$A/b", False),
        ("${A:-'b c'}", "${A:-'b c'}", False),
        ("$(b c)", "$(b c)", False),
        ("`b c`", "`b c`", False),
        ("$((1+(2)))", "$((1+(2)))", False),
        ("*.c", "*.c", False),
        ("[ab]", "[ab]", False),
        ("{a,b}", "{a,b}", False),
        ("{1..3}", "{1..3}", False),
        ("~/x", "~/x", False),
        ("--prefix=~/x", "--prefix=~/x", False),
        (r"$'a\n'", r"$'a\n'", False),
        ("<(b)", "<(b)", False),
        ("cost$", "cost$", True),
    ],
)
def test_words(raw: str, text: str, is_literal: bool) -> None:
    word = script_of(f"x {raw} y").commands[0].words[1]
    assert (word.text, word.literal) == (text, is_literal)
    assert (word.start, word.end) == (2, 2 + len(raw))


def test_redirections_are_no_words() -> None:
    command = only("a >&2 2>/dev/null b {fd}<>c <<<'d e' >|f &>>g 12>&- h2>i")
    assert [word.text for word in command.words] == ["a", "b", "h2"]
    found = [
        (part.descriptor, part.operator, part.target and part.target.text)
        for part in command.redirects
    ]
    assert found == [
        ("", ">&", "2"),
        ("2", ">", "/dev/null"),
        ("{fd}", "<>", "c"),
        ("", "<<<", "d e"),
        ("", ">|", "f"),
        ("", "&>>", "g"),
        ("12", ">&", "-"),
        ("", ">", "i"),
    ]


def test_assignments_stand_before_the_program() -> None:
    command = only("A='x y' B=$C d E=f")
    assert command.assignments == ("A=x y", "B=$C")
    assert [word.text for word in command.words] == ["d", "E=f"]
