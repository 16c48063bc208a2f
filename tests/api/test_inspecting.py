from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec import Struct
from msgspec.structs import asdict

import lightship
from independent.applier import Node, Outcome, apply_layers
from independent.layouts import folder, load, manifest_of
from independent.names import CorruptError
from independent.random_stacks import seeded_stack
from lightship.errors import CorruptInputError, UnreachableError, UsageError
from lightship.layers import cache as cache_module
from lightship.layers.cache import CachePlace
from lightship.layers.limits import Limits
from lightship.testing import (
    Device,
    Dir,
    Fifo,
    File,
    Link,
    Symlink,
    assert_same_tree,
    build_image,
    layer_tar,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lightship.model.results.inspect import InspectResult
    from lightship.testing import Layer
    from lightship.testing.images import Codec, Form

BIG = b"content " * 500
LAYERS: list[Layer] = [
    {"app/a": BIG, "app/b": BIG + b"b", "etc": Dir(mode=0o750), "etc/conf": b"old", "l": b"l"},
    {"app/.wh.b": b"", "srv/b": BIG + b"b", "etc/conf": b"new", "hard": Link("l")},
    {"app/a": File(BIG, uid=1000), "copy": BIG, "sym": Symlink("app/a"), "own": b"bytes"},
    {".wh.l": b"", "tmp/x": b"x" * 3000},
    {"tmp/.wh.x": b""},
]
FORMS: list[Form] = ["oci", "oci-archive", "docker-archive", "docker-archive-25"]


def inspected(layers: Sequence[Layer | bytes], directory: Path, **how: Any) -> InspectResult:
    return lightship.inspect(build_image(layers, directory=directory, **how), cache=None)


# The same image in every form.


def figures(result: InspectResult) -> dict[str, object]:
    """What does not depend on how the image is stored."""
    found = asdict(result)
    image = asdict(found.pop("image"))
    for name in ("reference", "digest"):
        image.pop(name)
    own = ("digest", "media_type", "wire_bytes", "wire_bytes_estimated", "wire_bytes_error")
    layers = [
        {name: value for name, value in asdict(layer).items() if name not in own}
        for layer in found.pop("layers")
    ]
    for name in own[2:]:
        image.pop(name)
    pull = asdict(found.pop("pull"))
    pull.pop("download_seconds")
    contents = without_wire(found.pop("contents"))
    findings = without_wire(found.pop("findings"))
    return {
        **found,
        **image,
        "layers": layers,
        "pull": pull,
        "contents": contents,
        "findings": findings,
    }


def without_wire(value: Any) -> Any:
    """Without what depends on how the layers are compressed; lists sorted by it stay sorted."""
    if isinstance(value, Struct):
        return without_wire(asdict(value))
    if isinstance(value, dict):
        return {
            key: without_wire(one)
            for key, one in value.items()
            if key not in {"wire", "wire_bytes"}
        }
    return [without_wire(one) for one in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("codec", ["plain", "gzip", "zstd"])
def test_the_figures_are_those_of_every_form(tmp_path: Path, form: Form, codec: Codec) -> None:
    reference = inspected(LAYERS, tmp_path, form="oci", codec="gzip")
    found = inspected(LAYERS, tmp_path, form=form, codec=codec)
    assert figures(found) == figures(reference)
    assert reference.image.dead_bytes > 0
    assert reference.moves
    assert reference.duplicates


@pytest.mark.parametrize("codec", ["plain", "gzip", "zstd"])
def test_an_oci_layout_and_its_archive_are_the_same_image(tmp_path: Path, codec: Codec) -> None:
    first = inspected(LAYERS, tmp_path, form="oci", codec=codec).image
    second = inspected(LAYERS, tmp_path, form="oci-archive", codec=codec).image
    assert (first.digest, first.image_id) == (second.digest, second.image_id)
    assert first.wire_bytes == second.wire_bytes
    assert not first.wire_bytes_estimated
    assert not second.wire_bytes_estimated


def test_small_plain_layers_of_an_archive_need_no_estimate(tmp_path: Path) -> None:
    found = inspected(LAYERS, tmp_path, form="docker-archive", codec="plain").image
    assert not found.wire_bytes_estimated
    assert found.wire_bytes_error == 0


# Figures worked out by hand.


def test_the_figures_of_the_image(tmp_path: Path) -> None:
    result = inspected(LAYERS, tmp_path)
    size = len(BIG)
    assert size == 4000
    image = result.image
    # 1: a, b, conf, l  2: b, conf  3: a, copy, bytes  4: x
    unpacked = (4000 + 4001 + 3 + 1) + (4001 + 3) + (4000 + 4000 + 5) + 3000
    dead = {"deleted": 4001 + 3000, "overwritten": 3, "metadata_copy": 4000}
    assert asdict(result.dead) == {**dead, "in_layer_duplicate": 0}
    assert image.unpacked_bytes == unpacked
    assert image.dead_bytes == sum(dead.values())
    assert image.visible_bytes == unpacked - sum(dead.values())
    assert image.duplicate_bytes == 4000
    assert image.efficiency == pytest.approx(image.visible_bytes / unpacked)
    # app/a, etc/conf, srv/b, hard, copy, own
    assert (image.files, image.layers) == (6, 5)
    assert [layer.unpacked_bytes for layer in result.layers] == [8005, 4004, 8005, 3000, 0]
    assert [layer.dead_bytes for layer in result.layers] == [8004, 0, 0, 3000, 0]
    assert [layer.files for layer in result.layers] == [4, 3, 3, 1, 0]
    assert [(k.layer, k.kind, k.bytes, k.files) for k in result.layers[0].killed] == [
        (2, "deleted", 4001, 1),
        (3, "metadata_copy", 4000, 1),
        (2, "overwritten", 3, 1),
    ]
    assert [(dead.path, dead.bytes, dead.killed_by) for dead in result.largest_dead] == [
        ("app/b", 4001, 2),
        ("app/a", 4000, 3),
        ("tmp/x", 3000, 5),
        ("etc/conf", 3, 2),
    ]
    (moved,) = result.moves
    assert (moved.source, moved.target, moved.layer, moved.moved_by) == ("app/b", "srv/b", 1, 2)
    (duplicate,) = result.duplicates
    assert (duplicate.paths, duplicate.copies) == (("app/a", "copy"), 2)
    assert result.warnings == ()
    assert result.schema == "lightship.report/1"


def test_wire_bytes_are_the_config_and_the_distinct_blobs(tmp_path: Path) -> None:
    reference = build_image([LAYERS[0], LAYERS[1], LAYERS[0]], directory=tmp_path)
    result = lightship.inspect(reference, cache=None)
    manifest = manifest_of(folder(reference))
    blobs = {layer["digest"]: layer["size"] for layer in manifest["layers"]}
    assert len(blobs) == 2
    config = load(folder(reference), manifest["config"])
    assert result.image.wire_bytes == len(config) + sum(blobs.values())
    assert [layer.same_as for layer in result.layers] == [None, None, 1]
    assert [layer.digest for layer in result.layers] == [
        layer["digest"] for layer in manifest["layers"]
    ]


def test_an_image_without_layers(tmp_path: Path) -> None:
    result = inspected([], tmp_path)
    assert (result.image.unpacked_bytes, result.image.files, result.layers) == (0, 0, ())
    assert result.image.efficiency == 1.0
    assert inspected([{"d": Dir()}], tmp_path).image.efficiency == 1.0


def test_paths_that_are_no_text_come_with_their_bytes(tmp_path: Path) -> None:
    result = inspected([{b"d\xff/a": b"x" * 2000, b"d\xff/b": b"x" * 2000}, {"y": b"y"}], tmp_path)
    largest = result.largest_files[0]
    assert largest.path == "d�/a"
    assert largest.path_base64 == "ZP8vYQ=="
    assert result.largest_files[2].path_base64 is None
    assert result.duplicates[0].paths_base64 == ("ZP8vYQ==", "ZP8vYg==")


def test_lists_are_as_long_as_asked(tmp_path: Path) -> None:
    gone = {f"gone/{number}": b"x" * (number + 1) for number in range(60)}
    kept = {f"kept/{number}": b"y" * (number + 1) for number in range(60)}
    reference = build_image([gone, {".wh.gone": b"", **kept}], directory=tmp_path)
    assert len(lightship.inspect(reference, cache=None).largest_dead) == 50
    short = lightship.inspect(reference, cache=None, listed=3)
    assert [len(short.largest_dead), len(short.largest_files)] == [3, 3]
    assert short.image.dead_bytes == sum(map(len, gone.values()))


def test_the_bandwidth_is_that_of_the_pull(tmp_path: Path) -> None:
    reference = build_image(LAYERS, directory=tmp_path)
    result = lightship.inspect(reference, cache=None, bandwidth=1000)
    assert result.pull.download_seconds == result.image.wire_bytes / 1000


# Squashed into one layer.


def squashed(outcome: Outcome) -> Layer:
    """The final tree as one layer, directories first, each inode once and links to it."""
    written: dict[bytes, object] = {}
    for path, node in sorted(outcome.tree.items()):
        if path:
            written[path] = Link(node.leader) if node.leader != path else _entry(node)
        elif node.mode != 0o755 or node.uid:
            written[b"."] = _entry(node)
    return written


def _entry(node: Node) -> object:
    about: dict[str, Any] = {
        "mode": node.mode,
        "uid": node.uid,
        "gid": node.gid,
        "xattrs": dict(node.xattrs),
        "pax": {"mtime": f"{node.mtime_ns / 1e9:.9f}"} if node.mtime_ns % 10**9 else {},
        "mtime": node.mtime_ns // 10**9,
    }
    match node.kind:
        case "regular":
            return File(node.content, **about)
        case "directory":
            return Dir(**about)
        case "symlink":
            return Symlink(node.link_target, **about)
        case "fifo":
            return Fifo(**about)
    return Device(*node.device, block=node.kind == "block_device", **about)


def check_squashed(layers: Sequence[Layer | bytes], directory: Path) -> None:
    outcome = apply_layers([layer_tar(layer) for layer in layers])
    original = inspected(layers, directory)
    result = inspected([squashed(outcome)], directory)
    assert result.image.unpacked_bytes == result.image.visible_bytes
    assert result.image.visible_bytes == original.image.visible_bytes
    assert result.image.dead_bytes == 0
    assert result.image.duplicate_bytes == original.image.duplicate_bytes
    assert result.image.files == original.image.files
    assert (result.largest_dead, result.moves) == ((), ())
    assert result.image.efficiency == 1.0


def test_an_image_squashed_into_one_layer_has_nothing_dead(tmp_path: Path) -> None:
    check_squashed(LAYERS, tmp_path)
    outcome = apply_layers([layer_tar(layer) for layer in LAYERS])
    assert_same_tree(
        build_image(LAYERS, directory=tmp_path),
        build_image([squashed(outcome)], directory=tmp_path),
    )


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_random_images_squashed_into_one_layer(tmp_path: Path, start: int) -> None:
    checked = 0
    for seed in range(start, start + 20):
        tars = seeded_stack(seed).tars()
        try:
            check_squashed(tars, tmp_path)
        except (CorruptError, CorruptInputError):
            continue  # no reader gives an answer for such a stack
        checked += 1
    assert checked > 10


# How it is read.


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CachePlace:
    """A cache that remembers also files made just now."""
    monkeypatch.setattr(cache_module, "_SETTLED_NS", 0)
    return CachePlace(tmp_path / "cache")


@pytest.mark.parametrize("form", FORMS)
def test_a_second_answer_is_cached_and_the_same(
    tmp_path: Path, place: CachePlace, form: Form
) -> None:
    codec: Codec = "plain" if form == "docker-archive" else "gzip"
    reference = build_image(LAYERS, directory=tmp_path, form=form, codec=codec)
    answers = [asdict(lightship.inspect(reference, cache=place)) for _ in range(2)]
    assert [answer.pop("verified") for answer in answers] == ["read", "cached"]
    assert answers[0] == answers[1]
    again = asdict(lightship.inspect(reference, cache=place, verify=True))
    assert again.pop("verified") == "read"
    assert again == answers[0]


def test_the_default_cache_is_the_user_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    reference = build_image(LAYERS, directory=tmp_path)
    lightship.inspect(reference, cache=None)
    assert not (tmp_path / "xdg").exists()
    lightship.inspect(reference)
    assert list((tmp_path / "xdg" / "lightship").rglob("*.index"))


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_the_number_of_jobs_changes_nothing(tmp_path: Path, jobs: int) -> None:
    reference = build_image(LAYERS, directory=tmp_path)
    assert lightship.inspect(reference, cache=None, jobs=jobs) == lightship.inspect(
        reference, cache=None
    )


def test_limits_are_kept(tmp_path: Path) -> None:
    reference = build_image(LAYERS, directory=tmp_path)
    for limits in (Limits(max_unpacked_bytes=9000), Limits(max_entries=4), Limits(max_depth=0)):
        with pytest.raises(CorruptInputError) as caught:
            lightship.inspect(reference, cache=None, limits=limits)
        assert "--max-" in caught.value.hint


def test_what_is_asked_for_wrongly(tmp_path: Path) -> None:
    reference = build_image(LAYERS, directory=tmp_path)
    with pytest.raises(UsageError):
        lightship.inspect(reference, cache=None, platform="no/such/plat/form")
    with pytest.raises(UnreachableError):
        lightship.inspect(f"oci:{tmp_path / 'nowhere'}", cache=None)


def test_exact_weighs_what_would_be_written(tmp_path: Path) -> None:
    long = layer_tar({"text": b"".join(b"line %d\n" % number for number in range(300_000))})
    reference = build_image([long], directory=tmp_path, form="docker-archive", codec="plain")
    estimate = lightship.inspect(reference, cache=None).image
    exact = lightship.inspect(reference, cache=None, exact=True).image
    assert estimate.wire_bytes_estimated
    assert not exact.wire_bytes_estimated
    assert exact.wire_bytes_error == 0
    assert estimate.wire_bytes == pytest.approx(exact.wire_bytes, rel=0.3)
