from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.engines.engine import HeldPlatform
from lightship.engines.inspected import read_image, read_images
from lightship.model.platform import Platform

from . import said


def encoded(about: Any) -> bytes:
    return json.dumps(about).encode()


def test_an_image_of_the_classic_store() -> None:
    held = read_image(encoded(said.docker(said.IMAGE_ID, "b:1", "a:2", Variant="v2")))
    assert held.image_id == said.IMAGE_ID
    assert held.names == ("a:2", "b:1")
    assert held.platform == Platform("linux", "amd64", "v2")
    assert held.platforms == ()


def test_an_image_without_a_name() -> None:
    assert read_image(encoded(said.docker() | {"RepoTags": None})).names == ()


def test_podmans_ids_get_their_algorithm() -> None:
    (held,) = (read_images(encoded([said.podman()])),)
    assert held.image_id == said.IMAGE_ID


def test_a_store_that_lists_its_platforms() -> None:
    about = said.containerd(
        said.manifest(said.AMD64, "amd64"),
        said.manifest(said.ARM64, "arm64", Available=False, ImageData=None),
        said.manifest(said.RISCV, "unknown", Kind="attestation"),
    )
    held = read_image(encoded(about))
    assert held.platform is None
    assert held.platforms == (
        HeldPlatform(said.AMD64, Platform("linux", "amd64"), True),
        HeldPlatform(said.ARM64, Platform("linux", "arm64"), False),
    )


@pytest.mark.parametrize("driver", [None, {"Data": None, "Name": "overlayfs"}])
def test_a_store_that_may_hold_several_platforms_and_lists_none(driver: Any) -> None:
    """Docker 25 to 27 with the containerd store."""
    held = read_image(encoded(said.docker() | {"GraphDriver": driver}))
    assert held.platform is None
    assert held.platforms == ()


@pytest.mark.parametrize(
    "data",
    [b"", b"null", b"[]", b"<html>", b'{"Id": 3}', b'{"Names": []}', b'{"Id": "x"', b"\xff{}"],
)
def test_what_no_engine_says(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of any kind
        read_image(data)


@pytest.mark.parametrize("count", [0, 2])
def test_a_program_lists_one_image(count: int) -> None:
    with pytest.raises(ValueError, match="values to unpack"):
        read_images(encoded([said.docker()] * count))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(said.containerd() | said.docker())), JSON))
def test_whatever_an_engine_says_it_is_understood_or_refused(about: dict[str, Any]) -> None:
    try:
        held = read_image(encoded(about))
    except ValueError:
        return
    assert held.image_id.endswith(about["Id"])
    assert set(held.names) == set(about.get("RepoTags") or ())


@given(st.binary(max_size=60))
def test_junk_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of any kind
        read_image(data)
