import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lightship.errors import (
    CorruptInputError,
    PlatformMismatchError,
    UnreachableError,
    UsageError,
)
from lightship.layers.scan import AlreadyRead
from lightship.model.image import FileIdentity, Image
from lightship.model.platform import Platform

from .conftest import opened, opened_all
from .shelf import LAYERS, OCI, Shelf, config_of, described, named, path_of, sha

Open = Callable[..., Image]
OTHER = "s390x"  # no machine that runs these tests


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture(autouse=True)
def amd64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Platform, "here", lambda: Platform("linux", "amd64"))


def test_an_image(shelf: Shelf, laid_out: Open) -> None:
    manifest = shelf.image()
    shelf.top(named(manifest, "docker.io/library/x:1"))
    image = laid_out(shelf)
    assert image.digest == manifest["digest"]
    assert image.names == ("docker.io/library/x:1",)
    assert image.platform == Platform("linux", "amd64")
    assert image.stores_wire_blobs
    assert image.config_bytes == shelf.content(shelf.document(manifest)["config"])
    assert [layer.position for layer in image.layers] == [1, 2]
    assert [layer.diff_id for layer in image.layers] == [sha(tar) for tar in LAYERS]
    stored = shelf.document(manifest)["layers"]
    assert [layer.digest for layer in image.layers] == [layer["digest"] for layer in stored]
    assert [layer.stored_bytes for layer in image.layers] == [layer["size"] for layer in stored]
    for layer, descriptor in zip(image.layers, stored, strict=True):
        if isinstance(layer, AlreadyRead):
            assert layer.scan.digest == descriptor["digest"]
            assert layer.identity() is None
        else:
            with layer.open() as stream:
                assert stream.read() == shelf.content(descriptor)
            identity = layer.identity()
            assert isinstance(identity, FileIdentity)
            assert identity == layer.identity()
            assert identity.length == descriptor["size"]


def test_c1_a_layer_listed_twice_is_two_layers(shelf: Shelf, laid_out: Open) -> None:
    shelf.top(shelf.image([LAYERS[0], LAYERS[1], LAYERS[0]]))
    layers = laid_out(shelf).layers
    assert [layer.position for layer in layers] == [1, 2, 3]
    assert layers[0].digest == layers[2].digest


@pytest.mark.parametrize("selector", [":docker.io/library/x:1", ":x:1", ":1", "@{}"])
def test_selectors(shelf: Shelf, laid_out: Open, selector: str) -> None:
    manifest = shelf.image()
    shelf.top(named(shelf.image(LAYERS[:1]), "y:2"), named(manifest, "docker.io/library/x:1"))
    image = laid_out(shelf, selector.format(manifest["digest"]))
    assert image.digest == manifest["digest"]
    assert str(image.reference).endswith(":docker.io/library/x:1")


def test_a_number_selects(shelf: Shelf, laid_out: Open) -> None:
    manifest = shelf.image()
    shelf.top(named(shelf.image(LAYERS[:1]), "y:2"), named(manifest, "x:1"))
    assert laid_out(shelf, "@1").digest == manifest["digest"]


def test_several_images_without_a_selector(shelf: Shelf, laid_out: Open) -> None:
    shelf.top(named(shelf.image(LAYERS[:1]), "y:2"), named(shelf.image(), "x:1"))
    with pytest.raises(UsageError, match=r"holds 2 images: y:2, x:1"):
        laid_out(shelf)


def test_no_image_of_that_name(shelf: Shelf, laid_out: Open) -> None:
    shelf.top(named(shelf.image(), "x:1"))
    with pytest.raises(UnreachableError, match=r"no image 'z'.* It holds: x:1"):
        laid_out(shelf, ":z")


