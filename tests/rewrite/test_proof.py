"""The proof fails for whatever is wrong with what was written, and names the path.

Each case writes a right layer, spoils it in one way, and gives it a right digest again: only what
it holds can tell.
"""

from __future__ import annotations

import io
import tarfile
from copy import copy
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from independent.random_stacks import random_stack
from lightship.filetree.diffing import diff
from lightship.filetree.merging import merge
from lightship.layers.index import HASH_BYTES
from lightship.layers.limits import Limits
from lightship.layers.reading import Reading, read_layer
from lightship.model.digest import Digest
from lightship.rewrite.blobs import NewBlob
from lightship.rewrite.changes import Changes, Edited, Linked
from lightship.rewrite.differences import ProofFailedError
from lightship.rewrite.evidence import Part, check_taken, check_tar, read_back
from lightship.rewrite.proving import Proof, prove
from lightship.rewrite.records import Cut, NewLayer, header_of
from lightship.testing import Device, Dir, Fifo, File, Link, Symlink, layer_tar
from rewrite.in_memory import Stack, with_targets, written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random
    from typing import BinaryIO

    from lightship.testing import Layer

    Records = list[tuple[tarfile.TarInfo, bytes]]
    Spoil = Callable[[Records], object]

pytestmark = pytest.mark.slow

BASE: Layer = {
    "etc": Dir(mtime=3),
    "etc/passwd": File(b"root", mode=0o644, mtime=7),
    "gone": File(b"old"),
    "opened": Dir(),
    "opened/hidden": File(b"h"),
}
ABOVE: Sequence[Layer] = (
    {
        ".wh.gone": b"",
        "opened": Dir(),
        "opened/.wh..wh..opq": b"",
        "opened/new": File(b"new"),
        "twin-a": File(b"aaaa", xattrs={"user.x": b"1"}),
        "twin-b": File(b"bbbb", xattrs={"user.x": b"2"}),
        "same-a": File(b"same"),
        "same-b": File(b"same"),
        "linked": File(b"one inode"),
        "other-name": Link("linked"),
        "third-name": Link("linked"),
        "symlink": Symlink("linked"),
        "device": Device(major=1, minor=3),
        "fifo": Fifo(),
        "empty": b"",
    },
    {"ping": File(b"ping", mode=0o4755, xattrs={"security.capability": b"\1\0\0\2"})},
)


class Blob:
    """A staged blob in memory."""

    def __init__(self, data: bytes, digest: Digest | None = None) -> None:
        self.data, self.stored_bytes = data, len(data)
        self.digest = digest or Digest.of(data)

    def open(self) -> BinaryIO:
        return io.BytesIO(self.data)


def proven(
    spoil: Spoil = lambda records: records,
    changes: Changes | None = None,
    *,
    wanted: Changes | None = None,
    keep: int = 1,
) -> Proof:
    """Squash, spoil the new layer, and prove.

    Args:
        spoil: edits the records of the new layer.
        changes: what is done.
        wanted: what is announced; None for what is done.
        keep: layers that stay.
    """
    changes = changes or Changes()
    stack = Stack([layer_tar(layer) for layer in (BASE, *ABOVE)])
    layer = stack.planned(keep, changes)
    tar, hashes = written(layer, stack.sources())
    records = records_of(tar)
    spoil(records)
    tar = tar_of(records)
    part = read_back(NewBlob(Blob(tar), Digest.of(tar), len(tar), hashes), layer, Limits())
    below = [Part(scan, (at,)) for at, scan in enumerate(stack.scans[:keep], 1)]
    return prove(merge(stack.indexes), [*below, part], wanted or changes)


def records_of(tar: bytes) -> Records:
    with tarfile.open(fileobj=io.BytesIO(tar), errors="surrogateescape") as archive:
        return [
            (member, stream.read() if (stream := archive.extractfile(member)) else b"")
            if member.isreg()
            else (member, b"")
            for member in archive
        ]


