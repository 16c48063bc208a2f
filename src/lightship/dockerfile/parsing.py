"""Bytes to syntax tree, as BuildKit reads a Dockerfile. Nothing raises, whatever the bytes.

Source: moby/buildkit, frontend/dockerfile/parser (parser.go, line_parsers.go, split_command.go).
"""

from __future__ import annotations

from msgspec import structs

from lightship.dockerfile.heredocs import heredocs_in
from lightship.dockerfile.instructions import (
    HEREDOC_KEYWORDS,
    KEYWORDS,
    problems_of,
    read_instruction,
)
from lightship.dockerfile.lexer import LexError
from lightship.dockerfile.lines import (
    DIRECTIVE,
    SPACES,
    bare,
    continued,
    is_comment,
    is_empty,
    lines_of,
)
from lightship.dockerfile.tree import (
    Dockerfile,
    Heredoc,
    Instruction,
    Joined,
    Node,
    NodeKind,
    Problem,
    Span,
    to_text,
)

LONGEST_LINE = 65_535
"""Bytes of one line, without its line feed, that BuildKit's scanner takes."""
_BOM = "\ufeff"
_DIRECTIVES = ("syntax", "escape", "check")


def parse(data: bytes) -> Dockerfile:
    """Read a Dockerfile. What BuildKit would refuse is a problem of the result."""
    return _Parser(to_text(data)).parse()


class _Parser:
    """One pass over the lines of a file."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = list(lines_of(text))
        self._at = 0
        self._nodes: list[Node] = []
        self._directives: dict[str, str] = {}
        self._directives_done = False
        self._problems: list[Problem] = []
        self._escape = "\\"

    def parse(self) -> Dockerfile:
        self._bom()
        while self._at < len(self._lines):
            start, end = self._lines[self._at]
            line = bare(self._text[start:end]).lstrip(SPACES)
            if not line:
                self._directives_done = True
                self._line("blank")
            elif line[0] == "#":
                self._line("directive" if self._directive(line) else "comment")
            else:
                self._directives_done = True
                self._instruction(start)
        self._long_lines()
        self._structure()
        problems = tuple(sorted(self._problems, key=lambda problem: problem.line))
        return Dockerfile(self._text, tuple(self._nodes), self._directives, self._escape, problems)

    def _bom(self) -> None:
        if self._text.startswith(_BOM):
            self._nodes.append(Node("bom", 0, 1))
            first = self._lines[0]
            self._lines[:1] = [(1, first[1])] if first[1] > 1 else []

    def _line(self, kind: NodeKind) -> None:
        start, end = self._lines[self._at]
        self._nodes.append(Node(kind, start, end))
        self._at += 1

    def _problem(self, message: str, line: int) -> None:
        self._problems.append(Problem(line, message))

    def _directive(self, line: str) -> bool:
        """Take a comment line for a directive if it is one; the first that is none ends them."""
        found = None if self._directives_done else DIRECTIVE.match(line)
        if found is None:
            self._directives_done = True
            return False
        name, value = found[1].lower(), found[2]
        if name not in _DIRECTIVES:
            self._directives_done = True
            return False
        if name in self._directives:
            self._problem(f"only one {name} parser directive can be used", self._at + 1)
        elif name == "escape":
            if value in ("\\", "`"):
                self._escape = value
            else:
                self._problem(
                    f"escape is {value[:40]!r}, neither a backslash nor a backtick", self._at + 1
                )
        self._directives[name] = value
        return True

    def _instruction(self, start: int) -> None:
        line = self._at + 1
        joined, comments, blanks = self._join()
        if not joined.text.strip(SPACES):
            # A line of nothing but a continuation, up to the end of the file.
            self._nodes.append(Node("blank", start, self._lines[self._at - 1][1]))
            self._problem("a continued line that nothing follows", line)
            return
        read = read_instruction(joined, 0, line, self._escape)
        self._problems += problems_of(read, self._escape)
        heredocs = self._heredocs(read, line)
        end = self._lines[self._at - 1][1]
        whole = structs.replace(
            read,
            start=start,
            end=end,
            end_line=self._at,
            comments=comments,
            blanks=blanks,
            heredocs=heredocs,
        )
        self._nodes.append(Node("instruction", start, end, whole))

    def _join(self) -> tuple[Joined, tuple[Span, ...], tuple[Span, ...]]:
        """Join an instruction's lines."""
        parts: list[str] = []
        starts: list[int] = []
        sources: list[int] = []
        comments: list[Span] = []
        blanks: list[Span] = []
        size = 0
        first = True
        while self._at < len(self._lines):
            start, end = self._lines[self._at]
            self._at += 1
            whole = self._text[start:end]
            line = bare(whole)
            if not first and is_comment(line):
                comments.append(Span(start, end))
                continue
            if not first and is_empty(line):
                blanks.append(Span(start, end))
                continue
            if first:
                stripped = line.lstrip(SPACES)
                start += len(line) - len(stripped)
                line = stripped
            kept = continued(line, self._escape)
            part = line if kept < 0 else line[:kept]
            if part or not starts:
                starts.append(size)
                sources.append(start)
            parts.append(part)
            size += len(part)
            if kept < 0:
                break
            first = False
        return Joined("".join(parts), tuple(starts), tuple(sources)), tuple(comments), tuple(blanks)

    def _heredocs(self, read: Instruction, line: int) -> tuple[Heredoc, ...]:
        # BuildKit looks one ONBUILD deep.
        holder = read.inner if read.keyword == "ONBUILD" and read.inner is not None else read
        if holder.keyword not in HEREDOC_KEYWORDS or holder.json is not None:
            return ()
        if "<<" not in read.joined.text:
            return ()
        try:
            expected = heredocs_in(read.joined.text)
        except LexError as error:
            self._problem(f"a here-document's name: {error}", line)
            return ()
        found = []
        for opened in expected:
            body = self._lines[self._at][0] if self._at < len(self._lines) else len(self._text)
            terminator = self._terminator(opened.name, strips_tabs=opened.strips_tabs)
            end, terminator_end = terminator or (len(self._text), len(self._text))
            found.append(
                structs.replace(opened, start=body, end=end, terminator_end=terminator_end)
            )
            if terminator is None:
                self._problem(f"the here-document {opened.name[:40]!r} is not terminated", line)
                break
        return tuple(found)

    def _terminator(self, name: str, *, strips_tabs: bool) -> tuple[int, int] | None:
        while self._at < len(self._lines):
            start, end = self._lines[self._at]
            self._at += 1
            line = bare(self._text[start:end])
            if (line.lstrip("\t") if strips_tabs else line) == name:
                return start, end
        return None

    def _structure(self) -> None:
        """What BuildKit asks of the file as a whole."""
        instructions = [node.instruction for node in self._nodes if node.instruction is not None]
        first = next((one for one in instructions if one.keyword != "ARG"), None)
        if first is None:
            self._problem("there is no FROM" if instructions else "there are no instructions", 1)
        elif first.keyword != "FROM" and first.keyword in KEYWORDS:
            self._problem(f"{first.keyword} stands before the first FROM", first.line)

    def _long_lines(self) -> None:
        for number, (start, end) in enumerate(self._lines, 1):
            if end - start > LONGEST_LINE // 4:
                line = self._text[start:end].removesuffix("\n")
                size = len(line.encode("utf-8", "surrogateescape"))
                if number == 1 and start:
                    size += len(_BOM.encode())
                if size > LONGEST_LINE:
                    self._problem(
                        f"{size:,} bytes in one line, and BuildKit takes {LONGEST_LINE:,}", number
                    )
