"""What every file destination has in common: a layout, and both archives."""

import hashlib
import json
import tarfile
from pathlib import Path

import pytest

from lightship.errors import CorruptInputError, DestinationError
from lightship.layers.scan import Codec
from lightship.model.digest import Digest
from lightship.model.platform import Platform
from lightship.testing import build_image
from lightship.transports.access import Access
from lightship.transports.destinations import open_staging, parse_destination
from lightship.transports.storing import NewImage, Staging

from ..conftest import opened, opened_all  # noqa: TID252 - the tests around this folder
from ..shelf import Shelf  # noqa: TID252 - see above
from .conftest import image_bytes
from .copying import copy, staged, written


def files(place: Path) -> dict[str, bytes]:
    """Whatever lies beside and in a destination, hidden files too."""
    return {
        str(path.relative_to(place.parent)): path.read_bytes() if path.is_file() else b""
        for path in place.parent.rglob("*")
    }


def staging_for(form: str, place: Path, *names: str) -> Staging:
    return open_staging(parse_destination(f"{form}:{place}"), names, Access())


@pytest.mark.parametrize("anew", [False, True])
def test_an_image_is_what_it_was(source: str, form: str, place: Path, *, anew: bool) -> None:
    made = copy(source, f"{form}:{place}", anew=anew)
    assert image_bytes(made.reference) == image_bytes(source)
    image = opened(made.reference)
    assert image.names == ("example.org/x:1",)
    assert made.digest == image.digest
    assert [layer.digest for layer in image.layers] == [
        layer.digest for layer in opened(source).layers
    ]


def test_taken_or_written_it_is_the_same_bytes(source: str, form: str, tmp_path: Path) -> None:
    for name, anew in (("one", False), ("two", True)):
        (tmp_path / name).mkdir()
        copy(source, f"{form}:{tmp_path / name / 'it'}", anew=anew)
    assert files(tmp_path / "one" / "it") == files(tmp_path / "two" / "it")


def test_a_layer_whose_digest_is_not_told(plain: str, form: str, place: Path) -> None:
    assert opened(plain).layers[0].digest is None
    made = copy(plain, f"{form}:{place}")
    assert image_bytes(made.reference) == image_bytes(plain)


def test_a_layer_listed_twice_is_stored_once(source: str, form: str, place: Path) -> None:
    copy(source, f"{form}:{place}")
    layers = opened(source).layers
    assert layers[0].digest == layers[2].digest
    if form == "oci":
        assert len(list((place / "blobs/sha256").iterdir())) == 5
    else:
        with tarfile.open(place) as archive:
            names = archive.getnames()
        assert len(names) == len(set(names)) == 2 + 5 + (3 if form == "docker-archive" else 2)


def test_written_twice_it_is_stored_once(source: str, form: str, place: Path) -> None:
    """A layer that a rewrite makes twice, or makes and takes."""
    staging = staging_for(form, place)
    layer = opened(source).layers[0]
    first = written(layer, staging)
    assert written(layer, staging) is first
    assert staging.take(layer) is first
    with first.open() as stream:
        assert Digest.of(stream.read()) == layer.digest
    image = staged(opened(source), staging)
    made = staging.commit([image])
    assert image_bytes(made.reference) == image_bytes(source)


def test_a_staged_blob_is_read_back_before_and_after(source: str, form: str, place: Path) -> None:
    staging = staging_for(form, place)
    blobs = [staging.take(layer) for layer in opened(source).layers]
    blobs.append(staging.put(b"{}"))
    for blob in blobs:
        with blob.open() as stream:
            data = stream.read()
        assert (Digest.of(data), len(data)) == (blob.digest, blob.stored_bytes)
    staging.commit([staged(opened(source), staging)])
    with blobs[0].open() as stream:
        assert Digest.of(stream.read()) == blobs[0].digest


def test_an_abandoned_blob_leaves_nothing(source: str, form: str, tmp_path: Path) -> None:
    results = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        place = tmp_path / name / "it"
        staging = staging_for(form, place)
        if name == "two":
            sink = staging.sink()
            sink.write(b"x" * 3_000_000)
            sink.abandon()
            sink.abandon()
        staging.commit([staged(opened(source), staging)])
        results.append(files(place))
    assert results[0] == results[1]


