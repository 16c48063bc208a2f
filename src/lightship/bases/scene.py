"""A tree and how a container of it is started: what is asked of an image and of a landing alike."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.elf import ElfFile, elves
from lightship.analysis.elf_symbols import ElfSymbols, symbols_of
from lightship.analysis.entrypoint import Entrypoint, find_entrypoint
from lightship.analysis.loading import Loaded, Loader
from lightship.analysis.lookup import FoundFile, Lookup, find_program
from lightship.bases.started import Started, find_started

if TYPE_CHECKING:
    from lightship.analysis.packages.records import Records
    from lightship.analysis.run_settings import RunSettings
    from lightship.filetree.tree import FileTree


class Scene(Struct, frozen=True, kw_only=True, dict=True):
    """Files, and the settings that they are used with; what is asked once is kept.

    Attributes:
        records: of the tree, captured with `wanting.captures()`.
        settings: how a container is started.
    """

    records: Records
    settings: RunSettings

    @property
    def tree(self) -> FileTree:
        """All names."""
        return self.records.tree

    @cached_property
    def lookup(self) -> Lookup:
        """Finds its files."""
        return Lookup(self.tree)

    @cached_property
    def entrypoint(self) -> Entrypoint:
        """All that its command and its health check may run."""
        return find_entrypoint(self.records, self.settings)

    @cached_property
    def started(self) -> Started:
        """What its command runs, step by step."""
        return find_started(self.records, self.lookup, self.settings)

    @cached_property
    def elves(self) -> dict[int, ElfFile]:
        """Its ELF files, by record."""
        return {one.record: one for one in elves(self.records)}

    @cached_property
    def symbols(self) -> dict[int, ElfSymbols]:
        """Of its ELF files, by record."""
        return symbols_of(self.records)

    @cached_property
    def _loader(self) -> Loader:
        return Loader(
            self.records,
            tuple(self.elves.values()),
            self.symbols,
            self.settings.library_path,
            self.settings.working_directory,
        )

    @cached_property
    def _loaded(self) -> dict[int, Loaded]:
        return {}

    def loaded(self, file: FoundFile, host: Loaded | None = None) -> Loaded:
        """A program or library started, as `Loader.load`; without a host it is done once."""
        if host is not None:
            return self._loader.load(file, host)
        known = self._loaded.get(file.record)
        if known is None:
            known = self._loaded[file.record] = self._loader.load(file)
        return known

    def program(self, word: bytes) -> FoundFile | None:
        """The file that a word starts, looked up as execvp(3) does."""
        return find_program(self.lookup, self.settings, word)

    def is_executable(self, record: int) -> bool:
        """Whether anybody may execute a file, by its mode."""
        _, index, entry = self.tree.locate(record)
        return bool(index.columns.modes[entry] & 0o111)

    def content(self, record: int) -> bytes:
        """The content's hash (xxh3-128) of a regular file's record."""
        _, index, entry = self.tree.locate(record)
        return index.content_hash(entry)
