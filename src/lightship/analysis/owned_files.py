"""The visible files of chosen packages, without a look at every file's owner one by one."""

from __future__ import annotations

from collections import defaultdict
from itertools import compress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.analysis.ledger import Ledger


class OwnedFile(NamedTuple):
    """One file.

    Attributes:
        package: position in `Ownership.packages`.
    """

    package: int
    path: bytes
    record: int
    content_bytes: int


def owned_files(ledger: Ledger, packages: Iterable[int]) -> Iterator[OwnedFile]:
    """Every visible inode of these packages, in the order of places, at its first name."""
    owner_of = ledger.ownership.owner_of
    wanted = bytearray(len(ledger.ownership.packages) + 1)
    for number in packages:
        wanted[number + 1] = 1
    if not any(wanted):
        return
    for place in ledger.places:
        flags = bytes(map(wanted.__getitem__, map(owner_of.__getitem__, place.records)))
        if 1 not in flags:
            continue
        prefix = place.path + b"/" if place.path else b""
        files = zip(place.names, place.records, place.sizes, strict=True)
        for name, record, size in compress(files, flags):
            yield OwnedFile(owner_of[record] - 1, prefix + name, record, size)


def heaviest_packages(files: Iterable[OwnedFile]) -> list[tuple[int, int, int]]:
    """Each package's position, content bytes and first record; the heaviest first."""
    sizes: dict[int, int] = defaultdict(int)
    first: dict[int, int] = {}
    for file in files:
        sizes[file.package] += file.content_bytes
        first[file.package] = min(file.record, first.get(file.package, file.record))
    ranked = sorted(sizes, key=lambda number: (-sizes[number], number))
    return [(number, sizes[number], first[number]) for number in ranked]