def test_discarded_it_leaves_nothing(source: str, form: str, place: Path) -> None:
    before = files(place)
    staging = staging_for(form, place)
    staged(opened(source), staging)
    staging.sink().write(b"x" * 1_000_000)
    staging.discard()
    assert files(place) == before
    copy(source, f"{form}:{place}")
    before = files(place)
    staging = staging_for(form, place)
    staged(opened(source), staging, anew=True)
    staging.discard()
    assert files(place) == before


@pytest.mark.parametrize("harm", ["changed", "shorter", "gone"])
def test_a_layer_that_is_not_what_it_is_said_to_be(
    source: str, form: str, place: Path, harm: str
) -> None:
    image = opened(source)
    digest = image.layers[0].digest
    assert digest is not None
    file = Path(source.partition(":")[2], "blobs/sha256", digest.hex)
    data = file.read_bytes()
    before = files(place)
    staging = staging_for(form, place)
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(data[:-1] + (b"x" if harm == "changed" else b""))
    blob = None
    with pytest.raises(CorruptInputError) as caught:  # noqa: PT012 - whichever of them
        blob = staging.take(image.layers[0])
        blob.open()
    assert "\n" not in str(caught.value)
    if blob is None:
        staging.discard()
    else:
        with pytest.raises(CorruptInputError):
            staging.commit([NewImage(b"{}", "x", Platform("linux", "amd64"))])
    assert files(place) == before


def test_a_source_may_be_its_own_destination(source: str, form: str, place: Path) -> None:
    copy(source, f"{form}:{place}")
    there = f"{form}:{place}"
    before = image_bytes(there)
    made = copy(there, there)
    assert image_bytes(made.reference) == before
    again = copy(there, there, anew=True)
    assert image_bytes(again.reference) == before


def test_another_image_takes_the_name(source: str, other: str, form: str, place: Path) -> None:
    copy(source, f"{form}:{place}")
    made = copy(other, f"{form}:{place}")
    assert image_bytes(made.reference) == image_bytes(other)
    assert image_bytes(f"{form}:{place}") == image_bytes(other)


def test_the_names_of_the_source_stay(tmp_path: Path, form: str, place: Path) -> None:
    source = build_image([{"a": b"x"}], directory=tmp_path)
    made = copy(source, f"{form}:{place}", ["app:1", "quay.io/x/y:2", "v3"])
    for name in ("app:1", "quay.io/x/y:2"):
        assert image_bytes(f"{form}:{place}:{name}") == image_bytes(source)
    if form != "docker-archive":  # `v3` alone is no name for an engine
        assert image_bytes(f"{form}:{place}:v3") == image_bytes(source)
    assert image_bytes(made.reference) == image_bytes(source)


def test_an_image_without_a_name(tmp_path: Path, form: str, place: Path) -> None:
    source = build_image([{"a": b"x"}], directory=tmp_path)
    made = copy(source, f"{form}:{place}", [])
    assert image_bytes(made.reference) == image_bytes(source)
    assert bool(made.notes) is (form == "docker-archive")


def test_names_that_are_none_are_left_out(tmp_path: Path, form: str, place: Path) -> None:
    source = build_image([{"a": b"x"}], directory=tmp_path)
    names = [
        "<none>:<none>",
        "a b",
        "x\n",
        "\udcff",
        "",
        "App:1",
        "docker.io/library/app:1",
        "app:1",
    ]
    made = copy(source, f"{form}:{place}", names)
    assert image_bytes(made.reference) == image_bytes(source)
    image = opened(f"{form}:{place}:app:1")
    if form == "docker-archive":
        assert image.names == ("app:1",)
        with tarfile.open(place) as archive:
            stream = archive.extractfile("manifest.json")
            assert stream is not None
            assert json.loads(stream.read())[0]["RepoTags"] == ["app:1"]


def several(path: Path, *architectures: str) -> str:
    shelf = Shelf()
    index = shelf.index(*(shelf.image(architecture=name) for name in architectures))
    shelf.top({**index, "annotations": {"org.opencontainers.image.ref.name": "1"}})
    return f"oci:{shelf.directory(path)}"


