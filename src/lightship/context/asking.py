"""What a Dockerfile asks of its context: by COPY, by a word in a command, by what RUNs make."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from lightship.context.needs import needs_of
from lightship.context.uses import all_uses
from lightship.context.wildcards import has_wildcards
from lightship.dockerfile.copies import copy_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from lightship.dockerfile.build import Build

_SAYING = frozenset(("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK", "ENV"))
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://\S+")
_REMOVED = re.compile(r"\brm\s+-[^;&|\n]*")
_TOKEN = re.compile(r"[\w.@+~/-]+")
_MOST_TOKENS = 50_000
_DEEPEST = 30


class Asking:
    """What one Dockerfile asks of its context, whichever stage is built.

    Attributes:
        name: of the Dockerfile.
        named: paths that instructions name, with the line; `.` is not among them.
        sources: as they are written, also those that are not there, with the line.
        is_whole: whether one takes everything, or what only a variable says.
    """

    def __init__(self, name: str, build: Build, root: Path) -> None:
        self.name = name
        uses = [use for use in all_uses(build) if use.takes_files]
        self.is_whole = any(not use.is_known or "." in use.sources for use in uses)
        self.sources = {
            source: use.step.line for use in uses for source in use.sources if source != "."
        }
        self.named: dict[str, int] = {}
        for need in needs_of(root, tuple(uses)):
            for path in need.paths:
                if path != ".":
                    self.named.setdefault(path, need.use.step.line)
        self._above = {up for path in (*self.named, *self.sources) for up in above(path)}
        self._runs = "\n".join(
            step.body.text if step.body else step.instruction.value
            for step in build.steps
            if step.keyword == "RUN"
        )
        self._made: dict[tuple[str, ...], bool] = {}
        self._whole_words: set[str] = set()
        self._begun: set[str] = set()
        self._read_words(build)

    def takes_by_name(self, path: str) -> int | None:
        """The line of an instruction that names a path or what is in it; None if none does."""
        if path in self.named:
            return self.named[path]
        if path in self.sources:
            return self.sources[path]
        if path in self._above:
            inside = path + "/"
            every = {**self.sources, **self.named}
            return next(line for one, line in every.items() if one.startswith(inside))
        return None

    def takes_around(self, path: str) -> bool:
        """Whether an instruction names a directory that it lies in."""
        return any(up in self.named or up in self.sources for up in above(path))

    def says(self, path: str) -> bool:
        """Whether a command has a word for it, or for what is in it."""
        return any(one in self._begun for one in _ends(path))

    def says_around(self, path: str) -> bool:
        """Whether a command has a word for a directory that it lies in."""
        return any(one in self._whole_words for up in above(path) for one in _ends(up))

    def makes(self, programs: Iterable[str]) -> bool:
        """Whether a RUN has one of these programs, with the words that they must be given."""
        wanted = tuple(programs)
        if wanted not in self._made:
            self._made[wanted] = any(_call(one).search(self._runs) for one in wanted)
        return self._made[wanted]

    def has_text(self, pattern: str) -> bool:
        """Whether a RUN says it."""
        return re.search(pattern, self._runs) is not None

    def _read_words(self, build: Build) -> None:
        places = {"/"}
        for step in build.steps:
            copy = copy_of(step)
            if copy is not None and copy.path:
                places.add(copy.path)
            if step.scope.workdir:
                places.add(step.scope.workdir)
        bases = sorted((place.rstrip("/") + "/" for place in places if place != "/"), key=len)
        count = 0
        for step in build.steps:
            if step.keyword not in _SAYING:
                continue
            text = step.body.text if step.body else step.instruction.value
            tokens = _TOKEN.findall(_REMOVED.sub(" ", _ADDRESS.sub(" ", text)))
            if step.keyword in ("CMD", "ENTRYPOINT") and tokens and not set("/.") & set(tokens[0]):
                # A program of the image.
                del tokens[0]
            for token in tokens:
                count += 1
                if count > _MOST_TOKENS:
                    return
                self._read_word(token, bases[::-1])

    def _read_word(self, token: str, bases: list[str]) -> None:
        if token.startswith("/"):
            base = next((one for one in bases if token.startswith(one)), None)
            if base is None:
                return
            token = token[len(base) :]
        path = posixpath.normpath(token)
        while path.startswith("../"):
            path = path[3:]
        if path in (".", "..", "") or path.count("/") > _DEEPEST:
            return
        self._whole_words.add(path)
        self._begun.add(path)
        self._begun.update(above(path))


def above(path: str) -> Iterator[str]:
    """The directories above a path, the outermost first."""
    end = path.find("/")
    while end >= 0:
        yield path[:end]
        end = path.find("/", end + 1)


def samples(source: str) -> tuple[str, ...]:
    """Paths that a source of a COPY may name one day, although it names nothing now."""
    if not has_wildcards(source):
        return (source,)
    plain = source.replace("?", "x").replace("[", "").replace("]", "").replace("\\", "")
    return tuple(dict.fromkeys((plain.replace("*", "x"), plain.replace("*", ""))))


def _ends(path: str) -> Iterator[str]:
    """The path as it is called from each of the directories above it."""
    yield path
    start = path.find("/")
    while start >= 0:
        yield path[start + 1 :]
        start = path.find("/", start + 1)


def _call(program: str) -> re.Pattern[str]:
    words = r"(?:\s+-[^\s\"',\\]+)*[\s\"',\\]+".join(re.escape(word) for word in program.split(" "))
    return re.compile(rf"(?:^|[\s;&|(/\"',]){words}(?:$|[\s;&|)\"',])", re.MULTILINE)
