"""A text to a script, by two readers that must agree.

The reader of this folder says what a script holds. tree-sitter-bash, which is made for editors and
so finds a place for everything, but knows bash's grammar well, is the second opinion: a script is
`exact` if it has no error for it either, and both see the same programs and operators at the same
places. What tree-sitter's tree is known to say wrong, and why it is not what scripts are made from:
`2>file word` makes the word a target, a backslash and a blank separate words, what follows a
here-document's operator moves into it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from lightship.dockerfile.shell.grammar import Reader

if TYPE_CHECKING:
    from tree_sitter import Parser, TreeCursor

    from lightship.dockerfile.shell.script import Script

MAX_CHARACTERS = 1 << 20
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_PROGRAMS = frozenset(("command_name", "declaration_command", "unset_command", "test_command"))
_OPERATORS = frozenset(("&&", "||", "|", "|&"))
_JOINING = frozenset(("list", "pipeline", "heredoc_redirect"))


def available() -> bool:
    """Whether there is a usable tree-sitter, without which no script is exact."""
    return _second_reader() is not None


def script_of(text: str) -> Script:
    """The script; where it cannot be read without doubt, an outline that is not exact.

    Empty, and not exact, above 1 Mi characters.
    """
    reader = Reader(text if len(text) <= MAX_CHARACTERS else "")
    script = reader.script()
    exact = len(text) <= MAX_CHARACTERS and script.exact and _agrees(reader)
    return script if exact == script.exact else msgspec.structs.replace(script, exact=exact)


def _agrees(reader: Reader) -> bool:
    second = _second_reader()
    if second is None:
        return False
    # One byte a character, so that offsets are the same; what is not ASCII is no syntax.
    text = _NOT_ASCII.sub("x", reader.text)
    root = second.parse(text.encode("ascii")).root_node
    if root.has_error:
        return False
    places = {command.words[0].start for command in reader.commands if command.words}
    places.update(at for operator, at in reader.operators if operator in _OPERATORS)
    return places == _places(root.walk())


def _places(cursor: TreeCursor) -> set[int]:
    """Where a tree has programs and the operators between them; without recursion."""
    found: set[int] = set()
    parents = [""]
    while True:
        node = cursor.node
        if node is None:
            return found
        kind = node.type
        if kind in _PROGRAMS or (kind in _OPERATORS and parents[-1] in _JOINING):
            found.add(node.start_byte)
        if cursor.goto_first_child():
            parents.append(kind)
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return found
            parents.pop()


@cache
def _second_reader() -> Parser | None:
    try:
        import tree_sitter_bash  # noqa: PLC0415  # only what reads a RUN pays for it
        from tree_sitter import Language, Parser  # noqa: PLC0415 - only if asked for

        return Parser(Language(tree_sitter_bash.language()))
    except (ImportError, ValueError, OSError):  # an incompatible pair raises ValueError
        return None
