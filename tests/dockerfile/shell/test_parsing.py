"""Texts to scripts: what is exact, what is not, and what must not harm."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.dockerfile.shell import parsing
from lightship.dockerfile.shell.parsing import script_of
from lightship.dockerfile.shell.script import Script

QUIRKS = [
    "[ ! -f x ] && a",
    "[ a = b -o c != d ] || a",
    "[[ $a == *.c && ( -f x || ! -d y ) ]] && b",
    "[[ $a =~ ^v([0-9]+)$ ]] && b",
    "echo $(( (1 + 2) * 3 )) $((A<<2))",
    "a &&\n b ||\n c",
    "! a | b",
    "a >&2 2>/dev/null b",
    'a ${X:-y} ${X#"$y"} ${#X} ${X//a/b}',
    "a $(b \"$(c 'd')\") `e f`",
    "a; b; # c",
    "a & b & wait",
    "for x in a b; do c $x; done",
    "for x; do c; done",
    "{ a; b; } > f",
    "if a; then b; elif c; then d; else e; fi",
    "case $x in a|b) c;; (*) d;; esac",
    "case $x in *.c) ;; esac",
    "while read -r a b; do c; done < f",
    "until a; do b; done",
    "f() { a; }; f",
    "f() ( a )",
    "a <<E | b\n$(c) 'd\nE\ne",
    "a <<-'E'\n\t$(c\n\tE\nb",
    'a <<< "$b"',
    "x=1 y=$(a) b; z=2",
    "set -eux; a || { b; exit 1; }; c",
    "find . \\( -name a -o -name b \\) -exec rm -rf '{}' +",
    "awk '{ print $1 }' a | sed 's/\"/x/g' | sort -u",
    "a 'b\nc' \\\n d",
    "a \u00e9\udcff \u4e2d && b",
    "echo a=b if then done { } [ ! in",
    "export A=b C && readonly D=$E",
    "a |& b",
    "true;",
    "a b#c",
]


@pytest.mark.parametrize("text", QUIRKS)
def test_shell_is_exact(text: str) -> None:
    assert script_of(text).exact


@pytest.mark.parametrize(
    "text",
    [
        *("a &&", "&& a", "a | | b", "(a", "a)", "{ a;", "a; }", "if a; then b", "fi", "a ;; b"),
        *(
            "'a",
            '"a',
            "a `b",
            "a $(b",
            "a ${b",
            "case x in a) b",
            "for x in a; b",
            "a <",
            "a > ; b",
        ),
        *("a <<E", "a <<E\nb", "()", "{ }", "if ; then a; fi", "a (b)", "echo a\\", "f() a"),
        *("{{ a }}", "Write-Host 'a' -f (1 + 2)", "((A++))", "a\0b", "a && && b", "time if a; fi"),
        *(
            "echo \"${A:-'}'}\"",
            "`echo \\`a\\``",
            "! fi",
            ">f f() { a; }",
            "f() [ x ]",
            "a=(b [[ )",
            "`\\",
            "${<a}",
            '$(( ")" ))',
            "a 2<",
            "a $[1 + 2]",
        ),
    ],
)
def test_no_shell_or_none_that_all_read_alike(text: str) -> None:
    assert not script_of(text).exact


def test_what_does_not_parse_is_still_told() -> None:
    script = script_of("apt-get update && (apt-get install -y git; {{ clean }} 'x")
    assert [command.name for command in script.commands[:2]] == ["apt-get", "apt-get"]


def test_the_top_level_is_flat() -> None:
    text = "a && b || c; d | e & ! f\n{ g; h; } && (i || j)"
    script = script_of(text)
    assert [
        (part.kind, part.operator, text[part.start : part.end]) for part in script.statements
    ] == [
        ("command", "&&", "a"),
        ("command", "||", "b"),
        ("command", ";", "c"),
        ("pipeline", "&", "d | e"),
        ("negation", "\n", "! f"),
        ("group", "&&", "{ g; h; }"),
        ("subshell", "", "(i || j)"),
    ]
    assert [(command.name, command.within) for command in script.commands] == [
        ("a", ()),
        ("b", ()),
        ("c", ("or",)),
        ("d", ("background", "pipeline")),
        ("e", ("background", "pipeline")),
        ("f", ("negation",)),
        ("g", ("group",)),
        ("h", ("group",)),
        ("i", ("subshell",)),
        ("j", ("subshell", "or")),
    ]


def test_what_a_heredoc_runs_belongs_to_its_command() -> None:
    script = script_of("cat <<E && b\n$(c) \\$(d) `e`\nE\nf <<'E'\n$(g)\nE")
    assert script.has_heredoc
    assert [(command.name, command.statement) for command in script.commands] == [
        ("cat", 0),
        ("b", 1),
        ("c", 0),
        ("e", 0),
        ("f", 2),
    ]


def test_comments() -> None:
    text = "#a\nb #c\nd e#f '#g' $(h #i\n) #j"
    script = script_of(text)
    assert [text[start:end] for start, end in script.comments] == ["#a", "#c", "#i", "#j"]


def test_offsets_count_characters() -> None:
    text = "\u00e9\udcff\U0001f600 x && y"
    script = script_of(text)
    assert script.exact
    assert [text[part.start : part.end] for part in script.statements] == [
        "\u00e9\udcff\U0001f600 x",
        "y",
    ]


def test_both_readers_must_agree() -> None:
    """tree-sitter-bash takes the brace for a program here; it need not be right to be heard."""
    script = script_of("a && ! { b; }")
    assert script.commands[1].within == ("negation", "group")
    assert not script.exact


def test_without_tree_sitter_nothing_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    parsing._second_reader.cache_clear()
    monkeypatch.setitem(sys.modules, "tree_sitter_bash", None)
    try:
        assert not parsing.available()
        script = script_of("a && b")
        assert not script.exact
        assert [command.name for command in script.commands] == ["a", "b"]
    finally:
        monkeypatch.undo()
        parsing._second_reader.cache_clear()
    assert parsing.available()


def test_tree_sitter_is_loaded_only_when_asked() -> None:
    program = (
        "import sys; from lightship.dockerfile.shell.parsing import script_of; script_of('if');"
        "sys.exit('tree_sitter' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    "part",
    [
        *(
            "(",
            "{ ",
            "$(",
            "${a",
            "$((",
            "((",
            "`",
            '"',
            "'",
            '"$(',
            '"${a:-',
            "if ",
            "case x in a) ",
        ),
        *(
            "a && ",
            "! ",
            "a | ",
            "a; ",
            "<<E ",
            "\n",
            "\\",
            "a=(",
            "[[ ",
            "f() ",
            "${a'",
            "$(( '",
            "<(",
        ),
        *(
            "function f ",
            "while ",
            "for x in ",
            ")",
            "}",
            ";;",
            "a[",
            "{a,",
            "[",
            "#",
            "$((1))",
            "``",
        ),
        *("time ", "> ", "x=", "<<'E'\n", "$(cat <<E\n", '"`', "&>", "a & ", "{fd}", "1>"),
    ],
)
def test_repetition_does_no_harm(part: str) -> None:
    """Deep or long: read to the end, without recursion and not again and again."""
    script = script_of(part * 20_000)
    assert isinstance(script, Script)


@pytest.mark.slow
def test_a_long_script_is_read_and_a_huge_one_is_not() -> None:
    text = "a 'b c' \"$d\" && " * 50_000 + "e"
    assert len(script_of(text).statements) == 50_001
    assert script_of(text).exact
    huge = "a && " * 2_000_000
    assert script_of(huge).statements == ()
    assert not script_of(huge).exact


@given(st.text() | st.text("ab \n'\"\\$`(){}[];&|<>#!=~*?\r\0", max_size=40) | st.binary())
@settings(max_examples=400, deadline=None)
def test_nothing_raises(data: str | bytes) -> None:
    text = data if isinstance(data, str) else data.decode("utf-8", "surrogateescape")
    script = script_of(text)
    assert script.text == text
    for command in script.commands:
        assert 0 <= command.start < command.end <= len(text)
        assert 0 <= command.statement <= len(script.statements)