def test_i1_platforms_of_a_nested_index_without_attestations(shelf: Shelf, laid_out: Open) -> None:
    mine, other = shelf.image(), shelf.image(architecture=OTHER)
    note = {"vnd.docker.reference.type": "attestation-manifest"}
    unknown = {"os": "unknown", "architecture": "unknown"}
    attestation = {**shelf.image([]), "platform": unknown, "annotations": note}
    shelf.top(shelf.index(other, attestation, mine))
    assert laid_out(shelf).digest == mine["digest"]
    image = laid_out(shelf, platform=f"linux/{OTHER}")
    assert image.digest == other["digest"]
    assert str(image.reference).endswith(f"@{other['digest']}")
    with pytest.raises(PlatformMismatchError, match=f"It holds linux/{OTHER}, linux/amd64."):
        laid_out(shelf, platform="linux/riscv64")


def test_the_only_platform_is_taken(shelf: Shelf, laid_out: Open) -> None:
    shelf.top(shelf.index(shelf.image(architecture=OTHER)))
    assert laid_out(shelf).platform == Platform("linux", OTHER)


def test_the_only_platform_is_refused_if_another_is_asked_for(shelf: Shelf, laid_out: Open) -> None:
    shelf.top(shelf.image(architecture=OTHER))
    with pytest.raises(PlatformMismatchError, match=f"It holds linux/{OTHER}"):
        laid_out(shelf, platform="linux/amd64")


def test_a_choice_without_this_machines(shelf: Shelf, laid_out: Open) -> None:
    shelf.top(shelf.index(shelf.image(architecture=OTHER), shelf.image(architecture="riscv64")))
    with pytest.raises(PlatformMismatchError, match="choose one with --platform"):
        laid_out(shelf)


def test_a5_platforms_that_are_not_stored_are_normal(shelf: Shelf, laid_out: Open) -> None:
    mine, other = shelf.image(), shelf.image(architecture=OTHER)
    shelf.drop(other)
    shelf.top(shelf.index(other, mine))
    assert laid_out(shelf).digest == mine["digest"]
    with pytest.raises(PlatformMismatchError, match=f"lists linux/{OTHER} without"):
        laid_out(shelf, platform=f"linux/{OTHER}")


def test_all_platforms(shelf: Shelf, tmp_path: Path) -> None:
    images = [shelf.image(architecture=machine) for machine in ("amd64", OTHER, "arm64")]
    shelf.top(shelf.index(*images))
    found = opened_all(shelf.directory(tmp_path / "layout"))
    assert [image.digest for image in found] == [image["digest"] for image in images]
    for image in found:
        assert opened(str(image.reference)).digest == image.digest


def test_an_index_json_that_is_the_index(shelf: Shelf, laid_out: Open) -> None:
    mine, other = shelf.image(), shelf.image(architecture=OTHER)
    shelf.top(mine, other)
    assert laid_out(shelf).digest == mine["digest"]


def test_arm_without_a_variant_is_v7(shelf: Shelf, laid_out: Open) -> None:
    six, seven = shelf.image(LAYERS[:1], architecture="arm"), shelf.image(architecture="arm")
    six["platform"]["variant"], seven["platform"]["variant"] = "v6", "v7"
    shelf.top(shelf.index(six, seven))
    assert laid_out(shelf, platform="linux/arm").digest == seven["digest"]
    assert laid_out(shelf, platform="linux/arm/v6").digest == six["digest"]


def test_a_sha512_digest(shelf: Shelf, laid_out: Open) -> None:
    data = shelf.content(shelf.image())
    digest = f"sha512:{hashlib.sha512(data).hexdigest()}"
    shelf.put(path_of(digest), data)
    shelf.top({**described(data, f"{OCI}.manifest.v1+json"), "digest": digest})
    assert laid_out(shelf).digest == digest


def test_an_image_without_layers(shelf: Shelf, laid_out: Open) -> None:
    shelf.top(shelf.image([]))
    assert laid_out(shelf).layers == ()


def corrupt(shelf: Shelf, laid_out: Open, told: str, platform: str | None = None) -> None:
    with pytest.raises(CorruptInputError, match=told) as caught:
        laid_out(shelf, platform=platform)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("what", ["manifest", "config", "layer"])
