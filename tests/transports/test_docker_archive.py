import hashlib
import json
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
from lightship.model.image import Image
from lightship.model.platform import Platform

from .conftest import opened, opened_all
from .shelf import LAYERS, OCI, Shelf, config_of, named, old_layout, path_of, raw, sha

Open = Callable[..., Image]
OTHER = "s390x"


@pytest.fixture(autouse=True)
def amd64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Platform, "here", lambda: Platform("linux", "amd64"))


def bytes_of(image: Image) -> list[str]:
    """The digests of what the layers really hold."""
    found: list[str] = []
    for layer in image.layers:
        if isinstance(layer, AlreadyRead):
            found.append(layer.scan.digest)
        else:
            with layer.open() as stream:
                found.append(sha(stream.read()))
    return found


def docker_25(*, compressed: bool = False, tags: tuple[str, ...] = ("x:1",)) -> Shelf:
    shelf = Shelf()
    manifest = shelf.image(compressed=compressed)
    shelf.top(*(named(manifest, f"docker.io/library/{tag}") for tag in tags))
    shelf.saved(shelf.element(manifest, *tags))
    return shelf


def edit(shelf: Shelf, change: Callable[[dict[str, Any]], Any]) -> Shelf:
    """Change the first element of `manifest.json`."""
    content = shelf.files["manifest.json"]
    assert isinstance(content, bytes)
    elements = json.loads(content)
    change(elements[0])
    shelf.put("manifest.json", elements)
    return shelf


def corrupt(shelf: Shelf, saved: Open, told: str, platform: str | None = None) -> None:
    with pytest.raises(CorruptInputError, match=told) as caught:
        saved(shelf, platform=platform)
    assert "\n" not in str(caught.value)


def test_a1_the_old_layout(saved: Open) -> None:
    image = saved(old_layout(None, "x:1", "a:2"))
    assert image.names == ("a:2", "x:1")
    assert image.digest is None
    assert not image.stores_wire_blobs
    assert image.platform == Platform("linux", "amd64")
    assert image.config_bytes == raw(config_of(LAYERS))
    assert [layer.digest for layer in image.layers] == [None, None]
    assert [layer.diff_id for layer in image.layers] == bytes_of(image)
    assert bytes_of(image) == [sha(tar) for tar in LAYERS]
    assert str(image.reference).startswith("docker-archive:")


def test_a1_equal_layers_are_symlinks(saved: Open) -> None:
    tars = [LAYERS[0], LAYERS[1], LAYERS[0]]
    image = saved(old_layout(tars))
    assert [layer.position for layer in image.layers] == [1, 2, 3]
    assert bytes_of(image) == [sha(tar) for tar in tars]


def test_equal_layers_are_hard_links(saved: Open) -> None:
    tars = [LAYERS[0], LAYERS[0]]
    shelf = old_layout(tars)
    name = next(name for name, content in shelf.files.items() if isinstance(content, str))
    target = shelf.files[name]
    assert isinstance(target, str)
    shelf.files[name] = "=" + target.removeprefix("../")
    assert bytes_of(saved(shelf)) == [sha(tar) for tar in tars]


def test_names_may_start_with_a_dot(saved: Open) -> None:
    shelf = old_layout()
    shelf.files = {f"./{name}": content for name, content in shelf.files.items()}
    assert len(saved(shelf).layers) == 2


def test_a2_docker_25(saved: Open) -> None:
    image = saved(docker_25(tags=("x:1", "y:2")))
    assert image.names == ("x:1", "y:2")
    assert image.digest is None  # no registry stores plain layers
    assert [layer.digest for layer in image.layers] == bytes_of(image)
    assert [layer.media_type for layer in image.layers] == [f"{OCI}.layer.v1.tar"] * 2


