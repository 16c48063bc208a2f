"""What a proof stands on: blobs read back, and which old record each content was taken from.

The chain for one file: the old layer was read twice, each time to the diff ID that its image
claims, so the index of the first reading says where in the second one a record's content lies. The
SHA-256 of that content was taken while it was copied. The blob that was written is read back, and
the SHA-256s of its contents must be the same ones in the same order. So the n-th content of the new
layer is that of the n-th record taken, and the comparison asks that this be the name's own record.
"""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from lightship.errors import CorruptInputError, OverLimitError
from lightship.layers.ahead import ahead
from lightship.layers.codecs import decompressed
from lightship.layers.reading import Reading, read_layer
from lightship.model.digest import Digest
from lightship.model.entry import Kind
from lightship.rewrite.copying import SHA_BYTES
from lightship.rewrite.differences import Difference, ProofFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.filetree.tree import FileTree
    from lightship.layers.index import LayerIndex
    from lightship.layers.limits import Limits
    from lightship.layers.scan import LayerScan
    from lightship.rewrite.blobs import NewBlob
    from lightship.rewrite.records import NewLayer
    from lightship.transports.storing import StagedBlob

_REGULAR = Kind.REGULAR.value
_NO_ORIGIN = -1
_READ_BYTES = 512 * 1024


class Part(Struct, frozen=True):
    """One layer of the new image, and how it is known what it holds.

    Attributes:
        scan: what was read back; of a layer that stays what was indexed, its tar being the same.
        positions: of the old layers that it stands for.
        taken: of a layer that was written anew: where its contents come from; else None.
        contents: SHA-256 of its contents as they were read back, in the tar's order.
        wrong: what was wrong with the blob already.
    """

    scan: LayerScan
    positions: tuple[int, ...]
    taken: NewLayer | None = None
    contents: bytes = b""
    wrong: tuple[Difference, ...] = ()


def read_back(new: NewBlob, layer: NewLayer, limits: Limits) -> Part:
    """Read a blob that was written, from where it is staged now.

    Raises:
        OverLimitError: layers that are no larger than a limit make one that is.
        ProofFailedError: it is no layer at all.
    """
    contents = bytearray()
    try:
        with new.blob.open() as stream:
            scan = read_layer(stream, Reading.within(limits, contents=contents))
    except OverLimitError as problem:
        raise OverLimitError(_over(layer, problem.what), problem.hint) from problem
    except CorruptInputError as problem:
        told = _about(new.blob, "a layer that can be read", problem.what)
        raise ProofFailedError((told,)) from problem
    wrong = []
    if scan.digest != new.blob.digest:
        wrong.append(_about(new.blob, new.blob.digest, scan.digest))
    if scan.diff_id != new.diff_id:
        wrong.append(_about(new.blob, f"diff ID {new.diff_id}", f"diff ID {scan.diff_id}"))
    wrong += _other_contents(scan.index, new.hashes, bytes(contents))
    return Part(scan, layer.positions, layer, bytes(contents), tuple(wrong))


def _over(layer: NewLayer, what: str) -> str:
    first, last = min(layer.positions), max(layer.positions)
    made = f"layers {first} to {last}, made one" if last > first else f"layer {first}, written anew"
    return f"{made}: {what}"


def check_tar(new: StagedBlob, diff_id: Digest) -> None:
    """Read back a blob whose tar was only compressed anew: it must unpack to that very tar.

    Raises:
        ProofFailedError: it does not.
    """
    blob, tar = hashlib.sha256(), hashlib.sha256()

    def chunks(stream: BinaryIO) -> Iterator[bytes]:
        while chunk := stream.read(_READ_BYTES):
            blob.update(chunk)
            yield chunk

    try:
        with new.open() as stream:
            _, pieces = decompressed(chunks(stream))
            with ahead(pieces) as made:
                for piece in made:
                    tar.update(piece)
    except CorruptInputError as problem:
        told = _about(new, "a layer that can be read", problem.what)
        raise ProofFailedError((told,)) from problem
    wrong = [
        _about(new, before, after)
        for before, after in (
            (new.digest, Digest.from_hash(blob)),
            (f"diff ID {diff_id}", f"diff ID {Digest.from_hash(tar)}"),
        )
        if before != after
    ]
    if wrong:
        raise ProofFailedError(wrong)


