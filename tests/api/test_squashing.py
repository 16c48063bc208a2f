"""`squash` from a reference to another place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import lightship
from lightship.api.cleaning import wanted_of
from lightship.api.options import ReadOptions
from lightship.api.rewriting import Order
from lightship.api.squashing import squash_order
from lightship.errors import CorruptInputError, UsageError
from lightship.layers.compressing import Compression
from lightship.layers.scan import Codec
from lightship.model.digest import Digest
from lightship.model.documents import OCI_INDEX
from lightship.testing import Dir, File, Link, assert_same_tree, build_image

if TYPE_CHECKING:
    from lightship.testing import Layer

BASE: Layer = {"usr": Dir(), "usr/lib.so": b"base" * 400}
LAYERS: list[Layer] = [
    BASE,
    {"srv": Dir(), "srv/kept": b"k" * 900, "srv/gone": b"g" * 5_000, "tmp": Dir()},
    {"srv/.wh.gone": b"", "tmp/x": b"x" * 70},
    {"tmp/x": b"y" * 80, "srv/link": Link("srv/kept")},
]


def image(directory: Path, layers: list[Layer] | None = None, **how: Any) -> str:
    made: list[Layer | bytes] = [*(LAYERS if layers is None else layers)]
    return build_image(made, directory=directory, **how)


def base_of(directory: Path) -> str:
    return build_image([BASE], directory=directory, name="lightship.test/base:1")


def manifest_of(layout: str) -> dict[str, Any]:
    """The manifest that is the layout's only one."""
    directory = Path(layout.removeprefix("oci:").partition(":")[0])
    (entry,) = json.loads((directory / "index.json").read_text())["manifests"]
    found: dict[str, Any] = json.loads(blob(directory, entry["digest"]))
    return found


def blob(directory: Path, digest: str) -> bytes:
    return (directory / "blobs" / "sha256" / Digest(digest).hex).read_bytes()


def test_the_base_stays_and_all_above_is_one(tmp_path: Path) -> None:
    source, base = image(tmp_path), base_of(tmp_path)
    result = lightship.squash(source, f"oci:{tmp_path}/out:1", base=base, cache=None)
    assert result.outcome == "written"
    assert result.destination is not None
    assert result.destination == f"oci:{tmp_path}/out:1"
    assert (result.before.layers, result.after.layers) == (4, 2)
    assert (result.base_layers, result.kept_layers, result.sharing_lost_bytes) == (1, 1, 0)
    assert [row.fate for row in result.layers] == ["kept", "written"]
    assert result.layers[1].from_positions == (2, 3, 4)
    assert result.before.dead_bytes == 5_000 + 70
    assert result.after.dead_bytes == 0
    assert result.after.visible_bytes == result.before.visible_bytes
    assert result.proof is not None
    assert result.proof.removed == 0
    assert_same_tree(source, result.destination)
    old, new = manifest_of(source), manifest_of(result.destination)
    assert new["layers"][0]["digest"] == old["layers"][0]["digest"]
    measured = lightship.inspect(result.destination, cache=None)
    assert measured.image.image_id == result.image_id
    assert measured.image.wire_bytes == result.after.wire_bytes
    assert measured.image.unpacked_bytes == result.after.unpacked_bytes
    assert measured.image.digest == result.digest


@pytest.mark.parametrize("keep", [0, 1, 2, 3, "none"])
def test_any_number_of_layers_can_stay(tmp_path: Path, keep: Any) -> None:
    source = image(tmp_path, [*LAYERS[:3], {"tmp/x": b"z", "a": b"1"}, {"a": b"22"}])
    result = lightship.squash(source, f"oci:{tmp_path}/out:1", keep=keep, cache=None)
    kept = 0 if keep == "none" else keep
    assert result.kept_layers == kept
    assert result.after.layers == kept + 1
    assert result.destination is not None
    assert_same_tree(source, result.destination)


def test_a_plan_tells_the_unpacked_bytes_exactly(tmp_path: Path) -> None:
    source, base = image(tmp_path), base_of(tmp_path)
    for keep in ("base", "none", 2):
        arguments: dict[str, Any] = {"keep": keep, "base": base, "cache": None}
        plan = lightship.squash(source, **arguments)
        done = lightship.squash(source, f"oci:{tmp_path}/out-{keep}:1", **arguments)
        assert (plan.outcome, plan.destination, plan.proof) == ("planned", None, None)
        assert plan.after.unpacked_bytes == done.after.unpacked_bytes
        assert plan.after.dead_bytes == done.after.dead_bytes
        assert plan.after.wire_bytes_estimated
        assert [row.unpacked_bytes for row in plan.layers] == [
            row.unpacked_bytes for row in done.layers
        ]
        assert plan.sharing_lost_bytes == done.sharing_lost_bytes
    assert not list(tmp_path.glob("plan*"))


