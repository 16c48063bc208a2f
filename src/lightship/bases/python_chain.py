"""What a program of Python imports for certain, followed as the Python of a base would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.lookup import FoundFile
from lightship.analysis.python_imports import python_imports

if TYPE_CHECKING:
    from lightship.bases.python_scene import Python

_FROZEN = frozenset((
    "abc", "codecs", "io", "_collections_abc", "_sitebuiltins", "genericpath", "ntpath",
    "posixpath", "os", "site", "stat", "runpy", "importlib", "zipimport", "__hello__", "__phello__",
))  # fmt: skip
"""Modules that the interpreter has within itself (CPython's Python/frozen.c)."""
_MAX_FILES = 20_000
Gone = tuple[str, bytes]
"""A module that is not found, and the file that imports it."""


class Chain:
    """Imports followed from what is run on, as the Python there would.

    Attributes:
        seen: records of the landing that are imported for certain.
        imported: names of the modules that are found.
        gone: what is not found there, and is now.
        is_certain: False where something on the way may change where modules are looked for.
    """

    def __init__(self, now: Python, there: Python) -> None:
        self.seen: set[int] = set()
        self.imported: set[str] = set()
        self.gone: list[Gone] = []
        self.is_certain = b"PYTHONHOME" not in there.scene.settings.environment
        self._now, self._there = now, there
        self._imports = python_imports(there.scene.records)
        self._queue: list[Gone] = []
        script, module = there.main
        own = there.scene.settings.working_directory.strip(b"/")
        if script is not None:
            own = script.path.rpartition(b"/")[0]
            self._enter(script)
        elif module:
            self._queue.append((module.decode("utf-8", "replace"), b""))
        self._own = (own,)
        self._follow()
        if self.gone:
            self.is_certain = self.is_certain and not there.has_paths

    def _enter(self, file: FoundFile) -> None:
        if file.record in self.seen:
            return
        self.seen.add(file.record)
        found = self._imports.get(file.record)
        if found is None:
            return
        if not file.path.startswith(self._there.standard):
            self.is_certain = self.is_certain and found.is_whole and not found.changes_path
        self._queue += [(name, file.path) for name in found.names]

    def _follow(self) -> None:
        told: set[str] = set()
        while self._queue and len(self.seen) < _MAX_FILES:
            name, path = self._queue.pop()
            if name in told:
                continue
            told.add(name)
            file = self._there.module(name, (*self._own, *self._there.roots))
            if file is not None:
                self.imported.add(name)
            if isinstance(file, FoundFile):
                self._enter(file)
            elif file is None and self._is_there_now(name):
                self.gone.append((name, path))

    def _is_there_now(self, name: str) -> bool:
        found = self._now.module(name, (*self._own, *self._now.roots))
        return found is not None and not may_be_built_in(self._now, name)


def may_be_built_in(now: Python, name: str) -> bool:
    """Whether a module may be part of the interpreter: it is frozen, or it is compiled here."""
    return name in _FROZEN or (
        now.module(name, now.standard) is None
        and any(now.module(name, (one + b"/lib-dynload",)) is not None for one in now.standard)
    )
