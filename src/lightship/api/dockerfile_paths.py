"""Which Dockerfiles are meant by the paths that a user names."""

from __future__ import annotations

import os
import re
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.printable import base64_of, decode_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STDIN = "-"
MOST_BYTES = 1 << 20
"""Of one file; the largest of seven thousand real ones has less than 60 kB."""
_FOLDERS_LEFT_OUT = frozenset(
    (".git", ".hg", ".svn", "node_modules", ".venv", "venv", "__pycache__", ".tox", ".nox")
)
_NAME = re.compile(
    r"(?:.*\.)?(?:dockerfile|containerfile)|(?:dockerfile|containerfile)[._-].*", re.IGNORECASE
)
_NO_DOCKERFILE = re.compile(
    r".*(?:ignore|~|\.(?:md|rst|adoc|html?|swp|orig|rej|bak|patch|diff|sha256|asc|sig))",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(
    r".*\.(?:template|templ|tmpl|tpl|gotmpl|j2|jinja2?|erb|ejs|in|m4|mustache|hbs|handlebars)",
    re.IGNORECASE,
)
# Who parses Dockerfiles has a `dockerfile.go`; a Dockerfile for Go is `Dockerfile.go`.
_SOURCE = re.compile(
    r"[a-z_.-]*\.(?:py|go|js|ts|tsx|jsx|mjs|cjs|rb|rs|java|kt|cs|php|c|h|cc|cpp|lua|vim|sh|css|"
    r"scss|json|ya?ml|toml|xml|txt|snap|lock|svg|png)"
)


class Named(Struct, frozen=True):
    """A file, or why what was named is none.

    Attributes:
        path: None for standard input.
        shown: the path as it was named or found, for people.
        base64: its bytes, if text cannot give them back.
        problem: why it cannot be read.
    """

    path: Path | None
    shown: str
    base64: str | None = None
    problem: str | None = None

    @classmethod
    def of(cls, path: Path, problem: str | None = None) -> Named:
        """A path as it is."""
        raw = os.fsencode(path)
        return cls(path, decode_path(raw), base64_of(raw), problem)

    @property
    def name(self) -> str:
        """Without folders; what stands on standard input is a Dockerfile."""
        return "Dockerfile" if self.path is None else self.path.name

    @property
    def is_template(self) -> bool:
        """Whether its name says that another program makes a Dockerfile of it."""
        return _TEMPLATE.fullmatch(self.name) is not None

    def read(self) -> bytes:
        """Its bytes, at most one more than `MOST_BYTES`.

        Raises:
            OSError: it cannot be read, or is no regular file.
        """
        if self.path is None:
            stream = getattr(sys.stdin, "buffer", None)
            if stream is None:
                raise OSError(0, "standard input is closed")
            data: bytes = stream.read(MOST_BYTES + 1)
            return data
        # Without waiting for who would write into a pipe.
        descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as opened:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(0, "no regular file; - reads standard input")
            return opened.read(MOST_BYTES + 1)


def named_files(paths: Iterable[str | os.PathLike[str]]) -> Iterator[Named]:
    """Each file once: those that are named, and those that are found in named folders.

    In folders these are Dockerfiles: `Dockerfile` and `Containerfile`, alone or with something
    before a dot in front or behind a dot, dash or underscore (`api.dockerfile`, `Dockerfile.dev`).
    Links to folders are not followed, nor links to files that lead out of the folder.
    """
    seen: set[object] = set()
    for named in paths:
        if os.fspath(named) == STDIN:
            found: Iterable[Named] = (Named(None, STDIN),)
        else:
            found = _of(Path(named))
        for one in found:
            key = one.shown if one.path is None or one.problem else os.path.realpath(one.path)
            if key not in seen:
                seen.add(key)
                yield one


def is_dockerfile(name: str) -> bool:
    """Whether a file of that name is taken for a Dockerfile in a folder."""
    if not _NAME.fullmatch(name) or _NO_DOCKERFILE.fullmatch(name):
        return False
    return not _SOURCE.fullmatch(name)


def _of(path: Path) -> Iterator[Named]:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        yield Named.of(path, _reason(error))
        return
    if not stat.S_ISDIR(mode):
        yield Named.of(path)
        return
    found = False
    for one in _below(path):
        found = True
        yield one
    if not found:
        yield Named.of(path, "no Dockerfile or Containerfile below this folder")


def _below(root: Path) -> Iterator[Named]:
    """Depth first, files of a folder before its folders, both by name."""
    inside = os.path.realpath(root) + os.sep
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as scanned:
                entries = sorted(scanned, key=lambda entry: entry.name)
        except OSError as error:
            yield Named.of(folder, _reason(error))
            continue
        folders = []
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _FOLDERS_LEFT_OUT:
                    folders.append(folder / entry.name)
            elif is_dockerfile(entry.name) and _is_inside(entry, inside):
                yield Named.of(folder / entry.name)
        waiting += reversed(folders)


def _is_inside(entry: os.DirEntry[str], inside: str) -> bool:
    if not entry.is_symlink():
        return entry.is_file(follow_symlinks=False)
    return entry.is_file() and os.path.realpath(entry.path).startswith(inside)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)
