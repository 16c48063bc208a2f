"""Words of the shell's language: quotes, escapes, expansions, here-documents.

POSIX.1-2017, XCU 2.2 (quoting), 2.3 (tokens), 2.6 (expansions) and 2.7.4 (here-documents), with
what bash adds: `$'...'`, `<(...)`, braces. Read in one pass; nothing is looked at more often than
the nesting is deep, and that has a limit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lightship.dockerfile.shell.script import Command, Word

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH = 32
_BLANKS = re.compile(r"(?:[ \t]|\\\n)*+")
_COMMENT = re.compile(r"[^\n]*+")
_ENDS_WORD = " \t\n;&|()<>"
_PLAIN_WORD = re.compile(r"""[^ \t\n;&|()<>'"\\$`*?\[\]{}~]++(?![^ \t\n;&|()<>])""")
_BARE = re.compile(r"""[^ \t\n;&|()<>'"\\$`]++""")
_IN_DOUBLE = re.compile(r'[^"\\$`]++')
_IN_BRACES = re.compile(r"""[^}'"\\$`]++""")
_IN_DOCUMENT = re.compile(r"[^\\$`]++")
_IN_ARITHMETIC = re.compile(r"[^\\$`\"']++")
_PARENTHESIS = re.compile(r"[()]")
_BACKQUOTED = re.compile(r"(?:[^`\\]|\\.)*+", re.DOTALL)
_ANSI = re.compile(r"\$'(?:[^'\\]|\\.)*+'", re.DOTALL)
_PARAMETER = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*+|[0-9@*#?$!-])")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+")
_ASSIGNING = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*+):?=")
_CALCULATES_INTO = re.compile(r"=|\+\+|--")
_ESCAPED_AGAIN = re.compile(r"\\[$`\\]")


class _Document(NamedTuple):
    delimiter: str
    strips_tabs: bool
    expands: bool
    within: tuple[str, ...]
    statement: int


class Lexer:
    """Reads words; what stands in a substitution is left to `read_list`, which a grammar gives.

    Attributes:
        pos: where it stands, never behind `end`.
        doubtful: whether something was met that is no shell, or that shells do not agree on.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.end = len(text)
        self.depth = 0
        self.doubtful = "\0" in text
        self.within: tuple[str, ...] = ()
        self.statement = 0
        self.commands: list[Command] = []
        self.comments: list[tuple[int, int]] = []
        self.variables: list[str] = []
        self.has_heredoc = False
        self._documents: list[_Document] = []

    def read_list(self) -> int:
        """Read commands up to what closes them; returns how many."""
        raise NotImplementedError

    def here(self) -> str:
        """The character at `pos`; empty at the end."""
        return self.text[self.pos] if self.pos < self.end else ""

    def starts(self, prefix: str) -> bool:
        return self.text.startswith(prefix, self.pos, self.end)

    def blanks(self) -> None:
        """Pass over blanks, joined lines, and a comment where one can begin."""
        found = _BLANKS.match(self.text, self.pos, self.end)
        self.pos = found.end() if found else self.pos
        if self.starts("#"):
            comment = _COMMENT.match(self.text, self.pos, self.end)
            end = comment.end() if comment else self.end
            self.comments.append((self.pos, end))
            self.pos = end

    def gap(self) -> None:
        """Pass over blanks, comments and newlines."""
        self.blanks()
        while self.starts("\n"):
            self.newline()
            self.blanks()

    def give_up(self) -> None:
        self.doubtful = True
        self.pos = self.end

    def word(self) -> Word | None:
        """The word here; None where an operator, a blank or the end stands."""
        start = self.pos
        plain = _PLAIN_WORD.match(self.text, start, self.end)
        if plain:
            self.pos = plain.end()
            return Word(plain[0], True, start, self.pos)
        parts: list[str] = []
        bare: list[str] = []
        expands = False
        while self.pos < self.end:
            char = self.text[self.pos]
            if char in _ENDS_WORD:
                if char not in "<>" or not self.starts(char + "("):
                    break
                expands = True
                self._as_written(parts, lambda: self._substitution(2))
            elif char == "'":
                parts.append(self._single())
            elif char == '"':
                expands |= self._double(parts)
            elif char == "\\":
                parts.append(self._escaped())
            elif char in "$`":
                expands |= self._expansion(parts) or self.starts('"')  # `$"..."` is translated
            else:
                run = self._run(_BARE)
                parts.append(run)
                bare.append(run)
        if self.pos == start:
            return None
        literal = not expands and not _is_pattern("".join(bare))
        return Word("".join(parts), literal, start, self.pos)

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

    def arithmetic_end(self, opening: int) -> int:
        """Behind the `))` that closes the `((` at `opening`; -1 if none does."""
        level = 0
        for found in _PARENTHESIS.finditer(self.text, opening, self.end):
            level += 1 if found[0] == "(" else -1
            if level == 1 and found[0] == ")":
                end = found.end() + 1
                closes = end <= self.end and self.text[end - 1] == ")"
                return end if closes else -1
            if level == 0:
                break
        return -1

    def arithmetic(self, opening: int, end: int) -> None:
        """Read what stands in `((...))`, and stand behind it."""
        if _CALCULATES_INTO.search(self.text, opening, end):
            for name in _NAME.finditer(self.text, opening, end):
                self.assigned(name[0])
        self._bounded(opening + 2, end - 2, _IN_ARITHMETIC, {"'": self._pass, '"': self._pass})
        self.pos = end

    def assigned(self, name: str) -> None:
        """A variable is set by something that is no command."""
        if "subshell" not in self.within and "substitution" not in self.within:
            self.variables.append(name)

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

    def _pass(self) -> None:
        self.pos += 1

    def _run(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.pos, self.end)
        if found is None:
            return ""
        self.pos = found.end()
        return found[0]

    def _as_written(self, parts: list[str], read: Callable[[], object]) -> None:
        start = self.pos
        read()
        parts.append(self.text[start : self.pos])

    def _escaped(self) -> str:
        char = self.text[self.pos + 1 : min(self.pos + 2, self.end)]
        self.pos += 1 + len(char)
        return "" if char == "\n" else char or "\\"

    def _single(self) -> str:
        start = self.pos + 1
        close = self.text.find("'", start, self.end)
        if close < 0:
            self.give_up()
            return self.text[start : self.end]
        self.pos = close + 1
        return self.text[start:close]

    def _double(self, parts: list[str]) -> bool:
        """Read `"..."`; returns whether something expands in it."""
        self.pos += 1
        expands = False
        while self.pos < self.end:
            char = self.text[self.pos]
            if char == '"':
                self.pos += 1
                return expands
            if char == "\\":
                kept = self._escaped()
                parts.append(kept if kept in '$`"\\' else "\\" + kept)
            elif char in "$`":
                expands |= self._expansion(parts)
            else:
                parts.append(self._run(_IN_DOUBLE))
        self.doubtful = True
        return expands

    def _expansion(self, parts: list[str]) -> bool:
        """Read what `$` or a backquote begins, as written; returns whether it is an expansion."""
        start = self.pos
        self._dollar() if self.here() == "$" else self._backquote()
        parts.append(self.text[start : self.pos])
        return self.pos - start > 1

    def _dollar(self) -> None:
        if self.depth >= MAX_DEPTH:
            self.give_up()
        elif self.starts("$(("):
            end = self.arithmetic_end(self.pos + 1)
            if end > 0:
                self.arithmetic(self.pos + 1, end)
            else:
                self._substitution(2)
        elif self.starts("$("):
            self._substitution(2)
        elif self.starts("${"):
            if found := _ASSIGNING.match(self.text, self.pos, self.end):
                self.assigned(found[1])
            self.depth += 1
            self._braces()
            self.depth -= 1
        else:
            found = _PARAMETER.match(self.text, self.pos, self.end)
            found = found or _ANSI.match(self.text, self.pos, self.end)
            self.pos = found.end() if found else self.pos + 1

    def _substitution(self, opening: int) -> None:
        self.pos += opening
        self.nested("substitution")
        if self.starts(")"):
            self.pos += 1
        else:
            self.doubtful = True

    def _backquote(self) -> None:
        start = self.pos + 1
        found = _BACKQUOTED.match(self.text, start, self.end)
        close = found.end() if found else self.end
        if close >= self.end:
            self.give_up()
            return
        if _ESCAPED_AGAIN.search(self.text, start, close):
            self.doubtful = True
        outer, self.pos, self.end = self.end, start, close
        self.nested("substitution")
        self.doubtful |= self.pos < close
        self.pos, self.end = close + 1, outer

    def _braces(self) -> None:
        """Read `${...}`."""
        self.pos += 2
        while self.pos < self.end:
            char = self.text[self.pos]
            if char == "}":
                self.pos += 1
                return
            if char == "'":
                self._quote_in_braces()
            elif char == '"':
                self._double([])
            elif char == "\\":
                self._escaped()
            elif char in "$`":
                self._expansion([])
            else:
                self._run(_IN_BRACES)
        self.doubtful = True

    def _quote_in_braces(self) -> None:
        """Shells do not agree whether `'` quotes in `"${a:-'}'}"`: as in most, where it closes."""
        close = self.text.find("'", self.pos + 1, self.end)
        brace = self.text.find("}", self.pos + 1, self.end)
        if brace >= 0 and (close < 0 or brace < close):
            self.doubtful = True
            self.pos += 1
        else:
            self._single()

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
            self._bounded(start, body_end, _IN_DOCUMENT, {})
            self.pos, self.within, self.statement = after, within, statement

    def _bounded(
        self, start: int, end: int, run: re.Pattern[str], others: dict[str, Callable[[], None]]
    ) -> None:
        """Read the expansions between two offsets, and pass over everything else."""
        outer, self.pos, self.end = self.end, start, end
        self.depth += 1
        while self.pos < self.end:
            char = self.text[self.pos]
            if char == "\\":
                self._escaped()
            elif char in "$`":
                self._expansion([])
            elif char in others:
                others[char]()
            else:
                self._run(run)
        self.depth -= 1
        self.end = outer


def _is_pattern(bare: str) -> bool:
    """Whether what is not quoted may name files, or more than one word."""
    return (
        "*" in bare
        or "?" in bare
        or ("[" in bare and "]" in bare)
        or ("~" in bare and (bare[0] == "~" or "=~" in bare or ":~" in bare))
        or ("{" in bare and "}" in bare and ("," in bare or ".." in bare))
    )
