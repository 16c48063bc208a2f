"""One pattern, made ready to be compared with paths."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from lightship.context.expression import Kind, translate
from lightship.context.go_categories import GoSyntaxError
from lightship.context.go_regexp import read
from lightship.context.go_text import has_invalid_bytes, raw
from lightship.context.python_expression import of_items, of_literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.context.go_regexp import Item

_BOM = "\ufeff"


class Compiled:
    """A pattern, compiled; what takes time is done when it is first asked for.

    Attributes:
        kind: how it is compared.
        literal: what a path must be equal to, begin with or end with; empty for a regexp.
        regexp: Go's regexp; empty for the others.
    """

    def __init__(self, glob: str) -> None:
        self.kind, self.regexp = translate(glob)
        self._items: list[Item] = []
        if self.kind is Kind.REGEXP:
            try:
                self._items = read(self.regexp)
            except GoSyntaxError:
                self.kind = Kind.BROKEN
        self.literal = _literal(self.kind, glob)

    @cached_property
    def expression(self) -> str | None:
        """For Python's `re.match`, without groups or flags, fit to be joined with others by `|`.

        None where only `matches` is right, or fast whatever the path is; and for what is broken,
        which matches nothing.
        """
        if self.kind is Kind.BROKEN:
            return None
        if self.kind is Kind.REGEXP:
            return of_items(self._items)
        return of_literal(self.kind, self.literal)

    def matches(self, path: str) -> bool:
        """Whether it matches exactly this path, directories above not looked at."""
        return self._matches(path)

    @cached_property
    def _matches(self) -> Callable[[str], bool]:
        literal = self.literal
        if self.kind is Kind.BROKEN:
            return lambda _path: False
        if self.kind is Kind.REGEXP:
            return self._by_regexp()
        if self.kind is Kind.EXACT:
            return literal.__eq__
        if has_invalid_bytes(literal):
            return self._by_bytes()
        if self.kind is Kind.PREFIX:
            return lambda path: path.startswith(literal)
        if literal.startswith("/"):
            return lambda path: path.endswith(literal) or path == literal[1:]
        return lambda path: path.endswith(literal)

    def _by_regexp(self) -> Callable[[str], bool]:
        if self.expression is None:
            from lightship.context.automaton import Automaton  # noqa: PLC0415 - seldom needed

            return Automaton(self._items).matches
        match = re.compile(self.expression).match
        return lambda path: match(path) is not None

    def _by_bytes(self) -> Callable[[str], bool]:
        data = raw(self.literal)
        if self.kind is Kind.PREFIX:
            return lambda path: raw(path).startswith(data)
        return lambda path: raw(path).endswith(data) or (data[:1] == b"/" and raw(path) == data[1:])


def _literal(kind: Kind, glob: str) -> str:
    if kind is Kind.EXACT:
        return glob
    if kind is Kind.PREFIX:
        return glob[:-2]
    if kind is Kind.SUFFIX:
        # Two bytes are cut, even where they are of a mark that the scanner read past.
        if glob.startswith(_BOM):
            return raw(glob)[2:].decode("utf-8", "surrogateescape")
        return glob[2:]
    return ""
