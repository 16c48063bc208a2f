"""`inspect --manifest-only` of a real registry: the documents, each once, and no layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .registry_places import PLATFORMS, credentials_file, filled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .programs import Lightship
    from .registry_places import Filled
    from .registry_server import Request

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system("docker-registry", "skopeo"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    with filled(tmp_path_factory.mktemp("open"), "open") as one:
        yield one


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    with filled(tmp_path_factory.mktemp("token"), "token") as one:
        yield one


def documents(requests: list[Request]) -> tuple[int, int]:
    """How many manifests and how many blobs were served."""
    served = [one.path for one in requests if one.method == "GET" and one.status == 200]
    return sum("/manifests/" in path for path in served), sum("/blobs/" in path for path in served)


def asked(place: Filled, lightship: Lightship, *words: str) -> tuple[Any, list[Request]]:
    with place.registry.observed() as requests:
        answer = lightship.json("inspect", "--no-cache", "--manifest-only", *words, *place.options)
    return answer, requests


@pytest.mark.parametrize("name", ["several:1", "repeated:1", "plain:1", "empty:1", "many:1"])
def test_one_manifest_and_one_config(place: Filled, lightship: Lightship, name: str) -> None:
    answer, requests = asked(place, lightship, place.reference(name))
    assert documents(requests) == (1, 1)
    read = lightship.json("inspect", "--no-cache", place.files[name])
    for field in ("digest", "image_id", "wire_bytes", "layers"):
        assert answer["image"][field] == read["image"][field], field
    own = ("index", "digest", "diff_id", "media_type", "wire_bytes", "same_as", "created_by")
    assert [[one[field] for field in own] for one in answer["layers"]] == [
        [one[field] for field in own] for one in read["layers"]
    ]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_index_is_one_request_more(place: Filled, lightship: Lightship, platform: str) -> None:
    answer, requests = asked(place, lightship, place.reference("index:1"), "--platform", platform)
    assert answer["image"]["platform"] == platform
    assert documents(requests) == (2, 1)


def test_every_platform(place: Filled, lightship: Lightship) -> None:
    answer, requests = asked(place, lightship, place.reference("index:1"), "--all-platforms")
    assert [one["image"]["platform"] for one in answer["manifests"]] == list(PLATFORMS)
    assert [one["image"]["digest"] for one in answer["manifests"]] == list(place.digests)
    # The index, and each manifest and config; the attestation is no image.
    assert documents(requests) == (1 + len(PLATFORMS), len(PLATFORMS))


def test_a_token_is_asked_for_first(guarded: Filled, lightship: Lightship) -> None:
    auth = ("--auth-file", str(credentials_file(guarded.registry)))
    reference = f"registry:{guarded.registry.host}/private:1"
    answer, requests = asked(guarded, lightship, reference, *auth)
    assert documents(requests) == (1, 1)
    assert answer["image"]["layers"] == 1


def test_a_node_s_images_are_asked_for_their_documents(place: Filled, lightship: Lightship) -> None:
    """`has=` compares by diff ID: that the node's copy is compressed otherwise is no matter."""
    file, there = place.files["plain:1"], place.reference("plain:1")
    with place.registry.observed() as requests:
        answer = lightship.json("inspect", "--no-cache", file, *place.options,
                                "--node", f"disk=1GB,used=0,has={there}")  # fmt: skip
    assert documents(requests) == (1, 1)
    config = answer["image"]["wire_bytes"] - answer["layers"][0]["wire_bytes"]
    assert answer["node"]["pull_bytes"] == config
    assert answer["node"]["added_unpacked_bytes"] == 0
