"""How two scripts, of which the second only runs if the first did not fail, become one.

`A && B` has the status of the two, but for three things: what `A` leaves in its shell (see
`leaking`), operators in `B` that bind no tighter than `&&`, and `set -e`, which does not look at
what stands left of `&&`. POSIX.1-2017, XCU 2.9.3 and 2.14 (set).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.leaking import errexit, errexit_by_shell, leaks
from lightship.dockerfile.shell.state import leading_sets, set_flags

if TYPE_CHECKING:
    from lightship.dockerfile.build import Step
    from lightship.dockerfile.shell.script import Script

_SIMPLE = frozenset(("command", "assignment", "test", "pipeline"))
_FLAT = frozenset(("pipeline", "substitution"))
_LISTS = re.compile(r"[;\n]|&&|\|\|")
_ONLY_TALK = frozenset("xv")  # they print and change nothing
_LEFT_OF_AND = "set -e does not look at what stands left of &&"


class Joint(Struct, frozen=True):
    """How two scripts become one.

    Attributes:
        operator: `&&`; `;`; or empty where the first one ends in `;` already.
        trims: whether the final `;` of the first goes.
        wraps: whether the first needs parentheses.
        braces: whether the second needs braces.
        drops: how many `set` commands of the second hold already.
    """

    operator: str
    wraps: bool = False
    braces: bool = False
    drops: int = 0
    trims: bool = False


def joint_of(first: Step, second: Step) -> Joint | str:
    """How the scripts of two RUNs with the same settings become one; or why they cannot."""
    one, two = first.script, second.script
    if one is None or two is None or not one.statements or not two.statements:
        return "its shell text does not parse"
    if one.comments or two.comments:
        return "a shell comment would swallow the rest"
    if one.has_heredoc or two.has_heredoc:
        return "it has a here-document"
    leak = leaks(first, second)
    if leak.reason is not None:
        return leak.reason
    if errexit(first):
        # In parentheses, left of &&, nothing would look at `set -e`.
        return "the first changes its shell" if leak.wraps else _stopping(first, one, two)
    last = one.statements[-1]
    trims = last.operator == ";" and not leak.wraps and _ends_on_its_line(first)
    wraps = leak.wraps or (bool(last.operator) and not trims)
    return Joint("&&", wraps=wraps, braces=not _is_chain(two), trims=trims)


def _ends_on_its_line(step: Step) -> bool:
    """Whether the last operator stands on the line of the word before it."""
    if step.script is None or step.body is None:
        return False
    last, joined = step.script.statements[-1], step.body.joined
    return joined.source(last.operator_start) - last.operator_start == (
        joined.source(last.end - 1) - last.end + 1
    )


def _stopping(first: Step, one: Script, two: Script) -> Joint | str:
    """The same where `set -e` holds in the first."""
    had, has = set_flags(one) - _ONLY_TALK, set_flags(two) - _ONLY_TALK
    if errexit_by_shell(first):
        had, has = had - {"e"}, has - {"e"}
    if had != has and not (had == {"e"} and not has and _is_flat_chain(two)):
        return "their set options differ"
    drops = leading_sets(two) if set_flags(two) <= set_flags(one) else 0
    if drops == len(two.statements):
        return "the second only sets options"
    index = len(one.statements) - 1
    last = one.statements[index]
    if not _is_flat(one, index):
        return _LEFT_OF_AND
    # Where `a` is a list of its own, `set -e` ends the script at it; in `b && a` it does not.
    if (not index or one.statements[index - 1].operator == ";") and (index or last.operator):
        return Joint("" if last.operator == ";" else ";", drops=drops)
    if last.operator:
        return _LEFT_OF_AND
    return Joint("&&", braces=not _is_chain(two, drops), drops=drops)


def _is_chain(script: Script, start: int = 0) -> bool:
    """Whether `&&` before the text means what it should: it has no other operators."""
    *chain, last = script.statements[start:]
    return last.operator in ("", ";") and all(one.operator == "&&" for one in chain)


def _is_flat_chain(script: Script) -> bool:
    every = range(len(script.statements))
    return _is_chain(script) and all(_is_flat(script, index) for index in every)


def _is_flat(script: Script, index: int) -> bool:
    """Whether it is all the same to a statement whether `set -e` holds inside it."""
    one = script.statements[index]
    inside = [command for command in script.commands if command.statement == index]
    if one.kind not in _SIMPLE:
        return False
    if any(not _FLAT.issuperset({*command.within} - {"or"}) for command in inside):
        return False
    nested = any("substitution" in command.within for command in inside)
    return not (nested and _LISTS.search(script.text, one.start, one.end))