def test_a5_docker_29_stores_gzip_blobs(saved: Open) -> None:
    shelf = docker_25(compressed=True)
    index = json.loads(shelf.files["index.json"])
    image = saved(shelf)
    assert image.digest == index["manifests"][0]["digest"]
    assert not image.stores_wire_blobs
    assert [layer.digest for layer in image.layers] == bytes_of(image)


def docker_29(*present: str, listed: tuple[str, ...] = ()) -> Shelf:
    """A nested index with attestations; what `manifest.json` has is the first of `present`."""
    shelf = Shelf()
    images = {machine: shelf.image(architecture=machine) for machine in (*present, *listed)}
    unknown = {"os": "unknown", "architecture": "unknown"}
    note = {"vnd.docker.reference.type": "attestation-manifest"}
    attestation = {**shelf.image([], architecture="x"), "platform": unknown, "annotations": note}
    shelf.top(named(shelf.index(*images.values(), attestation), "docker.io/library/x:1"))
    shelf.saved(shelf.element(images[present[0]], "x:1"))
    for machine in listed:
        shelf.drop(images[machine])
    shelf.drop(attestation)
    return shelf


def test_a5_a_nested_index_with_attestations(saved: Open) -> None:
    shelf = docker_29("amd64", listed=(OTHER,))
    image = saved(shelf)
    assert image.platform == Platform("linux", "amd64")
    assert image.names == ("x:1",)
    with pytest.raises(PlatformMismatchError, match=f"holds linux/amd64, and lists linux/{OTHER}"):
        saved(shelf, platform=f"linux/{OTHER}")


def test_a6_index_json_gives_the_platforms(saved: Open) -> None:
    shelf = docker_29(OTHER, "amd64")
    assert saved(shelf).platform == Platform("linux", "amd64")
    image = saved(shelf, platform=f"linux/{OTHER}")
    assert image.platform == Platform("linux", OTHER)
    assert image.names == ("x:1",)


def test_all_platforms(tmp_path: Path) -> None:
    place = docker_29("amd64", OTHER, "arm64").tar(tmp_path / "x.tar")
    images = opened_all(place)
    assert [str(image.platform) for image in images] == [
        "linux/amd64",
        f"linux/{OTHER}",
        "linux/arm64",
    ]
    for image in images:
        assert opened(str(image.reference)).platform == image.platform


@pytest.mark.parametrize("nothing", [None, [], "absent"])
def test_a3_no_layers_in_manifest_json(saved: Open, nothing: Any) -> None:
    def change(element: dict[str, Any]) -> None:
        element["Layers"] = nothing
        if nothing == "absent":
            del element["Layers"]

    image = saved(edit(docker_25(), change))
    assert bytes_of(image) == [sha(tar) for tar in LAYERS]
    assert image.names == ("x:1",)


@pytest.mark.parametrize("nothing", [None, []])
def test_a3_no_layers_in_the_manifest(saved: Open, nothing: Any) -> None:
    shelf = Shelf()
    manifest = shelf.image(compressed=False)
    element = shelf.element(manifest, "x:1")
    document = shelf.document(manifest)
    document["layers"] = nothing
    shelf.top(named(shelf.blob(document, f"{OCI}.manifest.v1+json"), "docker.io/library/x:1"))
    shelf.saved(element)
    assert bytes_of(saved(shelf)) == [sha(tar) for tar in LAYERS]


def test_a3_no_layers_anywhere_is_corrupt(saved: Open) -> None:
    def change(element: dict[str, Any]) -> None:
        element["Layers"] = None

    corrupt(edit(old_layout(None, "x:1"), change), saved, "0 layers, its config names 2 diff IDs")


def test_a3_no_config_in_manifest_json(saved: Open) -> None:
    def change(element: dict[str, Any]) -> None:
        element.update(Config=None, Layers=None)

    assert bytes_of(saved(edit(docker_25(), change))) == [sha(tar) for tar in LAYERS]