def test_a_missing_blob(shelf: Shelf, laid_out: Open, what: str) -> None:
    manifest = shelf.image()
    document = shelf.document(manifest)
    shelf.top(manifest)
    shelf.drop(
        {"manifest": manifest, "config": document["config"]}.get(what, document["layers"][1])
    )
    corrupt(shelf, laid_out, f"does not hold blobs/sha256/.*{what}")


@pytest.mark.parametrize("what", ["manifest", "config", "layer"])
def test_a_size_that_is_wrong(shelf: Shelf, laid_out: Open, what: str) -> None:
    manifest = shelf.image()
    document = shelf.document(manifest)
    chosen = {"manifest": manifest, "config": document["config"]}.get(what, document["layers"][1])
    chosen["size"] += 1
    if what != "manifest":
        manifest = shelf.blob(document, f"{OCI}.manifest.v1+json")
    shelf.top(manifest)
    corrupt(shelf, laid_out, "its descriptor says")


@pytest.mark.parametrize("what", ["manifest", "config"])
def test_bytes_that_are_not_those_of_the_digest(shelf: Shelf, laid_out: Open, what: str) -> None:
    manifest = shelf.image()
    chosen = manifest if what == "manifest" else shelf.document(manifest)["config"]
    data = bytearray(shelf.content(chosen))
    data[data.index(b":") + 1 : data.index(b":") + 1] = b""
    data[-1:] = b" "
    shelf.put(path_of(chosen["digest"]), bytes(data))
    shelf.top(manifest)
    corrupt(shelf, laid_out, "is corrupt: its bytes have the digest")


def test_an_index_that_points_at_itself(shelf: Shelf, laid_out: Open) -> None:
    digest = "sha256:" + "1" * 64
    itself = {"mediaType": f"{OCI}.index.v1+json", "digest": digest}
    document = {"schemaVersion": 2, "manifests": [{**itself, "size": 999}]}
    size = len(json.dumps(document))
    document["manifests"] = [{**itself, "size": size}]
    shelf.put(path_of(digest), document)
    shelf.top({**itself, "size": size})
    corrupt(shelf, laid_out, "corrupt")


def test_indexes_nested_too_deeply(shelf: Shelf, laid_out: Open) -> None:
    descriptor = shelf.image()
    for _ in range(12):
        descriptor = shelf.index(descriptor)
    shelf.top(descriptor)
    corrupt(shelf, laid_out, "limit of 8 deep")


def test_a_manifest_over_the_limit(shelf: Shelf, laid_out: Open) -> None:
    shelf.top(shelf.image(junk="x" * (4 << 20)))
    corrupt(shelf, laid_out, "more than the limit of 4194304")


def test_a_config_over_the_limit(shelf: Shelf, laid_out: Open) -> None:
    config = shelf.blob(config_of([], junk="x" * (16 << 20)), f"{OCI}.config.v1+json")
    shelf.top(shelf.blob({"schemaVersion": 2, "config": config}, f"{OCI}.manifest.v1+json"))
    corrupt(shelf, laid_out, "more than the limit of 16777216")


def test_an_index_json_over_the_limit(shelf: Shelf, laid_out: Open) -> None:
    shelf.put("index.json", {"schemaVersion": 2, "manifests": [], "junk": "x" * (4 << 20)})
    corrupt(shelf, laid_out, "index.json .* limit of 4194304")


def test_a_document_that_is_index_and_manifest_at_once(shelf: Shelf, laid_out: Open) -> None:
    shelf.top(shelf.image(manifests=[]))
    corrupt(shelf, laid_out, "an index and an image manifest at once")


@pytest.mark.parametrize("kind", ["index", "manifest"])
def test_a_media_type_that_contradicts_the_content(shelf: Shelf, laid_out: Open, kind: str) -> None:
    descriptor = shelf.image() if kind == "index" else shelf.index(shelf.image())
    shelf.top({**descriptor, "mediaType": f"{OCI}.{kind}.v1+json"})
    corrupt(shelf, laid_out, "but has the keys of")


