"""H9, P8, A9-A11 and C6: what real images do, in archives that are read where they lie."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

import lightship
from independent.rawtar import END, header, pax
from lightship.testing import Dir, Link, build_image

if TYPE_CHECKING:
    from pathlib import Path

    from facts.seen import Read
    from lightship.testing.images import Form

ARCHIVES: tuple[Form, ...] = ("oci-archive", "docker-archive", "docker-archive-25")


def _giant(real_bytes: int) -> bytes:
    """A layer with a file of one block and a hole (PAX sparse format 0.1)."""
    records = {
        b"GNU.sparse.size": b"%d" % real_bytes,
        b"GNU.sparse.numblocks": b"1",
        b"GNU.sparse.name": b"var/log/lastlog",
        b"GNU.sparse.map": b"0,512",
    }
    return pax(records) + header(b"lastlog", b"0", 512) + b"A" * 512 + END


def test_h9_a_package_cache_linked_into_the_install_tree(read: Read) -> None:
    """Deleting the cache wins nothing: the installed names keep the inodes."""
    wheel = b"w" * 100
    seen = read([{"cache": Dir(), "cache/a": wheel, "lib/a": Link("cache/a")}, {".wh.cache": b""}])
    seen.counts(100, 100)
    seen = read([{"lib/a": wheel, "cache/a": Link("lib/a")}, {".wh.cache": b""}])
    seen.counts(100, 100)


def test_p8_a_user_of_a_huge_number_makes_a_sparse_giant(tmp_path: Path) -> None:
    """`useradd -u 2000000000` leaves a lastlog of 584 GB, nearly all of it a hole."""
    giant = build_image([_giant(584_000_000_000)], directory=tmp_path)
    with pytest.raises(lightship.LightshipError, match="--max-unpacked") as caught:
        lightship.inspect(giant, cache=None)
    assert caught.value.exit_code == 4


def test_p8_a_smaller_one_counts_its_real_size_and_is_named(tmp_path: Path) -> None:
    large = build_image([_giant(3_000_000_000)], directory=tmp_path)
    result = lightship.inspect(large, cache=None)
    assert result.image.unpacked_bytes == 3_000_000_000
    assert any("sparse" in warning and "lastlog" in warning for warning in result.warnings)


def test_a9_the_order_of_layers_is_the_manifest_s_every_time(tmp_path: Path) -> None:
    """dive gave three orders in twelve runs on an archive without manifest.json."""
    layers = [{f"{number}": b"x" * number} for number in range(1, 9)]
    archive = build_image(layers, directory=tmp_path, form="oci-archive")
    for _ in range(12):
        found = lightship.inspect(archive, cache=None).layers
        assert [layer.unpacked_bytes for layer in found] == list(range(1, 9))


@pytest.mark.parametrize("codec", ["plain", "gzip", "zstd"])
def test_a10_blobs_are_told_by_their_bytes(tmp_path: Path, codec: str) -> None:
    reference = build_image([{"a": b"xyz"}], directory=tmp_path, form="oci-archive", codec=codec)  # type: ignore[arg-type]  # parametrize knows text only
    assert lightship.inspect(reference, cache=None).image.unpacked_bytes == 3


@pytest.mark.parametrize("form", ARCHIVES)
def test_a11_an_archive_is_read_where_it_lies(
    tmp_path: Path, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is unpacked: no file is made, in the temporary directory or beside the archive."""
    reference = build_image([{"a": b"x"}, {"b": b"y"}], directory=tmp_path, form=form)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    before = sorted(tmp_path.rglob("*"))
    assert lightship.inspect(reference, cache=None).image.layers == 2
    assert sorted(tmp_path.rglob("*")) == before
    shutil.rmtree(temporary)  # not even needed
    assert lightship.inspect(reference, cache=None).image.layers == 2


def test_c6_the_words_of_each_step_are_kept(tmp_path: Path) -> None:
    """A history that does not fit is walked as far as it goes, and nothing of it is lost."""
    history = [{"created_by": f"RUN {number}"} for number in range(4)]
    reference = build_image([{"a": b"x"}, {"b": b"y"}], directory=tmp_path, history=history)
    rows = lightship.history(reference, cache=None).rows
    assert [row.created_by for row in rows] == ["RUN 3", "RUN 2", "RUN 1", "RUN 0"]
    assert [row.layer for row in rows] == [None, None, 2, 1]
