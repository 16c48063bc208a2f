"""Whether libraries that the application opens by name are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.source_words import source_words
from lightship.bases.reasoning import listed, reason, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.move import Move
    from lightship.bases.scene import Scene
    from lightship.model.results.base_verdict import Reason


def judge(move: Move) -> Iterator[Reason]:
    """What is there now and not on the base leaves a doubt; nobody knows that it is opened."""
    if move.landing is None:
        return
    now, there = _names(move.application.scene), _names(move.landing)
    missing: dict[bytes, bytes] = {}
    for path, name in _opened(move):
        if name not in missing and _found(name, now) and not _found(name, there):
            missing[name] = path
    if missing:
        count = len(missing)
        which = "1 library" if count == 1 else f"{count} libraries"
        told = (f"{text_of(name)}: named in {text_of(path)}" for name, path in missing.items())
        says = f"{which} that the application may open by name would not be there"
        yield reason("opened_names", "unproven", says, evidence=listed(told))


def _opened(move: Move) -> Iterator[tuple[bytes, bytes]]:
    """Names, with the file that has them."""
    application = move.application
    scene = application.scene
    for record, one in scene.elves.items():
        symbols = scene.symbols.get(record)
        if record in application.carried and symbols is not None:
            for name in symbols.text.libraries:
                yield one.path, name
    words = source_words(scene.records)
    paths = {one.record: one.path for one in scene.records.of("source-words")}
    for record, found in words.items():
        if record in application.carried:
            for name in found.libraries:
                yield paths[record], name.rpartition(b"/")[2]


def _names(scene: Scene) -> frozenset[bytes]:
    """Names that libraries are found by, and each cut after `.so`; links too."""
    names = set()
    for _, name, _child in scene.tree.root.names_below():
        if b".so" in name and name.startswith(b"lib"):
            names.add(name)
            names.add(name.partition(b".so")[0] + b".so")
    return frozenset(names)


def _found(name: bytes, names: frozenset[bytes]) -> bool:
    if b".so" in name:
        return name in names
    return b"lib" + name + b".so" in names  # as `find_library("magic")` has it
