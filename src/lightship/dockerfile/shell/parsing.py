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
    from tree_sitter import Parser, Query

    from lightship.dockerfile.shell.script import Script

MAX_CHARACTERS = 1 << 20
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_QUERY = """
(command_name) @program
(declaration_command) @program
(unset_command) @program
(test_command . ["[" "[["] @program)
(list ["&&" "||"] @operator)
(heredoc_redirect ["&&" "||"] @operator)
(pipeline ["|" "|&"] @operator)
"""


def available() -> bool:
    """Whether there is a usable tree-sitter, without which no script is exact."""
    return _second_reader() is not None


def parse_script(text: str) -> Script | None:
    """The script, if it was read without doubt; None for what is no shell, or over 1 MiB."""
    script, agreed = _read(text)
    return script if agreed else None


def outline(text: str) -> Script:
    """The script as far as it can be made out, never exact. Empty above 1 MiB."""
    return msgspec.structs.replace(_read(text, second=False)[0], exact=False)


def script_of(text: str) -> Script:
    """The exact script, else the outline."""
    script, agreed = _read(text)
    return script if agreed else msgspec.structs.replace(script, exact=False)


def still_parses(text: str) -> bool:
    """Whether an edited text is shell without doubt."""
    return _read(text)[1]


def _read(text: str, *, second: bool = True) -> tuple[Script, bool]:
    reader = Reader(text if len(text) <= MAX_CHARACTERS else "")
    script = reader.script()
    if len(text) > MAX_CHARACTERS:
        return script, False
    return script, second and script.exact and _agrees(reader)


def _agrees(reader: Reader) -> bool:
    second = _second_reader()
    if second is None:
        return False
    from tree_sitter import QueryCursor  # noqa: PLC0415  # loaded with the reader, when needed

    parser, query = second
    # One byte a character, so that offsets are the same; what is not ASCII is no syntax.
    text = _NOT_ASCII.sub("x", reader.text)
    root = parser.parse(text.encode("ascii")).root_node
    if root.has_error:
        return False
    found = QueryCursor(query).captures(root)
    programs = {node.start_byte for node in found.get("program", ())}
    operators = {node.start_byte for node in found.get("operator", ())}
    return programs == {
        command.words[0].start for command in reader.commands if command.words
    } and operators == {at for operator, at in reader.operators if operator not in (";", "&")}


@cache
def _second_reader() -> tuple[Parser, Query] | None:
    try:
        import tree_sitter_bash  # noqa: PLC0415  # only what reads a RUN pays for it
        from tree_sitter import Language, Parser, Query  # noqa: PLC0415

        language = Language(tree_sitter_bash.language())
        return Parser(language), Query(language, _QUERY)
    except (ImportError, ValueError, OSError):  # an incompatible pair raises ValueError
        return None
