from __future__ import annotations

from typing import TYPE_CHECKING

from filetree.merged import tree_of
from independent.rawtar import END, pax, regular
from layers.scanned import read
from lightship.analysis.instructions import map_history
from lightship.analysis.oddities import warnings_about
from lightship.model.documents import HistoryEntry
from lightship.testing import Link, layer_tar

if TYPE_CHECKING:
    from lightship.testing import Layer


def sparse(name: bytes, real_bytes: int, stored: bytes, *, where: bytes) -> bytes:
    records = {
        b"GNU.sparse.major": b"0",
        b"GNU.sparse.minor": b"1",
        b"GNU.sparse.size": b"%d" % real_bytes,
        b"GNU.sparse.numblocks": b"%d" % ((where.count(b",") + 1) // 2),
        b"GNU.sparse.map": where,
    }
    return pax(records) + regular(name, stored)


def warned(*layers: Layer | bytes, history: int | None = None) -> tuple[str, ...]:
    scans = [read(layer_tar(layer)) for layer in layers]
    entries = [HistoryEntry(created_by="RUN x")] * (len(layers) if history is None else history)
    instructions = map_history(entries, [len(scan.index) for scan in scans])
    return warnings_about(tree_of(*layers), scans, entries, instructions)


def test_nothing_odd() -> None:
    assert warned({"a": b"x", "b": Link("a")}, {".wh.a": b"", "c": b""}) == ()


def test_h6_links_without_a_target_are_named_and_counted() -> None:
    (only,) = warned({"a": b""}, {"b": Link("gone")})
    assert only.startswith("layer 2: the hard link 'b' has no target ('gone')")
    found = warned({f"{number}": Link("gone") for number in range(5)})
    assert len(found) == 4
    assert found[-1].startswith("2 more ")


def test_p9_sparse_files_are_named() -> None:
    tar = b"".join(
        sparse(b"hole-%d" % number, 1000, b"data", where=b"0,4,1000,0") for number in range(4)
    )
    (found,) = warned({"plain": b"x"}, tar + END)
    assert found == "layer 2 stores 4 sparse files: 'hole-0', 'hole-1', 'hole-2'"


def test_p9_a_sparse_record_without_holes_is_one_too() -> None:
    """Docker refuses the record for its type, whatever it holds."""
    (found,) = warned(sparse(b"full", 4, b"data", where=b"0,4") + END)
    assert "sparse" in found


def test_markers_with_content_are_not_sparse() -> None:
    assert warned({"a": b"x"}, {".wh.a": b"content of a marker"}) == ()
    tar = regular(b".wh.a", b"marker") + sparse(b"hole", 9, b"x", where=b"0,1,9,0") + END
    (found,) = warned({"a": b"x"}, tar)
    assert "1 sparse file: 'hole'" in found


def test_c3_a_history_that_does_not_fit() -> None:
    (found,) = warned({"a": b"x"}, {"b": b"y"}, history=3)
    assert found.startswith("the history speaks of 3 layers and there are 2")
    assert warned({"a": b"x"}, history=0) == ()


def test_c7_too_many_layers() -> None:
    assert warned(*[{"a": b"x"}] * 127) == ()
    (found,) = warned(*[{"a": b"x"}] * 128)
    assert found.startswith("128 layers")
