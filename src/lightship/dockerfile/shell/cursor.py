"""Where a reader of shell stands: blanks, comments, newlines, here-documents, nesting.

POSIX.1-2017, XCU 2.3 (tokens) and 2.7.4 (here-documents).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lightship.dockerfile.shell.script import Command, Word

MAX_DEPTH = 32
_BLANKS = re.compile(r"(?:[ \t]|\\\n)*+")
_COMMENT = re.compile(r"[^\n]*+")


class _Document(NamedTuple):
    delimiter: str
    strips_tabs: bool
    expands: bool
    within: tuple[str, ...]
    statement: int


class Cursor(ABC):
    """A place in a text, and what was found up to it.

    What stands in a substitution or in a here-document is left to those who know words and lists.

    Attributes:
        pos: where it stands, never behind `end`.
        doubtful: whether something was met that is no shell, or that shells do not agree on.
        gave_up: whether a part was passed over: nested too deep, or of a quote that is not closed.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.end = len(text)
        self.depth = 0
        self.doubtful = "\0" in text
        self.gave_up = False
        self.within: tuple[str, ...] = ()
        self.statement = 0
        self.commands: list[Command] = []
        self.comments: list[tuple[int, int]] = []
        self.variables: list[str] = []
        self.has_heredoc = False
        self._documents: list[_Document] = []

    @abstractmethod
    def read_list(self) -> int:
        """Read commands up to what closes them; returns how many."""

    @abstractmethod
    def expand_between(self, start: int, end: int) -> None:
        """Read the expansions in a here-document."""

    def here(self) -> str:
        """The character at `pos`; empty at the end."""
        return self.text[self.pos] if self.pos < self.end else ""

    def starts(self, prefix: str) -> bool:
        return self.text.startswith(prefix, self.pos, self.end)

    def take(self, pattern: re.Pattern[str]) -> str:
        """What matches here, passed over; empty if it does not."""
        found = pattern.match(self.text, self.pos, self.end)
        if found is None:
            return ""
        self.pos = found.end()
        return found[0]

    def blanks(self) -> None:
        """Pass over blanks, joined lines, and a comment where one can begin."""
        self.take(_BLANKS)
        if self.starts("#"):
            start = self.pos
            self.take(_COMMENT)
            self.comments.append((start, self.pos))

    def gap(self) -> None:
        """Pass over blanks, comments and newlines."""
        self.blanks()
        while self.starts("\n"):
            self.newline()
            self.blanks()

    def give_up(self) -> None:
        """Pass over the rest, of which nothing is known."""
        self.doubtful = self.gave_up = True
        self.pos = self.end

    def document(self, target: Word, *, strips_tabs: bool) -> None:
        """A here-document begins at the next newline."""
        raw = self.text[target.start : target.end]
        expands = not any(quote in raw for quote in "'\"\\")
        self.has_heredoc = True
        self._documents.append(
            _Document(target.text, strips_tabs, expands, self.within, self.statement)
        )

    def newline(self) -> None:
        """Pass over a newline, and the here-documents that begin behind it."""
        self.pos += 1
        waiting, self._documents = self._documents, []
        for document in waiting:
            self._document_body(document)

    def finish(self) -> None:
        if self._documents:
            self.doubtful = True

    def nested(self, *kinds: str) -> int:
        """Read a list inside of something; returns how many members it had."""
        if self.depth >= MAX_DEPTH:
            self.give_up()
            return 0
        outer, self.within = self.within, self.within + kinds
        self.depth += 1
        count = self.read_list()
        self.depth -= 1
        self.within = outer
        return count

    def assigned(self, name: str) -> None:
        """A variable is set by something that is no command."""
        if "subshell" not in self.within and "substitution" not in self.within:
            self.variables.append(name)

    def _document_body(self, document: _Document) -> None:
        start = self.pos
        while True:
            if self.pos >= self.end:
                self.doubtful = True
                body_end = self.end
                break
            line_end = self.text.find("\n", self.pos, self.end)
            line_end = self.end if line_end < 0 else line_end
            line = self.text[self.pos : line_end]
            if (line.lstrip("\t") if document.strips_tabs else line) == document.delimiter:
                body_end, self.pos = self.pos, min(line_end + 1, self.end)
                break
            self.pos = min(line_end + 1, self.end)
        if document.expands:
            after, within, statement = self.pos, self.within, self.statement
            self.within, self.statement = document.within, document.statement
            self.expand_between(start, body_end)
            self.pos, self.within, self.statement = after, within, statement
