"""Files that are equal in all that a file has become hard links, within the layer that has them.

Only programs and their data: where files are written to at run time, a second name that changes
along would be a surprise (a bind mount or a storage driver without copy-up shows it), so nothing
under `/etc`, `/home`, `/media`, `/mnt`, `/root`, `/run`, `/srv`, `/tmp`, `/var` or a volume, nor
what others than its owner may write to. Never across layers: each is unpacked by itself, and a link
to what another holds makes a copy (H7). xxh3 finds the candidates, SHA-256 decides.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct, field

from lightship.analysis.duplicates import find_duplicates
from lightship.rewrite.changes import Linked
from lightship.rewrite.copying import SHA_BYTES, Sources, write_tar
from lightship.rewrite.going import at
from lightship.rewrite.records import Cut, NewLayer

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from lightship.filetree.tree import FileTree

_WRITTEN_TO = (
    b"etc/", b"home/", b"media/", b"mnt/", b"root/", b"run/", b"srv/", b"tmp/", b"var/",
)  # fmt: skip
_OTHERS_WRITE = 0o022
_EVERY_CLASS = 1_000_000_000


class Joins(Struct):
    """What becomes one file.

    Attributes:
        linked: names that become links, as `Changes` announces them.
        content_bytes: unpacked, of the copies that go.
        other_facts_bytes, other_layer_bytes, other_place_bytes: of copies that stay, as
            `results.rewrite.Joined` has them.
    """

    linked: dict[bytes, Linked] = field(default_factory=dict)
    content_bytes: int = 0
    other_facts_bytes: int = 0
    other_layer_bytes: int = 0
    other_place_bytes: int = 0


class _Copy(Struct, frozen=True):
    position: int
    entry: int
    path: bytes


def find_joins(
    tree: FileTree,
    kept: int,
    gone: Collection[int],
    sources: Sources,
    volumes: Sequence[bytes] = (),
) -> Joins:
    """Which names can become links.

    Reads each layer that has candidates once more.

    Args:
        tree: of all layers.
        kept: how many of the first layers are not touched.
        gone: inodes that go anyway.
        sources: the layers.
        volumes: paths in which nothing is linked.

    Raises:
        CorruptInputError: a layer has changed meanwhile.
    """
    finding = _Finding(tree, kept, frozenset(gone), tuple(path + b"/" for path in volumes))
    groups = finding.groups()
    joins, hashes = finding.joins, _hashes(groups, tree, sources)
    for group in groups:
        by_content: dict[bytes, list[_Copy]] = defaultdict(list)
        for copy in group:
            by_content[hashes[copy.position, copy.entry]].append(copy)
        for sha256, copies in by_content.items():
            first, *others = sorted(copies, key=lambda copy: copy.entry)
            index = tree.indexes[first.position - 1]
            for copy in others:
                joins.linked[copy.path] = Linked(first.path, sha256)
                joins.content_bytes += index.columns.content_bytes[copy.entry]
    return joins


class _Finding:
    def __init__(
        self, tree: FileTree, kept: int, gone: frozenset[int], volumes: tuple[bytes, ...]
    ) -> None:
        self._tree, self._kept, self._gone, self._volumes = tree, kept, gone, volumes
        self._shared = frozenset(tree.inode_of.values())
        self.joins = Joins()

    def groups(self) -> list[list[_Copy]]:
        """Copies that are equal in all but, perhaps, their content."""
        found = []
        for one in find_duplicates(self._tree, _EVERY_CLASS).largest:
            records = [record for record in one.records if record not in self._gone]
            copies = [copy for record in records if (copy := self._copy(record)) is not None]
            if records:
                self.joins.other_place_bytes += self._left(
                    len(records), len(copies), one.content_bytes
                )
            layers: dict[int, dict[object, list[_Copy]]] = defaultdict(lambda: defaultdict(list))
            for copy in copies:
                layers[copy.position][self._facts(copy)].append(copy)
            if layers:
                self.joins.other_layer_bytes += (len(layers) - 1) * one.content_bytes
            for by_facts in layers.values():
                self.joins.other_facts_bytes += (len(by_facts) - 1) * one.content_bytes
                found += [group for group in by_facts.values() if len(group) > 1]
        return found

    @staticmethod
    def _left(records: int, copies: int, content_bytes: int) -> int:
        """Of copies that may not be joined; one of them is no copy where none may."""
        return (records - copies - (0 if copies else 1)) * content_bytes

    def _copy(self, record: int) -> _Copy | None:
        position, index, entry = self._tree.locate(record)
        if position <= self._kept or record in self._shared:
            return None
        path = index.path(entry)
        if path.startswith(_WRITTEN_TO) or path.startswith(self._volumes or (b"//",)):
            return None
        if index.columns.modes[entry] & _OTHERS_WRITE or entry in index.rarities.stored_bytes:
            return None
        return _Copy(position, entry, path) if at(self._tree, path) == record else None

    def _facts(self, copy: _Copy) -> object:
        index, entry = self._tree.indexes[copy.position - 1], copy.entry
        columns = index.columns
        return (
            columns.modes[entry],
            columns.uids[entry],
            columns.gids[entry],
            columns.mtimes_ns[entry],
            tuple(sorted(index.rarities.xattrs.get(entry, {}).items())),
        )


def _hashes(
    groups: Sequence[Sequence[_Copy]], tree: FileTree, sources: Sources
) -> dict[tuple[int, int], bytes]:
    """SHA-256 of each copy's content."""
    entries: dict[int, list[int]] = defaultdict(list)
    for group in groups:
        for copy in group:
            entries[copy.position].append(copy.entry)
    found = {}
    for position, wanted in sorted(entries.items()):
        cut = Cut()
        for entry in sorted(wanted):
            cut.take(tree.indexes[position - 1], entry, entry + 1)
        hashes = write_tar(NewLayer((position,), (), {position: cut}), sources, lambda _: None)
        for number, entry in enumerate(sorted(wanted)):
            found[position, entry] = hashes[SHA_BYTES * number : SHA_BYTES * (number + 1)]
    return found
