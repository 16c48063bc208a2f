"""Compound commands of the shell's language.

POSIX.1-2017, XCU 2.9.4 and 2.9.5, with what bash adds: `[[`, `((`, `select`, `function`, `;&`.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import TYPE_CHECKING

from lightship.dockerfile.shell.cursor import MAX_DEPTH
from lightship.dockerfile.shell.script import Command, Word
from lightship.dockerfile.shell.words import WordReader

if TYPE_CHECKING:
    from collections.abc import Callable

ENDS = r"(?![^ \t\n;&|()<>])"
CLOSER = re.compile(rf"(?:then|else|elif|fi|do|done|esac|\}}){ENDS}|\)|;;&|;;|;&")
PARENTHESES = re.compile(r"[ \t]*\([ \t]*\)")
_IN = re.compile(rf"in{ENDS}")
_ESAC = re.compile(rf"esac{ENDS}")


class CompoundReader(WordReader):
    """Reads what is between a reserved word or a parenthesis and its end."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.compounds: dict[str, Callable[[], str]] = {
            "if": self._if,
            "while": self._while,
            "until": self._while,
            "for": self._for,
            "select": self._for,
            "case": self._case,
            "function": self._function,
            "{": self._group,
            "[[": self._test,
        }

    @abstractmethod
    def command(self) -> tuple[str, int]:
        """Read one command; returns its kind and where it ends."""

    def closes(self) -> bool:
        """Whether the list ends here."""
        return self.pos >= self.end or bool(CLOSER.match(self.text, self.pos, self.end))

    def expect(self, *closers: str) -> str:
        """Take one of these; empty, and in doubt, if none of them stands here."""
        found = CLOSER.match(self.text, self.pos, self.end)
        if found is None or found[0] not in closers:
            self.doubtful = True
            return ""
        self.pos = found.end()
        return found[0]

    def take_any_closer(self) -> None:
        """Past something that closes, or any other character."""
        if not self.take(CLOSER):
            self.pos += 1

    def function_body(self, start: int) -> int:
        """Read the command that a function is; returns where it ends."""
        self.gap()
        if self.depth >= MAX_DEPTH:
            self.give_up()
            return start
        outer, self.within = self.within, (*self.within, "function")
        self.depth += 1
        kind, end = self.command()
        self.depth -= 1
        self.within = outer
        if kind in ("command", "assignment", "function", "test"):
            self.doubtful = True  # only a compound command is a body everywhere
        return max(end, start)

    def _function(self) -> str:
        self.blanks()
        self.doubtful |= self.word() is None
        self.take(PARENTHESES)
        self.function_body(self.pos)
        return "function"

    def _body(self, *kinds: str) -> None:
        """Read a list that must not be empty."""
        if not self.nested(*kinds):
            self.doubtful = True

    def _group(self) -> str:
        self._body("group")
        self.expect("}")
        return "group"

    def subshell(self) -> str:
        """Read `( ... )`."""
        self.pos += 1
        self._body("subshell")
        self.expect(")")
        return "subshell"

    def parentheses_twice(self) -> str:
        """Read what begins with `((`."""
        end = self.arithmetic_end(self.pos)
        if end < 0:
            return self.subshell()
        self.doubtful = True  # bash calculates, other shells run a subshell in a subshell
        self.arithmetic(self.pos, end)
        return "test"

    def _if(self) -> str:
        self._body("if", "condition")
        closer = self.expect("then")
        while closer in ("then", "elif"):
            if closer == "elif":
                self._body("if", "condition")
                self.expect("then")
            self._body("if")
            closer = self.expect("elif", "else", "fi")
        if closer == "else":
            self._body("if")
            self.expect("fi")
        return "if"

    def _while(self) -> str:
        self._body("loop", "condition")
        return self._do()

    def _do(self) -> str:
        self.expect("do")
        self._body("loop")
        self.expect("done")
        return "loop"

    def _for(self) -> str:
        self.blanks()
        if self.starts("(("):
            end = self.arithmetic_end(self.pos)
            if end < 0:
                self.give_up()
                return "loop"
            self.arithmetic(self.pos, end)
        else:
            name = self.word()
            self.assigned(name.text if name else "")
            self.doubtful |= name is None
            self.gap()
            if self.take(_IN):
                self.blanks()
                while self.word() is not None:
                    self.blanks()
        self.blanks()
        if self.starts(";"):
            self.pos += 1
        self.gap()
        return self._do()

    def _case(self) -> str:
        self.blanks()
        self.doubtful |= self.word() is None
        self.gap()
        self.doubtful |= not self.take(_IN)
        closer = ";;"
        while closer not in ("esac", ""):
            self.gap()
            if self.take(_ESAC):
                break
            self._patterns()
            self.nested("case")
            closer = self.expect(";;", ";&", ";;&", "esac")
        return "case"

    def _patterns(self) -> None:
        if self.starts("("):
            self.pos += 1
        while True:
            self.blanks()
            self.doubtful |= self.word() is None
            self.blanks()
            if not self.starts("|"):
                break
            self.pos += 1
        self.expect(")")

    def _test(self) -> str:
        """Read `[[ ... ]]`: the words up to its end, operators passed over."""
        start = self.pos - 2
        words = [Word("[[", True, start, self.pos)]
        while self.pos < self.end:
            self.gap()
            word = self.word()
            if word is None:
                self.pos = min(self.pos + 1, self.end)
            elif word.text == "]]":
                break
            else:
                words.append(word)
        else:
            self.doubtful = True
        command = Command(tuple(words), (), (), start, self.pos, self.within, self.statement)
        self.commands.append(command)
        return "test"
