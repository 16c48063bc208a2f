"""Every name of the old tree against the new one: what differs that was not announced.

Contents are held equal by where they come from: a name's new record must hold the content of the
very record that the name had, and that content's SHA-256, taken from the old layer as it was
verified, is the one that was read back (`rewrite.evidence`). Their xxh3, which the first reading of
the old layer took, must be equal besides: it tells where a content was taken from the wrong place.
"""

from __future__ import annotations

from array import array
from itertools import starmap
from operator import ne
from typing import TYPE_CHECKING

from lightship.model.entry import Kind
from lightship.rewrite.changes import OVERLAY
from lightship.rewrite.differences import Difference, Found
from lightship.rewrite.pairing import Pairs, column, hash_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lightship.filetree.tree import FileTree
    from lightship.rewrite.changes import Changes
    from lightship.rewrite.differences import What
    from lightship.rewrite.evidence import Evidence

_REGULAR, _SYMLINK, _DIRECTORY = Kind.REGULAR.value, Kind.SYMLINK.value, Kind.DIRECTORY.value
_DEVICES = (Kind.CHARACTER_DEVICE.value, Kind.BLOCK_DEVICE.value)
_IMPLICIT = {"kinds": _DIRECTORY, "modes": 0o755}
_PLAIN: tuple[tuple[What, str, str], ...] = (
    ("mode", "modes", "H"),
    ("uid", "uids", "I"),
    ("gid", "gids", "I"),
)


