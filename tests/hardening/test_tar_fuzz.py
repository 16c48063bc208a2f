"""Mutated tars: the scanner gives what the standard library gives, or refuses; nothing else."""

from __future__ import annotations

import io
import tarfile
from random import Random
from typing import TYPE_CHECKING

import pytest
import xxhash

from facts.test_tar_encoding import SPARSE_FORMS
from independent.names import CorruptError, clean
from independent.random_stacks import seeded_stack
from independent.rawtar import END, GNU, V7, gnu_long, header, padded, pax, regular, sealed
from independent.records import read_records
from lightship.errors import CorruptInputError
from lightship.layers.limits import Limits
from lightship.layers.reading import Reading, read_layer
from lightship.model.entry import MARKERS, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.layers.index import LayerIndex

LIMITS = Limits(max_unpacked_bytes=2**33)
AFTER = regular(b"z", b"q") + END
SEEDS = [
    SPARSE_FORMS[0]() + AFTER,
    pax({b"size": b"5", b"path": b"long/name", b"SCHILY.xattr.user.a": b"\0\1"})
    + header(b"c", b"0", 1)
    + padded(b"hello")
    + AFTER,
    gnu_long(b"n" * 150) + gnu_long(b"t" * 130, b"K") + header(b"c", b"1", magic=GNU) + AFTER,
    pax({b"comment": b"x"}, b"g")
    + header(b"c", b"\0", 3, magic=V7)
    + padded(b"abc")
    + header(b"d/", b"5")
    + header(b"dev", b"3")
    + AFTER,
]
PAX_SPARSE = [form() + AFTER for form in SPARSE_FORMS[1:]]
"""Of these tarfile takes what is damaged for sparse all the same; Go does not."""
FIELDS = [(100, 8), (108, 8), (116, 8), (124, 12), (136, 12), (156, 1), (257, 8), (345, 24)]
PAX = [b"x", b"g"]
LONG = [b"L", b"K"]
EXTENSIONS = [*PAX, *LONG]
WITHOUT_CONTENT = [b"1", b"2", b"3", b"4", b"5", b"6"]
TYPES = [b"0", b"1", b"5", b"x", b"L", b"S", b"7", b"g", b"K"]


def mutated(random: Random, *more: bytes) -> bytes:
    if random.random() < 0.6:
        tar = bytearray(random.choice([*SEEDS, *more]))
    else:
        tar = bytearray(random.choice(seeded_stack(random.randrange(10**6)).tars()))
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        _mutate(tar, random)
    return bytes(tar)