def test_a_plan_compares_the_choices(tmp_path: Path) -> None:
    # Most of what is dead was born in layer 3: keeping two gives up nearly nothing.
    layers: list[Layer] = [
        BASE,
        {"a": b"1"},
        {f"d/{n}": b"%d" % n * 3_000 for n in range(20)},
        {"d/.wh..wh..opq": b"", "a": b"2"},
    ]
    plan = lightship.squash(image(tmp_path, layers), base=base_of(tmp_path), cache=None)
    told = {choice.keep: choice for choice in plan.choices}
    assert list(told) == ["2", "base", "none"]
    assert [choice.chosen for choice in plan.choices] == [False, True, False]
    assert told["none"].dead_bytes == 0
    assert told["base"].pull_with_base_bytes < told["none"].pull_with_base_bytes
    assert told["none"].pull_with_base_bytes == told["none"].wire_bytes
    assert told["2"].dead_bytes == 1
    assert plan.after.unpacked_bytes == told["base"].unpacked_bytes


def test_a_plan_that_cleans_is_exact_too(tmp_path: Path) -> None:
    source, base = image(tmp_path), base_of(tmp_path)
    wanted = wanted_of(paths=["srv/kept"])
    for keep in ("base", "none"):
        arguments: dict[str, Any] = {"keep": keep, "base": base, "clean": wanted, "cache": None}
        plan = lightship.squash(source, **arguments)
        done = lightship.squash(source, f"oci:{tmp_path}/out-{keep}:1", **arguments)
        assert plan.after.unpacked_bytes == done.after.unpacked_bytes
        assert plan.after.visible_bytes == done.after.visible_bytes
        assert {choice.dead_bytes for choice in plan.choices} == {0}
        assert [row.path for row in done.removed] == [row.path for row in plan.removed]
        assert done.removed


def test_keeping_none_tells_what_sharing_costs(tmp_path: Path) -> None:
    source, base = image(tmp_path), base_of(tmp_path)
    result = lightship.squash(source, f"oci:{tmp_path}/out:1", keep="none", base=base, cache=None)
    first = manifest_of(source)["layers"][0]["size"]
    assert result.sharing_lost_bytes == first


def test_without_a_base_the_first_layer_stays(tmp_path: Path) -> None:
    result = lightship.squash(image(tmp_path), f"oci:{tmp_path}/out:1", cache=None)
    assert result.kept_layers == 1
    assert result.base_layers is None
    assert any("--base" in note for note in result.notes)


@pytest.mark.parametrize(
    ("layers", "keep", "why"),
    [
        ([], "none", "no layers"),
        ([{"a": b"1"}], "none", "one layer already"),
        ([{"a": b"1"}, {"b": b"1"}], "base", "no dead bytes"),
        (LAYERS, 4, "none lies over them"),
        (LAYERS, 3, "no dead bytes"),
    ],
)
def test_nothing_is_written_where_nothing_is_won(
    tmp_path: Path, layers: list[Layer], keep: Any, why: str
) -> None:
    source = image(tmp_path, layers)
    result = lightship.squash(source, f"oci:{tmp_path}/out:1", keep=keep, cache=None)
    assert result.outcome == "nothing"
    assert result.why is not None
    assert why in result.why
    assert result.destination is None
    assert result.after == result.before
    assert not (tmp_path / "out").exists()


def test_dead_bytes_within_one_layer_are_worth_it(tmp_path: Path) -> None:
    twice = build_image([_twice()], directory=tmp_path)
    result = lightship.squash(twice, f"oci:{tmp_path}/out:1", keep="none", cache=None)
    assert result.outcome == "written"
    assert result.before.dead_bytes == 100
    assert result.after.dead_bytes == 0


def _twice() -> bytes:
    """A tar that has one name two times."""
    from lightship.testing import layer_tar  # noqa: PLC0415 - here alone

    first, second = layer_tar({"a": b"1" * 100}), layer_tar({"a": b"2" * 50})
    return first[: first.index(b"\0" * 1024)].ljust(1024, b"\0") + second


def test_a_squash_of_a_squash_changes_nothing(tmp_path: Path) -> None:
    first = lightship.squash(image(tmp_path), f"oci:{tmp_path}/one:1", cache=None)
    assert first.destination is not None
    again = lightship.squash(first.destination, f"oci:{tmp_path}/two:1", keep=1, cache=None)
    assert again.outcome == "nothing"


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    source = image(tmp_path)
    digests = {
        lightship.squash(source, f"oci:{tmp_path}/{name}:1", cache=None).digest for name in "ab"
    }
    assert len(digests) == 1


def test_the_codec_is_of_the_new_layer_alone(tmp_path: Path) -> None:
    source = image(tmp_path)
    compression = Compression(Codec.ZSTD, 19)
    result = lightship.squash(source, f"oci:{tmp_path}/out:1", compression=compression, cache=None)
    assert [row.codec for row in result.layers] == ["gzip", "zstd"]
    assert result.layers[0].fate == "kept"
    assert any("zstd" in note for note in result.notes)


