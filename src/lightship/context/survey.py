"""A context, walked once: what is sent and used, and what each line leaves out, kept small."""

from __future__ import annotations

from array import array
from itertools import compress
from operator import itemgetter
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lightship.context.holding import Holding
from lightship.context.joined import Joined
from lightship.context.totals import Totals
from lightship.context.walking import Kind, LeftOut, walk
from lightship.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lightship.context.context import Context
    from lightship.context.ignore_file import Pattern
    from lightship.context.walking import Listing
    from lightship.progress import Progress


class Place(Struct):
    """A directory of the context, with what of it is sent.

    Attributes:
        path: from the root; empty for the root.
        names: of its regular files that are sent, by name.
        sizes: of each, content bytes.
        used: 1 for each that the Dockerfile takes, else 0; all 1 without a Dockerfile.
        others: links, devices and the like that are sent.
        left_out: what is not sent, with how much it is.
    """

    path: str
    names: list[str]
    sizes: array[int]
    used: bytearray
    others: int
    left_out: list[Ignored]


class Ignored(Struct, gc=False):
    """A file or a whole directory that is left out.

    Attributes:
        name: its last path component.
        kind: what it is.
        pattern: that leaves it out.
        totals: what it holds; nothing if nobody looked.
    """

    name: str
    kind: Kind
    pattern: Pattern
    totals: Totals


class SentFile(Struct, frozen=True):
    """A regular file that is sent, and whether the Dockerfile takes it."""

    path: str
    content_bytes: int
    used: bool


class Survey(Struct, frozen=True):
    """What became of each file.

    Attributes:
        places: directories, depth first, by name.
        sent: what is walked and not ignored. The legacy builder and buildah send or read it all.
        used: what of it the Dockerfile takes: all that BuildKit sends. Equal to `sent` without
            a Dockerfile.
        ignored: what lines leave out; only what was looked at.
        by_line: `ignored` by the number of the line that decided.
        unreadable: directories that could not be read, and why: a build fails for them.
        matched: for the number of each line that matches something that was walked, the first
            path it matches, whether or not it decides.
        shadowed: the same for lines that match only below directories that other lines leave out
            as a whole; None if nobody looked.

    The bytes of a file with several names are counted once, as a builder sends them.
    """

    places: list[Place]
    sent: Totals
    used: Totals
    ignored: Totals
    by_line: dict[int, Totals]
    unreadable: list[tuple[str, str]]
    matched: Mapping[int, str]
    shadowed: Mapping[int, str] | None

    def files(self) -> Iterator[SentFile]:
        """Every regular file that is sent, in the order of the places."""
        for place in self.places:
            prefix = place.path + "/" if place.path else ""
            for name, size, used in zip(place.names, place.sizes, place.used, strict=True):
                yield SentFile(prefix + name, size, bool(used))


def survey(context: Context, *, count_ignored: bool = True, progress: Progress = SILENT) -> Survey:
    """Walk a context.

    Args:
        context: to walk.
        count_ignored: whether to look at what is left out, to say how much it is.
        progress: told the content bytes of what was found.

    Raises:
        OSError: the root cannot be read.
    """
    counting = _Surveying(context, count_ignored)
    progress.begin("walking the build context", None)
    try:
        for listing in walk(context.root, context.matcher, context.builder, counting.joined):
            progress.advance(counting.add(listing))
    finally:
        progress.end()
    return counting.done()


class _Surveying:
    def __init__(self, context: Context, count_ignored: bool) -> None:
        self.joined = Joined(context.matcher, context.builder)
        self._wanted = context.wanted
        self._patterns = context.matcher.patterns
        self._holding = Holding(self.joined) if count_ignored else None
        self._found = Survey([], Totals(), Totals(), Totals(), {}, [], {}, None)
        self._first: dict[tuple[int, int], tuple[Place, int]] = {}

    def add(self, listing: Listing) -> int:
        """Take in one directory; the content bytes that are sent of it."""
        found = self._found
        if listing.unreadable is not None:
            found.unreadable.append((listing.path, listing.unreadable))
        others = len(listing.links) + len(listing.others)
        used = self._marks(listing)
        place = Place(listing.path, listing.names, array("q", listing.sizes), used, others, [])
        for index, inode in listing.linked.items():
            self._link(place, index, inode)
        found.places.append(place)
        content_bytes = sum(place.sizes)
        found.sent.add(content_bytes, len(place.names))
        taken = used.count(1)
        if taken == len(used):
            found.used.add(content_bytes, taken)
        elif taken:
            found.used.add(sum(compress(place.sizes, used)), taken)
        if listing.left_out or listing.left_files:
            self._leave_out(listing, place)
        return content_bytes

    def done(self) -> Survey:
        matched = {
            self._patterns[number].line: path for number, path in self.joined.matched.items()
        }
        shadowed = None
        if self._holding is not None:
            numbers = self._holding.matched.keys() - self.joined.matched.keys()
            shadowed = {self._patterns[one].line: self._holding.matched[one] for one in numbers}
        return replace(self._found, matched=matched, shadowed=shadowed)

    def _marks(self, listing: Listing) -> bytearray:
        below = "all" if self._wanted is None else self._wanted.below(listing.path)
        if below == "all":
            return bytearray(b"\1") * len(listing.names)
        if below == "none":
            return bytearray(len(listing.names))
        return bytearray(map(below.takes, listing.names))

    def _link(self, place: Place, index: int, inode: tuple[int, int]) -> None:
        """Give the bytes of a file with several names to the first that is taken."""
        first, at = self._first.setdefault(inode, (place, index))
        if first is place and at == index:
            return
        if place.used[index] and not first.used[at]:
            self._found.sent.content_bytes -= first.sizes[at] if first is not place else 0
            first.sizes[at] = 0
            self._first[inode] = place, index
        else:
            place.sizes[index] = 0

    def _leave_out(self, listing: Listing, place: Place) -> None:
        ignored, by_line = self._found.ignored, self._found.by_line
        for one in _left_out(listing, self._patterns):
            totals = Totals()
            if self._holding is not None:
                inner = f"{listing.path}/{one.name}" if listing.path else one.name
                totals = self._holding.held(listing.descriptor, one, inner)
            place.left_out.append(Ignored(one.name, one.kind, one.pattern, totals))
            ignored.add(totals.content_bytes, totals.files)
            by_line.setdefault(one.pattern.line, Totals()).add(totals.content_bytes, totals.files)


def _left_out(listing: Listing, patterns: Sequence[Pattern]) -> list[LeftOut]:
    """All that is left out, by name."""
    found = listing.left_out
    for number, names in listing.left_files.items():
        found = found + [LeftOut(name, Kind.FILE, patterns[number]) for name in names]
    return sorted(found, key=itemgetter(0))
