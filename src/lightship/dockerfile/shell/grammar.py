"""Lists, pipelines and commands of the shell's language.

POSIX.1-2017, XCU 2.9 and 2.10, with what bash adds: `[[`, `((`, `|&`, `&>`, `select`, `function`,
arrays, `;&`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from lightship.dockerfile.shell.lexing import Lexer
from lightship.dockerfile.shell.script import Command, Redirect, Script, Statement, Word

if TYPE_CHECKING:
    from collections.abc import Callable

_OPERATOR = re.compile(r"&&|\|\||;(?![;&])|&(?!>)|\n")
_PIPE = re.compile(r"\|&?(?!\|)")
_REDIRECT = re.compile(
    r"(\d++|\{[A-Za-z_]\w*+\})?(<<<|<<-?|<>|<&|<(?!\()|>>|>\||>&|>(?!\()|&>>?)", re.ASCII
)
_BEGINS_REDIRECT = frozenset("<>&{0123456789")
_ENDS = r"(?![^ \t\n;&|()<>])"
_RESERVED = re.compile(rf"(?:if|while|until|for|select|case|function|\{{|\[\[|!){_ENDS}")
_TIMED = re.compile(
    rf"time(?:[ \t]+-p)?[ \t]+(?=\(|(?:if|while|until|for|select|case|\{{|\[\[|!){_ENDS})"
)
_CLOSER = re.compile(rf"(?:then|else|elif|fi|do|done|esac|\}}){_ENDS}|\)|;;&|;;|;&")
_IN = re.compile(rf"in{_ENDS}")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+(?:\[[^\]\s]*+\])?\+?=")
_PARENTHESES = re.compile(r"[ \t]*\([ \t]*\)")
_DECLARING = frozenset(("declare", "typeset", "local", "export", "readonly"))
_TESTS = frozenset(("[", "test"))


class Reader(Lexer):
    """Reads a script. Whatever the text, it comes to the end, and says where it was `doubtful`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.statements: list[Statement] = []
        self.operators: list[tuple[str, int]] = []
        self._compounds: dict[str, Callable[[], str]] = {
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

    def script(self) -> Script:
        """Read it all."""
        self.read_list()
        while self.pos < self.end:
            self.doubtful = True  # something is closed that was not opened
            self._take_any_closer()
            self.read_list()
        self.finish()
        self.commands.sort(key=lambda command: command.start)
        return Script(
            self.text,
            tuple(self.statements),
            tuple(self.commands),
            tuple(self.comments),
            self.has_heredoc,
            not self.doubtful,
            tuple(self.variables),
        )

    def read_list(self) -> int:
        count = 0
        while True:
            self.gap()
            if self.pos >= self.end or _CLOSER.match(self.text, self.pos, self.end):
                return count
            self._and_or()
            count += 1

    def _and_or(self) -> None:
        """Read pipelines joined by `&&` and `||`, and the `;`, `&` or newline behind them."""
        first, outer = len(self.commands), self.within
        operator = ""
        while True:
            if operator == "||":
                self.within = (*outer, "or")
            start = self.pos
            kind, end = self._pipeline()
            self.within = outer
            self.blanks()
            operator, at = self._operator()
            if not self.depth:
                statement = Statement(start, end, kind, operator, at, at + len(operator))
                self.statements.append(statement)
                self.statement += 1
            if operator not in ("&&", "||"):
                break
            self.gap()
            if self.pos >= self.end or _CLOSER.match(self.text, self.pos, self.end):
                self.doubtful = True
                break
        if operator == "&":
            self._enclose(first, "background")

    def _operator(self) -> tuple[str, int]:
        at = self.pos
        found = _OPERATOR.match(self.text, at, self.end)
        if found is None:
            if at < self.end and not _CLOSER.match(self.text, at, self.end):
                self.doubtful = True
                self._step_over(at)
            return "", at
        if found[0] == "\n":
            self.newline()
        else:
            self.pos = found.end()
            self.operators.append((found[0], at))
        return found[0], at

    def _step_over(self, at: int) -> None:
        """Past a character that nothing can begin with: never stand still."""
        if self.here() in "|&(":
            self.pos = at + 1

    def _take_any_closer(self) -> None:
        found = _CLOSER.match(self.text, self.pos, self.end)
        self.pos = found.end() if found else self.pos + 1

    def _enclose(self, first: int, kind: str) -> None:
        """The commands from `first` on turn out to stand in something that begins here."""
        depth = len(self.within)
        for index in range(first, len(self.commands)):
            command = self.commands[index]
            within = (*command.within[:depth], kind, *command.within[depth:])
            self.commands[index] = msgspec.structs.replace(command, within=within)

    def _pipeline(self) -> tuple[str, int]:
        """Read commands joined by `|`; returns the kind and where they end."""
        outer, kind = self.within, ""
        if timed := _TIMED.match(self.text, self.pos, self.end):
            self.pos = timed.end()
        while self.starts("!") and _RESERVED.match(self.text, self.pos, self.end):
            self.pos += 1
            self.within = (*outer, "negation")
            kind = "negation"
            self.blanks()
        first = len(self.commands)
        of_command, end = self._command()
        pipe = self._pipe()
        if pipe:
            kind = kind or "pipeline"
        while pipe:
            self.gap()
            end = self._command()[1]
            pipe = self._pipe()
            if not pipe:
                self._enclose(first, "pipeline")
        self.within = outer
        return kind or of_command, end

    def _pipe(self) -> bool:
        self.blanks()
        found = _PIPE.match(self.text, self.pos, self.end)
        if found is None:
            return False
        self.operators.append((found[0], self.pos))
        self.pos = found.end()
        return True

    def _command(self) -> tuple[str, int]:
        reserved = _RESERVED.match(self.text, self.pos, self.end)
        if self.starts("(("):
            kind = self._parentheses_twice()
        elif self.starts("("):
            kind = self._subshell()
        elif reserved and reserved[0] != "!":
            self.pos = reserved.end()
            kind = self._compounds[reserved[0]]()
        else:
            return self._simple()
        end = self.pos
        self.blanks()
        while self._redirect() is not None:
            end = self.pos
            self.blanks()
        return kind, end

    def _simple(self) -> tuple[str, int]:
        start = end = self.pos
        words: list[Word] = []
        assignments: list[str] = []
        redirects: list[Redirect] = []
        text = self.text
        while True:
            redirect = self._redirect() if self.here() in _BEGINS_REDIRECT else None
            if redirect is not None:
                redirects.append(redirect)
            else:
                at = self.pos
                word = self.word()
                if word is None:
                    break
                assigns = (not words or words[0].text in _DECLARING) and _ASSIGNMENT.match(text, at)
                if assigns and assigns.end() == self.pos and self.starts("("):
                    word = self._array(word)
                if assigns and not words:
                    assignments.append(word.text)
                else:
                    words.append(word)
                if self.here() in (" (" if len(words) == 1 else "(") and self._defines(words):
                    return "function", self._function_body(start)
            end = self.pos
            self.blanks()
        if end == start:
            self.doubtful = True
            return "command", end
        self.commands.append(
            Command(
                tuple(words),
                tuple(assignments),
                tuple(redirects),
                start,
                end,
                self.within,
                self.statement,
            )
        )
        if words:
            return "test" if words[0].text in _TESTS else "command", end
        return "assignment" if assignments else "command", end

    def _redirect(self) -> Redirect | None:
        start = self.pos
        found = _REDIRECT.match(self.text, start, self.end)
        if found is None:
            return None
        self.pos = found.end()
        self.blanks()
        target = self.word()
        operator = found[2]
        if target is None:
            self.doubtful = True
        elif operator in ("<<", "<<-"):
            self.document(target, strips_tabs=operator == "<<-")
        return Redirect(operator, target, start, self.pos, found[1] or "")

    def _array(self, name: Word) -> Word:
        """Read the `(...)` of `name=(...)`."""
        self.pos += 1
        self.gap()
        while self.word() is not None:
            self.gap()
        self._expect(")")
        text = self.text[name.start : self.pos]
        return Word(text, False, name.start, self.pos)

    def _defines(self, words: list[Word]) -> bool:
        found = _PARENTHESES.match(self.text, self.pos, self.end)
        if found is None or len(words) != 1:
            return False
        self.pos = found.end()
        return True

    def _function(self) -> str:
        self.blanks()
        self.doubtful |= self.word() is None
        found = _PARENTHESES.match(self.text, self.pos, self.end)
        self.pos = found.end() if found else self.pos
        self._function_body(self.pos)
        return "function"

    def _function_body(self, start: int) -> int:
        self.gap()
        outer, self.within = self.within, (*self.within, "function")
        self.depth += 1
        if self.depth > 32:
            self.give_up()
        end = self._command()[1]
        self.depth -= 1
        self.within = outer
        return max(end, start)

    def _body(self, *kinds: str) -> None:
        """Read a list that must not be empty."""
        if not self.nested(*kinds):
            self.doubtful = True

    def _expect(self, *closers: str) -> str:
        """Take one of these; empty, and in doubt, if none of them stands here."""
        found = _CLOSER.match(self.text, self.pos, self.end)
        if found is None or found[0] not in closers:
            self.doubtful = True
            return ""
        self.pos = found.end()
        return found[0]

    def _group(self) -> str:
        self._body("group")
        self._expect("}")
        return "group"

    def _subshell(self) -> str:
        self.pos += 1
        self._body("subshell")
        self._expect(")")
        return "subshell"

    def _parentheses_twice(self) -> str:
        end = self.arithmetic_end(self.pos)
        if end < 0:
            return self._subshell()
        self.doubtful = True  # bash calculates, other shells run a subshell in a subshell
        self.arithmetic(self.pos, end)
        return "test"

    def _if(self) -> str:
        self._body("if", "condition")
        closer = self._expect("then")
        while closer in ("then", "elif"):
            if closer == "elif":
                self._body("if", "condition")
                self._expect("then")
            self._body("if")
            closer = self._expect("elif", "else", "fi")
        if closer == "else":
            self._body("if")
            self._expect("fi")
        return "if"

    def _while(self) -> str:
        self._body("loop", "condition")
        return self._do()

    def _do(self) -> str:
        self._expect("do")
        self._body("loop")
        self._expect("done")
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
            if found := _IN.match(self.text, self.pos, self.end):
                self.pos = found.end()
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
        found = _IN.match(self.text, self.pos, self.end)
        self.doubtful |= found is None
        self.pos = found.end() if found else self.pos
        self.gap()
        while self.pos < self.end and not self._closes_case():
            before = self.pos
            self._patterns()
            self.nested("case")
            if self._expect(";;", ";&", ";;&", "esac") in ("esac", "") and self.pos > before:
                return "case"
            self.gap()
            if self.pos == before:
                self._take_any_closer()
        return "case"

    def _closes_case(self) -> bool:
        found = _CLOSER.match(self.text, self.pos, self.end)
        if found is None or found[0] != "esac":
            return False
        self.pos = found.end()
        return True

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
        self._expect(")")

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
