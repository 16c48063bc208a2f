"""Answers of `diff` made by hand, for reports to show."""

from __future__ import annotations

from msgspec.structs import replace

from lightship.model.results.diff import (
    ChangedName,
    Changes,
    Deltas,
    DiffResult,
    DirectoryGrowth,
    Elsewhere,
    FileFacts,
    InstructionGrowth,
    MovedNames,
    Names,
    PullGrowth,
    SharedWithA,
)
from lightship.model.results.inspect import PullTime

from .samples import EMPTY, INSPECTED, MB

_A = replace(INSPECTED.image, reference="docker-archive:shop-1.4.tar")
_B = replace(
    _A,
    reference="docker-archive:shop-1.5.tar",
    wire_bytes=_A.wire_bytes + 18_300_000,
    unpacked_bytes=_A.unpacked_bytes + 41_000_000,
    visible_bytes=_A.visible_bytes + 52_000_000,
    dead_bytes=_A.dead_bytes - 11_000_000,
    files=_A.files + 311,
    layers=_A.layers + 1,
)
FILE = FileFacts(
    kind="regular",
    layer=3,
    content_bytes=31_400_000,
    mode=0o755,
    uid=0,
    gid=0,
    mtime="2026-06-01T08:00:00Z",
    link_target=None,
    device=None,
    xattrs=(),
    linked_to=None,
)
LINK = replace(FILE, kind="symlink", content_bytes=0, link_target="libcurl.so.4.7", mode=0o777)
_NONE = Names(0, 0, 0, 0)


def row(
    a: int | None, b: int | None, created_by: str | None, wire: int, unpacked: int
) -> InstructionGrowth:
    """A layer that was 40 MB before, if it was there, and grew by so much."""
    old = 40 * MB if a else 0
    return InstructionGrowth(
        status="removed" if b is None else "added" if a is None else "changed",
        a_layer=a,
        b_layer=b,
        created_by=created_by,
        a_created_by=None,
        created_by_guessed=False,
        a_wire_bytes=old // 2,
        b_wire_bytes=old // 2 + wire if b else 0,
        wire_bytes_estimated=False,
        a_unpacked_bytes=old,
        b_unpacked_bytes=old + unpacked if b else 0,
        sharing="none" if b else "gone",
    )


SAME = replace(row(1, 1, "ADD base", 0, 0), status="same", sharing="chain")
DIFFED = DiffResult(
    verified="read",
    a=_A,
    b=_B,
    identical=False,
    same_files=False,
    delta=Deltas(
        wire_bytes=18_300_000,
        wire_bytes_estimated=True,
        wire_bytes_error=410_000,
        unpacked_bytes=41_000_000,
        visible_bytes=52_000_000,
        dead_bytes=-11_000_000,
        duplicate_bytes=0,
        files=311,
        layers=1,
    ),
    shared=SharedWithA(1, 124 * MB, 3, 61_000_000),
    pull=PullGrowth(
        wire_bytes=81_500_000,
        wire_bytes_estimated=True,
        wire_bytes_error=800_000,
        config_bytes=4_212,
        blobs=4,
        unpacked_bytes=310_000_000,
        layers=6,
        files=9_001,
        chain_wire_bytes=99_000_000,
        time=PullTime(12_500_000, 6.52, 2.2),
    ),
    instructions=(
        SAME,
        replace(
            row(2, 2, "RUN /bin/sh -c apt-get install -y git curl # buildkit", 12 * MB, 31 * MB),
            a_created_by="RUN /bin/sh -c apt-get install -y git # buildkit",
            wire_bytes_estimated=True,
        ),
        replace(SAME, a_layer=3, b_layer=3, created_by="WORKDIR /app", sharing="blob"),
        replace(row(4, 4, "COPY . /app # buildkit", 100, 1_000), created_by_guessed=True),
        row(5, None, "RUN /bin/sh -c chown -R app /app", 0, 0),
        row(None, 5, None, 4_000, 9_000),
        replace(SAME, a_layer=6, b_layer=6, created_by="RUN make", sharing="recompressed"),
    ),
    directories=(
        DirectoryGrowth("usr/lib/x86_64-linux-gnu", 48_000_000, 20_000_000, 300),
        DirectoryGrowth("app", -3_000_000, -1_100_000, -4),
        DirectoryGrowth("", 7_000, 2_000, 1),
    ),
    elsewhere=Elsewhere(6_993_000, 14, 1_500_000, -2_100_000, -2_000),
    changes=Changes(
        added=Names(320, 310, 0, 51_000_000),
        removed=Names(2, 2, 3_000_000, 0),
        changed=Names(7, 6, 1_000_000, 5_000_000),
        metadata=Names(1, 1, 31_400_000, 31_400_000),
        touched=Names(12_345, 12_000, 9_000_000, 9_000_000),
        moved=Names(31, 30, 640_000, 640_000),
    ),
    added=(
        ChangedName("usr/lib/x86_64-linux-gnu/libLLVM.so", (), None, FILE),
        ChangedName("usr/lib/libcurl.so.4", (), None, LINK),
        ChangedName(
            "usr/bin/twin", (), None, replace(FILE, linked_to="usr/lib/x86_64-linux-gnu/libLLVM.so")
        ),
    ),
    removed=(ChangedName("app/old.bin", (), replace(FILE, content_bytes=3_000_000), None),),
    changed=(
        ChangedName(
            "usr/bin/git",
            ("content", "mode", "mtime"),
            replace(FILE, content_bytes=1_000_000),
            replace(FILE, content_bytes=5_000_000, mode=0o4755),
        ),
        ChangedName("etc/mtab", ("kind",), replace(FILE, content_bytes=0), LINK),
        ChangedName("usr/lib/l.so", ("link_target",), LINK, replace(LINK, link_target="new")),
        ChangedName(
            "dev/x",
            ("device",),
            replace(FILE, kind="block_device", content_bytes=0, device="8:0"),
            replace(FILE, kind="block_device", content_bytes=0, device="8:1"),
        ),
    ),
    metadata=(
        ChangedName(
            "opt/model.bin", ("uid", "gid", "xattrs", "links"), FILE, replace(FILE, uid=1, gid=2)
        ),
    ),
    touched=(ChangedName("etc/hosts", ("mtime",), FILE, FILE),),
    moved=(
        MovedNames("app/static", "app/public", 31, 30, 640_000),
        MovedNames("a", "b", 1, 1, 10),
    ),
    warnings=("B: layer 6 is the same as in A but compressed otherwise",),
)
_NO_DELTA = Deltas(
    0,
    wire_bytes_estimated=False,
    wire_bytes_error=0,
    unpacked_bytes=0,
    visible_bytes=0,
    dead_bytes=0,
    duplicate_bytes=0,
    files=0,
    layers=0,
)
NOTHING = replace(
    DIFFED,
    a=EMPTY.image,
    b=EMPTY.image,
    identical=True,
    same_files=True,
    delta=_NO_DELTA,
    instructions=(),
    directories=(),
    elsewhere=Elsewhere(0, 0, 0, 0, 0),
    changes=Changes(_NONE, _NONE, _NONE, _NONE, _NONE, _NONE),
    added=(),
    removed=(),
    changed=(),
    metadata=(),
    touched=(),
    moved=(),
    warnings=(),
)
