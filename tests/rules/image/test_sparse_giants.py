from __future__ import annotations

from array import array

import msgspec
import pytest

from lightship.rules.image.sparse_giants import RULE
from lightship.rules.judging import judge
from lightship.testing import File
from rules.subjects import LISTED, found, subject_of

BIG = 10_000_000


def sparse(size: int, stored: bytes = b"") -> File:
    """A file of holes, as GNU's sparse format 1.0 of PAX has it."""
    chunk = f"1\n0\n{len(stored)}\n".encode()
    return File(
        content=chunk.ljust(512, b"\0") + stored,
        pax={
            "GNU.sparse.major": "1",
            "GNU.sparse.minor": "0",
            "GNU.sparse.name": "var/log/lastlog",
            "GNU.sparse.realsize": str(size),
        },
    )


def test_a_file_of_holes() -> None:
    (one,) = found(RULE, {"var/log/lastlog": sparse(400 * BIG)}, history=["RUN useradd -u 1e9 a"])
    assert one.severity == "warning"
    assert one.confidence == "certain"
    assert one.message == "1 file of 4.00 GB, nearly all of it holes or zeros."
    assert one.advice == "Give useradd --no-log-init, or a small user number."
    (piece,) = one.evidence
    assert (piece.path, piece.bytes, piece.layer) == ("var/log/lastlog", 400 * BIG, 1)
    assert piece.note is not None
    assert piece.note.endswith("the rest is a hole")


def test_a_small_one_is_none() -> None:
    assert found(RULE, {"var/log/lastlog": sparse(BIG - 1)}) == ()


@pytest.mark.parametrize(("wire", "is_found"), [(BIG // 200, True), (BIG // 200 + 1, False)])
def test_zeros_that_compress_to_nothing(wire: int, is_found: bool) -> None:
    subject = subject_of({"srv/disk.img": bytes(BIG), "srv/small": b"x"})
    wire_use = msgspec.structs.replace(subject.ledger.wire, wire_of=array("Q", [wire, 0]))
    ledger = msgspec.structs.replace(subject.ledger, wire=wire_use)
    found_here = judge(msgspec.structs.replace(subject, ledger=ledger), [RULE], listed=LISTED)
    assert bool(found_here) == is_found
    for one in found_here:
        assert one.confidence == "likely"
        assert one.advice == "Make files of a fixed size when the container runs."
        assert one.evidence[0].note == "takes 50.0 kB on the wire"


def test_a_large_file_that_weighs_something_is_none() -> None:
    assert found(RULE, {"srv/disk.img": bytes(BIG)}) == ()
