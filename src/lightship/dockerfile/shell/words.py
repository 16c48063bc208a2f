"""Words of the shell's language: quotes, escapes, expansions.

POSIX.1-2017, XCU 2.2 (quoting) and 2.6 (expansions), with what bash adds: `$'...'`, `<(...)`,
braces. Read in one pass; nothing is looked at more often than the nesting is deep.
"""

from __future__ import annotations

import re

from lightship.dockerfile.shell.cursor import MAX_DEPTH, Cursor
from lightship.dockerfile.shell.script import Word

_ENDS_WORD = " \t\n;&|()<>"
_PLAIN_WORD = re.compile(r"""[^ \t\n;&|()<>'"\\$`*?\[\]{}~]++(?![^ \t\n;&|()<>])""")
_BARE = re.compile(r"""[^ \t\n;&|()<>'"\\$`]++""")
_IN_DOUBLE = re.compile(r'[^"\\$`]++')
_IN_BRACES = re.compile(r"""[^}'"\\$`]++""")
_OTHER = re.compile(r"[^\\$`]++")
_PARENTHESIS = re.compile(r"[()]")
_BACKQUOTED = re.compile(r"(?:[^`\\]|\\.)*+", re.DOTALL)
_ANSI = re.compile(r"\$'(?:[^'\\]|\\.)*+'", re.DOTALL)
_PARAMETER = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*+|[0-9@*#?$!-])")
_QUOTING = re.compile(r"""[\\'"`]""")
_OF_PARAMETER = re.compile(r"\$\{[#!]?[A-Za-z0-9_@*#?$!-]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+")
_ASSIGNING = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*+):?=")
_CALCULATES_INTO = re.compile(r"=|\+\+|--")
_ESCAPED_AGAIN = re.compile(r"""\\[$`\\"]""")


class WordReader(Cursor):
    """Reads words."""

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
                at = self.pos
                self._substitution(2)
                parts.append(self.text[at : self.pos])
            elif char == "'":
                parts.append(self._single())
            elif char == '"':
                expands |= self._double(parts)
            elif char == "\\":
                parts.append(self._escaped())
            elif char == "$" and (ansi := self.take(_ANSI)):
                expands = True
                self.doubtful |= "\\'" in ansi  # dash sees `$` and a quote that ends earlier
                parts.append(ansi)
            elif char in "$`":
                expands |= self._expansion(parts) or self.starts('"')  # `$"..."` is translated
            else:
                run = self.take(_BARE)
                parts.append(run)
                bare.append(run)
        if self.pos == start:
            return None
        literal = not expands and not _is_pattern("".join(bare))
        return Word("".join(parts), literal, start, self.pos)

    def expand_between(self, start: int, end: int) -> None:
        self._expansions(start, end, _OTHER)

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
        if _QUOTING.search(self.text, opening, end):
            self.doubtful = True  # parentheses in it may be quoted
        if _CALCULATES_INTO.search(self.text, opening, end):
            for name in _NAME.finditer(self.text, opening, end):
                self.assigned(name[0])
        self._expansions(opening + 2, end - 2, _OTHER)
        self.pos = end

    def _escaped(self) -> str:
        char = self.text[self.pos + 1 : min(self.pos + 2, self.end)]
        self.pos += 1 + len(char)
        self.doubtful |= not char
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
                parts.append(self.take(_IN_DOUBLE))
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
            # in bash alone, and there long discouraged; a name on the next line
            self.doubtful |= self.starts("$[") or self.starts("$\\\n")
            if not self.take(_PARAMETER):
                self.pos += 1

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
        if close >= self.end or self.text[close] != "`":
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
        self.doubtful |= not _OF_PARAMETER.match(self.text, self.pos, self.end)
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
                self.take(_IN_BRACES)
        self.doubtful = True

    def _quote_in_braces(self) -> None:
        """Shells do not agree whether `'` quotes in `"${a:-'}'}"`."""
        close = self.text.find("'", self.pos + 1, self.end)
        if close < 0 or self.text.find("}", self.pos, close) >= 0:
            self.doubtful = True
            self.pos += 1
        else:
            self.pos = close + 1

    def _expansions(self, start: int, end: int, others: re.Pattern[str]) -> None:
        """Read the expansions between two offsets, and pass over all that matches `others`."""
        outer, self.pos, self.end = self.end, start, end
        self.depth += 1
        while self.pos < self.end:
            char = self.text[self.pos]
            if char == "\\":
                self._escaped()
            elif char in "$`":
                self._expansion([])
            else:
                self.take(others)
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