def tar_of(records: Records) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member, content in records:
            archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


def place(records: Records, name: str) -> int:
    return next(at for at, (member, _) in enumerate(records) if member.name == name)


def edit(name: str, **fields: object) -> Spoil:
    """Change a record's header."""

    def spoil(records: Records) -> None:
        member = records[place(records, name)][0]
        for key, value in fields.items():
            setattr(member, key, value)

    return spoil


def xattrs(name: str, **values: bytes | None) -> Spoil:
    """Set or drop an extended attribute."""

    def spoil(records: Records) -> None:
        member = records[place(records, name)][0]
        headers = dict(member.pax_headers)
        for key, value in values.items():
            full = "SCHILY.xattr." + key.replace("_", ".", 1)
            if value is None:
                del headers[full]
            else:
                headers[full] = value.decode()
        member.pax_headers = headers

    return spoil


def hold(name: str, content: bytes) -> Spoil:
    """Give a file another content."""

    def spoil(records: Records) -> None:
        at = place(records, name)
        records[at][0].size = len(content)
        records[at] = records[at][0], content

    return spoil


def drop(name: str) -> Spoil:
    return lambda records: records.pop(place(records, name))


def add(name: str, content: bytes = b"") -> Spoil:
    def spoil(records: Records) -> None:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        records.append((member, content))

    return spoil


def swap_contents(records: Records) -> None:
    a, b = place(records, "twin-a"), place(records, "twin-b")
    records[a], records[b] = (records[a][0], records[b][1]), (records[b][0], records[a][1])


def swap_names(records: Records) -> None:
    """Contents, in their order, stay what they are."""
    a, b = records[place(records, "same-a")][0], records[place(records, "same-b")][0]
    a.name, b.name = b.name, a.name


def swap_attributes(records: Records) -> None:
    a, b = records[place(records, "twin-a")][0], records[place(records, "twin-b")][0]
    a.pax_headers, b.pax_headers = b.pax_headers, a.pax_headers


def part_links(records: Records) -> None:
    """A hard link becomes a file of its own with the same content."""
    at = place(records, "third-name")
    member = records[at][0]
    member.type, member.linkname, member.size = tarfile.REGTYPE, "", len(b"one inode")
    records[at] = member, b"one inode"


def join_links(records: Records) -> None:
    """Two files of the same content become one inode."""
    at = place(records, "same-b")
    member = records[at][0]
    member.type, member.linkname, member.size = tarfile.LNKTYPE, "same-a", 0
    records[at] = member, b""


def relink(records: Records) -> None:
    records[place(records, "third-name")][0].linkname = "same-a"


def test_what_is_right_passes() -> None:
    proof = proven()
    assert proof.names == 16
    assert (proof.files, proof.content_bytes) == (7, 3 + 4 + 4 + 4 + 4 + 9 + 4)
    assert not any(proof.announced.values())