def check_taken(blob: StagedBlob, scan: LayerScan, position: int) -> None:
    """Hold what a staging took over against the layer that was indexed.

    A staging verifies the bytes that it takes by their digest; here the digest must be the one of
    the bytes that the index was made from.

    Raises:
        ProofFailedError: it is another.
    """
    if blob.digest != scan.digest:
        path = f"layer {position}".encode()
        raise ProofFailedError((Difference(path, "blob", scan.digest, blob.digest),))


def _other_contents(index: LayerIndex, wanted: bytes, found: bytes) -> list[Difference]:
    if wanted == found:
        return []
    holders = contents_of(index)
    wrong = []
    for number in range(min(len(wanted), len(found)) // SHA_BYTES):
        before, after = _nth(wanted, number), _nth(found, number)
        if before != after:
            path = index.path(holders[number])
            row = Difference(path, "content", f"sha256:{before.hex()}", f"sha256:{after.hex()}")
            wrong.append(row)
    if len(wanted) != len(found):
        counts = (f"{len(text) // SHA_BYTES} files with content" for text in (wanted, found))
        wrong.append(Difference(b"", "content", *counts))
    return wrong


def contents_of(index: LayerIndex) -> array[int]:
    """The entries of the regular files with content, in the tar's order."""
    kinds, sizes = index.columns.kinds, index.columns.content_bytes
    return array(
        "I", [entry for entry, size in enumerate(sizes) if size and kinds[entry] == _REGULAR]
    )


class Evidence:
    """Of each record of the new tree: whether it was written anew, and whose content it has.

    Attributes:
        fresh: 1 for records that were written anew, by number of the record; one more for -1.
        origins: the number of the old record whose content a new one has; -1 for those without.
        same_records: records of the first layers, as far as these stay in their places.
    """

    def __init__(self, parts: Sequence[Part], old: FileTree, new: FileTree) -> None:
        self._parts, self._new = parts, new
        records = len(new.kinds)
        self.fresh = bytearray(records + 1)
        self.origins: array[int] = array("q", (_NO_ORIGIN,)) * (records + 1)
        self.same_records = 0
        self._holders: dict[int, array[int]] = {}
        for number, part in enumerate(parts):
            start, count = new.bases[number], len(part.scan.index)
            if part.taken is None:
                base = old.bases[part.positions[0] - 1]
                self.origins[start : start + count] = array("q", range(base, base + count))
                same = part.scan.index is old.indexes[part.positions[0] - 1]
                if same and base == start == self.same_records:
                    self.same_records += count
                continue
            self.fresh[start : start + count] = b"\1" * count
            taken = origins_of(part.taken, old.bases)
            for entry, origin in zip(contents_of(part.scan.index), taken, strict=False):
                self.origins[start + entry] = origin

    def sha256(self, record: int) -> bytes | None:
        """Of a new record's content as it was read back; None where it was not."""
        if record < 0 or not self.fresh[record]:
            return None
        position, index, entry = self._new.locate(record)
        if index.columns.kinds[entry] == _REGULAR and not index.columns.content_bytes[entry]:
            return hashlib.sha256().digest()
        if position not in self._holders:
            self._holders[position] = contents_of(index)
        holders = self._holders[position]
        number = _place(holders, entry)
        return _nth(self._parts[position - 1].contents, number) if number is not None else None


def origins_of(layer: NewLayer, bases: Sequence[int]) -> array[int]:
    """The old records whose contents a layer takes, in the order in which they are written.

    A content that is another than its record had comes from none of them: -1.
    """
    origins: array[int] = array("q")
    for position, cut in layer.cuts.items():
        base = bases[position - 1]
        edited = frozenset(entry for entry, _ in cut.edited.values())
        origins.extend(_NO_ORIGIN if entry in edited else base + entry for entry in cut.contents)
    return origins


def _place(entries: array[int], entry: int) -> int | None:
    place = bisect_left(entries, entry)
    return place if place < len(entries) and entries[place] == entry else None


def _nth(hashes: bytes, number: int) -> bytes:
    return hashes[SHA_BYTES * number : SHA_BYTES * (number + 1)]


def _about(new: StagedBlob, before: str, after: str) -> Difference:
    return Difference(new.digest.encode(), "blob", before, after)