@pytest.mark.parametrize("document", [None, []])
def test_a6_an_empty_manifest_json_falls_back_on_index_json(saved: Open, document: Any) -> None:
    shelf = docker_25()
    shelf.put("manifest.json", document)
    image = saved(shelf)
    assert bytes_of(image) == [sha(tar) for tar in LAYERS]
    assert image.names == ("docker.io/library/x:1",)


def test_a4_an_image_may_be_missing_in_the_index(saved: Open) -> None:
    shelf = docker_25()
    content = shelf.files["manifest.json"]
    assert isinstance(content, bytes)
    known = json.loads(content)[0]
    unlisted = shelf.image(LAYERS[:1], compressed=False)
    shelf.saved(known, shelf.element(unlisted))
    shelf.drop(unlisted)
    assert len(saved(shelf, ":x:1").layers) == 2
    image_id = known["Config"].removeprefix("blobs/sha256/")
    assert len(saved(shelf, f"@sha256:{image_id}").layers) == 2
    assert len(saved(shelf, "@1").layers) == 1


def test_a7_several_images(saved: Open) -> None:
    shelf = Shelf()
    one, other = shelf.image(LAYERS[:1], compressed=False), shelf.image(compressed=False)
    shelf.saved(shelf.element(one, "x:1", "x:2"), shelf.element(other, "y:latest"))
    assert len(saved(shelf, ":x:2").layers) == 1
    assert len(saved(shelf, ":y").layers) == 2
    assert len(saved(shelf, ":docker.io/library/y:latest").layers) == 2
    assert str(saved(shelf, "@1").reference).endswith(":y:latest")
    with pytest.raises(UsageError, match="holds 2 images: x:1, y:latest"):
        saved(shelf)
    with pytest.raises(UnreachableError, match="It holds: x:1, y:latest"):
        saved(shelf, ":z")


def test_a7_several_images_without_names(saved: Open) -> None:
    shelf = Shelf()
    one, other = shelf.image(LAYERS[:1], compressed=False), shelf.image(compressed=False)
    shelf.saved(shelf.element(one), shelf.element(other))
    image_id = shelf.document(other)["config"]["digest"]
    with pytest.raises(UsageError, match=f"@{image_id}"):
        saved(shelf)
    image = saved(shelf, f"@{image_id}")
    assert len(image.layers) == 2
    assert str(image.reference).endswith(f"@{image_id}")