@pytest.mark.parametrize(
    ("path", "what", "spoil"),
    [
        ("twin-a", "content", hold("twin-a", b"aaab")),
        ("twin-a", "content", hold("twin-a", b"aaa")),
        ("twin-a", "content", hold("twin-a", b"aaaaa")),
        ("twin-a", "content", hold("twin-a", b"")),
        ("empty", "content", hold("empty", b"x")),
        ("twin-a", "content", swap_contents),
        ("twin-b", "content", swap_contents),
        ("same-a", "content", swap_names),
        ("same-b", "content", swap_names),
        ("ping", "mode", edit("ping", mode=0o755)),
        ("fifo", "mode", edit("fifo", mode=0o600)),
        ("ping", "uid", edit("ping", uid=1)),
        ("ping", "gid", edit("ping", gid=1)),
        ("ping", "mtime", edit("ping", mtime=1)),
        ("ping", "mtime", edit("ping", mtime=0.5)),
        ("ping", "xattrs", xattrs("ping", security_capability=b"\2\0\0\2")),
        ("ping", "xattrs", xattrs("ping", security_capability=None)),
        ("same-a", "xattrs", xattrs("same-a", user_new=b"x")),
        ("twin-a", "xattrs", swap_attributes),
        ("twin-b", "xattrs", swap_attributes),
        ("symlink", "link_target", edit("symlink", linkname="elsewhere")),
        ("device", "device", edit("device", devminor=4)),
        ("device", "kind", edit("device", type=tarfile.BLKTYPE)),
        ("fifo", "kind", edit("fifo", type=tarfile.REGTYPE)),
        ("empty", "kind", edit("empty", type=tarfile.DIRTYPE)),
        ("third-name", "links", part_links),
        ("same-b", "links", join_links),
        ("same-b", "content", join_links),
        ("third-name", "links", relink),
        ("third-name", "links", edit("third-name", linkname="nowhere")),
        ("third-name", "removed", drop("third-name")),
        ("empty", "removed", drop("empty")),
        ("symlink", "removed", drop("symlink")),
        ("extra", "added", add("extra")),
        ("extra/deep", "added", add("extra/deep", b"x")),
        ("gone", "added", drop(".wh.gone")),
        ("etc/passwd", "removed", add("etc/.wh.passwd")),
        ("etc/passwd", "content", add("etc/passwd", b"evil")),
        ("etc/passwd", "removed", add("etc", b"")),
    ],
)
def test_what_is_spoilt_is_named(path: str, what: str, spoil: Spoil) -> None:
    with pytest.raises(ProofFailedError) as caught:
        proven(spoil)
    found = {(difference.path.decode(), difference.what) for difference in caught.value.differences}
    assert (path, what) in found
    assert caught.value.exit_code == 70
    lines = caught.value.details or (str(caught.value),)
    assert any(f"{path}: {what}: " in line for line in lines)


def test_a_hidden_directory_that_shows_again_is_named() -> None:
    def spoil(records: Records) -> None:
        records[:] = [one for one in records if "opened/.wh." not in one[0].name]

    with pytest.raises(ProofFailedError, match="opened/hidden: added"):
        proven(spoil)


