from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.analysis.commands import MAX_TEXT_BYTES, shell_commands, wrapped


def programs(text: str, **variables: str) -> list[str]:
    found = shell_commands(
        text.encode(), {name.encode(): value.encode() for name, value in variables.items()}
    )
    return [words[0].decode() for words in found.simple]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gunicorn app:app", ["gunicorn"]),
        ("exec gunicorn app:app", ["gunicorn"]),
        ("a && b || c; d & e | f |& g", ["a", "b", "c", "d", "e", "f", "g"]),
        ("A=1 B='x y' a b", ["a"]),
        ("A=1", []),
        ("# a comment; x\na # b\nc", ["a", "c"]),
        ("a#b c", ["a#b"]),
        ("a 'b; c' \"d && e\" f\\;g", ["a"]),
        ('"a b" c', ["a b"]),
        ("a \\\n  b", ["a"]),
        ("if a; then b; else c; fi", ["a", "b", "c"]),
        ("while ! a; do b; done", ["a", "b"]),
        ("for x in a b; do c; done", ["c"]),
        ('case "$1" in start) a;; stop) b;; esac', ["a", "b"]),
        ("(a; b) > out 2>&1 < in", ["a", "b"]),
        ("a > b c", ["a"]),
        ("x=$(a b) c `d`", ["a", "d", "c"]),
        ('c "$(a "$1")" d', ["a", "c"]),
        ("cat <<EOF | a\nnot a command\nEOF\nb", ["cat", "a", "b"]),
        ("cat <<-'EOF'\n\tnot; one\n\tEOF\nb", ["cat", "b"]),
        ("a <<< word", ["a"]),
        ("'''exec' python \"$0\"", ["python"]),
        ("exec -a name a", ["a"]),
        ("command -v a && command b", ["b"]),
        ("", []),
        ("a 'open", ["a"]),
    ],
)
def test_simple_commands(text: str, expected: list[str]) -> None:
    assert programs(text) == expected


def test_variables_of_the_config_are_put_in() -> None:
    assert programs("$JAVA_HOME/bin/java -jar x", JAVA_HOME="/opt/jdk") == ["/opt/jdk/bin/java"]
    assert programs("${RUN:-serve} x") == ["serve"]
    assert not shell_commands(b"${A}/b", {b"A": b"/x"}).is_partial


@pytest.mark.parametrize("text", ["$1", "eval a", '"$JAVA_HOME/bin/java"', "`a`", "a; $X"])
def test_what_is_not_named_is_said(text: str) -> None:
    assert shell_commands(text.encode()).is_partial


@pytest.mark.parametrize("text", ['exec "$@"', "set -e\n$@", 'exec gosu app "$@"', "tini -- $*"])
def test_running_ones_own_arguments(text: str) -> None:
    found = shell_commands(text.encode())
    assert found.passes_arguments
    assert not found.is_partial


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("gosu app nginx -g x", "nginx -g x"),
        ("su-exec 1000:0 nginx", "nginx"),
        ("tini -s -- nginx", "nginx"),
        ("/usr/bin/tini -p SIGTERM nginx", "nginx"),
        ("dumb-init nginx", "nginx"),
        ("env -i A=1 B=2 nginx", "nginx"),
        ("timeout -s KILL 5m nginx", "nginx"),
        ("sudo -u app nginx", "nginx"),
        ("tini", ""),
        ("nginx -g x", None),
    ],
)
def test_what_only_starts_another_program(words: str, expected: str | None) -> None:
    found = wrapped([word.encode() for word in words.split()])
    assert found == (None if expected is None else [word.encode() for word in expected.split()])


def test_a_long_text_is_not_read() -> None:
    found = shell_commands(b"a;" * MAX_TEXT_BYTES)
    assert found.is_partial
    assert found.simple == []


@given(st.text(alphabet="ab $()`'\"\\;&|<>#\n{}=@-!"))
def test_any_text(text: str) -> None:
    found = shell_commands(text.encode())
    assert all(words and all(isinstance(word, bytes) for word in words) for words in found.simple)


@given(st.binary(max_size=300))
def test_any_bytes(text: bytes) -> None:
    shell_commands(text)


@pytest.mark.parametrize(
    "piece", ["$(", "`", "'", '"', '"\\', "\\", "(", "<<a\n", "a<<b ", '"$(a ']
)
def test_repeated_openings_end_soon(piece: str) -> None:
    text = (piece * MAX_TEXT_BYTES)[:MAX_TEXT_BYTES]
    shell_commands(text.encode())
