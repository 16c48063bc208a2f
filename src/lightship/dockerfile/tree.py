"""The syntax tree of a Dockerfile: every character of the file belongs to exactly one node.

A file is decoded as UTF-8 with surrogate escapes, so that any bytes are text and come back. All
offsets count characters of that text.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

NodeKind = Literal["bom", "directive", "comment", "blank", "instruction"]


class Joined(Struct, frozen=True):
    """Text of several lines as BuildKit joins them, and where each character came from.

    Attributes:
        text: without continuation characters, line ends, comment lines and empty lines.
        starts: where in `text` each piece begins, ascending from 0.
        sources: where in the file that piece begins.
    """

    text: str
    starts: tuple[int, ...]
    sources: tuple[int, ...]

    def source(self, offset: int) -> int:
        """Where in the file the character at `offset` stands."""
        piece = bisect_right(self.starts, offset) - 1
        return self.sources[piece] + offset - self.starts[piece]

    def source_end(self, offset: int) -> int:
        """Where in the file the text before `offset` ends: behind its last character."""
        return self.source(offset - 1) + 1 if offset else self.sources[0]


class Flag(Struct, frozen=True):
    """One `--name=value` between the keyword and the arguments.

    Attributes:
        name: without the dashes.
        value: without quotes; None for a flag without `=`.
        start, end: in the joined text.
    """

    name: str
    value: str | None
    start: int
    end: int


class Heredoc(Struct, frozen=True):
    """One here-document.

    Attributes:
        name: its terminator, without quotes.
        expands: whether variables in it are expanded: no part of the name is quoted.
        strips_tabs: `<<-`.
        descriptor: the number before `<<`, 0 if there is none.
        start, end: of its lines in the file, without the terminator's line.
        terminator_end: where the terminator's line ends, its line end included.
    """

    name: str
    expands: bool
    strips_tabs: bool
    descriptor: int
    start: int
    end: int
    terminator_end: int


class Span(Struct, frozen=True):
    """A part of the file: whole lines, line ends included."""

    start: int
    end: int


class Instruction(Struct, frozen=True, kw_only=True):
    """One instruction with all its lines.

    Attributes:
        keyword: in capitals: `RUN`. Any word; whether BuildKit knows it is another question.
        start, end: in the file, from its line's first character to the end of its last line, line
            end and heredocs included.
        line, end_line: of the file, from 1, heredocs included.
        joined: keyword, flags and arguments on one line.
        keyword_start, keyword_end: in the joined text.
        flags: in order.
        value_start, value_end: of the arguments in the joined text, without blanks around them.
        json: the strings of the JSON form; None for the shell form.
        heredocs: in order.
        comments: comment lines between its continued lines.
        blanks: empty lines between them.
        inner: what ONBUILD holds, with offsets in the same joined text.
    """

    keyword: str
    start: int
    end: int
    line: int
    end_line: int
    joined: Joined
    keyword_start: int
    keyword_end: int
    flags: tuple[Flag, ...]
    value_start: int
    value_end: int
    json: tuple[str, ...] | None = None
    heredocs: tuple[Heredoc, ...] = ()
    comments: tuple[Span, ...] = ()
    blanks: tuple[Span, ...] = ()
    inner: Instruction | None = None

    @property
    def value(self) -> str:
        """The arguments, joined."""
        return self.joined.text[self.value_start : self.value_end]

    @property
    def text_end(self) -> int:
        """Where in the file the joined text ends: behind its last character that is no blank."""
        return self.joined.source_end(max(self.value_end, self.keyword_end, *self._flag_ends()))

    def flag(self, name: str) -> str | None:
        """The value of the first flag of that name; empty for one without a value, else None."""
        return next((flag.value or "" for flag in self.flags if flag.name == name), None)

    def _flag_ends(self) -> tuple[int, ...]:
        return tuple(flag.end for flag in self.flags)


class Node(Struct, frozen=True):
    """Whole lines of a file of one kind; an instruction comes with what it says."""

    kind: NodeKind
    start: int
    end: int
    instruction: Instruction | None = None


class Problem(Struct, frozen=True):
    """Why BuildKit would refuse the file, or a part of it.

    Attributes:
        line: from 1.
        message: what is wrong, without a final full stop; may hold foreign text.
    """

    line: int
    message: str


class Dockerfile(Struct, frozen=True):
    """A file, read.

    Attributes:
        text: all of it.
        nodes: its lines in order, without gaps or overlaps.
        directives: parser directives by name (`syntax`, `escape`, `check`).
        escape: the character that continues lines, a backslash or a backtick.
        problems: by line. Where there are some, nothing is to be edited.
    """

    text: str
    nodes: tuple[Node, ...]
    directives: dict[str, str]
    escape: str
    problems: tuple[Problem, ...]

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        """In order."""
        return tuple(node.instruction for node in self.nodes if node.instruction is not None)

    @property
    def newline(self) -> str:
        """The line end that the file uses: that of its first line."""
        end = self.text.find("\n")
        return "\r\n" if end > 0 and self.text[end - 1] == "\r" else "\n"

    def comments(self) -> Iterator[str]:
        """Every comment line, also between continued lines, without blanks around it."""
        for node in self.nodes:
            if node.kind == "comment":
                yield self.text[node.start : node.end].strip()
            elif node.instruction is not None:
                for span in node.instruction.comments:
                    yield self.text[span.start : span.end].strip()


def to_text(data: bytes) -> str:
    """Any bytes as text."""
    return data.decode("utf-8", "surrogateescape")


def to_bytes(text: str) -> bytes:
    """The bytes that `to_text` had."""
    return text.encode("utf-8", "surrogateescape")