def _mutate(tar: bytearray, random: Random) -> None:
    at = random.randrange(len(tar)) if tar else 0
    block = at // 512 * 512
    match random.randrange(8):
        case 0 | 1 | 2 | 3 if tar:
            tar[at] = random.choice([0, 1, 10, 32, 48, 49, 55, 57, 61, 127, 128, 255])
        case 4:
            start, length = random.choice(FIELDS)
            values = [b"\x80" + random.randbytes(length), b"\xff" * length, b" " * length]
            value = random.choice([*values, b"%o" % random.randrange(2**20), *TYPES])[:length]
            tar[block + start : block + start + length] = value.ljust(length, b"\0")
        case 5:
            del tar[block : block + 512 * random.choice([1, 1, 2])]
        case 6:
            other = random.randrange(len(tar) // 512 + 1) * 512
            tar[block:block] = tar[other : other + 512]
        case _:
            del tar[at:]


def resealed(tar: bytes) -> bytes:
    """With right checksums, so that a mutation gets past them."""
    blocks = [tar[n : n + 512] for n in range(0, len(tar), 512)]
    return b"".join(
        sealed(block) if len(block) == 512 and block[257:262] == b"ustar" else block
        for block in blocks
    )


def scan(tar: bytes) -> LayerIndex | None:
    """The index, or None if it was refused as it should be: anything else fails the test."""
    try:
        reading = Reading.within(LIMITS, stores_wire_blobs=True)
        return read_layer(io.BytesIO(tar), reading).index
    except CorruptInputError:
        return None


def ours(index: LayerIndex) -> Iterator[tuple[object, ...]]:
    columns, rarities = index.columns, index.rarities
    for entry in range(len(index)):
        kind = Kind(columns.kinds[entry])
        if kind in MARKERS:
            continue
        yield (
            index.path(entry),
            kind.name.lower(),
            columns.content_bytes[entry],
            index.content_hash(entry) if kind is Kind.REGULAR else b"",
            rarities.links.get(entry, b""),
            columns.modes[entry],
            columns.uids[entry],
            columns.gids[entry],
            columns.mtimes_ns[entry],
            rarities.xattrs.get(entry, {}),
        )


def theirs(tar: bytes) -> Iterator[tuple[object, ...]]:
    # Go takes a last file whose padding is missing, and so does the scanner
    for record in read_records(tar + bytes(1024)):
        parts = clean(record.name)
        if any(part.startswith(b".wh.") for part in parts):
            continue
        link = b"/".join(clean(record.target)) if record.kind == "hard_link" else record.target
        yield (
            b"/".join(parts),
            record.kind,
            len(record.content),
            xxhash.xxh3_128_digest(record.content) if record.kind == "regular" else b"",
            link,
            record.mode,
            record.uid,
            record.gid,
            record.mtime_ns,
            record.xattrs,
        )


def beyond_tarfile(tar: bytes) -> bool:
    """Whether tarfile is no measure for this tar.

    Of several headers of one kind before a record Go lets the last count, and it forgets one at
    the end; tarfile merges them or gives up. A GNU long name ends for tarfile in the padding, and
    counts even if it is empty; a checksum may not begin with a NUL.
    """
    at = 0
    run: list[bytes] = []
    while len(block := tar[at : at + 512]) == 512 and any(block):
        if not block[148]:
            return True
        kind = block[156:157]
        if kind in run or (kind in EXTENSIONS and set(PAX) & {kind, *run} and run):
            return True
        size = number(block[124:136])
        end = at + 512 + (size + 511) // 512 * 512 * (kind not in WITHOUT_CONTENT)
        if kind in LONG and (any(tar[at + 512 + size : end]) or not any(tar[at + 512 : at + 513])):
            return True
        at = end
        run = [*run, kind] if kind in EXTENSIONS else []
    return bool(run)


def number(field: bytes) -> int:
    digits = field.strip(b" \0").partition(b"\0")[0]
    return int(digits, 8) if digits.isdigit() and not set(digits) & set(b"89") else 0


def check(seed: int) -> bool:
    """Whether the scanner took the tar of this seed."""
    tar = mutated(Random(seed))  # noqa: S311 - no secret depends on it
    index = scan(tar)
    if index is None or beyond_tarfile(tar):
        return index is not None
    try:
        expected = list(theirs(tar))
    except (tarfile.TarError, CorruptError) as reason:
        pytest.fail(f"seed {seed}: only lightship takes it: {reason}")
    found = [
        entry
        for entry in ours(index)
        if b".wh." not in entry[0]  # type: ignore[operator]
    ]
    assert found == [entry for entry in expected if b".wh." not in entry[0]], f"seed {seed}"  # type: ignore[operator]
    return True


def test_mutated_tars_read_as_tarfile_reads_them_or_not_at_all() -> None:
    taken = sum(check(seed) for seed in range(1_500))
    assert 150 < taken < 1_350


def taken_with_right_checksums(seed: int) -> bool:
    random = Random(seed)  # noqa: S311 - no secret depends on it
    return scan(resealed(mutated(random, *PAX_SPARSE))) is not None


def test_mutated_tars_with_right_checksums_are_read_or_refused() -> None:
    """Here tarfile is no measure: it reads numbers and odd headers otherwise than Go."""
    taken = sum(taken_with_right_checksums(seed) for seed in range(1_500))
    assert 150 < taken < 1_350


@pytest.mark.acceptance
def test_many_mutated_tars() -> None:
    assert sum(check(seed) for seed in range(10_000, 110_000)) > 10_000
    assert sum(taken_with_right_checksums(seed) for seed in range(10_000, 110_000)) > 10_000