class Comparison:
    """Holds two trees against each other, name by name."""

    def __init__(
        self, old: FileTree, new: FileTree, evidence: Evidence, changes: Changes, found: Found
    ) -> None:
        self._old, self._new = old, new
        self._evidence, self._changes, self._found = evidence, changes, found
        self._pairs = Pairs(old, new, evidence.same_records)
        self._edited = self._pairs.numbers(changes.edited)
        self._linked = self._pairs.numbers(changes.linked)
        self._excused = {*self._linked.values()}  # they have become another file, which is checked

    @property
    def names(self) -> int:
        """Names in both trees, without the root."""
        return self._pairs.same + len(self._pairs) - 1

    def run(self) -> None:
        """Compare everything."""
        self._presence()
        self._kinds_and_contents()
        for what, name, typecode in _PLAIN:
            for pair, before, after in self._unequal(name, typecode):
                self._differs(pair, what, _number(what, before), _number(what, after))
        self._times()
        self._xattrs()
        self._targets()
        self._link_groups()
        self._announced_edits()
        self._announced_links()

    # Names.

    def _presence(self) -> None:
        removed, found = self._changes.removed, self._found
        gone = frozenset(self._pairs.gone)
        for path in self._pairs.gone:
            row = Difference(path, "removed", "there", "gone")
            if path in removed:
                found.announced("removed", row)
            else:
                found.wrong.append(row)
        found.wrong += [
            Difference(path, "removed", "to be removed", "still there, or never was")
            for path in sorted(removed - gone)
        ]
        found.wrong += [Difference(path, "added", "absent", "there") for path in self._pairs.come]
        found.wrong += [
            Difference(self._new.path(record), "links", "a hard link", "without a target")
            for record in self._new.lost_links
            if self._evidence.fresh[record]
        ]

    # What each name is.

    def _kinds_and_contents(self) -> None:
        pairs, origins = self._pairs, self._evidence.origins
        for pair, before, after in self._unequal("kinds", "B"):
            self._differs(pair, "kind", Kind(before).name.lower(), Kind(after).name.lower())
        edited = {*self._edited.values()}  # their SHA-256 are announced
        for pair, before, after in self._unequal("content_bytes", "Q"):
            if pair not in edited:
                self._differs(pair, "content", f"{before} bytes", f"{after} bytes")
        kinds, sizes = column(self._new, "kinds", "B", _DIRECTORY), self._sizes(self._new)
        self._hashes(edited)
        excused = self._excused | edited
        came_from = array("q", map(origins.__getitem__, pairs.news))
        for pair, (old, origin) in enumerate(zip(pairs.olds, came_from, strict=True)):
            if old == origin:
                continue
            new = pairs.news[pair]
            if kinds[new] == _REGULAR and sizes[new] and pair not in excused:
                self._another_content(pair, old, origin)

    def _hashes(self, edited: set[int]) -> None:
        pairs = self._pairs
        wrong: set[int] = set()
        for before, after in zip(hash_columns(self._old), hash_columns(self._new), strict=True):
            wrong.update(
                _where_unequal(
                    array("Q", map(before.__getitem__, pairs.olds)),
                    array("Q", map(after.__getitem__, pairs.news)),
                )
            )
        for pair in sorted(wrong - edited):
            self._differs(pair, "content", "what was indexed", "another xxh3-128")

    def _another_content(self, pair: int, old: int, origin: int) -> None:
        held = self._old.path(origin) if origin >= 0 else b"nothing of the old image"
        self._differs(
            pair,
            "content",
            f"that of record {old}",
            f"that of record {origin} ({held.decode('utf-8', 'replace')})",
        )

    def _times(self) -> None:
        latest, news, fresh = self._changes.latest_ns, self._pairs.news, self._evidence.fresh
        before = self._values(self._old, "mtimes_ns", "q", self._pairs.olds)
        after = self._values(self._new, "mtimes_ns", "q", news)
        wanted = before
        if latest is not None:
            clamped = (
                min(time, latest) if fresh[new] else time
                for time, new in zip(before, news, strict=True)
            )
            wanted = array("q", clamped)
            for pair in _where_unequal(before, wanted):
                if after[pair] == wanted[pair] and pair not in self._excused:
                    row = self._row(pair, "mtime", str(before[pair]), str(after[pair]))
                    self._found.announced("clamped", row)
        for pair in _where_unequal(wanted, after):
            self._differs(pair, "mtime", f"{wanted[pair]} ns", f"{after[pair]} ns")

    def _xattrs(self) -> None:
        olds, news = _rare(self._old, "xattrs"), _rare(self._new, "xattrs")
        if not olds and not news:
            return
        for pair, (old, new) in enumerate(zip(self._pairs.olds, self._pairs.news, strict=True)):
            if old not in olds and new not in news:
                continue
            before, after = olds.get(old, {}), news.get(new, {})
            wanted = before
            if self._evidence.fresh[new]:
                wanted = {k: v for k, v in before.items() if not k.startswith(OVERLAY)}
            if after != wanted:
                self._differs(pair, "xattrs", _shown(wanted), _shown(after))
            elif wanted != before:
                row = self._row(pair, "xattrs", _shown(before), _shown(after))
                self._found.announced("unmarked", row)

    def _targets(self) -> None:
        """Targets of symbolic links, numbers of devices."""
        kinds = column(self._old, "kinds", "B", _DIRECTORY)
        old_kinds = bytes(map(kinds.__getitem__, self._pairs.olds))
        what: What
        for what, name, wanted in (
            ("link_target", "links", (_SYMLINK,)),
            ("device", "devices", _DEVICES),
        ):
            if not any(kind in old_kinds for kind in wanted):
                continue
            olds, news = _rare(self._old, name), _rare(self._new, name)
            for pair, kind in enumerate(old_kinds):
                if kind not in wanted:
                    continue
                old, new = self._pairs.olds[pair], self._pairs.news[pair]
                if olds.get(old) != news.get(new):
                    self._differs(pair, what, _text(olds.get(old)), _text(news.get(new)))

    def _link_groups(self) -> None:
        """Names that shared an inode still do, and no others: inodes are matched one to one."""
        old_linked, new_linked = (
            frozenset(tree.inode_of.values()) for tree in (self._old, self._new)
        )
        if not old_linked and not new_linked:
            return
        there: dict[int, tuple[int, int]] = {}  # old inode: new inode, and the pair that told
        back: dict[int, tuple[int, int]] = {}
        for pair, (old, new) in enumerate(zip(self._pairs.olds, self._pairs.news, strict=True)):
            if (old not in old_linked and new not in new_linked) or pair in self._excused:
                continue
            first_new, first = there.setdefault(old, (new, pair))
            if first_new != new:
                self._differs(pair, "links", f"to {self._text(first)}", "another inode")
            first_old, first = back.setdefault(new, (old, pair))
            if first_old != old:
                self._differs(pair, "links", "another inode", f"to {self._text(first)}")

    # What was announced of contents.

    def _announced_edits(self) -> None:
        for path, edit in self._changes.edited.items():
            pair = self._edited.get(path)
            if pair is None:
                self._missing(path, "content", "to be edited")
                continue
            sha256 = self._evidence.sha256(self._pairs.news[pair])
            if sha256 == edit.sha256:
                row = self._row(pair, "content", "edited", f"sha256:{sha256.hex()}")
                self._found.announced("edited", row)
            else:
                after = f"sha256:{sha256.hex()}" if sha256 else "another content"
                self._differs(pair, "content", f"sha256:{edit.sha256.hex()}", after)

    def _announced_links(self) -> None:
        targets = self._pairs.numbers(frozenset(link.to for link in self._changes.linked.values()))
        for path, link in self._changes.linked.items():
            pair, other = self._linked.get(path), targets.get(link.to)
            if pair is None or other is None:
                self._missing(path, "links", f"to become a link to {_text(link.to)}")
                continue
            new = self._pairs.news[pair]
            if new != self._pairs.news[other]:
                self._differs(pair, "links", f"to {_text(link.to)}", "another inode")
            elif self._evidence.sha256(new) != link.sha256:
                sha256 = self._evidence.sha256(new)
                after = f"sha256:{sha256.hex()}" if sha256 else "a content that was not read back"
                self._differs(pair, "content", f"sha256:{link.sha256.hex()}", after)
            else:
                row = self._row(pair, "links", "a file of its own", f"to {_text(link.to)}")
                self._found.announced("linked", row)

    # Columns.

    def _unequal(self, name: str, typecode: str) -> Iterator[tuple[int, int, int]]:
        before = self._values(self._old, name, typecode, self._pairs.olds)
        after = self._values(self._new, name, typecode, self._pairs.news)
        for pair in _where_unequal(before, after):
            yield pair, before[pair], after[pair]

    @staticmethod
    def _values(tree: FileTree, name: str, typecode: str, records: array[int]) -> array[int]:
        whole = column(tree, name, typecode, _IMPLICIT.get(name, 0))
        return array(typecode, map(whole.__getitem__, records))

    @staticmethod
    def _sizes(tree: FileTree) -> array[int]:
        return column(tree, "content_bytes", "Q", 0)

    # Differences.

    def _differs(self, pair: int, what: What, before: str, after: str) -> None:
        if what == "mtime" and pair in self._excused:
            return  # it is the other file's, which has its own
        self._found.wrong.append(self._row(pair, what, before, after))

    def _missing(self, path: bytes, what: What, before: str) -> None:
        self._found.wrong.append(Difference(path, what, before, "no such name in both trees"))

    def _row(self, pair: int, what: What, before: str, after: str) -> Difference:
        return Difference(self._pairs.path(pair), what, before, after)

    def _text(self, pair: int) -> str:
        return _text(self._pairs.path(pair))


def _where_unequal(before: array[int], after: array[int]) -> list[int]:
    if before == after:
        return []
    return [
        pair for pair, differs in enumerate(starmap(ne, zip(before, after, strict=True))) if differs
    ]


def _rare(tree: FileTree, name: str) -> dict[int, Mapping[bytes, bytes]]:
    """What few records have, by number of the record."""
    return {
        base + entry: value
        for base, index in zip(tree.bases, tree.indexes, strict=True)
        for entry, value in getattr(index.rarities, name).items()
    }


def _number(what: What, value: int) -> str:
    return f"{value:04o}" if what == "mode" else str(value)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _shown(xattrs: Mapping[bytes, bytes]) -> str:
    shown = ", ".join(f"{_text(key)}={value[:40].hex()}" for key, value in sorted(xattrs.items()))
    return shown[:500] or "none"
