"""A layout that is there keeps whatever is not the image that is written."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from lightship.errors import DestinationError
from lightship.model.digest import Digest
from lightship.transports.access import Access
from lightship.transports.destinations import open_staging, parse_destination

from ..conftest import opened, opened_all  # noqa: TID252 - the tests around this folder
from ..shelf import Shelf, described, named, raw  # noqa: TID252 - see above
from .conftest import image_bytes
from .copying import copy, staged

TAG = "org.opencontainers.image.ref.name"
NAME = "io.containerd.image.name"


def index_of(place: Path) -> Any:
    return json.loads((place / "index.json").read_text())


def tagged(descriptor: dict[str, Any], tag: str) -> dict[str, Any]:
    return {**descriptor, "annotations": {TAG: tag}}


def attestation(shelf: Shelf, about: dict[str, Any]) -> dict[str, Any]:
    """What BuildKit puts beside an image."""
    return shelf.blob(
        {"schemaVersion": 2, "config": described(b"{}", "x"), "layers": [], "about": about},
        "application/vnd.oci.image.manifest.v1+json",
        platform={"os": "unknown", "architecture": "unknown"},
        annotations={
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": about["digest"],
        },
    )


def test_other_entries_and_unknown_keys_stay(source: str, tmp_path: Path) -> None:
    shelf = Shelf()
    stays = {**tagged(shelf.image(architecture="arm64"), "stays"), "x-own": [1.5, None, "\u2028"]}
    goes = tagged(shelf.image(), "1")
    nameless = shelf.image(architecture="s390x")
    shelf.top(stays, goes, nameless)
    shelf.put("index.json", {**json.loads(raw_index(shelf)), "annotations": {"k": "v"}, "y": {}})
    shelf.files["README"] = b"keep me"
    place = Path(shelf.directory(tmp_path / "layout"))
    copy(source, f"oci:{place}:1")
    index = index_of(place)
    assert index["annotations"] == {"k": "v"}
    assert index["y"] == {}
    assert index["manifests"][0] == stays
    assert index["manifests"][2] == nameless
    assert index["manifests"][1]["digest"] == opened(f"oci:{place}:1").digest
    assert image_bytes(f"oci:{place}:1") == image_bytes(source)
    assert opened(f"oci:{place}:stays").platform.architecture == "arm64"
    assert (place / "README").read_bytes() == b"keep me"


def raw_index(shelf: Shelf) -> bytes:
    data = shelf.files["index.json"]
    assert isinstance(data, bytes)
    return data


def test_a_new_name_is_added_at_the_end(source: str, other: str, tmp_path: Path) -> None:
    place = tmp_path / "layout"
    copy(source, f"oci:{place}:1")
    copy(other, f"oci:{place}:2")
    assert [entry["annotations"][TAG] for entry in index_of(place)["manifests"]] == ["1", "2"]
    assert image_bytes(f"oci:{place}:1") == image_bytes(source)
    assert image_bytes(f"oci:{place}:2") == image_bytes(other)


def test_blobs_that_are_there_are_not_written_again(source: str, tmp_path: Path) -> None:
    place = tmp_path / "layout"
    copy(source, f"oci:{place}:1")
    blobs = {path.name: path.stat().st_ino for path in (place / "blobs/sha256").iterdir()}
    layers = [layer.digest.hex for layer in opened(source).layers if layer.digest]
    copy(source, f"oci:{place}:2")
    for name in layers:
        assert (place / "blobs/sha256" / name).stat().st_ino == blobs[name]


def test_a_blob_that_is_there_and_is_wrong_is_mended(source: str, tmp_path: Path) -> None:
    place = tmp_path / "layout"
    copy(source, f"oci:{place}:1")
    digest = opened(source).layers[0].digest
    assert digest is not None
    file = place / "blobs/sha256" / digest.hex
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    copy(source, f"oci:{place}:1")
    assert Digest.of(file.read_bytes()) == digest


@pytest.mark.parametrize("names", [("quay.io/x/y:1",), ("quay.io/x/y:1", "quay.io/x/z:1")])
def test_a_full_name_is_found_by_its_tag(
    source: str, tmp_path: Path, names: tuple[str, ...]
) -> None:
    """As Docker saves it: the full name beside the tag."""
    shelf = Shelf()
    shelf.top(*(named(shelf.image(), name) for name in names))
    place = Path(shelf.directory(tmp_path / "layout"))
    if len(names) > 1:
        with pytest.raises(DestinationError, match=r"2 images with the tag '1': quay\.io/x/y:1"):
            copy(source, f"oci:{place}:1")
        copy(source, f"oci:{place}:quay.io/x/y:1")
        assert image_bytes(f"oci:{place}:quay.io/x/y:1") == image_bytes(source)
        assert image_bytes(f"oci:{place}:quay.io/x/z:1") != image_bytes(source)
    else:
        copy(source, f"oci:{place}:1")
    assert [entry["annotations"][NAME] for entry in index_of(place)["manifests"]] == list(names)
    assert len({entry["annotations"][TAG] for entry in index_of(place)["manifests"]}) == 1


def test_other_platforms_stay_and_what_is_about_the_old_image_goes(
    source: str, tmp_path: Path
) -> None:
    shelf = Shelf()
    ours, theirs = shelf.image(), shelf.image(architecture="arm64")
    about_ours, about_theirs = attestation(shelf, ours), attestation(shelf, theirs)
    index = shelf.index(theirs, ours, about_theirs, about_ours)
    shelf.top(tagged(index, "1"))
    place = Path(shelf.directory(tmp_path / "layout"))
    made = copy(source, f"oci:{place}:1")
    images = opened_all(f"oci:{place}:1")
    assert [str(image.platform) for image in images] == ["linux/arm64", "linux/amd64"]
    assert images[0].digest == theirs["digest"]
    assert image_bytes(f"oci:{place}@{images[1].digest}") == image_bytes(source)
    assert made.digest is not None
    assert made.digest == index_of(place)["manifests"][0]["digest"]
    document = json.loads((place / "blobs/sha256" / made.digest.hex).read_text())
    assert document["manifests"][2] == about_theirs
    assert len(document["manifests"]) == 3
    assert any("linux/arm64" in note for note in made.notes)
    assert any(about_ours["digest"] in note for note in made.notes)


def test_an_index_of_one_platform_becomes_the_image(source: str, tmp_path: Path) -> None:
    """As buildx makes it of one image: an index only because of the attestation."""
    shelf = Shelf()
    ours = shelf.image()
    shelf.top(tagged(shelf.index(ours, attestation(shelf, ours)), "1"))
    place = Path(shelf.directory(tmp_path / "layout"))
    made = copy(source, f"oci:{place}:1")
    assert made.digest == opened(f"oci:{place}:1").digest
    assert "manifest.v1" in index_of(place)["manifests"][0]["mediaType"]
    assert any("attestations" in note for note in made.notes)


def test_several_entries_of_one_name_are_one_index(source: str, tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.top(tagged(shelf.image(), "1"), tagged(shelf.image(architecture="arm64"), "1"))
    place = Path(shelf.directory(tmp_path / "layout"))
    copy(source, f"oci:{place}:1")
    assert len(index_of(place)["manifests"]) == 1
    assert [str(i.platform) for i in opened_all(f"oci:{place}:1")] == ["linux/amd64", "linux/arm64"]


def docker_list(shelf: Shelf, *manifests: dict[str, Any]) -> dict[str, Any]:
    kind = "application/vnd.docker.distribution.manifest"
    entries = [{**entry, "mediaType": f"{kind}.v2+json"} for entry in manifests]
    document = {"schemaVersion": 2, "mediaType": f"{kind}.list.v2+json", "manifests": entries}
    return shelf.blob(document, f"{kind}.list.v2+json")


def test_media_types_of_two_families_are_never_mixed(source: str, tmp_path: Path) -> None:
    shelf = Shelf()
    both = docker_list(shelf, shelf.image(), shelf.image(architecture="arm64"))
    shelf.top(tagged(both, "1"), tagged(docker_list(shelf, shelf.image()), "alone"))
    place = Path(shelf.directory(tmp_path / "layout"))
    before = index_of(place)
    staging = open_staging(parse_destination(f"oci:{place}:1"), (), Access())
    assert staging.accepts.families == ("docker",)
    staging.discard()
    with pytest.raises(DestinationError, match="never mixed"):
        copy(source, f"oci:{place}:1")
    assert index_of(place) == before
    made = copy(source, f"oci:{place}:1", family="docker")
    assert made.digest is not None
    document = json.loads((place / "blobs/sha256" / made.digest.hex).read_text())
    assert {"docker" in entry["mediaType"] for entry in document["manifests"]} == {True}
    copy(source, f"oci:{place}:alone")


BROKEN = {
    "no JSON": b"{",
    "nothing": b"",
    "a list": b"[]",
    "twice": b'{"schemaVersion":2,"manifests":[],"manifests":[]}',
    "two cases": b'{"schemaVersion":2,"manifests":[],"Manifests":[]}',
    "wrong type": b'{"schemaVersion":2,"manifests":{}}',
    "null entry": b'{"schemaVersion":2,"manifests":[null]}',
    "deep": b'{"schemaVersion":2,"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "no UTF-8": b'{"schemaVersion":2,"x":"\xff"}',
    "large": b'{"schemaVersion":2,"x":"' + b"x" * (4 << 20) + b'"}',
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_broken_index_is_refused_before_anything_is_written(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "index.json").write_bytes(data)
    with pytest.raises(DestinationError, match=r"index\.json") as caught:
        open_staging(parse_destination(f"oci:{tmp_path}:1"), (), Access())
    assert "\n" not in str(caught.value)
    assert (tmp_path / "index.json").read_bytes() == data
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("harm", ["gone", "changed", "no index", "infinite"])
def test_a_broken_index_blob(source: str, tmp_path: Path, harm: str) -> None:
    shelf = Shelf()
    document = b'{"schemaVersion":2,"x":1e999,"manifests":[]}' if harm == "infinite" else b"[]"
    kind = "application/vnd.oci.image.index.v1+json"
    index = shelf.blob(document, kind)
    shelf.top(tagged(index, "1"))
    if harm == "gone":
        shelf.drop(index)
    elif harm == "changed":
        shelf.files["blobs/" + index["digest"].replace(":", "/")] = raw({"schemaVersion": 2})
    place = Path(shelf.directory(tmp_path / "layout"))
    if harm == "gone":
        copy(source, f"oci:{place}:1")
        assert image_bytes(f"oci:{place}:1") == image_bytes(source)
        return
    before = index_of(place)
    with pytest.raises(DestinationError):
        copy(source, f"oci:{place}:1")
    assert index_of(place) == before
    assert not [path for path in place.iterdir() if path.name.startswith(".")]


def test_many_at_once_lose_no_entry(source: str, tmp_path: Path) -> None:
    place = tmp_path / "out" / "layout"
    failed: list[BaseException] = []

    def write(tag: str) -> None:
        try:
            copy(source, f"oci:{place}:{tag}")
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=write, args=(f"v{n}",)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    tags = [entry["annotations"][TAG] for entry in index_of(place)["manifests"]]
    assert sorted(tags) == sorted(f"v{n}" for n in range(12))
    assert {path.name for path in place.iterdir()} == {"blobs", "index.json", "oci-layout"}


def test_blobs_that_are_cleared_away_meanwhile_are_missed(source: str, tmp_path: Path) -> None:
    place = tmp_path / "layout"
    copy(source, f"oci:{place}:1")
    before = index_of(place)
    staging = open_staging(parse_destination(f"oci:{place}:2"), (), Access())
    image = staged(opened(source), staging)
    digest = opened(source).layers[0].digest
    assert digest is not None
    with staging.take(opened(source).layers[0]).open() as stream:
        assert Digest.of(stream.read()) == digest
    (place / "blobs/sha256" / digest.hex).unlink()
    with pytest.raises(DestinationError, match="has lost"):
        staging.commit([image])
    assert index_of(place) == before


def test_blobs_may_be_shared_by_links(source: str, tmp_path: Path) -> None:
    place, shared = tmp_path / "layout", tmp_path / "shared"
    copy(source, f"oci:{place}:1")
    (place / "blobs/sha256").rename(shared)
    (place / "blobs/sha256").symlink_to(shared)
    copy(source, f"oci:{place}:2")
    assert (place / "blobs/sha256").is_symlink()
    assert image_bytes(f"oci:{place}:2") == image_bytes(source)


def test_modes_are_those_of_new_files_and_of_old_ones(source: str, tmp_path: Path) -> None:
    place = tmp_path / "layout"
    copy(source, f"oci:{place}:1")
    fresh = tmp_path / "fresh"
    fresh.touch()
    for path in place.rglob("*"):
        if path.is_file():
            assert path.stat().st_mode == fresh.stat().st_mode, path
    (place / "index.json").chmod(0o600)
    copy(source, f"oci:{place}:2")
    assert (place / "index.json").stat().st_mode & 0o777 == 0o600
