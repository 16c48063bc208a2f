import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from lightship.errors import LightshipError
from lightship.layers.codecs import decompressed
from lightship.layers.scan import Codec, LayerScan, WireSize
from lightship.layers.wire_map import even_map
from lightship.model.digest import Digest
from lightship.model.image import Image
from lightship.model.platform import Platform
from lightship.transports.opening import open_all_platforms, open_image

from .shelf import Shelf

# Lets these tests import `engines`, which stands beside them.
_TESTS = str(Path(__file__).resolve().parent.parent)
if _TESTS not in sys.path:
    sys.path.insert(0, _TESTS)

Open = Callable[..., Image]


def read_layer(stream: BinaryIO) -> LayerScan:
    """Stands in for the scanner: digests and sizes are real, the index is not there."""
    data = stream.read()
    codec, chunks = decompressed([data])
    plain = b"".join(chunks)
    return LayerScan(
        digest=Digest.of(data),
        diff_id=Digest.of(plain),
        stored_bytes=len(data),
        codec=codec,
        wire=WireSize(len(data), estimated=codec is Codec.PLAIN),
        index=None,  # type: ignore[arg-type]
        verified="read",
        wire_map=even_map(len(plain), len(data)),
    )


def never(_: BinaryIO) -> LayerScan:
    pytest.fail("a layer of a file is not read when it is opened")


def opened(text: str, platform: str | None = None) -> Image:
    wanted = Platform.parse(platform) if platform else None
    return open_image(text, platform=wanted, read_layer=never)


def opened_all(text: str) -> tuple[Image, ...]:
    return open_all_platforms(text, read_layer=never)


def refusal(text: str, kind: type[LightshipError], platform: str | None = None) -> str:
    with pytest.raises(kind) as caught:
        opened(text, platform)
    assert (
        type(caught.value) is kind or kind is LightshipError or issubclass(type(caught.value), kind)
    )
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Image]:
    """Open an archive's bytes as if they came through standard input."""

    def open_piped(data: bytes, text: str = "-", platform: str | None = None) -> Image:
        class Pipe:
            buffer = None

            def fileno(self) -> int:
                raise ValueError

        pipe = Pipe()
        place = tmp_path / "piped"
        place.write_bytes(data)
        wanted = Platform.parse(platform) if platform else None
        with place.open("rb") as stream:
            monkeypatch.setattr(pipe, "buffer", stream, raising=False)
            monkeypatch.setattr(sys, "stdin", pipe)
            return open_image(text, platform=wanted, read_layer=read_layer)

    return open_piped


@pytest.fixture(params=["directory", "archive", "pipe"])
def laid_out(
    request: pytest.FixtureRequest, tmp_path: Path, piped: Callable[..., Image]
) -> Callable[..., Image]:
    """Open an OCI layout by a selector and platform, from each kind of store in turn."""

    def open_it(shelf: Shelf, selector: str = "", platform: str | None = None) -> Image:
        if request.param == "directory":
            return opened(f"oci:{shelf.directory(tmp_path / 'layout')}{selector}", platform)
        if request.param == "archive":
            return opened(f"oci-archive:{shelf.tar(tmp_path / 'x.tar')}{selector}", platform)
        return piped(shelf.tar_bytes(), f"oci-archive:-{selector}", platform)

    return open_it


@pytest.fixture(params=["archive", "pipe"])
def saved(
    request: pytest.FixtureRequest, tmp_path: Path, piped: Callable[..., Image]
) -> Callable[..., Image]:
    """Open what `docker save` writes by a selector and platform, as a file and through a pipe."""

    def open_it(shelf: Shelf, selector: str = "", platform: str | None = None) -> Image:
        if request.param == "archive":
            return opened(f"docker-archive:{shelf.tar(tmp_path / 'x.tar')}{selector}", platform)
        return piped(shelf.tar_bytes(), f"docker-archive:-{selector}", platform)

    return open_it
