"""Which names are to go, for `clean` and for a squash that cleans: wanted, then what may go."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.removal import Removals
from lightship.analysis.run_settings import run_settings
from lightship.api.explaining import explain
from lightship.api.removal_rows import Told
from lightship.api.removal_wanted import Reason, Wanted, check_wanted, wanted_paths
from lightship.errors import UsageError
from lightship.filetree.tree import Directory
from lightship.printable import printable_path
from lightship.progress import SILENT
from lightship.rewrite.changes import Edited
from lightship.rewrite.copying import Sources
from lightship.rewrite.file_contents import content_at
from lightship.rewrite.going import at, going
from lightship.rewrite.package_records import Settled, settle, without_stanzas
from lightship.rewrite.protected import A_DATABASE, is_record, package_sources, protection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.analysis.ledger import Ledger
    from lightship.analysis.removal import Freed
    from lightship.api.measuring import Measured
    from lightship.filetree.tree import Child, FileTree
    from lightship.model.results.rewrite import Cleaning, Removed
    from lightship.rewrite.going import Going


class Choice(Struct, frozen=True, kw_only=True):
    """What goes.

    Attributes:
        names: exact paths that go; of a directory that goes, every name below it too.
        contents: of the files that are edited, by path.
        edited: the same, as `Changes` announces it.
        freed: inodes that go, and their bytes.
        visible_bytes: by how much the tree shrinks, unpacked: edits counted.
        rows: each name with its reason, in a walk's order.
        cleaning: what a person should know of it.
        volumes: of the image, as clean paths.
        notes: likewise.
    """

    names: frozenset[bytes]
    contents: Mapping[bytes, bytes]
    edited: Mapping[bytes, Edited]
    freed: Freed
    visible_bytes: int
    rows: tuple[Removed, ...]
    cleaning: Cleaning
    volumes: tuple[bytes, ...]
    notes: tuple[str, ...]


def removal_choice(measured: Measured, below: FileTree | None, wanted: Wanted) -> Choice:
    """Decide what goes.

    Args:
        measured: the image, read with `explaining.captures()`.
        below: the tree of the layers that are not touched; None if all may be.
        wanted: what is to go.

    Raises:
        UsageError: there is no such rule, category or path, or a path must stay.
    """
    check_wanted(wanted)
    return _Choosing(measured, below, wanted).choice()


class _Choosing:
    def __init__(self, measured: Measured, below: FileTree | None, wanted: Wanted) -> None:
        self._measured, self._below, self._wanted = measured, below, wanted
        self._tree = measured.tree
        self._kept = len(below.indexes) if below is not None else 0
        bases = self._tree.bases
        self._floor = bases[self._kept] if self._kept < len(bases) else len(self._tree.kinds)
        self._ledger: Ledger = explain(measured)
        self._sources = package_sources(self._ledger)
        self._settings = run_settings(measured.image)
        self._protection = protection(self._ledger, self._settings)
        self._removals = Removals(self._ledger)
        self._reasons: dict[bytes, Reason] = {}

    def choice(self) -> Choice:
        for path, reason in wanted_paths(self._wanted, self._measured, self._ledger):
            self._reasons.setdefault(path, reason)
        found = self._going(Settled())
        tops = found.names
        settled = settle(
            self._ledger,
            self._freed(found).records,
            tops.keys(),
            self._floor,
            lambda path: self._reasons[tops[path]].takes_packages,
        )
        if settled.records or settled.kept:
            found = self._going(settled)
        self._check_paths(found, settled)
        freed = self._freed(found)
        contents = self._contents(settled)
        told = Told(self._ledger, found, settled, self._reasons, freed=freed, kept=self._kept)
        shrinks = freed.content_bytes
        for path, content in contents.items():
            shrinks += self._ledger.records.content_bytes(path) - len(content)
        return Choice(
            names=frozenset(found.names),
            contents=contents,
            edited={
                path: Edited(hashlib.sha256(content).digest(), len(content))
                for path, content in contents.items()
            },
            freed=freed,
            visible_bytes=shrinks,
            rows=told.rows,
            cleaning=told.cleaning(contents.keys()),
            volumes=tuple(path.strip(b"/") for path in self._settings.volumes),
            notes=told.notes(),
        )

    # What may go.

    def _going(self, settled: Settled) -> Going:
        records, kept, sources = settled.records, settled.kept, self._sources

        def must_stay(path: bytes, child: Child) -> str | None:
            if path in kept:
                return kept[path]
            if _is_under(path, records):
                return None  # links of a package that goes lead to libraries that stay, often
            if is_record(path, sources):
                return A_DATABASE
            return self._protection(path, child)

        for path in records:
            self._reasons.setdefault(
                path, Reason(None, "the record of a package, all of which goes")
            )
        return going(self._tree, self._below, self._reasons, must_stay)

    def _freed(self, found: Going) -> Freed:
        return self._removals.freed(found.names)

    def _check_paths(self, found: Going, settled: Settled) -> None:
        """A path that was named by itself and must stay is an error: somebody is wrong about it.

        Which file a package keeps for its record's sake is nobody's fault.
        """
        for path in self._wanted.paths:
            reason = found.protected.get(path)
            is_file = not isinstance(at(self._tree, path), Directory)
            if reason is not None and is_file and path not in settled.kept:
                raise UsageError(
                    f"--path /{printable_path(path)} must stay: {reason}", "Leave it out."
                )

    def _contents(self, settled: Settled) -> dict[bytes, bytes]:
        """The databases without the packages that go."""
        sources = Sources(self._measured.image.layers, self._measured.scans, SILENT)
        contents = {}
        for path, stanzas in settled.stanzas.items():
            record = at(self._tree, path)
            if isinstance(record, int):
                contents[path] = without_stanzas(content_at(self._tree, record, sources), stanzas)
        return contents


def _is_under(path: bytes, tops: Mapping[bytes, int]) -> bool:
    """Whether a path is one of some, or below one."""
    while path:
        if path in tops:
            return True
        path = path.rpartition(b"/")[0]
    return False