def test_source_date_epoch_dates_the_config_and_clamps_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers: list[Layer] = [BASE, {"a": File(b"1", mtime=50)}, {"b": File(b"2", mtime=2_000)}]
    source = image(tmp_path, layers)
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        lightship.squash(source, f"oci:{tmp_path}/out:1", clamp_mtime=True, cache=None)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000")
    result = lightship.squash(source, f"oci:{tmp_path}/out:1", clamp_mtime=True, cache=None)
    assert result.proof is not None
    assert result.proof.clamped == 1
    directory = tmp_path / "out"
    config = json.loads(blob(directory, manifest_of(f"oci:{directory}")["config"]["digest"]))
    assert config["created"] == "1970-01-01T00:16:40Z"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "next week")
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        lightship.squash(source, f"oci:{tmp_path}/out:2", cache=None)


def test_more_layers_than_there_are_cannot_stay(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="4 layers"):
        lightship.squash(image(tmp_path), f"oci:{tmp_path}/out:1", keep=5, cache=None)
    assert not (tmp_path / "out").exists()


def test_a_lost_link_is_corrupt_input(tmp_path: Path) -> None:
    source = image(tmp_path, [BASE, {"a": Link("not/there")}, {"b": b"1"}])
    with pytest.raises(CorruptInputError, match="no target"):
        lightship.squash(source, f"oci:{tmp_path}/out:1", cache=None)
    assert not (tmp_path / "out").exists()


def test_a_destination_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="where to write"):
        lightship.squash("missing.tar", "slim", cache=None)
    assert not list(tmp_path.iterdir())


def two_platforms(directory: Path, *stacks: list[Layer]) -> str:
    """A layout whose tag stands for an index."""
    entries, blobs = [], directory / "both" / "blobs" / "sha256"
    for layers, platform in zip(stacks, ("linux/amd64", "linux/arm64"), strict=True):
        made = Path(image(directory, layers, platform=platform).removeprefix("oci:"))
        shutil.copytree(made, directory / "both", dirs_exist_ok=True)
        (entry,) = json.loads((made / "index.json").read_text())["manifests"]
        system, architecture = platform.split("/")
        entry["platform"] = {"os": system, "architecture": architecture}
        entries.append({key: entry[key] for key in ("mediaType", "digest", "size", "platform")})
    index = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}).encode()
    (blobs / Digest.of(index).hex).write_bytes(index)
    top = {"mediaType": OCI_INDEX, "digest": str(Digest.of(index)), "size": len(index)}
    named = {**top, "annotations": {"org.opencontainers.image.ref.name": "1"}}
    whole = {"schemaVersion": 2, "manifests": [named]}
    (directory / "both" / "index.json").write_text(json.dumps(whole))
    return f"oci:{directory}/both:1"


def _order(source: str, destination: str | None, **more: Any) -> Order:
    options = ReadOptions(cache=None)
    return Order(
        command="squash", reference=source, destination=destination, options=options, **more
    )


def test_all_platforms_become_one_index(tmp_path: Path) -> None:
    # Of the second image nothing would be won: it is in the index all the same.
    source = two_platforms(tmp_path, LAYERS, LAYERS[:2])
    order = _order(source, f"oci:{tmp_path}/out:1", all_platforms=True)
    results = squash_order(order, 1)
    assert [one.platform for one in results] == ["linux/amd64", "linux/arm64"]
    assert [one.after.layers for one in results] == [2, 2]
    assert {one.outcome for one in results} == {"written"}
    (first, second) = results
    assert first.digest == second.digest
    assert [row.fate for row in second.layers] == ["kept", "kept"]
    for one in results:
        told = lightship.inspect(f"oci:{tmp_path}/out:1", platform=one.platform, cache=None)
        assert told.image.image_id == one.image_id
        assert told.image.layers == 2


def test_one_platform_is_chosen(tmp_path: Path) -> None:
    source = two_platforms(tmp_path, LAYERS, LAYERS[:3])
    destination = f"oci:{tmp_path}/out:1"
    result = lightship.squash(source, destination, platform="linux/arm64", keep=1, cache=None)
    assert result.platform == "linux/arm64"
    assert result.before.layers == 3


def test_all_platforms_are_not_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="all are asked for"):
        squash_order(_order(image(tmp_path), None, platform="linux/amd64", all_platforms=True), 1)


def test_a_platform_that_fails_leaves_nothing(tmp_path: Path) -> None:
    source = two_platforms(tmp_path, LAYERS, [BASE, {"a": Link("not/there")}, {"b": b"1"}])
    with pytest.raises(CorruptInputError):
        squash_order(_order(source, f"oci:{tmp_path}/out:1", all_platforms=True), 1)
    assert not (tmp_path / "out" / "index.json").exists()


def test_what_it_does_is_said_before_it_is_done(tmp_path: Path) -> None:
    said: list[str] = []

    class Listening:
        def begin(self, what: str, total_bytes: int | None) -> None: ...

        def advance(self, done_bytes: int) -> None: ...

        def end(self) -> None: ...

        def note(self, text: str) -> None:
            said.append(text)

    lightship.squash(
        image(tmp_path),
        f"oci:{tmp_path}/out:1",
        keep="none",
        base=base_of(tmp_path),
        cache=None,
        progress=Listening(),
    )
    (told,) = said
    assert "layers 1 to 4 become one" in told
    assert "5.07 kB of dead bytes" in told
    assert "shared with no other image" in told
