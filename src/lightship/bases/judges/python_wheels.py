"""Whether the compiled modules of Python packages were made for the base's Python and C library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.packages.python_metadata import normalised
from lightship.bases.extensions import base_libc, extensions_of
from lightship.bases.python_chain import Chain
from lightship.bases.python_scene import EXTENSION, python_of
from lightship.bases.reasoning import listed, reason
from lightship.catalogue.wheels import wheels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.bases.extensions import Extension
    from lightship.bases.move import Move
    from lightship.bases.python_scene import Python
    from lightship.model.results.base_verdict import Reason, Weight

_KIND = "python_wheels"
_BEFORE_MUSL_NAMES = 11
"""Older versions call modules of musl `gnu` too."""


def judge(move: Move) -> Iterator[Reason]:
    """A module of another version is not found, one of another C library does not load."""
    now = python_of(move.application.scene)
    if now is None or now.file.record in move.application.carried:
        return
    modules = [one for one in extensions_of(move) if one.path.endswith(b".so")]
    modules = [one for one in modules if b"-packages/" in one.path or EXTENSION.search(one.path)]
    if not modules:
        return
    there = python_of(move.landing) if move.landing is not None else None
    if move.landing is None or there is not None:
        yield from _c_library(move, modules, now, there)
    if there is not None and there.minor is not None:
        yield from _version(modules, there.minor)


def _c_library(
    move: Move, modules: Sequence[Extension], now: Python, there: Python | None
) -> Iterator[Reason]:
    libc = base_libc(move, there.file.record if there is not None else None)
    if libc is None:
        yield reason(_KIND, "unproven", "which C library its Python has is not known")
        return
    wrong = [one for one in modules if _libc_of(one) not in (None, libc)]
    if wrong:
        names = _names(wrong)
        says = (
            f"{_modules(wrong)} made for {_other(libc)} cannot be loaded in a Python of {libc}: its"
            " packages are to be installed anew there"
        )
        is_certain = there is not None and _is_imported(names, Chain(now, there))
        weight: Weight = "blocks" if is_certain else "unproven"
        yield reason(_KIND, weight, says, evidence=listed(_known(names, libc)))


def _is_imported(names: Sequence[str], chain: Chain) -> bool:
    """Whether a package is imported for certain that cannot do without its compiled modules."""
    needed = (wheels().of(normalised(name.partition(" ")[0])) for name in names)
    modules = {one.module for one in needed if one is not None and one.needed}
    return chain.is_certain and not modules.isdisjoint(chain.imported)


def _libc_of(one: Extension) -> str | None:
    match = EXTENSION.search(one.path)
    if match is not None and match[2] == b"musl":
        return "musl"
    if match is not None and one.libc is None and int(match[1]) >= _BEFORE_MUSL_NAMES:
        return "glibc"
    return one.libc


def _known(names: Sequence[str], libc: str) -> Iterator[str]:
    table = wheels()
    for name in names:
        wheel = table.of(normalised(name.partition(" ")[0]))
        if wheel is None or libc != "musl":
            yield name
        elif wheel.musl:
            yield f"{name}: has a wheel for musl as well, as seen on {table.seen}"
        else:
            yield f"{name}: has no wheel for musl, as seen on {table.seen}"


def _version(modules: Sequence[Extension], minor: int) -> Iterator[Reason]:
    matches = ((one, EXTENSION.search(one.path)) for one in modules)
    wrong = [one for one, match in matches if match is not None and int(match[1]) != minor]
    if wrong:
        says = (
            f"{_modules(wrong)} made for other versions are not taken by Python 3.{minor}: its"
            " packages are to be installed anew there"
        )
        yield reason(_KIND, "unproven", says, evidence=listed(_names(wrong)))


def _names(modules: Sequence[Extension]) -> list[str]:
    return list(dict.fromkeys(one.named for one in modules))


def _modules(modules: Sequence[Extension]) -> str:
    return "1 compiled module" if len(modules) == 1 else f"{len(modules)} compiled modules"


def _other(libc: str) -> str:
    return "glibc" if libc == "musl" else "musl"
