"""Whether the base's Python is the one that runs it now, and finds all that it imports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.analysis.lookup import FoundFile
from lightship.analysis.python_imports import READER, python_imports
from lightship.bases.python_scene import Python, python_of
from lightship.bases.reasoning import listed, reason, text_of
from lightship.bases.runtimes import package_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.bases.landing import Landing
    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason

_KIND = "python_runtime"
_ROW_VERSION = re.compile(r"3\.(\d{1,2})\b")
_FROZEN = frozenset((
    "abc", "codecs", "io", "_collections_abc", "_sitebuiltins", "genericpath", "ntpath",
    "posixpath", "os", "site", "stat", "runpy", "importlib", "zipimport", "__hello__", "__phello__",
))  # fmt: skip
"""Modules that the interpreter has within itself (CPython's Python/frozen.c)."""
_MAX_FILES = 20_000
_Gone = tuple[str, bytes]
"""A module that is not found, and the file that imports it."""


def judge(move: Move) -> Iterator[Reason]:
    """What is imported for certain and is gone blocks; another version leaves a doubt."""
    now = python_of(move.application.scene)
    if now is None or now.file.record in move.application.carried:
        return
    if move.landing is None:
        yield from _by_row(move, now)
        return
    there = python_of(move.landing)
    if there is None:
        return  # the entrypoint's judge says that it is not there
    yield from _version(now.minor, there.minor)
    if not now.standard or not there.standard:
        says = "the standard library of the Python that runs it was not found, now or there"
        yield reason(_KIND, "unproven", says)
        return
    chain = _Chain(now, there)
    if chain.gone and chain.is_certain:
        name, path = chain.gone[0]
        says = f"it imports {name}, which the Python there does not find"
        told = listed(_told(chain.gone, move, now))
        yield reason(_KIND, "blocks", says, path or None, evidence=told)
        return
    doubtful = dict([*_others(now, move.landing, there, chain.seen), *chain.gone])
    if doubtful:
        count = len(doubtful)
        which = "a module" if count == 1 else f"{count} modules"
        says = f"its sources import {which} that the Python there does not find"
        yield reason(_KIND, "unproven", says, evidence=listed(_told(doubtful.items(), move, now)))


def _version(now: int | None, there: int | None) -> Iterator[Reason]:
    if now is not None and there is not None and now != there:
        yield reason(
            _KIND, "unproven", f"Python 3.{there} would run it, which Python 3.{now} runs now"
        )
    elif now is None or there is None:
        yield reason(
            _KIND, "unproven", "which versions of Python run it, now and there, is not known"
        )


def _by_row(move: Move, now: Python) -> Iterator[Reason]:
    """By the catalogue alone: a version that it names, for bases that are made for Python."""
    row = move.candidate.row
    if row is None or "python" not in row.languages or row.version is None:
        return
    match = _ROW_VERSION.match(row.version)
    if match is not None:
        yield from _version(now.minor, int(match[1]))


class _Chain:
    """Imports followed from what is run on, as the Python there would.

    Attributes:
        seen: records of the landing that are imported for certain.
        gone: what is not found there, and is now.
        is_certain: False where something on the way may change where modules are looked for.
    """

    def __init__(self, now: Python, there: Python) -> None:
        self.seen: set[int] = set()
        self.gone: list[_Gone] = []
        self.is_certain = b"PYTHONHOME" not in there.scene.settings.environment
        self._now, self._there = now, there
        self._imports = python_imports(there.scene.records)
        self._queue: list[_Gone] = []
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
            if isinstance(file, FoundFile):
                self._enter(file)
            elif file is None and self._is_there_now(name):
                self.gone.append((name, path))

    def _is_there_now(self, name: str) -> bool:
        found = self._now.module(name, (*self._own, *self._now.roots))
        return found is not None and not _may_be_built_in(self._now, name)


def _may_be_built_in(now: Python, name: str) -> bool:
    """Whether a module may be part of the interpreter: it is frozen, or it is compiled here."""
    return name in _FROZEN or (
        now.module(name, now.standard) is None
        and any(now.module(name, (one + b"/lib-dynload",)) is not None for one in now.standard)
    )


def _others(now: Python, landing: Landing, there: Python, chain: set[int]) -> list[_Gone]:
    """What other sources that come along import, and is gone."""
    imports = python_imports(landing.records)
    gone: dict[str, bytes] = {}
    known: dict[str, bool] = {}
    for one in landing.records.of(READER):
        found = imports.get(one.record)
        if found is None or landing.origins[one.record] < 0 or one.record in chain:
            continue
        own = (one.path.rpartition(b"/")[0],)
        for name in found.names:
            if name not in known:
                known[name] = (
                    now.module(name, now.roots) is not None
                    and there.module(name, there.roots) is None
                    and not _may_be_built_in(now, name)
                )
            if known[name] and there.module(name, own) is None:
                gone.setdefault(name, one.path)
    return list(gone.items())


def _told(gone: Iterable[_Gone], move: Move, now: Python) -> Iterator[str]:
    for name, path in gone:
        file = now.module(name, now.roots)
        inside = move.application.inside
        owner = package_of(inside, file.record) if isinstance(file, FoundFile) else None
        of_package = f", of the package {owner.name}" if owner is not None else ""
        imported = f"imported in {text_of(path)}" if path else "what it runs"
        yield f"{name}: {imported}{of_package}"
