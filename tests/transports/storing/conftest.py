import random
from pathlib import Path

import pytest

from lightship.testing import build_image

from ..conftest import opened  # noqa: TID252 - the tests around this folder

FORMS = ("oci", "oci-archive", "docker-archive")


def contents(seed: int) -> list[dict[str, bytes]]:
    """Layers that do not compress, one of them twice."""
    data = random.Random(seed).randbytes(300_000)  # noqa: S311 - no secret
    return [{"a": data}, {"b": data[:1000]}, {"a": data}, {"c": data[5000:9000], ".wh.b": b""}]


@pytest.fixture
def source(tmp_path: Path) -> str:
    """An OCI layout with four layers, the third of which is the first."""
    (tmp_path / "made").mkdir()
    return build_image(contents(1), directory=tmp_path / "made", name="example.org/x:1")


@pytest.fixture
def other(tmp_path: Path) -> str:
    """Another image of the same name."""
    (tmp_path / "made2").mkdir()
    return build_image(contents(2), directory=tmp_path / "made2", name="example.org/x:1")


@pytest.fixture
def plain(tmp_path: Path) -> str:
    """The same in an archive of plain layers whose digests are not told."""
    (tmp_path / "made3").mkdir()
    return build_image(
        contents(1),
        directory=tmp_path / "made3",
        form="docker-archive",
        codec="plain",
        name="example.org/x:1",
    )


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(tmp_path: Path, form: str) -> Path:
    """Where an image of that form goes: nothing is there yet."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / ("layout" if form == "oci" else "x.tar")


def image_bytes(text: str) -> list[bytes]:
    """What an image is: its config and its layers' bytes."""
    image = opened(text)
    assert image.config_bytes is not None
    found = [image.config_bytes]
    for layer in image.layers:
        with layer.open() as stream:
            found.append(stream.read())
    return found
