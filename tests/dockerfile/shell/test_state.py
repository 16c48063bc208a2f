"""What a script leaves behind for what would run after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lightship.dockerfile.shell import state
from lightship.dockerfile.shell.parsing import script_of

if TYPE_CHECKING:
    from lightship.dockerfile.shell.script import Script


def read(text: str) -> Script:
    script = script_of(text)
    assert script.exact
    return script


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("apt-get update && apt-get install -y git", ()),
        ("cd /x && make", ("cd",)),
        ("(cd /x && make)", ()),
        ("a | while read x; do cd $x; done", ()),
        ("x $(cd /y; pwd)", ()),
        ("sudo cd /x", ()),
        ("command cd /x", ("cd",)),
        ("echo cd", ()),
        ("{ cd /x; }", ("cd",)),
        ("if a; then cd /x; fi", ("cd",)),
        ("a || exit 1", ("exit",)),
        ("A=1", ("assignment",)),
        ("A=1 make", ()),
        ("export A=1", ("export",)),
        ("for x in a b; do echo $x; done", ("assignment",)),
        ("(for x in a b; do echo $x; done)", ()),
        ("echo ${A:=b}", ("assignment",)),
        ("echo ${A:-b} $((1 + 2))", ()),
        ("echo $((A++))", ("assignment",)),
        ("set -ex; make", ("set",)),
        ("shopt -s globstar", ("shopt",)),
        ("umask 022", ("umask",)),
        ("trap 'rm x' EXIT", ("trap",)),
        ("f() { make; }; f", ("function",)),
        ("a & b", ("background",)),
        ("(a & b)", ("background",)),
        ("a &> /dev/null", ("background",)),
        ("exec a", ("exec",)),
        (". /etc/profile && a", ("source",)),
        ("source x", ("source",)),
        ("ulimit -n 10", ("ulimit",)),
        ("alias a=b", ("alias",)),
        ("eval a", ("eval",)),
        ("$A b", ("expansion",)),
        ("make $A", ()),
        ("unset A", ("unset",)),
        ("read A < x", ("assignment",)),
        ("printf -v A x", ("assignment",)),
        ("cd a; export B=c; cd d", ("cd", "export")),
    ],
)
def test_process_state(text: str, reasons: tuple[str, ...]) -> None:
    assert state.process_state(read(text)) == reasons


def test_what_was_not_read_is_a_reason() -> None:
    assert state.process_state(script_of("a $[1]")) == ("unread",)


@pytest.mark.parametrize(
    ("text", "count", "flags"),
    [
        ("set -eux; a", 1, "eux"),
        ("set -e -u && set -x && a", 2, "eux"),
        ("set -euo pipefail\na", 1, ["e", "u", "pipefail"]),
        ("set -o errexit -o pipefail; a", 1, ["e", "pipefail"]),
        ("a; set -e", 0, ""),
        ("set +e; a", 0, ""),
        ("set -- a b", 0, ""),
        ("set; a", 0, ""),
        ("set $A; a", 0, ""),
        ("(set -e; a)", 0, ""),
        ("set -e | a", 0, ""),
        ("set -o; a", 0, ""),
    ],
)
def test_leading_sets(text: str, count: int, flags: str | list[str]) -> None:
    script = read(text)
    assert state.leading_sets(script) == count
    assert state.set_flags(script) == frozenset(flags)
