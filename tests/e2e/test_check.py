"""The gate on images in a real registry: the same verdict as on the file, and few requests."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from lightship.testing import build_image

from .programs import Lightship
from .registry_server import registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .registry_server import Registry, Request

pytestmark = [pytest.mark.slow, pytest.mark.system("docker-registry", "skopeo")]

_LAYERS = [
    {"app/main": b"m" * 70_000, "app/old": b"o" * 40_000, "same": b"m" * 70_000},
    {"app/.wh.old": b"", "etc/key.pem": b"k"},
    {"app/main": b"n" * 70_000},
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Registry, str]]:
    """A registry with an image, and the image's file."""
    folder = tmp_path_factory.mktemp("image")
    file = build_image(_LAYERS, directory=folder, platform="linux/amd64")
    with registry(tmp_path_factory.mktemp("registry"), tls=False) as found:
        found.push(f"{file}:latest", "team/shop:1")
        yield found, file


@pytest.fixture
def lightship(tmp_path: Path) -> Lightship:
    return Lightship(tmp_path / "cache")


def checked(program: Lightship, *words: str) -> tuple[int, dict[str, Any]]:
    done = program.start("check", *words, "--format", "json")
    assert done.returncode in {0, 1}, done.stderr.decode()
    document = json.loads(done.stdout)
    # How it was named is not how it was judged.
    del document["image"]["reference"]
    return done.returncode, document


@pytest.mark.parametrize(
    "options",
    [
        ("--profile", "rahti", "--max-dead", "110000", "--forbid", "*.pem"),
        ("--profile", "rahti", "--max-dead", "109999", "--max-unpacked", "250001"),
        ("--profile", "rahti", "--manifest-only"),
        ("--max-layers", "2", "--manifest-only"),
        ("--dive-ci", "--min-efficiency", "0.5"),
    ],
    ids=" ".join,
)
def test_the_verdict_is_that_of_the_file(
    options: tuple[str, ...], place: tuple[Registry, str], lightship: Lightship
) -> None:
    server, file = place
    there = checked(lightship, f"{server.host}/team/shop:1", *server.options, *options)
    assert there == checked(lightship, file, *options)


def test_the_manifest_alone_costs_one_request_each(
    place: tuple[Registry, str], lightship: Lightship
) -> None:
    server, _ = place
    asked: list[Request]
    with server.observed() as asked:
        code, document = checked(
            lightship,
            f"registry:{server.host}/team/shop:1",
            *server.options,
            *("--profile", "rahti", "--manifest-only"),
        )
    assert code == 0
    config = re.escape(document["image"]["image_id"])
    wanted = [r"/v2/team/shop/manifests/[^/]+", f"/v2/team/shop/blobs/{config}"]
    told = [one.path for one in asked if one.path not in {"/v2", "/v2/"}]
    assert len(told) == len(wanted)
    for path, pattern in zip(told, wanted, strict=True):
        assert re.fullmatch(pattern, path)


def test_growth_is_counted_from_an_image_in_the_registry(
    place: tuple[Registry, str], lightship: Lightship, tmp_path: Path
) -> None:
    server, _ = place
    larger = build_image([*_LAYERS, {"more": bytes(range(256)) * 40}], directory=tmp_path)
    before = f"registry:{server.host}/team/shop:1"
    for options in ((), ("--manifest-only",)):
        words = (larger, "--baseline", before, *server.options, *options)
        code, document = checked(lightship, *words, "--max-growth", "0")
        (growth,) = document["judged"]
        assert code == 1
        assert growth["measured"] > 0
        assert [cause["layer"] for cause in growth["causes"]] == [4]
        exactly = str(growth["measured"])
        assert checked(lightship, *words, "--max-growth", exactly)[0] == 0
