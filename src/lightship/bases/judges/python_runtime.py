"""Whether the base's Python is the one that runs it now, and finds all that it imports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.analysis.lookup import FoundFile
from lightship.analysis.python_imports import READER, python_imports
from lightship.bases.python_chain import Chain, Gone, may_be_built_in
from lightship.bases.python_scene import Python, python_of
from lightship.bases.reasoning import listed, reason, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.bases.landing import Landing
    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason

_KIND = "python_runtime"
_ROW_VERSION = re.compile(r"3\.(\d{1,2})\b")


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
    chain = Chain(now, there)
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


def _others(now: Python, landing: Landing, there: Python, chain: set[int]) -> list[Gone]:
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
                    and not may_be_built_in(now, name)
                )
            if known[name] and there.module(name, own) is None:
                gone.setdefault(name, one.path)
    return list(gone.items())


def _told(gone: Iterable[Gone], move: Move, now: Python) -> Iterator[str]:
    for name, path in gone:
        file = now.module(name, now.roots)
        ownership = move.application.inside.ledger.ownership
        owner = ownership.package_of(file.record) if isinstance(file, FoundFile) else None
        of_package = f", of the package {owner.name}" if owner is not None else ""
        imported = f"imported in {text_of(path)}" if path else "what it runs"
        yield f"{name}: {imported}{of_package}"