def test_a8_a_pure_oci_archive_is_told_by_content(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.top(shelf.image())
    place = shelf.tar(tmp_path / "x.tar")
    for text in (place, f"docker-archive:{place}", f"oci-archive:{place}"):
        assert str(opened(text).reference) == f"oci-archive:{place}"


def test_an_archive_of_both_kinds_is_what_is_asked_for(tmp_path: Path) -> None:
    place = docker_25(compressed=True).tar(tmp_path / "x.tar")
    assert not opened(place).stores_wire_blobs
    assert opened(f"oci-archive:{place}").stores_wire_blobs


@pytest.mark.parametrize("transport", ["docker-archive", "oci-archive"])
def test_two_manifests_that_disagree_on_the_config(tmp_path: Path, transport: str) -> None:
    shelf = docker_25()
    other = shelf.image(LAYERS[:1], compressed=False)
    shelf.saved(shelf.element(other, "z:1"))
    place = shelf.tar(tmp_path / "x.tar")
    with pytest.raises(CorruptInputError, match="disagree on the config of z:1"):
        opened(f"{transport}:{place}")


def test_two_manifests_that_swap_names(saved: Open) -> None:
    shelf = Shelf()
    one, other = shelf.image(LAYERS[:1]), shelf.image()
    shelf.top(named(one, "x:1"), named(other, "y:1"))
    shelf.saved(shelf.element(one, "y:1"), shelf.element(other, "x:1"))
    corrupt(shelf, saved, "disagree on the config of y:1")


@pytest.mark.parametrize("change", [lambda paths: paths[:1], lambda paths: paths[::-1]])
def test_two_manifests_that_disagree_on_the_layers(
    saved: Open, change: Callable[[list[str]], list[str]]
) -> None:
    def apply(element: dict[str, Any]) -> None:
        element["Layers"] = change(element["Layers"])

    corrupt(edit(docker_25(), apply), saved, "disagree on the layers of x:1")


def test_a_config_that_is_not_what_its_name_says(saved: Open) -> None:
    for shelf in (old_layout(None, "x:1"), docker_25()):
        content = shelf.files["manifest.json"]
        assert isinstance(content, bytes)
        shelf.put(json.loads(content)[0]["Config"], config_of(LAYERS[::-1], author="eve"))
        corrupt(shelf, saved, "corrupt: its bytes have the digest|its descriptor says")


def test_a_config_whose_name_claims_nothing(saved: Open) -> None:
    shelf = old_layout()
    content = shelf.files["manifest.json"]
    assert isinstance(content, bytes)
    name = json.loads(content)[0]["Config"]
    shelf.files["config.json"] = shelf.files.pop(name)
    image = saved(edit(shelf, lambda element: element.update(Config="config.json")))
    assert len(image.layers) == 2


@pytest.mark.parametrize("what", ["Config", "Layers"])
def test_a_missing_blob(saved: Open, what: str) -> None:
    for shelf in (old_layout(None, "x:1"), docker_25()):
        content = shelf.files["manifest.json"]
        assert isinstance(content, bytes)
        element = json.loads(content)[0]
        name = element["Config"] if what == "Config" else element["Layers"][0]
        del shelf.files[name]
        corrupt(shelf, saved, f"does not hold {name}")


def test_a_layer_of_the_wrong_size(saved: Open) -> None:
    shelf = docker_25()
    shelf.files[path_of(sha(LAYERS[0]))] = LAYERS[0] + bytes(512)
    corrupt(shelf, saved, r"layer 1 .*its descriptor says")


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/../../x", "a/../b", ".."])
def test_a_path_out_of_the_archive(saved: Open, path: str) -> None:
    change = {"Layers": [path, path]}
    corrupt(edit(old_layout(), lambda element: element.update(change)), saved, "leads out")


def test_no_platform_but_another(saved: Open) -> None:
    with pytest.raises(PlatformMismatchError, match="It holds linux/amd64"):
        saved(old_layout(), platform=f"linux/{OTHER}")


@pytest.mark.parametrize("field", ["Config", "RepoTags", "Layers"])
@pytest.mark.parametrize("value", [None, 3, {}, [None], "", [[]]])
def test_any_field_may_be_anything(saved: Open, field: str, value: Any) -> None:
    for shelf in (old_layout(None, "x:1"), docker_25()):
        edit(shelf, lambda element: element.update({field: value}))
        try:
            assert saved(shelf) is not None
        except CorruptInputError as error:
            assert "\n" not in str(error)  # noqa: PT017


@pytest.mark.parametrize("field", ["os", "architecture", "rootfs", "history", "config"])
def test_any_field_of_the_config_may_be_null(saved: Open, field: str) -> None:
    shelf = Shelf()
    config = raw({**config_of([]), field: None})
    name = f"{hashlib.sha256(config).hexdigest()}.json"
    shelf.put(name, config)
    shelf.saved({"Config": name, "RepoTags": None, "Layers": None})
    assert saved(shelf).layers == ()


def test_duplicate_keys(saved: Open) -> None:
    shelf = docker_25()
    content = shelf.files["manifest.json"]
    assert isinstance(content, bytes)
    shelf.put("manifest.json", content.replace(b'"Layers"', b'"layers": [], "Layers"'))
    corrupt(shelf, saved, "manifest.json .*differ only in case")


def test_a_manifest_json_over_the_limit(saved: Open) -> None:
    corrupt(
        edit(docker_25(), lambda element: element.update(Junk="x" * (4 << 20))),
        saved,
        "manifest.json .*limit of 4194304",
    )
