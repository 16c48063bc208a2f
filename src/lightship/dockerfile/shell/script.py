"""What a shell script says: its words, simple commands and top-level statements.

Every offset is an index in the text that was read.
"""

from __future__ import annotations

from msgspec import Struct

from lightship.dockerfile.shell.programs import operand_indexes, program_index


class Word(Struct, frozen=True):
    """One word.

    Attributes:
        text: without quotes and escapes; expansions as written (`"$A"/b` is `$A/b`).
        literal: whether the program gets exactly `text`: no `$`, backquote, pattern, brace or tilde
            that a shell would expand.
    """

    text: str
    literal: bool
    start: int
    end: int


class Redirect(Struct, frozen=True):
    """One redirection.

    Attributes:
        operator: without the descriptor: `>`, `>>`, `<<`, `<<-`, `<<<`, `>&`, `&>`...
        target: the word after it, of a here-document its delimiter; None where there is none.
        descriptor: what stands before the operator (`2` of `2>`), or empty.
    """

    operator: str
    target: Word | None
    start: int
    end: int
    descriptor: str = ""


class Command(Struct, frozen=True):
    """One simple command, anywhere in the script.

    Attributes:
        words: with the program first; empty for a bare assignment. `[[` has the words up to `]]`.
        assignments: those before the program, without quotes: `A=b`.
        within: what it stands in, from outside in:
            `pipeline`, `subshell` (parentheses), `group` (braces), `if`, `loop`, `case`,
            `function` (its body), `substitution` (also `<(...)` and in a here-document),
            `negation` (behind `!`), `or` (just right of `||`),
            `condition` (of the `if` or `loop` before it), `background` (its list ends in `&`).
            Empty: runs at the top level, if the statements before it let it.
        statement: index of the top-level statement it belongs to.
    """

    words: tuple[Word, ...]
    assignments: tuple[str, ...]
    redirects: tuple[Redirect, ...]
    start: int
    end: int
    within: tuple[str, ...]
    statement: int

    @property
    def name(self) -> str:
        """The program's name without its folder, behind `sudo`, `env`, `exec`...; or empty.

        As written where it expands: `$CC`.
        """
        index = program_index(self.words)
        return self.words[index].text.rpartition("/")[2] if index < len(self.words) else ""

    @property
    def arguments(self) -> tuple[Word, ...]:
        """The words after the program that `name` names."""
        return self.words[program_index(self.words) + 1 :]

    def has(self, *options: str) -> bool:
        """Whether one of these options is given.

        `-y` is found in `-qy` as well, `--no-cache` also as `--no-cache=...`; nothing after `--`.
        """
        short = [option[1] for option in options if len(option) == 2 and option[0] == "-"]
        for word in self.arguments:
            text = word.text
            if text == "--":
                return False
            if not text.startswith("-"):
                continue
            if text in options or text.partition("=")[0] in options:
                return True
            if not text.startswith("--") and any(letter in text[1:] for letter in short):
                return True
        return False

    def operands(self, *with_value: str) -> tuple[Word, ...]:
        """The arguments that are no options, nor values of the options in `with_value`.

        Values are skipped as `-o VALUE` and `-qo VALUE`; `-oVALUE` and `--opt=VALUE` are one word.
        """
        arguments = self.arguments
        texts = [word.text for word in arguments]
        return tuple(arguments[index] for index in operand_indexes(texts, with_value))


class Statement(Struct, frozen=True):
    """One top-level member of the script, with the operator that follows it.

    `a && b || c; d` is four of them: lists are flat, `&&` and `||` associate to the left.

    Attributes:
        kind: `command`, `assignment`, `test` (`[`, `[[`, `test`, `((`), `pipeline`, `negation`,
            `subshell`, `group`, `if`, `loop`, `case`, `function`.
        start, end: with its redirections, without the operator.
        operator: `&&`, `||`, `;`, `&`, a newline; empty at the end of the text.
        operator_start, operator_end: equal if there is no operator.
    """

    start: int
    end: int
    kind: str
    operator: str
    operator_start: int
    operator_end: int


class Script(Struct, frozen=True):
    """A shell script.

    Attributes:
        statements: the top level, in order.
        commands: all simple commands, by where they start.
        comments: start and end of each, from its `#`.
        variables: what `for`, `select`, `${A:=b}` and arithmetic set in the script's own shell.
        exact: whether it was read without doubt. If not, it serves to report, never to edit.
    """

    text: str
    statements: tuple[Statement, ...]
    commands: tuple[Command, ...]
    comments: tuple[tuple[int, int], ...]
    has_heredoc: bool
    exact: bool
    variables: tuple[str, ...] = ()
