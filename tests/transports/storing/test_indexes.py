"""An index rebuilt around new images: what is known of any index, and the cases that were met."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.errors import DestinationError
from lightship.model.digest import Digest
from lightship.model.documents import (
    DOCKER_INDEX,
    DOCKER_MANIFEST,
    OCI_INDEX,
    OCI_MANIFEST,
    Index,
)
from lightship.model.jsontext import decode
from lightship.model.platform import Platform
from lightship.transports.indexes import RebuiltIndex, rebuilt_index, required_family
from lightship.transports.storing import Family, NewImage

MANIFESTS: dict[Family, str] = {"oci": OCI_MANIFEST, "docker": DOCKER_MANIFEST}
INDEXES: dict[Family, str] = {"oci": OCI_INDEX, "docker": DOCKER_INDEX}
PLATFORMS = ["linux/amd64", "linux/arm64", "linux/arm64/v8", "linux/arm/v6", "linux/arm/v7",
             "linux/arm", "windows/amd64"]  # fmt: skip
ATTESTED = "vnd.docker.reference.digest"


def digest(number: int) -> str:
    return str(Digest.of(b"%d" % number))


def platform_of(text: str) -> dict[str, str]:
    os, architecture, *variant = text.split("/")
    return {"os": os, "architecture": architecture, **({"variant": variant[0]} if variant else {})}


def entry(number: int, platform: str | None, family: Family = "oci", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"mediaType": MANIFESTS[family], "digest": digest(number), "size": 7}
    return {**made, **({"platform": platform_of(platform)} if platform else {}), **more}


def attestation(number: int, about: int) -> dict[str, Any]:
    notes = {"vnd.docker.reference.type": "attestation-manifest", ATTESTED: digest(about)}
    return entry(number, "unknown/unknown", annotations=notes)


def index(*entries: dict[str, Any], family: Family = "oci", **more: Any) -> bytes:
    document = {"schemaVersion": 2, "mediaType": INDEXES[family], "manifests": entries, **more}
    return json.dumps(document).encode()


def new(
    platform: str, *, replaces: int | None = None, family: Family = "oci", salt: str = ""
) -> NewImage:
    data = f'{{"mediaType":"{MANIFESTS[family]}","salt":"{platform}{salt}"}}'.encode()
    old = Digest(digest(replaces)) if replaces is not None else None
    return NewImage(data, MANIFESTS[family], Platform.parse(platform), old)


def rebuilt(
    old: bytes | None, *images: NewImage, family: Family = "oci"
) -> tuple[list[Any], RebuiltIndex]:
    made = rebuilt_index(old, images, family)
    return json.loads(made.data)["manifests"], made


def test_without_an_old_one() -> None:
    rows, made = rebuilt(None, new("linux/amd64"), new("linux/arm/v7"))
    assert [row["platform"] for row in rows] == [
        platform_of("linux/amd64"),
        platform_of("linux/arm/v7"),
    ]
    assert made.media_type == OCI_INDEX == json.loads(made.data)["mediaType"]
    assert made.only_new
    assert made.notes == ()


def test_the_new_one_takes_the_place_and_the_keys_of_the_old_one() -> None:
    notes = {"k": "v", "io.github.containers.compression.zstd": "true"}
    old = index(
        entry(1, "linux/arm64"),
        entry(2, "linux/amd64", annotations=notes, data="e30=", urls=["https://x"], own=[1]),
        annotations={"a": "b"},
    )
    rows, made = rebuilt(old, new("linux/amd64"))
    assert rows[0] == entry(1, "linux/arm64")
    assert rows[1].pop("digest") == Digest.of(new("linux/amd64").manifest)
    assert rows[1] == {
        "mediaType": OCI_MANIFEST,
        "size": len(new("linux/amd64").manifest),
        "platform": platform_of("linux/amd64"),
        "annotations": {"k": "v"},
        "own": [1],
    }
    assert json.loads(made.data)["annotations"] == {"a": "b"}
    assert made.notes == ("other platforms of this name stay as they were: linux/arm64",)


@pytest.mark.parametrize(
    ("listed", "ours"),
    [
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm64", "linux/arm64/v8"),
        ("linux/arm/v7", "linux/arm"),
    ],
)
def test_an_absent_variant_is_the_usual_one(listed: str, ours: str) -> None:
    rows, made = rebuilt(index(entry(1, listed)), new(ours))
    assert len(rows) == 1
    assert rows[0]["platform"] == platform_of(listed)
    assert made.only_new


def test_what_an_image_was_made_from_tells_its_place() -> None:
    """A config often has no variant, and never the version of Windows."""
    old = index(entry(1, "linux/arm/v6"), entry(2, "linux/arm/v7"))
    rows, _ = rebuilt(old, new("linux/arm", replaces=1))
    assert rows[1] == entry(2, "linux/arm/v7")
    assert rows[0]["platform"] == platform_of("linux/arm/v6")
    windows = [entry(n, "windows/amd64") for n in (1, 2)]
    for number, row in enumerate(windows):
        row["platform"]["os.version"] = f"10.0.{number}"
    rows, _ = rebuilt(index(*windows), new("windows/amd64", replaces=2))
    assert rows[0] == windows[0]
    assert rows[1]["platform"] == windows[1]["platform"]
    assert rows[1]["digest"] != windows[1]["digest"]


def test_records_about_the_replaced_one_go() -> None:
    soci = entry(
        5, "linux/amd64", artifactType="application/vnd.amazon.soci.index.v2+json",
        annotations={"com.amazon.soci.image-manifest-digest": digest(1)},
    )  # fmt: skip
    old = index(
        entry(1, "linux/amd64"), entry(2, "linux/arm64"), attestation(3, 1), attestation(4, 2), soci
    )
    rows, made = rebuilt(old, new("linux/amd64"))
    assert rows[1:] == [entry(2, "linux/arm64"), attestation(4, 2)]
    assert digest(3) in made.notes[1]
    assert digest(5) in made.notes[1]


def test_records_about_what_stays_the_same_stay() -> None:
    same = new("linux/amd64")
    row = {**entry(1, "linux/amd64"), "digest": str(Digest.of(same.manifest))}
    about = attestation(3, 1)
    about["annotations"][ATTESTED] = row["digest"]
    rows, made = rebuilt(index(row, about), same)
    assert rows[1] == about
    assert made.notes == ()


def test_two_of_one_platform_go_for_one() -> None:
    """podman lists an image in gzip and in zstd."""
    old = index(entry(1, "linux/amd64"), entry(2, "linux/arm64"), entry(3, "linux/amd64"))
    rows, _ = rebuilt(old, new("linux/amd64"))
    assert [row["digest"] for row in rows][1:] == [digest(2)]


def test_families() -> None:
    docker = index(entry(1, "linux/amd64", "docker"), entry(2, "linux/arm64", "docker"),
                   family="docker")  # fmt: skip
    with pytest.raises(DestinationError, match="never mixed"):
        rebuilt_index(docker, [new("linux/amd64")], "oci")
    _, made = rebuilt(docker, new("linux/amd64", family="docker"), family="docker")
    assert made.media_type == DOCKER_INDEX
    _, made = rebuilt(docker, new("linux/amd64"), new("linux/arm64"))
    assert (made.media_type, made.only_new) == (OCI_INDEX, True)
    assert required_family(docker, where="x") == "docker"
    assert required_family(index(entry(1, "linux/amd64"), attestation(2, 1)), where="x") is None
    assert required_family(None, where="x") is None
    with pytest.raises(ValueError, match="family"):
        rebuilt_index(None, [new("linux/amd64")], "docker")


def test_an_index_in_an_index_is_refused() -> None:
    old = index({"mediaType": OCI_INDEX, "digest": digest(1), "size": 3})
    with pytest.raises(DestinationError, match="holds another index"):
        rebuilt_index(old, [new("linux/amd64")], "oci")


@pytest.mark.parametrize(
    "old",
    [b"", b"null", b"[]", b'"x"', b'{"manifests":[1]}', b'{"manifests":[{"digest":"x"}]}',
     b'{"manifests":null,"x":1e999}', b'{"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
     b"\xff", b'{"manifests":[],"manifests":[]}'],
)  # fmt: skip
def test_a_broken_one_is_refused(old: bytes) -> None:
    with pytest.raises(DestinationError) as caught:
        rebuilt_index(old, [new("linux/amd64")], "oci", where="the index of x")
    assert "the index of x" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_depth_that_is_read_is_written_or_refused() -> None:
    for depth in range(1, 1200, 7):
        old = b'{"schemaVersion":2,"x":' + b"[" * depth + b"]" * depth + b',"manifests":[]}'
        try:
            made = rebuilt_index(old, [new("linux/amd64")], "oci")
        except DestinationError:
            continue
        assert b'"x":[' in made.data


rows_strategy = st.lists(
    st.tuples(
        st.integers(1, 9),
        st.one_of(st.none(), st.sampled_from(PLATFORMS)),
        st.dictionaries(st.sampled_from(["own", "x", "Data"]), st.text(max_size=3), max_size=2),
    ),
    max_size=7,
)
records_strategy = st.lists(st.tuples(st.integers(10, 19), st.integers(1, 12)), max_size=4)
images_strategy = st.lists(
    st.tuples(st.sampled_from(PLATFORMS), st.one_of(st.none(), st.integers(1, 9))),
    min_size=1,
    max_size=4,
    unique_by=lambda item: item[0],
)


@given(rows_strategy, records_strategy, images_strategy)
def test_of_any_index(
    rows: list[tuple[int, str | None, dict[str, str]]],
    records: list[tuple[int, int]],
    images: list[tuple[str, int | None]],
) -> None:
    old_rows = [{**entry(number, platform), **more} for number, platform, more in rows]
    old_records = [attestation(number, about) for number, about in records]
    old = index(*old_rows, *old_records, annotations={"k": "v"})
    added = [new(platform, replaces=replaces) for platform, replaces in images]
    made = rebuilt_index(old, added, "oci")
    found = json.loads(made.data)
    listed = found["manifests"]
    assert decode(made.data, Index, what="it", limit=1 << 22).manifests is not None
    assert found["annotations"] == {"k": "v"}
    # Every new image is there once, and once more changes nothing.
    for image in added:
        assert [row["digest"] for row in listed].count(Digest.of(image.manifest)) == 1
    again = rebuilt_index(made.data, added, "oci")
    assert json.loads(again.data) == found
    # What stays is as it was, in its order; all else were images of the platforms that came.
    stays = [row for row in listed if row in old_rows or row in old_records]
    order = [row for row in (*old_rows, *old_records) if row in stays]
    assert stays == order
    assert len(stays) + len(added) == len(listed)
    gone = [row for row in old_rows if row not in stays]
    systems = {(image.platform.os, image.platform.architecture) for image in added}
    for row in gone:
        system = row.get("platform", {})
        named = row["digest"] in {image.replaces for image in added}
        assert named or (system.get("os"), system.get("architecture")) in systems
    # No record is left about what went, and none went besides.
    there = {row["digest"] for row in listed}
    lost = {row["digest"] for row in gone} - there
    for record in old_records:
        assert (record in listed) == (record["annotations"][ATTESTED] not in lost)
