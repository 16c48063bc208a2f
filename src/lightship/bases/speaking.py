"""Which programs of an application speak of something, in their bytes or by what they load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.source_words import source_words
from lightship.bases.reasoning import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.analysis.lookup import FoundFile
    from lightship.bases.application import Application


def speakers(
    application: Application,
    places: frozenset[bytes],
    libraries: tuple[bytes, ...] = (),
    languages: tuple[bytes, ...] = (),
    topic: bytes = b"",
) -> list[str]:
    """Paths of files that speak of something, the programs that are started first.

    Args:
        application: its carried ELF files are asked, and the programs that its command runs.
        places: of `elf_symbols_text.PLACES`.
        libraries: starts of names of libraries, which who needs one speaks by.
        languages: starts of names of interpreters, which speak of it by the sources that they run.
        topic: of `SourceWords.topics`, by which such sources speak of it.
    """
    spoken = languages and any(
        topic in words.topics
        for record, words in source_words(application.scene.records).items()
        if record in application.carried
    )
    found: dict[str, None] = {}
    for file in application.entrypoint.files:
        name = file.path.rpartition(b"/")[2]
        by_sources = spoken and name.startswith(languages)
        if by_sources or _speaks(application, file.record, places, libraries):
            found[text_of(file.path)] = None
        for one in _loaded(application, file):
            if one.path.rpartition(b"/")[2].startswith(libraries):
                found[text_of(file.path)] = None
    for path, record in _carried(application):
        if _speaks(application, record, places, libraries):
            found[text_of(path)] = None
    return list(found)


def _loaded(application: Application, file: FoundFile) -> tuple[FoundFile, ...]:
    scene = application.scene
    return scene.loaded(file).objects if file.record in scene.elves else ()


def _carried(application: Application) -> Iterator[tuple[bytes, int]]:
    for record, one in application.scene.elves.items():
        if record in application.carried:
            yield one.path, record


def _speaks(
    application: Application,
    record: int,
    places: frozenset[bytes],
    libraries: tuple[bytes, ...],
) -> bool:
    scene = application.scene
    symbols, elf = scene.symbols.get(record), scene.elves.get(record)
    if symbols is not None and not places.isdisjoint(symbols.text.places):
        return True
    return elf is not None and any(one.startswith(libraries) for one in elf.elf.needed)
