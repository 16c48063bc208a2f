"""Lists, pipelines and simple commands of the shell's language.

POSIX.1-2017, XCU 2.9.1 to 2.9.3, with what bash adds: `|&`, `&>`, arrays.
"""

from __future__ import annotations

import re

import msgspec

from lightship.dockerfile.shell.compounds import CLOSER, ENDS, PARENTHESES, CompoundReader
from lightship.dockerfile.shell.script import Command, Redirect, Script, Statement, Word

_OPERATOR = re.compile(r"&&|\|\||;(?![;&])|&(?!>)")
_PIPE = re.compile(r"\|&?(?!\|)")
_REDIRECT = re.compile(
    r"(\d++|\{[A-Za-z_]\w*+\})?(<<<|<<-?|<>|<&|<(?!\()|>>|>\||>&|>(?!\()|&>>?)", re.ASCII
)
_BEGINS_REDIRECT = frozenset("<>&{0123456789")
_RESERVED = re.compile(rf"(?:if|while|until|for|select|case|function|\{{|\[\[|!){ENDS}")
_TIMED = re.compile(
    rf"time(?:[ \t]+-p)?[ \t]+(?=\(|(?:if|while|until|for|select|case|\{{|\[\[|!){ENDS})"
)
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+(?:\[[^\]\s]*+\])?\+?=")
_DECLARING = frozenset(("declare", "typeset", "local", "export", "readonly"))
_NO_PROGRAM = re.compile(
    r"(?:in|\[\[|\]\]|coproc|if|then|elif|else|fi|while|until|for|select|do|done|case|esac|function"
    r"|[{}!]|[A-Za-z_]\w*\[.*)$",
    re.DOTALL,
)
_TESTS = frozenset(("[", "test"))


class Reader(CompoundReader):
    """Reads a script. Whatever the text, it comes to the end, and says where it was `doubtful`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.statements: list[Statement] = []
        self.operators: list[tuple[str, int]] = []

    def script(self) -> Script:
        """Read it all."""
        self.read_list()
        while self.pos < self.end:
            self.doubtful = True  # something is closed that was not opened
            self.take_any_closer()
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
            if self.closes():
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
            if self.closes():
                self.doubtful = True
                break
        if operator == "&":
            self._enclose(first, "background")

    def _operator(self) -> tuple[str, int]:
        at = self.pos
        if self.starts("\n"):
            self.newline()
            return "\n", at
        operator = self.take(_OPERATOR)
        if operator:
            self.operators.append((operator, at))
        elif not self.closes():
            self.doubtful = True
            self._step_over(at)
        return operator, at

    def _step_over(self, at: int) -> None:
        """Past a character that nothing can begin with: never stand still."""
        if self.here() in "|&(":
            self.pos = at + 1

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
        if self.take(_TIMED):
            self.doubtful = True  # a reserved word in bash, a program elsewhere
        while self.starts("!") and _RESERVED.match(self.text, self.pos, self.end):
            self.pos += 1
            self.within = (*outer, "negation")
            kind = "negation"
            self.blanks()
        first = len(self.commands)
        of_command, end = self.command()
        pipe = self._pipe()
        if pipe:
            kind = kind or "pipeline"
        while pipe:
            self.gap()
            end = self.command()[1]
            pipe = self._pipe()
            if not pipe:
                self._enclose(first, "pipeline")
        self.within = outer
        return kind or of_command, end

    def _pipe(self) -> bool:
        self.blanks()
        at = self.pos
        pipe = self.take(_PIPE)
        if pipe:
            self.operators.append((pipe, at))
        return bool(pipe)

    def command(self) -> tuple[str, int]:
        reserved = _RESERVED.match(self.text, self.pos, self.end)
        if CLOSER.match(self.text, self.pos, self.end):
            self.doubtful = True  # behind `!` or `|`, where it closes nothing
            return "command", self.pos
        if self.starts("(("):
            kind = self.parentheses_twice()
        elif self.starts("("):
            kind = self.subshell()
        elif reserved and reserved[0] != "!":
            self.pos = reserved.end()
            kind = self.compounds[reserved[0]]()
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
                if at == start and not assigns and self.take(PARENTHESES):
                    return "function", self.function_body(start)
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
            self.doubtful |= _is_no_program(words)
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
        if target is None or (target.text.isdigit() and self.here() in ("<", ">")):
            self.doubtful = True
        elif operator in ("<<", "<<-"):
            self.document(target, strips_tabs=operator == "<<-")
        return Redirect(operator, target, start, self.pos, found[1] or "")

    def _array(self, name: Word) -> Word:
        """Read the `(...)` of `name=(...)`."""
        self.pos += 1
        self.gap()
        while (word := self.word()) is not None:
            self.doubtful |= word.text.startswith("[")  # may be a subscript
            self.gap()
        self.expect(")")
        self.doubtful |= self.word() is not None
        text = self.text[name.start : self.pos]
        return Word(text, False, name.start, self.pos)


def _is_no_program(words: list[Word]) -> bool:
    """Whether a reserved word or a subscript stands where none can, for one shell or another."""
    program, *arguments = words
    if program.text == "time":
        return not arguments or bool(_NO_PROGRAM.match(arguments[0].text))
    return bool(_NO_PROGRAM.match(program.text))
