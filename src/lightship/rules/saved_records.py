"""Which records of an image would not be there: the sets that savings are made of.

A record is a number of `FileTree`; only regular ones have content. What is dropped with a record is
its content, except where a hard link of the same layer that stays still names it.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from lightship.analysis.dead import dead_records
from lightship.catalogue.patterns import expanded
from lightship.errors import UsageError
from lightship.filetree.patterns import Matcher, Pattern, State
from lightship.filetree.tree import Death
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lightship.analysis.ledger import WireUse
    from lightship.filetree.tree import FileTree
    from lightship.layers.index import LayerIndex

Records: TypeAlias = frozenset[int]
_REGULAR, _HARD_LINK = Kind.REGULAR.value, Kind.HARD_LINK.value
_COPY = Death.METADATA_COPY.value


class SavedRecords:
    """Asks one image which records would go.

    Args:
        tree: of all its layers.
        wire: what each record weighs compressed.
    """

    def __init__(self, tree: FileTree, wire: WireUse) -> None:
        self._tree = tree
        self._wire = wire
        self._asked: dict[tuple[int, tuple[str, ...]], Records] = {}

    @cached_property
    def _sizes(self) -> array[int]:
        sizes = array("Q")
        for index in self._tree.indexes:
            sizes.extend(index.columns.content_bytes)
        return sizes

    def weight(self, records: Records) -> tuple[int, int]:
        """Content bytes of these records, and their share of the compressed layers."""
        wire_of = self._wire.wire_of
        return sum(map(self._sizes.__getitem__, records)), sum(map(wire_of.__getitem__, records))

    def wire_of_base(self, content_bytes: int) -> int:
        """What a base of so many bytes weighs compressed, if it packs as well as this image."""
        unpacked = sum(self._sizes)
        return content_bytes * sum(self._wire.wire_of) // unpacked if unpacked else 0

    def at(self, layers: Iterable[int], patterns: Sequence[str]) -> Records | None:
        """The records at patterns in some layers; None if a pattern cannot be read.

        Args:
            layers: positions, from 1.
            patterns: from the root; what matches a directory matches all in it.
        """
        matcher = _matcher(patterns)
        if matcher is None:
            return None
        found = (self._in_layer(layer, tuple(patterns), matcher) for layer in layers)
        return frozenset().union(*found)

    def _in_layer(self, layer: int, patterns: tuple[str, ...], matcher: Matcher) -> Records:
        """As `at`, for one layer; remembered, as many instructions may have made it together."""
        found = self._asked.get((layer, patterns))
        if found is None:
            index, base = self._tree.indexes[layer - 1], self._tree.bases[layer - 1]
            matched = _matching(index, matcher)
            regular = {base + entry for entry in matched if index.columns.kinds[entry] == _REGULAR}
            found = frozenset(regular - self._kept_by_links(layer, matched))
            self._asked[layer, patterns] = found
        return found

    def _kept_by_links(self, layer: int, matched: set[int]) -> set[int]:
        """Inodes that a hard link of the layer names, which does not match."""
        base = self._tree.bases[layer - 1]
        links = self._links.get(layer, ())
        return {self._tree.inode_of[base + entry] for entry in links if entry not in matched}

    @cached_property
    def _links(self) -> Mapping[int, Sequence[int]]:
        """Hard-link records that found their target, by layer, as entries of its index."""
        links: dict[int, list[int]] = defaultdict(list)
        for record in self._tree.inode_of:
            layer, _, entry = self._tree.locate(record)
            links[layer].append(entry)
        return links

    def rewritten(self, layers: Iterable[int]) -> Records:
        """What one of these layers brought and a later one of them took away or wrote again."""
        wanted, killers = frozenset(layers), self._tree.killers
        return frozenset(
            record
            for born in sorted(wanted)
            for record in self._dead_of(born)
            if killers[record] != born and killers[record] in wanted
        )

    def copied(self, layers: Iterable[int], patterns: Sequence[str] = ()) -> Records | None:
        """What these layers hold again, because only its attributes changed.

        Given as the records that they copied: the same bytes, so that what another saving takes of
        the originals counts once.
        """
        wanted = frozenset(layers)
        matcher = _matcher(patterns) if patterns else None
        if patterns and matcher is None:
            return None
        deaths, killers = self._tree.deaths, self._tree.killers
        return frozenset(
            record
            for born in range(1, max(wanted, default=0))
            for record in self._dead_of(born)
            if deaths[record] == _COPY
            and killers[record] in wanted
            and (matcher is None or matcher.match(self._tree.path(record)) is not None)
        )

    def held(self, layers: Iterable[int], patterns: Sequence[str] = ()) -> Records | None:
        """All that these layers hold, or all of it at patterns."""
        if patterns:
            return self.at(layers, patterns)
        return frozenset(record for layer in layers for record in self._regular_of(layer))

    def all_but(self, patterns: Sequence[str]) -> Records | None:
        """All that the image holds but the visible files at patterns."""
        matcher = _matcher(patterns)
        if matcher is None:
            return None
        positions = range(1, len(self._tree.bases) + 1)
        matched: set[int] = set()
        for layer in positions:
            base = self._tree.bases[layer - 1]
            matched |= {base + entry for entry in _matching(self._tree.indexes[layer - 1], matcher)}
        inodes = {self._tree.inode_of.get(record, record) for record in matched}
        kept = {inode for inode in inodes if not self._tree.deaths[inode]}
        return frozenset(
            record
            for layer in positions
            for record in self._regular_of(layer)
            if record not in kept
        )

    def _regular_of(self, layer: int) -> Iterator[int]:
        base = self._tree.bases[layer - 1]
        for entry in self._tree.indexes[layer - 1].entries_of(_REGULAR):
            yield base + entry

    def _dead_of(self, layer: int) -> Sequence[int]:
        return self._dead.get(layer, ())

    @cached_property
    def _dead(self) -> Mapping[int, Sequence[int]]:
        """Records of inodes without a name, by the layer that brought them."""
        dead: dict[int, list[int]] = defaultdict(list)
        for record, born, *_ in dead_records(self._tree):
            dead[born].append(record)
        return dead


def _matcher(patterns: Sequence[str]) -> Matcher | None:
    """One for patterns as the catalogue has them; None if one of them is none."""
    parsed: list[Pattern] = []
    for text in patterns:
        try:
            parsed += expanded(text, {}) if text.startswith("~") else (Pattern.parse(text),)
        except UsageError:
            return None
    return Matcher(parsed)


def _matching(index: LayerIndex, matcher: Matcher) -> set[int]:
    """Entries of regular files and hard links at the patterns."""
    columns = index.columns
    states: dict[int, State | None] = {}
    found: set[int] = set()
    for entry, kind in enumerate(columns.kinds):
        if kind not in (_REGULAR, _HARD_LINK):
            continue
        directory = columns.directories[entry]
        if directory not in states:
            states[directory] = _state(matcher, index.directories[directory])
        state = states[directory]
        if state is None or (state and matcher.step(state, columns.names[entry])[1] is not None):
            found.add(entry)
    return found


def _state(matcher: Matcher, directory: bytes) -> State | None:
    """What can match in a directory; None if all in it does."""
    state = matcher.start
    for name in directory.split(b"/") if directory else ():
        state, matched = matcher.step(state, name)
        if matched is not None:
            return None
    return state
