"""What is said of a removal: each name with its reason, sums, packages that lose files."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from lightship.analysis.ledger import NO_PACKAGE
from lightship.api.removal_wanted import Reason
from lightship.filetree.tree import Directory
from lightship.model.results.rewrite import Cleaning, MustStay, PackageLoss, Removed, RemovedBy
from lightship.printable import base64_of, decode_path
from lightship.rewrite.going import at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from lightship.analysis.ledger import Ledger
    from lightship.analysis.removal import Freed
    from lightship.rewrite.going import Going
    from lightship.rewrite.package_records import Settled

_LISTED = 1000
_NAMED = 5


class Told:
    """What there is to say of one removal.

    Args:
        ledger: of the image.
        found: what goes.
        settled: what becomes of package databases.
        reasons: by the paths that were asked for.
        freed: inodes that go.
        kept: how many of the first layers stay.
    """

    def __init__(
        self,
        ledger: Ledger,
        found: Going,
        settled: Settled,
        reasons: Mapping[bytes, Reason],
        *,
        freed: Freed,
        kept: int,
    ) -> None:
        self._ledger, self._tree, self._kept = ledger, ledger.tree, kept
        self._found, self._settled = found, settled
        self._reasons, self._freed = reasons, freed
        self._rows = self._made()

    @property
    def rows(self) -> tuple[Removed, ...]:
        """Each name with its reason, in a walk's order."""
        return tuple(row for row, _ in self._rows)

    def _made(self) -> list[tuple[Removed, int]]:
        """Each name that goes, and the inode that goes with it; -1 where none does."""
        tree, ownership = self._tree, self._ledger.ownership
        counted: set[int] = set()
        rows = []
        for path in sorted(self._found.names, key=lambda path: path.split(b"/")):
            child = at(tree, path)
            record = child.record if isinstance(child, Directory) else child
            inode, content_bytes, package = -1, 0, None
            if isinstance(child, int):
                of = tree.inode_of.get(child, child)
                if of in self._freed.records and of not in counted:
                    counted.add(of)
                    inode = of
                    content_bytes = self._size(of)
                owner = ownership.owner_of[of]
                package = ownership.packages[owner - 1].name if owner != NO_PACKAGE else None
            if (number := self._settled.records.get(path)) is not None:
                package = ownership.packages[number].name
            reason = self._reasons[self._found.names[path]]
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

    def cleaning(self, edited: Collection[bytes]) -> Cleaning:
        """The sums; `edited` are the databases that get another content."""
        found = self._found
        return Cleaning(
            by=self._by(self._rows),
            packages=tuple(self._losses()),
            base_names=len(found.in_base),
            base_bytes=sum(map(self._size, self._inodes(found.in_base))),
            must_stay=tuple(
                MustStay(path=decode_path(path), reason=reason, path_base64=base64_of(path))
                for path, reason in sorted(found.protected.items())[:_LISTED]
            ),
            must_stay_count=len(found.protected),
            edited=tuple(decode_path(path) for path in sorted(edited)),
        )

    def _inodes(self, paths: set[bytes]) -> set[int]:
        found = {at(self._tree, path) for path in paths}
        inode_of = self._tree.inode_of
        return {inode_of.get(one, one) for one in found if isinstance(one, int)}

    def _by(self, rows: Sequence[tuple[Removed, int]]) -> tuple[RemovedBy, ...]:
        wire_of = self._ledger.wire.wire_of
        names: Counter[Reason] = Counter()
        inodes: dict[Reason, list[int]] = defaultdict(list)
        for row, inode in rows:
            reason = Reason(row.rule, row.reason)
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

    def _losses(self) -> Iterator[PackageLoss]:
        for loss in self._settled.losses:
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

    def notes(self) -> tuple[str, ...]:
        """Packages that stay and depend on one that goes."""
        packages = self._ledger.ownership.packages
        gone = {loss.number for loss in self._settled.losses if loss.whole}
        names = {(packages[number].system, packages[number].name) for number in gone}
        needing = [
            f"{package.name} needs {', '.join(missing)}"
            for number, package in enumerate(packages)
            if number not in gone and names
            if (missing := [one for one in package.depends if (package.system, one) in names])
        ]
        if not needing:
            return ()
        left = len(needing) - _NAMED
        more = f"; and {left} more" if left > 0 else ""
        told = "; ".join(needing[:_NAMED])
        return (f"packages that stay depend on ones that go: {told}{more}",)
