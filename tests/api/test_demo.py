"""The demo image, held against its own files as the standard library reads them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections import Counter
from typing import TYPE_CHECKING

import pytest

import lightship
from independent.layouts import folder, index_of, load, manifest_of
from layers.local import Heard
from lightship.api.demo import make_demo_image

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.model.results.demo import DemoImage
    from lightship.model.results.inspect import InspectResult

CACHE, PACKAGES, VENDORED = "root/.cache/pip", "app/lib", "app/vendor"
DATA = "app/data/byte_counts.csv"


# The image is made of what this machine has installed: hundreds of megabytes.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoImage:
    heard = Heard()
    made = make_demo_image(tmp_path_factory.mktemp("demo"), heard)
    assert (heard.totals, heard.ended) == ([heard.done], 1)
    return made


@pytest.fixture(scope="module")
def result(demo: DemoImage) -> InspectResult:
    return lightship.inspect(str(demo.reference), cache=None)


@pytest.fixture(scope="module")
def files(demo: DemoImage) -> list[dict[str, bytes]]:
    """Path and content of each layer's files."""
    layout = folder(str(demo.reference).removesuffix(":demo"))
    found = []
    for descriptor in manifest_of(layout)["layers"]:
        tar = gzip.decompress(load(layout, descriptor))
        with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
            members = [member for member in archive if member.isreg()]
            found.append(
                {m.name: stream.read() for m in members if (stream := archive.extractfile(m))}
            )
    return found


def size(files: dict[str, bytes], top: str) -> int:
    return sum(len(content) for path, content in files.items() if path.startswith(f"{top}/"))


def test_dead_bytes_are_the_cache_and_what_chown_stored_again(
    result: InspectResult, files: list[dict[str, bytes]]
) -> None:
    assert result.dead.deleted == size(files[1], CACHE) > 0
    assert result.dead.metadata_copy == size(files[1], PACKAGES) > 0
    assert size(files[5], PACKAGES) == size(files[1], PACKAGES)
    assert (result.dead.overwritten, result.dead.in_layer_duplicate) == (0, 0)
    assert result.image.dead_bytes == sum(map(len, files[1].values()))
    assert [layer.dead_bytes for layer in result.layers] == [0, result.image.dead_bytes, 0, 0, 0, 0]


def test_the_whole_adds_up(result: InspectResult, files: list[dict[str, bytes]]) -> None:
    image = result.image
    assert image.unpacked_bytes == sum(sum(map(len, layer.values())) for layer in files)
    assert [layer.unpacked_bytes for layer in result.layers] == [
        sum(map(len, layer.values())) for layer in files
    ]
    visible = {**files[0], **files[3], **files[4], **files[5]}
    assert image.visible_bytes == sum(map(len, visible.values()))
    assert image.files == len(visible)
    counts = Counter(hashlib.sha256(content).digest() for content in visible.values())
    sizes = {hashlib.sha256(content).digest(): len(content) for content in visible.values()}
    assert image.duplicate_bytes == sum((n - 1) * sizes[key] for key, n in counts.items())
    assert image.duplicate_bytes >= size(files[3], VENDORED) > 0
    assert result.warnings == ()
    assert image.layers == 6


def test_wire_bytes_are_those_of_the_layout(demo: DemoImage, result: InspectResult) -> None:
    layout = folder(str(demo.reference).removesuffix(":demo"))
    manifest = manifest_of(layout)
    descriptors = [manifest["config"], *manifest["layers"]]
    assert result.image.wire_bytes == sum(descriptor["size"] for descriptor in descriptors)
    assert not result.image.wire_bytes_estimated
    for descriptor in [*descriptors, index_of(layout)["manifests"][0]]:
        blob = load(layout, descriptor)
        assert f"sha256:{hashlib.sha256(blob).hexdigest()}" == descriptor["digest"]
        assert len(blob) == descriptor["size"]


def test_each_lesson_has_bytes_in_the_report(demo: DemoImage, result: InspectResult) -> None:
    assert [lesson.layer for lesson in demo.lessons] == [3, 6, 5, 4]
    deleted, copied, data, twice = demo.lessons
    for lesson, kind in ((deleted, "deleted"), (copied, "metadata_copy")):
        measured = [
            place.bytes
            for place in result.largest_dead_directories
            if lesson.marker in place.path and place.killed_by == lesson.layer
        ]
        assert sum(measured) > 100_000
        assert sum(measured) == getattr(result.dead, kind)
    (found,) = (file for file in result.largest_files if file.path == data.marker == DATA)
    assert found.layer == data.layer
    assert found.bytes > 100_000
    assert twice.marker == ""
    assert result.image.duplicate_bytes > 10_000
    assert any(VENDORED in path for one in result.duplicates for path in one.paths)
    assert len(result.wins) == 3


def test_each_layer_has_its_instruction(demo: DemoImage, result: InspectResult) -> None:
    made_by = [layer.created_by or "" for layer in result.layers]
    assert "rm -rf ~/.cache/pip" in made_by[2]
    assert "chown" in made_by[5]
    assert not any(layer.created_by_guessed for layer in result.layers)
    for lesson in demo.lessons:
        assert lesson.mistake
        assert lesson.meaning
        assert lesson.remedy


def test_it_is_made_the_same_again(demo: DemoImage, result: InspectResult, tmp_path: Path) -> None:
    again = make_demo_image(tmp_path)
    assert lightship.inspect(str(again.reference), cache=None).image.digest == result.image.digest
    assert again.lessons == demo.lessons


def test_the_data_set_is_what_it_says(files: list[dict[str, bytes]]) -> None:
    """Each row counts the bytes of one block, so that it adds up to the block's length."""
    head, first, *rows = files[4][DATA].decode().splitlines()
    assert head.split(",")[:2] == ["block", "byte_00"]
    assert sum(map(int, first.split(",")[1:])) <= 4096
    assert all(len(row.split(",")) == 257 for row in rows[:50])
    assert [row.split(",")[0] for row in rows[:3]] == ["1", "2", "3"]


def test_the_library_does_not_stop_at_a_large_file(files: list[dict[str, bytes]]) -> None:
    """An archive of the interpreter itself lies in the library of some builds."""
    tops = {path.split("/")[3] for path in files[0] if path.count("/") > 3}
    assert {"json", "logging", "unittest"} <= tops


def test_the_config_runs_what_is_in_the_image(demo: DemoImage) -> None:
    layout = folder(str(demo.reference).removesuffix(":demo"))
    config = json.loads(load(layout, manifest_of(layout)["config"]))
    assert config["config"]["WorkingDir"] == "/app"
    assert len(config["rootfs"]["diff_ids"]) == len(config["history"]) == 6
