"""The files that a stage is built from, and which of them a program reads when it runs.

What a program reads is told by names: a file whose name, or whose folder's name, stands nowhere in
the sources, in the command or in ENV cannot be asked for by a name that is written down.
"""

from __future__ import annotations

import os
import posixpath
import re
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.words import expand, split_words
from lightship.rules.multistage.fetching import fetched, settings_written
from lightship.rules.multistage.plan import CannotTell, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from lightship.dockerfile.build import Step
    from lightship.rules.multistage.single import Single

_MOST_FILES = 5_000
_MOST_BYTES = 1 << 20  # of one file
_MOST_TEXT = 32 << 20  # of all together
_UNREAD = frozenset((".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv"))
# What a build or people read, whatever the language.
_NOT_FOR_RUNNING = re.compile(
    r"(?:README|LICEN[CS]E|CHANGELOG|CONTRIBUTING|AUTHORS|NOTICE|COPYING|CODEOWNERS|Makefile"
    r"|GNUmakefile|Dockerfile|Containerfile|docker-compose|compose|Jenkinsfile|Vagrantfile)(?:[.-].*)?"
    r"|.*\.(?:md|rst|adoc|dockerfile|mk)|\..*",
    re.IGNORECASE,
)


class Copied(Struct, frozen=True):
    """A file of the context in the builder.

    Attributes:
        source: its path in the context, with slashes.
        path: its absolute path in the builder.
        step: the COPY or ADD.
    """

    source: str
    path: str
    step: Step


class Sources(Struct, frozen=True):
    """What can be seen of what a stage is built from.

    Attributes:
        copied: files of the context.
        texts: of files that were read: path in the builder, or the RUN that writes them, to text.
        unseen: why not all of the context is here, one clause; None if it is.
        fetched: which line brings files from elsewhere, one clause; None if none does.
    """

    copied: tuple[Copied, ...]
    texts: Mapping[str, str]
    unseen: str | None
    fetched: str | None

    def named(self, *endings: str, sign: str) -> dict[str, str]:
        """The texts of files with these endings, and of RUNs that write any: they hold a sign."""
        return {
            path: text
            for path, text in self.texts.items()
            if path.endswith(endings) or (not path.startswith("/") and sign in text)
        }

    @property
    def missing(self) -> str | None:
        """Why not everything can be seen, one clause; None if it can."""
        return self.unseen or self.fetched

    def text(self, name: str) -> str | None:
        """The text of the file of that name which stands highest; None without."""
        found = [path for path in self.texts if path.rpartition("/")[2] == name]
        return self.texts[min(found, key=lambda path: path.count("/"))] if found else None


def sources_of(single: Single) -> Sources:
    """Look at the context and at what RUNs write."""
    texts: dict[str, str] = {}
    copied: list[Copied] = []
    unseen: str | None = None
    text = single.build.dockerfile.text
    files = _Files(single.matter.folder.path if single.matter.folder is not None else None)
    for step in single.steps:
        instruction = step.instruction
        if step.keyword == "RUN" and step.body is not None:
            texts[f"line {step.line}"] = step.body.text
        elif step.keyword in ("COPY", "ADD"):
            for heredoc in instruction.heredocs:
                texts[f"line {step.line}: {heredoc.name}"] = text[heredoc.start : heredoc.end]
            found = None if instruction.flag("from") is not None else _copied(single, step, files)
            if found is None:
                unseen = unseen or f"line {step.line} brings files that cannot be seen from here"
            else:
                copied += found
    if copied and files.cut:
        unseen = f"the build context has more than {_MOST_FILES:,} files"
    room = _MOST_TEXT
    for one in copied:
        content = files.read(one.source, room)
        if content is not None:
            texts[one.path] = content
            room -= len(content)
    return Sources(tuple(copied), texts, unseen, fetched(single))


class _Files:
    """The files of a context, listed once, without following links."""

    def __init__(self, root: Path | None) -> None:
        self._root = root
        self._all: list[str] | None = None
        self.cut = False

    @property
    def all(self) -> list[str] | None:
        """Their paths with slashes, in order; None without a context."""
        if self._root is None:
            return None
        if self._all is None:
            self._all = sorted(self._walk(self._root))
        return self._all

    def _walk(self, root: Path) -> Iterator[str]:
        count = 0
        for folder, folders, names in os.walk(root):
            folders[:] = sorted(name for name in folders if name not in _UNREAD)
            for name in names:
                count += 1
                if count > _MOST_FILES:
                    self.cut = True
                    return
                yield posixpath.normpath(os.path.relpath(os.path.join(folder, name), root))  # noqa: PTH118 - os.walk gives strings

    def read(self, source: str, room: int) -> str | None:
        """A text; None for what is none, is too big or cannot be read."""
        path = self._root / source if self._root is not None else None
        try:
            if path is None or path.is_symlink() or not path.is_file():
                return None
            if path.stat().st_size > min(_MOST_BYTES, room):
                return None
            content = path.read_bytes()
        except OSError:
            return None
        return None if b"\0" in content[:8192] else content.decode("utf-8", "replace")