def test_several_platforms_are_an_index(tmp_path: Path, form: str, place: Path) -> None:
    source = several(tmp_path / "several", "amd64", "arm64", "s390x")
    made = copy(source, f"{form}:{place}:app:1")
    images = opened_all(f"{form}:{place}")
    assert [str(image.platform) for image in images] == [
        "linux/amd64",
        "linux/arm64",
        "linux/s390x",
    ]
    assert [image.digest for image in images] == [image.digest for image in opened_all(source)] or (
        form == "docker-archive"
    )
    for one, two in zip(images, opened_all(source), strict=True):
        assert one.config_bytes == two.config_bytes
    assert made.digest is not None
    assert (form == "docker-archive") == any("linux/amd64" in note for note in made.notes)


def test_what_a_destination_takes(tmp_path: Path) -> None:
    found = {}
    for form in ("oci", "oci-archive", "docker-archive"):
        staging = staging_for(form, tmp_path / f"{form}.tar")
        found[form] = staging.accepts
        staging.discard()
    assert found["oci"].codec is found["oci-archive"].codec is Codec.GZIP
    assert found["docker-archive"].codec is Codec.PLAIN
    assert not found["docker-archive"].keeps_blobs
    assert not list(tmp_path.iterdir())


def test_a_digest_of_another_algorithm(tmp_path: Path, form: str, place: Path) -> None:
    """sha512 is registered, too; its names are too long for a plain tar header."""
    data = b"not compressed, but that does not matter"
    digest = f"sha512:{hashlib.sha512(data).hexdigest()}"
    shelf = Shelf()
    made = shelf.image([data], compressed=False)
    document = shelf.document(made)
    document["layers"][0]["digest"] = digest
    shelf.files["blobs/" + digest.replace(":", "/")] = data
    shelf.top(shelf.blob(document, made["mediaType"]))
    source = f"oci:{shelf.directory(tmp_path / 'it')}"
    result = copy(source, f"{form}:{place}")
    assert image_bytes(result.reference) == image_bytes(source)
    assert opened(result.reference).layers[0].digest == digest


def test_no_time_stands_in_what_is_written(source: str, tmp_path: Path) -> None:
    for form in ("oci-archive", "docker-archive"):
        copy(source, f"{form}:{tmp_path / form}")
        with tarfile.open(tmp_path / form) as archive:
            for member in archive:
                assert (member.mtime, member.uid, member.gid, member.uname) == (0, 0, 0, "")


def test_docker_media_types(source: str, form: str, place: Path) -> None:
    made = copy(source, f"{form}:{place}", family="docker")
    assert image_bytes(made.reference) == image_bytes(source)
    if form == "oci":
        index = json.loads((place / "index.json").read_text())
        assert "docker" in index["manifests"][0]["mediaType"]


def test_two_that_write_at_once_lose_nothing(source: str, other: str, tmp_path: Path) -> None:
    place = tmp_path / "out" / "layout"
    one = open_staging(parse_destination(f"oci:{place}:one"), (), Access())
    two = open_staging(parse_destination(f"oci:{place}:two"), (), Access())
    first, second = staged(opened(source), one), staged(opened(other), two)
    one.commit([first])
    two.commit([second])
    assert image_bytes(f"oci:{place}:one") == image_bytes(source)
    assert image_bytes(f"oci:{place}:two") == image_bytes(other)
    three = open_staging(parse_destination(f"oci:{place}:three"), (), Access())
    three.discard()
    assert len(list(place.iterdir())) == 3


def test_one_that_gives_up_takes_no_directory_from_another(source: str, tmp_path: Path) -> None:
    place = tmp_path / "out" / "layout"
    one = open_staging(parse_destination(f"oci:{place}:one"), (), Access())
    two = open_staging(parse_destination(f"oci:{place}:two"), (), Access())
    one.discard()
    two.commit([staged(opened(source), two)])
    assert image_bytes(f"oci:{place}:two") == image_bytes(source)


def test_a_failed_commit_shows_nothing(
    source: str, form: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(place)
    staging = staging_for(form, place)
    image = staged(opened(source), staging)

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(DestinationError, match="No space left on device"):
        staging.commit([image])
    assert files(place) == before