def test_equal_xxh3_hashes_prove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hostile image can hold files of one xxh3: here all do, and names are swapped."""

    def blinded(*arguments: object, **options: object) -> object:
        scan = read_layer(*arguments, **options)  # type: ignore[arg-type]  # passed on
        columns = scan.index.columns
        columns.hashes[:] = bytes(HASH_BYTES * len(columns.kinds))
        return scan

    def spoil(records: Records) -> None:
        swap_attributes(records)
        a, b = records[place(records, "twin-a")][0], records[place(records, "twin-b")][0]
        a.name, b.name = b.name, a.name

    monkeypatch.setattr("lightship.rewrite.evidence.read_layer", blinded)
    monkeypatch.setattr("rewrite.in_memory.read_layer", blinded)
    assert proven().files
    with pytest.raises(ProofFailedError) as caught:
        proven(spoil)
    assert {d.path for d in caught.value.differences} == {b"twin-a", b"twin-b"}
    assert {d.what for d in caught.value.differences} == {"content"}


def with_links(spoil: Spoil) -> Proof:
    """A name above shares its inode with a file of a layer that stays; another has its own."""
    base: Layer = {"kept": b"", "alone": b""}
    above: Layer = {"shares": Link("kept"), "own": b""}
    stack = Stack([layer_tar(base), layer_tar(above), layer_tar({"z": b""})])
    layer = stack.planned(1, Changes())
    tar, hashes = written(layer, stack.sources())
    records = records_of(tar)
    spoil(records)
    tar = tar_of(records)
    part = read_back(NewBlob(Blob(tar), Digest.of(tar), len(tar), hashes), layer, Limits())
    return prove(merge(stack.indexes), [Part(stack.scans[0], (1,)), part], Changes())


def test_links_into_layers_that_stay_are_compared() -> None:
    assert with_links(lambda records: records).names == 5
    part_it = edit("shares", type=tarfile.REGTYPE, linkname="")
    join_it = edit("own", type=tarfile.LNKTYPE, linkname="alone")
    for path, spoil in (("shares", part_it), ("own", join_it)):
        with pytest.raises(ProofFailedError, match=f"{path}: links"):
            with_links(spoil)


# What is announced must happen.


def test_what_was_to_go_and_is_there_is_named() -> None:
    wanted = Changes(removed=frozenset((b"fifo", b"never-was")))
    with pytest.raises(ProofFailedError) as caught:
        proven(wanted=wanted)
    assert [d.path for d in caught.value.differences] == [b"fifo", b"never-was"]


def test_what_went_as_announced_is_counted() -> None:
    changes = Changes(removed=frozenset((b"fifo", b"linked", b"etc/passwd")))
    proof = proven(changes=changes)
    assert proof.removed == 3
    assert {row.path for row in proof.rows["removed"]} == changes.removed


def test_what_went_and_was_not_announced_is_named() -> None:
    with pytest.raises(ProofFailedError, match="fifo: removed"):
        proven(changes=Changes(removed=frozenset((b"fifo",))), wanted=Changes())


def test_times_are_clamped_in_what_is_written_anew_alone() -> None:
    changes = Changes(latest_ns=5_000_000_000)
    edited = (*ABOVE, {"young": File(b"y", mtime=9)})
    stack = Stack([layer_tar(layer) for layer in (BASE, *edited)])
    layer = stack.planned(1, changes)
    tar, hashes = written(layer, stack.sources())

    def proof(tar: bytes, wanted: Changes) -> Proof:
        part = read_back(NewBlob(Blob(tar), Digest.of(tar), len(tar), hashes), layer, Limits())
        return prove(merge(stack.indexes), [Part(stack.scans[0], (1,)), part], wanted)

    assert proof(tar, changes).clamped == 1  # etc/passwd is of 7, and stays
    with pytest.raises(ProofFailedError, match="young: mtime"):
        proof(tar, Changes())
    records = records_of(tar)
    edit("young", mtime=9)(records)
    with pytest.raises(ProofFailedError, match="young: mtime: 5000000000 ns -> 9000000000 ns"):
        proof(tar_of(records), changes)


def test_an_edited_file_must_hold_what_was_announced() -> None:
    edited = Edited(bytes.fromhex(Digest.of(b"bbbc").hex), 4)
    wanted = Changes(edited={b"twin-b": edited})
    with pytest.raises(ProofFailedError, match="twin-b: content"):
        proven(wanted=wanted)
    with pytest.raises(ProofFailedError, match="nowhere: content"):
        proven(wanted=Changes(edited={b"nowhere": edited}))
    unchanged = Edited(bytes.fromhex(Digest.of(b"bbbb").hex), 4)
    assert proven(wanted=Changes(edited={b"twin-b": unchanged})).edited == 1


def test_an_edit_that_was_not_announced_is_named() -> None:
    """The writer itself tells what it wrote: that must not do as a proof."""
    stack = Stack([layer_tar({"a": File(b"old!")})])
    cut = Cut()
    cut.edit(0, header_of(stack.indexes[0], 0, path=b"a"), b"new!")
    layer = NewLayer((1,), (), {1: cut})
    tar, hashes = written(layer, stack.sources())
    part = read_back(NewBlob(Blob(tar), Digest.of(tar), len(tar), hashes), layer, Limits())
    with pytest.raises(ProofFailedError, match="a: content"):
        prove(merge(stack.indexes), [part], Changes())
    announced = Changes(edited={b"a": Edited(bytes.fromhex(Digest.of(b"new!").hex), 4)})
    assert prove(merge(stack.indexes), [part], announced).edited == 1


def test_a_content_that_was_taken_from_the_wrong_place_is_named() -> None:
    """What is hashed while it is copied is what is copied: the first reading knows better."""
    stack = Stack([layer_tar({"a": File(b"x" * 512 + b"y" * 512)})])
    layer = stack.planned(0, Changes())
    tar, _ = written(layer, stack.sources())
    records = records_of(tar)
    hold("a", b"y" * 512 + b"x" * 512)(records)
    tar = tar_of(records)
    hashes = bytes.fromhex(Digest.of(b"y" * 512 + b"x" * 512).hex)
    part = read_back(NewBlob(Blob(tar), Digest.of(tar), len(tar), hashes), layer, Limits())
    with pytest.raises(ProofFailedError, match="a: content: what was indexed"):
        prove(merge(stack.indexes), [part], Changes())


def linked_to(content: bytes, to: bytes = b"same-a") -> Changes:
    return Changes(linked={b"same-b": Linked(to, bytes.fromhex(Digest.of(content).hex))})


def unhashed(spoil: Spoil, wanted: Changes) -> Proof:
    """As `proven`; the writer, too, knows that `same-b` has no content of its own any more."""
    stack = Stack([layer_tar(layer) for layer in (BASE, *ABOVE)])
    layer = stack.planned(1, Changes())
    cut = layer.cuts[2]
    index = stack.scans[1].index
    gone = next(at for at, e in enumerate(cut.contents) if index.path(e) == b"same-b")
    tar, hashes = written(layer, stack.sources())
    before = sum(len(layer.cuts[at].contents) for at in layer.cuts if at < 2)
    number = 32 * (before + gone)
    hashes = hashes[:number] + hashes[number + 32 :]
    del cut.contents[gone]
    records = records_of(tar)
    spoil(records)
    tar = tar_of(records)
    part = read_back(NewBlob(Blob(tar), Digest.of(tar), len(tar), hashes), layer, Limits())
    return prove(merge(stack.indexes), [Part(stack.scans[0], (1,)), part], wanted)


def test_a_name_that_became_a_link_must_have_had_that_content() -> None:
    assert unhashed(join_links, linked_to(b"same")).linked == 1
    with pytest.raises(ProofFailedError, match="same-b: content"):
        unhashed(join_links, linked_to(b"another"))
    with pytest.raises(ProofFailedError, match="same-b: links"):
        unhashed(join_links, linked_to(b"same", to=b"linked"))
    with pytest.raises(ProofFailedError) as caught:
        unhashed(join_links, Changes())
    assert [d.what for d in caught.value.differences] == ["content", "links"]


def test_a_name_that_was_to_become_a_link_and_did_not_is_named() -> None:
    with pytest.raises(ProofFailedError, match="same-b: links: to same-a"):
        proven(wanted=linked_to(b"same"))


def test_overlay_attributes_are_dropped_from_what_is_written_and_nothing_else() -> None:
    marked = File(b"m", xattrs={"trusted.overlay.opaque": b"y", "user.a": b"1"})
    stack = Stack([layer_tar({"kept": marked}), layer_tar({"x": marked}), layer_tar({"y": b""})])
    layer = stack.planned(1, Changes())
    tar, hashes = written(layer, stack.sources())

    def proof(tar: bytes) -> Proof:
        part = read_back(NewBlob(Blob(tar), Digest.of(tar), len(tar), hashes), layer, Limits())
        return prove(merge(stack.indexes), [Part(stack.scans[0], (1,)), part], Changes())

    assert proof(tar).unmarked == 1
    records = records_of(tar)
    xattrs("x", **{"trusted_overlay.opaque": b"y"})(records)
    with pytest.raises(ProofFailedError, match="x: xattrs"):
        proof(tar_of(records))


# Blobs.


def test_a_blob_that_is_no_layer_is_named() -> None:
    stack = Stack([layer_tar({"a": b"x"})])
    layer = stack.planned(0, Changes())
    tar, hashes = written(layer, stack.sources())
    torn = Blob(tar[:512])
    with pytest.raises(ProofFailedError, match=torn.digest):
        read_back(NewBlob(torn, Digest.of(tar), len(tar), hashes), layer, Limits())


def test_a_blob_whose_bytes_changed_on_their_way_is_named() -> None:
    stack = Stack([layer_tar({"a": b"x"})])
    layer = stack.planned(0, Changes())
    tar, hashes = written(layer, stack.sources())
    blob = Blob(tar + bytes(512), Digest.of(tar))
    part = read_back(NewBlob(blob, Digest.of(tar), len(tar), hashes), layer, Limits())
    with pytest.raises(ProofFailedError) as caught:
        prove(merge(stack.indexes), [part], Changes())
    assert [d.what for d in caught.value.differences] == ["blob", "blob"]


def test_a_tar_that_was_compressed_anew_must_be_the_same() -> None:
    tar = layer_tar({"a": b"x"})
    check_tar(Blob(tar), Digest.of(tar))
    with pytest.raises(ProofFailedError, match="diff ID"):
        check_tar(Blob(tar), Digest.of(b"another"))
    with pytest.raises(ProofFailedError):
        check_tar(Blob(tar, Digest.of(b"")), Digest.of(tar))
    with pytest.raises(ProofFailedError, match="can be read"):
        check_tar(Blob(b"\x1f\x8b\x08"), Digest.of(tar))


def test_a_blob_that_was_taken_over_must_be_the_one_that_was_indexed() -> None:
    tar = layer_tar({"a": b"x"})
    scan = read_layer(io.BytesIO(tar), Reading())
    check_taken(Blob(tar), scan, 1)
    with pytest.raises(ProofFailedError, match="layer 1: blob"):
        check_taken(Blob(tar + b"\0"), scan, 1)


def test_many_differences_are_told_up_to_a_bound() -> None:
    def spoil(records: Records) -> None:
        for member, _ in copy(records):
            member.uid = 7
        records.extend((tarfile.TarInfo(f"more-{n}"), b"") for n in range(3000))

    with pytest.raises(ProofFailedError) as caught:
        proven(spoil)
    assert caught.value.count > 3000
    assert len(caught.value.details) == 1001
    assert caught.value.details[-1].startswith("and ")


# Any image.


@given(st.randoms(use_true_random=False), st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_squash_passes_and_any_other_field_is_named(
    random: Random, data: st.DataObject
) -> None:
    """What `diff` sees, which compares entries one by one, the proof sees by columns."""
    tars = with_targets(random_stack(random))
    assume(tars is not None)
    stack = Stack(tars or [])
    keep = data.draw(st.integers(0, len(stack.tars) - 1))
    layer = stack.planned(keep, Changes())
    tar, hashes = written(layer, stack.sources())
    part = read_back(NewBlob(Blob(tar), Digest.of(tar), len(tar), hashes), layer, Limits())
    parts = [*(Part(scan, (at,)) for at, scan in enumerate(stack.scans[:keep], 1)), part]
    old = merge(stack.indexes)
    unmarked = {
        change.path
        for change in diff(old, merge([one.scan.index for one in parts]))
        if change.facts == ("xattrs",)
    }
    assert prove(old, parts, Changes()).unmarked == len(unmarked)
    columns = part.scan.index.columns
    if columns.kinds:
        entry = data.draw(st.integers(0, len(columns.kinds) - 1))
        values = getattr(
            columns, data.draw(st.sampled_from(["modes", "uids", "gids", "mtimes_ns"]))
        )
        values[entry] ^= 1
        seen = {one.path for one in diff(old, merge([one.scan.index for one in parts]))} - unmarked
        if seen:
            with pytest.raises(ProofFailedError) as caught:
                prove(old, parts, Changes())
            assert {one.path for one in caught.value.differences} == seen
        else:
            prove(old, parts, Changes())