def _copied(single: Single, step: Step, files: _Files) -> list[Copied] | None:
    instruction = step.instruction
    if instruction.heredocs:
        return []
    words = instruction.json
    if words is None:
        words = tuple(word.text for word in split_words(instruction.value) or ())
    directory = single.workdir(step)
    filled = [expand(word, single.known(step)) for word in words]
    if len(filled) < 2 or None in filled or files.all is None:
        return None
    *sources, target = [word or "" for word in filled]
    if any("://" in source or source.startswith("git@") for source in sources):
        return None
    if directory is None and not target.startswith("/"):
        return None
    into = target.endswith("/") or len(sources) > 1 or target in (".", "./")
    base = posixpath.normpath(posixpath.join(directory or "/", target))
    found: list[Copied] = []
    for source in sources:
        own = list(
            _one(posixpath.normpath(source.lstrip("/") or "."), base, step, files, into=into)
        )
        if not own and not any(char in source for char in "*?["):
            # Not there: this folder is not what it is built from.
            return None
        found += own
    return found


def _one(source: str, base: str, step: Step, files: _Files, *, into: bool) -> Iterator[Copied]:
    for path in files.all or ():
        if source == ".":
            yield Copied(path, posixpath.join(base, path), step)
        elif path == source:
            target = posixpath.join(base, posixpath.basename(path)) if into else base
            yield Copied(path, target, step)
        elif path.startswith(f"{source}/"):
            yield Copied(path, posixpath.join(base, path[len(source) + 1 :]), step)
        elif any(char in source for char in "*?["):
            parts = path.split("/")
            depth = source.count("/") + 1
            if fnmatch("/".join(parts[:depth]), source) and len(parts) >= depth:
                # What a pattern finds goes in; of a folder what is in it.
                rest = parts[depth:] or [parts[-1]]
                yield Copied(path, posixpath.join(base, *rest), step)


def data_of(
    single: Single,
    is_source: re.Pattern[str],
    *,
    embedded: re.Pattern[str] | None = None,
    installed: bool = False,
) -> tuple[tuple[Kept, ...], tuple[str, ...]]:
    """Files of the context that the program may read when it runs: what to keep, and what not.

    Args:
        single: the stage.
        is_source: matches the name of a file that only the build reads.
        embedded: matches parts of the sources that name what the build puts into the program.
        installed: whether the build installs what it fetches, with its data.

    Raises:
        CannotTell: not all of the sources can be seen.
    """
    sources = single.sources
    missing = sources.unseen if installed else sources.missing
    if missing is not None:
        raise CannotTell(f"what the program reads when it runs: {missing}")
    candidates = [
        one
        for one in sources.copied
        if not is_source.fullmatch(posixpath.basename(one.path))
        and not _NOT_FOR_RUNNING.fullmatch(posixpath.basename(one.path))
        and one.source != single.matter.name
    ]
    words = _words(single, is_source, embedded, {one.path for one in candidates})
    apart = _working_folders(single)
    wanted = [one for one in candidates if _is_named(one, words) or not _is_below(one.path, apart)]
    paths = {one.path for one in wanted}
    left = sorted({one.source.partition("/")[0] for one in candidates if one.path not in paths})
    kept = _kept(wanted, {one.path for one in sources.copied} - paths)
    clauses = (f"what nothing names: {', '.join(left)}",) if left else ()
    return (*kept, *settings_written(single)), clauses


def _working_folders(single: Single) -> frozenset[str]:
    """Where RUNs work: what was put anywhere else was put there for the program."""
    return frozenset(ran.directory for ran in single.ran if ran.directory not in (None, "/"))


def _is_below(path: str, folders: frozenset[str]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in folders)


_WORD = re.compile(r"[\w.-]*\w")


def _words(
    single: Single,
    is_source: re.Pattern[str],
    embedded: re.Pattern[str] | None,
    candidates: set[str],
) -> frozenset[str]:
    """Every word in the sources, the commands and ENV."""
    words: set[str] = set()
    for path, text in single.sources.texts.items():
        if path in candidates or not _is_read(path, is_source):
            continue
        words.update(_WORD.findall(embedded.sub("", text) if embedded is not None else text))
    for step in single.steps:
        if step.keyword in ("CMD", "ENTRYPOINT", "ENV", "HEALTHCHECK"):
            words.update(_WORD.findall(step.instruction.value))
    return frozenset(words)


def _is_read(path: str, is_source: re.Pattern[str]) -> bool:
    return not path.startswith("/") or is_source.fullmatch(posixpath.basename(path)) is not None


def _is_named(one: Copied, words: frozenset[str]) -> bool:
    *folders, name = one.source.split("/")
    return any(part in words for part in (*folders, name, name.partition(".")[0]) if part)


def _kept(wanted: list[Copied], others: set[str]) -> Iterator[Kept]:
    """Whole folders where nothing else is in them, files else."""
    blocked: set[str] = set()
    for path in others:
        while (path := posixpath.dirname(path)) not in blocked and path != "/":
            blocked.add(path)
    done: set[str] = set()
    for one in wanted:
        highest = one.path
        for _ in range(one.source.count("/")):
            if (folder := posixpath.dirname(highest)) in blocked:
                break
            highest = folder
        if highest not in done:
            done.add(highest)
            end = "" if highest == one.path else "/"
            owner = one.step.instruction.flag("chown") or ""
            yield Kept((highest + end,), highest + end, "the program may read it", owner=owner)
