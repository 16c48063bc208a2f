"""A context, walked once: what is sent and used, and what each line leaves out, kept small."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.context.walking import Kind, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lightship.context.context import Context
    from lightship.context.ignore_file import Pattern
    from lightship.context.walking import LeftOut


class Totals(Struct):
    """How much of something there is.

    Attributes:
        files: names of regular files.
        content_bytes: their sizes, uncompressed.
    """

    files: int = 0
    content_bytes: int = 0

    def add(self, content_bytes: int, files: int = 1) -> None:
        """Count files."""
        self.files += files
        self.content_bytes += content_bytes


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


class Ignored(Struct):
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
        unreadable: directories that could not be read, and why.
    """

    places: list[Place]
    sent: Totals
    used: Totals
    ignored: Totals
    by_line: Mapping[int, Totals]
    unreadable: list[tuple[str, str]]

    def files(self) -> Iterator[SentFile]:
        """Every regular file that is sent, in the order of the places."""
        for place in self.places:
            prefix = place.path + "/" if place.path else ""
            for name, size, used in zip(place.names, place.sizes, place.used, strict=True):
                yield SentFile(prefix + name, size, bool(used))


def survey(context: Context, *, count_ignored: bool = True) -> Survey:
    """Walk a context.

    Args:
        context: to walk.
        count_ignored: whether to look into directories that are left out, to say how much they
            hold.

    Raises:
        OSError: the root cannot be read.
    """
    places: list[Place] = []
    sent, used, ignored = Totals(), Totals(), Totals()
    by_line: dict[int, Totals] = {}
    unreadable: list[tuple[str, str]] = []
    for listing in walk(context.root, context.matcher, context.builder):
        if listing.unreadable is not None:
            unreadable.append((listing.path, listing.unreadable))
        place = Place(listing.path, [], array("q"), bytearray(), 0, [])
        prefix = listing.path + "/" if listing.path else ""
        for entry in listing.sent:
            if entry.kind is Kind.FILE:
                takes = context.wanted is None or context.wanted.takes(prefix + entry.name)
                place.names.append(entry.name)
                place.sizes.append(entry.content_bytes)
                place.used.append(takes)
                sent.add(entry.content_bytes)
                if takes:
                    used.add(entry.content_bytes)
            elif entry.kind is not Kind.DIRECTORY:
                place.others += 1
        for one in listing.left_out:
            totals = _held(one, count_ignored)
            place.left_out.append(Ignored(one.entry.name, one.entry.kind, one.pattern, totals))
            ignored.add(totals.content_bytes, totals.files)
            by_line.setdefault(one.pattern.line, Totals()).add(totals.content_bytes, totals.files)
        places.append(place)
    return Survey(places, sent, used, ignored, by_line, unreadable)


def _held(one: LeftOut, count_ignored: bool) -> Totals:
    del count_ignored
    return Totals(1, one.entry.content_bytes) if one.entry.kind is Kind.FILE else Totals()
