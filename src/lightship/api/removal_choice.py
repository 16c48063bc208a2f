"""Which names are to go, for `clean` and for a squash that cleans: wanted, then what may go."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter, defaultdict
from itertools import repeat
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.duplicates import Duplicates
from lightship.analysis.ledger import NO_PACKAGE
from lightship.analysis.removal import Removals
from lightship.analysis.run_settings import run_settings
from lightship.api.explaining import explain
from lightship.catalogue.categories import CATEGORIES, NUMBER_OF
from lightship.errors import UsageError
from lightship.filetree.tree import Directory
from lightship.model.platform import Platform
from lightship.model.results.rewrite import Cleaning, MustStay, PackageLoss, Removed, RemovedBy
from lightship.printable import base64_of, decode_path, printable_path
from lightship.progress import SILENT
from lightship.rewrite.changes import Edited
from lightship.rewrite.copying import Sources
from lightship.rewrite.file_contents import content_at
from lightship.rewrite.going import at, going
from lightship.rewrite.package_records import Settled, settle, without_stanzas
from lightship.rewrite.protected import (
    A_DATABASE,
    is_licence,
    is_record,
    package_sources,
    protection,
)
from lightship.rules.discovery import image_rules
from lightship.rules.judging import judgement
from lightship.rules.rule import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lightship.analysis.ledger import Ledger
    from lightship.analysis.removal import Freed
    from lightship.api.measuring import Measured
    from lightship.filetree.tree import Child, FileTree
    from lightship.model.finding import Finding
    from lightship.rewrite.going import Going
    from lightship.rules.suppressing import Ignore

_EVERYTHING = 1_000_000_000
_LISTED = 1000
_NO_DUPLICATES = Duplicates(0, 0, ())


class Wanted(Struct, frozen=True, kw_only=True):
    """What is to go.

    Attributes:
        rules: names of rules, whose findings go whatever their confidence.
        categories: names of categories: every file of one.
        paths: names, each with everything below it; relative to the root.
        ignores: findings that are suppressed.
    """

    rules: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    paths: tuple[bytes, ...] = ()
    ignores: Sequence[Ignore] = ()

    @property
    def is_default(self) -> bool:
        """Whether nobody said anything: then what is certainly not needed goes."""
        return not (self.rules or self.categories or self.paths)


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


class _Reason(Struct, frozen=True):
    rule: str | None
    text: str


def removal_choice(measured: Measured, below: FileTree | None, wanted: Wanted) -> Choice:
    """Decide what goes.

    Args:
        measured: the image, read with `explaining.captures()`.
        below: the tree of the layers that are not touched; None if all may be.
        wanted: what is to go.

    Raises:
        UsageError: there is no such rule, category or path, or a path must stay.
    """
    _check(wanted)
    return _Choosing(measured, below, wanted).choice()


def _check(wanted: Wanted) -> None:
    known = {rule.name: rule for rule in image_rules()}
    for name in wanted.rules:
        if name not in known:
            raise UsageError(f"there is no rule {name[:80]!r}", "See lightship explain.")
        remedy = known[name].remedy
        if remedy != "remove":
            hint = {
                "share": "--dedupe makes links of copies.",
                "rebuild": "lightship squash takes dead bytes out.",
            }.get(remedy, f"lightship explain {name} says what helps.")
            raise UsageError(f"what {name} finds is not mended by removing files", hint)
    for name in wanted.categories:
        if name not in NUMBER_OF:
            every = ", ".join(one.name for one in CATEGORIES)
            raise UsageError(f"there is no category {name[:80]!r}", f"There are {every}.")
    for path in wanted.paths:
        if not path or b".." in path.split(b"/"):
            raise UsageError(
                f"--path {printable_path(path)!r} names nothing in an image",
                "Write a path such as /var/cache/apt; it goes with everything below it.",
            )


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
        self._reasons: dict[bytes, _Reason] = {}

    def choice(self) -> Choice:
        for path, reason in self._paths():
            self._reasons.setdefault(path, reason)
        found = self._going(Settled())
        settled = settle(self._ledger, self._freed(found).records, self._floor)
        if settled.records or settled.kept:
            found = self._going(settled)
        self._check_paths(found)
        freed = self._freed(found)
        contents = self._contents(settled)
        rows = self._rows(found, freed)
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
            rows=tuple(row for row, _ in rows),
            cleaning=self._cleaning(found, settled, rows, contents),
            volumes=tuple(path.strip(b"/") for path in self._settings.volumes),
            notes=self._notes(settled),
        )

    # What is wanted.

    def _paths(self) -> Iterator[tuple[bytes, _Reason]]:
        for path in self._wanted.paths:
            if at(self._tree, path) is None:
                raise UsageError(
                    f"--path /{printable_path(path)} is not in the image",
                    "Links on the way are not followed: name the file where it is.",
                )
            yield path, _Reason(None, "named by --path")
        for finding in self._findings():
            reason = _Reason(finding.rule, finding.title)
            encoded = finding.paths_base64 or repeat(None)
            for text, code in zip(finding.paths, encoded, strict=False):
                path = base64.b64decode(code) if code else text.encode("utf-8", "surrogatepass")
                yield path, reason
        yield from self._of_categories()

    def _findings(self) -> Sequence[Finding]:
        wanted = self._wanted
        if not wanted.rules and not wanted.is_default:
            return ()
        rules = [
            rule
            for rule in image_rules()
            if rule.remedy == "remove" and (wanted.is_default or rule.name in wanted.rules)
        ]
        subject = Subject(
            image=self._measured.image,
            scans=self._measured.scans,
            instructions=self._measured.instructions,
            ledger=self._ledger,
            dead=(),
            dead_groups=(),
            duplicates=_NO_DUPLICATES,
            platform=str(self._measured.image.platform or Platform.here()),
        )
        judged = judgement(subject, rules, listed=_EVERYTHING, ignores=wanted.ignores)
        return [
            one
            for one in judged.findings
            if one.suppressed is None
            and one.remedy == "remove"
            and (not wanted.is_default or one.confidence == "certain")
        ]

    def _of_categories(self) -> Iterator[tuple[bytes, _Reason]]:
        wanted = {NUMBER_OF[name]: name for name in self._wanted.categories}
        category_of = self._ledger.category_of
        for place in self._ledger.places if wanted else ():
            prefix = place.path + b"/" if place.path else b""
            for name, record in zip(place.names, place.records, strict=True):
                category = wanted.get(category_of[record])
                if category is not None and not is_licence(prefix + name):
                    yield prefix + name, _Reason(None, f"of the category {category}")

    # What may go.

    def _going(self, settled: Settled) -> Going:
        records, kept, sources = settled.records, settled.kept, self._sources

        def must_stay(path: bytes, child: Child) -> str | None:
            if path in kept:
                return kept[path]
            if is_record(path, sources) and not _is_under(path, records):
                return A_DATABASE
            return self._protection(path, child)

        for path, number in records.items():
            name = self._ledger.ownership.packages[number].name
            self._reasons.setdefault(
                path, _Reason(None, f"the record of {name}, all of which goes")
            )
        return going(self._tree, self._below, self._reasons, must_stay)

    def _freed(self, found: Going) -> Freed:
        return self._removals.freed(found.names)

    def _check_paths(self, found: Going) -> None:
        """A path that was named by itself and must stay is an error: somebody is wrong about it."""
        for path in self._wanted.paths:
            reason = found.protected.get(path)
            if reason is not None and not isinstance(at(self._tree, path), Directory):
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

    # What is said of it.

    def _rows(self, found: Going, freed: Freed) -> list[tuple[Removed, int]]:
        """Each name that goes, and the inode that goes with it; -1 where none does."""
        tree, ownership = self._tree, self._ledger.ownership
        counted: set[int] = set()
        rows = []
        for path in sorted(found.names, key=lambda path: path.split(b"/")):
            child = at(tree, path)
            record = child.record if isinstance(child, Directory) else child
            inode, content_bytes, package = -1, 0, None
            if isinstance(child, int):
                of = tree.inode_of.get(child, child)
                if of in freed.records and of not in counted:
                    counted.add(of)
                    inode = of
                    content_bytes = self._size(of)
                owner = ownership.owner_of[of]
                package = ownership.packages[owner - 1].name if owner != NO_PACKAGE else None
            reason = self._reasons[found.names[path]]
            row = Removed(
                path=decode_path(path),
                rule=reason.rule,
                reason=reason.text,
                content_bytes=content_bytes,
                layer=self._layer(record),
                package=package,
                path_base64=base64_of(path),
            )
            rows.append((row, inode))
        return rows

    def _layer(self, record: int | None) -> int:
        """Of a directory that no record made, the first that may be touched."""
        return (
            self._tree.locate(record)[0] if record is not None and record >= 0 else self._kept + 1
        )

    def _size(self, record: int) -> int:
        _, index, entry = self._tree.locate(record)
        return index.columns.content_bytes[entry]

    def _cleaning(
        self,
        found: Going,
        settled: Settled,
        rows: Sequence[tuple[Removed, int]],
        contents: Mapping[bytes, bytes],
    ) -> Cleaning:
        return Cleaning(
            by=self._by(rows),
            packages=tuple(self._losses(settled)),
            base_names=len(found.in_base),
            base_bytes=sum(map(self._size, self._inodes(found.in_base))),
            must_stay=tuple(
                MustStay(path=decode_path(path), reason=reason, path_base64=base64_of(path))
                for path, reason in sorted(found.protected.items())[:_LISTED]
            ),
            must_stay_count=len(found.protected),
            edited=tuple(decode_path(path) for path in sorted(contents)),
        )

    def _inodes(self, paths: set[bytes]) -> set[int]:
        found = {at(self._tree, path) for path in paths}
        inode_of = self._tree.inode_of
        return {inode_of.get(one, one) for one in found if isinstance(one, int)}

    def _by(self, rows: Sequence[tuple[Removed, int]]) -> tuple[RemovedBy, ...]:
        wire_of = self._ledger.wire.wire_of
        names: Counter[_Reason] = Counter()
        inodes: dict[_Reason, list[int]] = defaultdict(list)
        for row, inode in rows:
            reason = _Reason(row.rule, row.reason)
            names[reason] += 1
            if inode >= 0:
                inodes[reason].append(inode)
        made = [
            RemovedBy(
                reason=reason.text,
                rule=reason.rule,
                names=count,
                files=len(inodes[reason]),
                content_bytes=sum(map(self._size, inodes[reason])),
                wire_bytes=sum(wire_of[inode] for inode in inodes[reason]),
            )
            for reason, count in names.items()
        ]
        return tuple(sorted(made, key=lambda one: (-one.content_bytes, one.rule or "", one.reason)))

    def _losses(self, settled: Settled) -> Iterator[PackageLoss]:
        for loss in settled.losses:
            package = self._ledger.ownership.packages[loss.number]
            yield PackageLoss(
                system=package.system,
                name=package.name,
                version=package.version,
                files=loss.files,
                lost=loss.lost,
                whole=loss.whole,
                refused=loss.refused or None,
            )

    def _notes(self, settled: Settled) -> tuple[str, ...]:
        """Packages that stay and depend on one that goes."""
        packages = self._ledger.ownership.packages
        gone = {loss.number for loss in settled.losses if loss.whole}
        names = {(packages[number].system, packages[number].name) for number in gone}
        needing = [
            f"{package.name} needs {', '.join(missing)}"
            for number, package in enumerate(packages)
            if number not in gone and names
            if (missing := [one for one in package.depends if (package.system, one) in names])
        ]
        if not needing:
            return ()
        more = f"; and {len(needing) - 5} more" if len(needing) > 5 else ""
        return (f"packages that stay depend on ones that go: {'; '.join(needing[:5])}{more}",)


def _is_under(path: bytes, tops: Mapping[bytes, int]) -> bool:
    """Whether a path is one of some, or below one."""
    while path:
        if path in tops:
            return True
        path = path.rpartition(b"/")[0]
    return False