def test_more_layers_than_diff_ids(shelf: Shelf, laid_out: Open) -> None:
    manifest = shelf.image()
    document = shelf.document(manifest)
    document["layers"].append(document["layers"][0])
    shelf.top(shelf.blob(document, f"{OCI}.manifest.v1+json"))
    corrupt(shelf, laid_out, "3 layers, its config names 2 diff IDs")


@pytest.mark.parametrize("digest", ["sha256:../../etc/passwd", "x", "", "md5:" + "0" * 32])
def test_a_digest_that_is_none_is_never_a_path(shelf: Shelf, laid_out: Open, digest: str) -> None:
    shelf.top({"mediaType": f"{OCI}.manifest.v1+json", "digest": digest, "size": 1})
    corrupt(shelf, laid_out, "no sha256 or sha512 digest")


def test_m8_a_foreign_layer_is_never_fetched(shelf: Shelf, laid_out: Open) -> None:
    manifest = shelf.image()
    document = shelf.document(manifest)
    shelf.drop(document["layers"][0])
    document["layers"][0]["urls"] = ["http://example.org/layer"]
    shelf.top(shelf.blob(document, f"{OCI}.manifest.v1+json"))
    with pytest.raises(UnreachableError, match=r"layer 1 .* foreign"):
        laid_out(shelf)


def test_an_artifact_is_no_image(shelf: Shelf, laid_out: Open) -> None:
    config = shelf.blob({}, "application/vnd.cncf.helm.config.v1+json")
    shelf.top(shelf.blob({"schemaVersion": 2, "config": config}, f"{OCI}.manifest.v1+json"))
    with pytest.raises(UnreachableError, match=r"no image but an artifact, .*helm"):
        laid_out(shelf)


def test_an_empty_index(shelf: Shelf, laid_out: Open) -> None:
    shelf.top()
    corrupt(shelf, laid_out, "holds no image")


def test_null_for_manifests(shelf: Shelf, laid_out: Open) -> None:
    shelf.put("index.json", {"schemaVersion": 2, "manifests": None})
    corrupt(shelf, laid_out, "holds no image")


@pytest.mark.parametrize("document", [[], 3, "x", {}, {"layers": []}, {"config": {}}])
def test_an_index_json_that_is_none(shelf: Shelf, laid_out: Open, document: Any) -> None:
    shelf.put("index.json", document)
    corrupt(shelf, laid_out, "no image index|neither|no images?|kept")


def test_a_blob_may_be_a_link_to_a_file_elsewhere(shelf: Shelf, tmp_path: Path) -> None:
    shelf.top(shelf.image())
    (tmp_path / "shared").mkdir()
    layout = Path(shelf.directory(tmp_path / "layout"))
    for blob in list((layout / "blobs/sha256").iterdir()):
        blob.symlink_to(blob.rename(tmp_path / "shared" / blob.name))
    assert len(opened(f"oci:{layout}").layers) == 2


def test_devices_and_fifos_are_never_opened(shelf: Shelf, tmp_path: Path) -> None:
    manifest = shelf.image()
    shelf.top(manifest)
    layout = Path(shelf.directory(tmp_path / "layout"))
    for make in (os.mkfifo, lambda path: Path(path).symlink_to("/dev/zero")):
        blob = layout / path_of(manifest["digest"])
        blob.unlink()
        make(blob)
        with pytest.raises(UnreachableError, match="is no regular file"):
            opened(f"oci:{layout}")


def test_a_directory_without_an_index(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match=r"has no index\.json"):
        opened(f"oci:{tmp_path}")


def test_a_blob_that_shrinks_after_it_was_opened(shelf: Shelf, tmp_path: Path) -> None:
    manifest = shelf.image()
    shelf.top(manifest)
    layout = Path(shelf.directory(tmp_path / "layout"))
    layer = opened(f"oci:{layout}").layers[0]
    before = layer.identity()
    assert layer.digest is not None
    (layout / path_of(layer.digest)).write_bytes(b"")
    with pytest.raises(CorruptInputError, match="ends after 0 bytes"), layer.open() as stream:
        stream.read()
    assert layer.identity() != before
