"""The files that a stage is built from: of the context, and written by its RUNs."""

from __future__ import annotations

import posixpath
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.words import split_words
from lightship.rules.multistage.fetching import fetched

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lightship.dockerfile.build import Step
    from lightship.rules.multistage.single import Single

_MOST_FILES = 5_000
_MOST_TEXT = 1 << 20  # bytes of one file
_MOST_BYTES = 32 << 20  # of all together
_UNREAD = frozenset((".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv"))


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
    files = _files(single)
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
    unseen = unseen or _read(single, copied, texts)
    return Sources(tuple(copied), texts, unseen, fetched(single))


def _files(single: Single) -> list[str] | None:
    """The paths of the context, but for what no build copies on purpose; None without a context."""
    if single.matter.folder is None:
        return None
    return [
        one.path for one in single.matter.folder.files if _UNREAD.isdisjoint(one.path.split("/"))
    ]


def _read(single: Single, copied: list[Copied], texts: dict[str, str]) -> str | None:
    """Add the texts of files; why that is not all of them, or None."""
    folder = single.matter.folder
    if folder is None or not copied:
        return None
    if len(copied) > _MOST_FILES:
        return f"the build context has more than {_MOST_FILES:,} files"
    sizes = {one.path: one.content_bytes for one in folder.files}
    room = _MOST_BYTES
    for one in copied:
        if sizes[one.source] > _MOST_TEXT:
            continue
        content = folder.text(one.source)
        if content is None or "\0" in content:
            continue
        texts[one.path] = content
        room -= sizes[one.source]
        if room < 0:
            return f"the build context has more than {_MOST_BYTES >> 20} MB of text"
    return None


def _copied(single: Single, step: Step, files: list[str] | None) -> list[Copied] | None:
    instruction = step.instruction
    if instruction.heredocs:
        return []
    words = instruction.json
    if words is None:
        words = tuple(word.text for word in split_words(instruction.value) or ())
    directory = single.workdir(step)
    filled = [single.filled(step, word) for word in words]
    if len(filled) < 2 or None in filled or files is None:
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


def _one(source: str, base: str, step: Step, files: list[str], *, into: bool) -> Iterator[Copied]:
    for path in files:
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
