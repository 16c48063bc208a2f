"""BuildKit's shell lexer, as far as here-documents need it: words with no variable set.

Source: moby/buildkit, frontend/dockerfile/shell/lex.go, as of August 2026, with its peculiarities:
what stands in a word before a `${...}` with a modifier is forgotten, and blanks in that split the
word.
"""

from __future__ import annotations

import re

from lightship.dockerfile.lines import SPACES

_DEEPEST = 100
_SPACE = re.compile(f"[{SPACES}]")
_PLAIN = re.compile(rf"[^{SPACES}'\"$<\\]+")
_INSIDE = re.compile(r"[^'\"$<\\}/]+")
_DOUBLE = re.compile(r'[^"$\\]+')
_BLANKS = re.compile(r"[\t\r ]*")
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")


class LexError(Exception):
    """BuildKit could not split the text: a quote or a brace is not closed."""


class TooDeepError(LexError):
    """Substitutions stand in one another more than a hundredfold; BuildKit might read them."""


def lex(text: str, *, raw_quotes: bool, raw_escapes: bool) -> list[str]:
    """Split into words; `raw_` keeps quotes and backslashes.

    Raises:
        LexError: BuildKit could not split it.
        TooDeepError: we would not.
    """
    valid = _ESCAPED_BYTE.sub("\ufffd", text.removeprefix("\ufeff"))
    return _Lexer(valid, raw_quotes=raw_quotes, raw_escapes=raw_escapes).words()


class _Lexer:
    """One pass over a text."""

    def __init__(self, text: str, *, raw_quotes: bool, raw_escapes: bool) -> None:
        self._text = text
        self._at = 0
        self._raw_quotes = raw_quotes
        self._raw_escapes = raw_escapes
        self._depth = 0
        self._word: list[str] = []

    def words(self) -> list[str]:
        found: list[str] = []
        text, size = self._text, len(self._text)
        while self._at < size:
            if plain := _PLAIN.match(text, self._at):
                self._word.append(plain[0])
                self._at = plain.end()
                continue
            char = text[self._at]
            if char == "$":
                self._split(self._dollar(), found)
            elif char in "'\"<":
                self._word.append(self._special(char))
            elif char == "\\":
                self._word.append(self._escaped())
            else:
                self._at += 1
                self._end(found)
        self._end(found)
        return found

    def _end(self, found: list[str]) -> None:
        if word := "".join(self._word):
            found.append(word)
        self._word.clear()

    def _split(self, value: str, found: list[str]) -> None:
        """A substitution's text is split at its blanks, wherever they stand."""
        first, *others = _SPACE.split(value)
        self._word.append(first)
        for other in others:
            self._end(found)
            self._word.append(other)

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _next(self) -> str:
        char = self._text[self._at : self._at + 1]
        self._at += 1
        return char

    def _special(self, char: str) -> str:
        if char == "'":
            return self._single()
        return self._double() if char == '"' else self._opening()

    def _escaped(self) -> str:
        self._at += 1
        char = self._next()
        return f"\\{char}" if self._raw_escapes else char

    def _single(self) -> str:
        end = self._text.find("'", self._at + 1)
        if end < 0:
            raise LexError("a single quote is not closed")
        inner = self._text[self._at + 1 : end]
        self._at = end + 1
        return f"'{inner}'" if self._raw_quotes else inner

    def _double(self) -> str:
        self._at += 1
        parts: list[str] = []
        while char := self._peek():
            if plain := _DOUBLE.match(self._text, self._at):
                parts.append(plain[0])
                self._at = plain.end()
            elif char == "$":
                parts.append(self._dollar())
            elif char == '"':
                self._at += 1
                inner = "".join(parts)
                return f'"{inner}"' if self._raw_quotes else inner
            else:
                self._at += 1
                if self._raw_escapes:
                    parts.append("\\")
                # A backslash before anything else stays (once more where they are kept raw).
                parts.append(self._next() if self._peek() in ('"', "$", "\\") else "\\")
        raise LexError("a double quote is not closed")

    def _opening(self) -> str:
        """`<`; or `<<` with the blanks behind it, so that they do not end the word."""
        self._at += 1
        if self._peek() != "<":
            return "<"
        blanks = _BLANKS.match(self._text, self._at + 1)
        self._at = blanks.end() if blanks else self._at + 1
        return f"<<{blanks[0] if blanks else ''}"

    def _dollar(self) -> str:
        self._at += 1
        if self._peek() != "{":
            return f"${self._name()}"
        self._at += 1
        if self._peek() in ("", "{", "}", ":"):
            raise LexError("a substitution has no name")
        name = self._name()
        modifier = self._next()
        if modifier == "}":
            return f"${{{name}}}"
        if modifier == "/":
            if self._peek() == "/":
                self._at += 1
            pattern = self._until("/", raw_escapes=True)
            return f"${{{name}/{pattern}/{self._until('}', raw_escapes=True)}}}"
        if modifier == ":":
            second = self._next()
            if second in ("#", "%"):
                raise LexError("a substitution has an unknown modifier")
            return f"${{{name}:{second}{self._until('}', raw_escapes=False)}}}"
        if not modifier or modifier not in "+-?#%":
            raise LexError("a substitution has an unknown modifier")
        return f"${{{name}{modifier}{self._until('}', raw_escapes=modifier in '#%')}}}"

    def _name(self) -> str:
        start, text = self._at, self._text
        char = self._peek()
        if char and char in "@*#?-$!":
            self._at += 1
            return char
        if char.isdecimal():
            while self._peek().isdecimal():
                self._at += 1
        else:
            while (char := self._peek()) == "_" or char.isalpha() or char.isdecimal():
                self._at += 1
        return text[start : self._at]

    def _until(self, stop: str, *, raw_escapes: bool) -> str:
        """What a substitution holds up to its end; the word before it is forgotten."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise TooDeepError("substitutions are nested too deeply")
        outer, self._raw_escapes = self._raw_escapes, raw_escapes
        parts: list[str] = []
        while (char := self._peek()) and char != stop:
            if plain := _INSIDE.match(self._text, self._at):
                parts.append(plain[0])
                self._at = plain.end()
            elif char == "$":
                parts.append(self._dollar())
            elif char in "'\"<":
                parts.append(self._special(char))
            elif char == "\\":
                parts.append(self._escaped())
            else:
                parts.append(self._next())
        if not char:
            raise LexError("a substitution is not closed")
        self._at += 1
        self._depth -= 1
        self._raw_escapes = outer
        self._word.clear()
        return "".join(parts)
