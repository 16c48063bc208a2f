"""`recompress` from a reference to another place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import lightship
from lightship.errors import CorruptInputError, UsageError
from lightship.layers.cache import CachePlace
from lightship.layers.reading import read_layer
from lightship.testing import assert_same_tree, build_image

from .test_squashing import BASE, image, manifest_of

if TYPE_CHECKING:
    from lightship.layers.scan import LayerScan
    from lightship.testing import Layer

WORDS: list[Layer] = [BASE, {"words": b" ".join(b"%d" % (n * n) for n in range(20_000))}]


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
@pytest.mark.parametrize("form", ["oci", "docker-archive", "docker-archive-25"])
def test_only_the_blobs_are_others(tmp_path: Path, codec: Any, form: Any) -> None:
    stored = "gzip" if form == "oci" else "plain"
    source = image(tmp_path, WORDS, form=form, codec=stored)
    result = lightship.recompress(source, f"oci:{tmp_path}/out:1", codec=codec, level=9, cache=None)
    assert result.destination is not None
    assert_same_tree(source, result.destination)
    before, after = (lightship.inspect(one, cache=None) for one in (source, result.destination))
    assert after.image.image_id == before.image.image_id == result.image_id
    assert [row.diff_id for row in after.layers] == [row.diff_id for row in before.layers]
    assert result.after.wire_bytes == after.image.wire_bytes
    assert result.layers[1].codec == codec
    if form == "oci":
        assert result.before.wire_bytes is not None
        assert after.image.wire_bytes < result.before.wire_bytes


def test_the_smaller_of_old_and_new_stays(tmp_path: Path) -> None:
    small: list[Layer] = [{"a": b"1"}, *WORDS[1:]]
    source = image(tmp_path, small, codec=["zstd", "plain"])
    result = lightship.recompress(source, f"oci:{tmp_path}/out:1", codec="gzip", cache=None)
    assert [row.fate for row in result.layers] == ["kept", "recompressed"]
    assert [row.codec for row in result.layers] == ["zstd", "gzip"]
    types = [layer["mediaType"] for layer in manifest_of(f"oci:{tmp_path}/out")["layers"]]
    assert [kind.rpartition("+")[2] for kind in types] == ["zstd", "gzip"]


def test_what_is_known_already_changes_no_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Layers are compressed while they are read, or later where the cache spared the reading."""
    monkeypatch.setattr("lightship.layers.cache._SETTLED_NS", 0)
    some: list[Layer] = [{"a": b"1"}, *WORDS, {"a": b"1"}, WORDS[1]]
    source = image(tmp_path, some, codec=["zstd", "gzip", "plain", "zstd", "plain"])
    cache = CachePlace(tmp_path / "cache")
    new: list[bytes] = []
    results = []
    for place in (None, cache, cache):
        out = tmp_path / f"{len(new)}.tar"
        results.append(lightship.recompress(source, f"oci-archive:{out}", cache=place))
        new.append(out.read_bytes())
    assert new[0] == new[1] == new[2]
    assert results[0].layers == results[1].layers == results[2].layers
    assert [row.fate for row in results[0].layers].count("recompressed") >= 2
    assert results[0].proof == results[2].proof


def test_a_layer_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = image(tmp_path, WORDS, codec="plain")
    read: list[int] = []

    def counted(*given: Any, **options: Any) -> LayerScan:
        read.append(1)
        return read_layer(*given, **options)

    monkeypatch.setattr("lightship.layers.indexing.read_layer", counted)
    monkeypatch.setattr("lightship.rewrite.copying.Sources.pieces", None)
    result = lightship.recompress(source, f"oci:{tmp_path}/out:1", cache=None)
    assert len(read) == len(WORDS)
    assert [row.fate for row in result.layers] == ["recompressed"] * len(WORDS)


def test_a_layer_that_is_not_what_the_image_says_leaves_nothing(tmp_path: Path) -> None:
    source = image(tmp_path, WORDS, codec="plain")
    layout = Path(source.removeprefix("oci:").partition(":")[0])
    digest = manifest_of(source)["layers"][1]["digest"]
    blob = layout / "blobs" / "sha256" / digest.removeprefix("sha256:")
    blob.write_bytes(blob.read_bytes().replace(b"100", b"900", 1))
    with pytest.raises(CorruptInputError, match="layer 2"):
        lightship.recompress(source, f"oci:{tmp_path}/out:1", cache=None)
    assert not (tmp_path / "out").exists()


def test_nothing_is_written_where_no_blob_would_be_smaller(tmp_path: Path) -> None:
    first = lightship.recompress(
        image(tmp_path, WORDS), f"oci:{tmp_path}/one:1", level=12, cache=None
    )
    assert first.destination is not None
    again = lightship.recompress(first.destination, f"oci:{tmp_path}/two:1", level=6, cache=None)
    assert (again.outcome, again.destination) == ("nothing", None)
    assert again.why
    assert not (tmp_path / "two" / "index.json").exists()


def test_layers_of_the_base_that_are_other_blobs_are_not_shared(tmp_path: Path) -> None:
    cache = CachePlace(tmp_path / "cache")
    source = image(tmp_path, WORDS)
    lightship.inspect(build_image(WORDS[:1], directory=tmp_path), cache=cache)
    result = lightship.recompress(
        source, f"oci:{tmp_path}/out:1", codec="zstd", level=19, cache=cache
    )
    assert result.base_layers == 1
    assert result.layers[0].fate == "recompressed"
    assert result.sharing_lost_bytes == manifest_of(source)["layers"][0]["size"]


def test_a_codec_has_its_levels(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="1 to 12"):
        lightship.recompress(image(tmp_path), f"oci:{tmp_path}/out:1", level=13, cache=None)


def test_a_codec_that_is_none(tmp_path: Path) -> None:
    wrong: Any = "xz"
    with pytest.raises(UsageError, match="no codec"):
        lightship.recompress(image(tmp_path, WORDS), f"oci:{tmp_path}/out:1", codec=wrong)


def test_a_plan_writes_nothing(tmp_path: Path) -> None:
    plan = lightship.recompress(image(tmp_path), codec="zstd", cache=None)
    assert (plan.outcome, plan.destination) == ("planned", None)
    assert {row.fate for row in plan.layers} == {"recompressed"}
