"""The `.gitignore` files of a folder, said as lines of a `.dockerignore`.

The two languages differ: a name without a slash counts at any depth for git and at the root only
for Docker; `!` lets nothing in below an ignored directory for git, and does for Docker; `dir/` is
a directory only for git. What cannot be said is left out, and never is more ignored than git does:
each file that git keeps in the folder is tried with the lines, and let in again if one hits it.

Sources: gitignore(5); github.com/moby/patternmatcher at 5a6d842 (2026-03-24).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.context.git_matching import Mark
from lightship.context.git_spelling import is_elsewhere, line_of, line_to_let_in
from lightship.context.git_tree import GitTree
from lightship.context.ignore_file import read_ignore_file
from lightship.context.joined import Joined
from lightship.context.matching import Matcher

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from lightship.context.git_matching import GitPattern
    from lightship.context.joined import Fate, Here

MOST_EXCEPTIONS = 20
"""More files that git keeps against one line are a reason to leave the line out."""


class Translated(Struct, frozen=True):
    """A line of a `.dockerignore`.

    Attributes:
        text: the line, `!` included.
        source: the file it comes from, from the folder.
        line: its number in it, from 1.
        note: what a person should know; None for nothing.
    """

    text: str
    source: str
    line: int
    note: str | None = None


class Dropped(Struct, frozen=True):
    """A line of a `.gitignore` that has no place in a `.dockerignore`.

    Attributes:
        text: the line, as written.
        source: the file it is in, from the folder.
        line: its number in it, from 1.
        reason: in a few words.
    """

    text: str
    source: str
    line: int
    reason: str


class Translation(Struct, frozen=True):
    """What became of the `.gitignore` files of a folder.

    Attributes:
        lines: in their order, which counts; exceptions for single files come last.
        dropped: what was left out, but for lines about other folders.
    """

    lines: tuple[Translated, ...]
    dropped: tuple[Dropped, ...]


def translate(root: Path) -> Translation:
    """Say what git ignores in a folder, nested files and those of the repository above included.

    Nothing is raised: what cannot be read is as if it were not there.
    """
    tree = GitTree(root)
    lines, dropped = _all_lines(tree)
    return _mended(lines, dropped, tree)


class _Line(Struct):
    """A line on its way."""

    text: str
    pattern: GitPattern
    source: str
    note: str | None = None

    def done(self) -> Translated:
        return Translated(self.text, self.source, self.pattern.line.number, self.note)

    def dropped(self, reason: str) -> Dropped:
        text = os.fsdecode(self.pattern.line.text)
        return Dropped(text, self.source, self.pattern.line.number, reason)


def _all_lines(tree: GitTree) -> tuple[list[_Line], list[Dropped]]:
    lines: list[_Line] = []
    dropped: list[Dropped] = []
    everything: list[bytes] = []
    for source in tree.sources:
        for pattern in source.patterns:
            line = _Line("", pattern, os.fsdecode(source.path))
            if (
                pattern.is_exception
                and pattern.only_directories
                and any(pattern.base.startswith(base) for base in everything)
            ):
                dropped.append(
                    line.dropped("lets directories in; what is in them is ignored still")
                )
                continue
            if pattern.tokens is None:
                dropped.append(line.dropped("matches nothing"))
                continue
            if not pattern.is_exception and _is_everything(pattern):
                everything.append(pattern.base)
            if is_elsewhere(pattern, tree.prefix):
                continue
            text = line_of(pattern, tree.prefix)
            if text is not None and _is_taken(text):
                lines.append(_Line(text, pattern, line.source))
            else:
                dropped.append(line.dropped("cannot be said"))
    return lines, dropped


def _is_everything(pattern: GitPattern) -> bool:
    return (
        not pattern.only_directories
        and not pattern.is_anchored
        and pattern.tokens is not None
        and len(pattern.tokens) == 1
        and pattern.tokens[0] is Mark.STAR
    )


def _is_taken(line: str) -> bool:
    return read_ignore_file(line.encode("utf-8", "surrogateescape")).refusal is None


def _mended(lines: list[_Line], dropped: list[Dropped], tree: GitTree) -> Translation:
    """The lines, changed until they hit nothing that git keeps."""
    lines = [*lines, *_again(lines, tree)]
    paths: Sequence[bytes] = tree.kept
    while True:
        hits = _hits(lines, paths)
        wrong = [at for at, found in hits.items() if _is_to_change(lines[at], found, tree.prefix)]
        if not wrong:
            break
        paths = [path for found in hits.values() for path in found]
        for at in sorted(wrong, reverse=True):
            line = lines[at]
            if _hits_a_file(line, hits[at], tree.prefix):
                line.text += "/**"
                line.note = "git means directories only; files of that name stay"
            else:
                del lines[at]
                if line.note != _AGAIN:
                    dropped.append(line.dropped(f"git keeps {len(hits[at])} files that it hits"))
    kept = [
        _Line(line_to_let_in(path), lines[at].pattern, lines[at].source, "git keeps it")
        for at, found in hits.items()
        for path in found
    ]
    return Translation(tuple(line.done() for line in (*lines, *kept)), tuple(dropped))


_AGAIN = "again: git lets nothing in below it"


def _again(lines: list[_Line], tree: GitTree) -> list[_Line]:
    """Lines that close directories, for after the exceptions that would open them again."""
    last = max((at for at, line in enumerate(lines) if line.pattern.is_exception), default=-1)
    opened = [line.text for line in lines if line.pattern.is_exception]
    found = []
    for line in lines[: last + 1]:
        closed = tree.closed.get(id(line.pattern), ())
        if any(_may_open(text, os.fsdecode(directory)) for directory in closed for text in opened):
            # A walk that found the directory ignored by the first line asks no second one about
            # it, and so not about what is in it: the second must match that itself.
            text = line.text.removesuffix("/**") + "/**"
            found.append(_Line(text, line.pattern, line.source, _AGAIN))
    return found


def _may_open(exception: str, directory: str) -> bool:
    """Whether an exception may let something in below a directory."""
    glob = exception.removeprefix("!")
    wild = next((at for at, one in enumerate(glob) if one in "*?[\\"), None)
    if wild is None:
        return glob.startswith(directory + "/")
    return glob[:wild].startswith(directory + "/") or directory.startswith(glob[:wild])


def _is_to_change(line: _Line, found: Sequence[bytes], prefix: bytes) -> bool:
    too_many = line.note == _AGAIN or len(found) > MOST_EXCEPTIONS
    return too_many or _hits_a_file(line, found, prefix)


def _hits_a_file(line: _Line, found: Sequence[bytes], prefix: bytes) -> bool:
    """Whether it is about directories, and hits what is none."""
    return (
        line.pattern.only_directories
        and not line.text.endswith("/**")
        and any(line.pattern.matches(prefix + path, is_directory=True) for path in found)
    )


def _hits(lines: Sequence[_Line], paths: Iterable[bytes]) -> dict[int, list[bytes]]:
    """By the number of a line, the paths that it ignores."""
    text = "\n".join(line.text for line in lines)
    matcher = Matcher(read_ignore_file(text.encode("utf-8", "surrogateescape")).patterns)
    walked = _Walked(matcher)
    hits: dict[int, list[bytes]] = {}
    for path in paths:
        fate = walked.fate(os.fsdecode(path))
        if fate.ignored:
            hits.setdefault(matcher.patterns[fate.number].line - 1, []).append(path)
    return hits


class _Walked:
    """What a walk decides about paths; a directory is asked about once for all that is in it."""

    def __init__(self, matcher: Matcher) -> None:
        self._joined = Joined(matcher)
        self._known: dict[str, Here] = {"": self._joined.here("", 0)}

    def fate(self, path: str) -> Fate:
        directory, _, name = path.rpartition("/")
        here = self._here(directory)
        return here.decide(name) if here.hits((name,)) else here.fate

    def _here(self, directory: str) -> Here:
        todo: list[str] = []
        while directory not in self._known:
            todo.append(directory)
            directory = directory.rpartition("/")[0]
        here = self._known[directory]
        for path in reversed(todo):
            name = path.rpartition("/")[2]
            fate, state = here.enter(name) if here.hits((name,)) else (here.fate, here.state)
            here = self._known[path] = self._joined.here(path, state, fate.number)
        return here
