"""What engines send, opened: chosen before it is sent where the engine says what it has."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, BinaryIO

import pytest

from engines import said
from engines.fake_engine import DOCKER, NEW_DOCKER, PODMAN, answer, chunked, fake_engine
from lightship.engines.engine import (
    BrokenOffError,
    Held,
    HeldPlatform,
    NoEngineError,
    NotHeldError,
)
from lightship.errors import CorruptInputError, PlatformMismatchError, UnreachableError
from lightship.model.platform import Platform
from lightship.progress import Silent
from lightship.transports.access import Access
from lightship.transports.engine import canonical
from lightship.transports.opening import open_all_platforms, open_image

from .conftest import read_layer
from .shelf import LAYERS, Shelf, config_of, named, old_layout, raw, sha

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engines.fake_engine import FakeEngine
    from lightship.layers.scan import LayerScan
    from lightship.model.image import Image

OLD, NEW = "/v1.41", "/v1.48"
NAME = "localhost/x:1"
CONFIG_ID = sha(raw(config_of(LAYERS)))
TOP_ID = "sha256:" + "b7" * 32


@pytest.fixture
def docker() -> Iterator[FakeEngine]:
    """A classic store that holds one image."""
    with fake_engine(DOCKER) as fake:
        about = said.docker(CONFIG_ID, NAME)
        for name in (NAME, "x:1", CONFIG_ID, CONFIG_ID[7:19]):
            fake.holds(OLD, name, about, old_layout(LAYERS, NAME).tar_bytes())
        yield fake


@pytest.fixture
def containerd() -> Iterator[FakeEngine]:
    """A containerd store with two platforms of three, that sends the one it is asked for."""
    with fake_engine(NEW_DOCKER) as fake:
        digests = {}
        for architecture in ("amd64", "arm64"):
            shelf, digest = alone(architecture)
            digests[architecture] = digest
            query = json.dumps({"os": "linux", "architecture": architecture}, separators=(",", ":"))
            fake.answers[f"{NEW}/images/{NAME}/get?platform={query}"] = chunked(shelf.tar_bytes())
        about = said.containerd(
            said.manifest(digests["amd64"], "amd64"),
            said.manifest(digests["arm64"], "arm64"),
            said.manifest(said.RISCV, "riscv64", Available=False),
            said.manifest(said.AMD64, "unknown", Kind="attestation"),
            names=(NAME,),
        )
        fake.answers[f"{NEW}/images/{NAME}/json"] = answer(about)
        yield fake


def alone(architecture: str) -> tuple[Shelf, str]:
    """One platform as Engine 29 sends it."""
    shelf = Shelf()
    image = shelf.image(architecture=architecture)
    shelf.top(named(image, NAME))
    shelf.saved(shelf.element(image, NAME))
    return shelf, image["digest"]


def opened(text: str, fake: FakeEngine, platform: str | None = None) -> Image:
    wanted = Platform.parse(platform) if platform else None
    access = Access(environment=fake.environment)
    return open_image(text, platform=wanted, read_layer=read_layer, access=access)


def sent(fake: FakeEngine) -> list[str]:
    return [path for path in fake.asked if "/get" in path]


def test_an_image_of_the_classic_store(docker: FakeEngine) -> None:
    image = opened(f"docker:{NAME}", docker)
    assert str(image.reference) == f"docker:{NAME}"
    assert image.names == (NAME,)
    assert image.platform == Platform("linux", "amd64")
    assert image.digest is None
    assert not image.stores_wire_blobs
    assert [str(layer.diff_id) for layer in image.layers] == [sha(layer) for layer in LAYERS]
    assert len(sent(docker)) == 1


@pytest.mark.parametrize("text", [CONFIG_ID, CONFIG_ID[7:], CONFIG_ID[7:19]])
def test_an_image_by_its_id_is_named_by_the_whole_of_it(text: str, docker: FakeEngine) -> None:
    assert str(opened(f"docker:{text}", docker).reference) == f"docker:{CONFIG_ID}"


def test_what_is_not_there_costs_no_transfer(docker: FakeEngine) -> None:
    with pytest.raises(NotHeldError, match="holds no image 'nope'"):
        opened("docker:nope", docker)
    assert sent(docker) == []


def test_another_platform_costs_no_transfer(docker: FakeEngine) -> None:
    with pytest.raises(PlatformMismatchError, match="no image for linux/arm64") as caught:
        opened(f"docker:{NAME}", docker, "linux/arm64")
    assert "linux/amd64" in caught.value.hint
    assert sent(docker) == []


def test_a_name_that_went_to_another_image_meanwhile(docker: FakeEngine) -> None:
    other = old_layout(LAYERS[:1], NAME).tar_bytes()
    docker.answers[f"{OLD}/images/{NAME}/get"] = chunked(other)
    with pytest.raises(BrokenOffError, match="another image than it said"):
        opened(f"docker:{NAME}", docker)


def test_podmans_short_name_is_made_whole() -> None:
    with fake_engine(PODMAN) as fake:
        about = said.podman(CONFIG_ID, NAME)
        fake.holds("/v4.3.1/libpod", "x:1", about, old_layout(LAYERS, NAME).tar_bytes())
        environment = {"CONTAINER_HOST": f"unix://{fake.socket}"}
        access = Access(environment=environment)
        image = open_image("podman:x:1", platform=None, read_layer=read_layer, access=access)
    assert str(image.reference) == f"podman:{NAME}"


# Several platforms.


@pytest.mark.parametrize("architecture", ["amd64", "arm64"])
def test_only_the_platform_that_is_asked_for_is_sent(
    architecture: str, containerd: FakeEngine
) -> None:
    image = opened(f"docker:{NAME}", containerd, f"linux/{architecture}")
    assert image.platform == Platform("linux", architecture)
    assert str(image.digest) == alone(architecture)[1]
    (asked,) = sent(containerd)
    assert f'"architecture":"{architecture}"' in asked
    assert str(image.reference) == f"docker:{NAME}@{image.digest}"


def test_the_reference_of_one_platform_opens_it_again(containerd: FakeEngine) -> None:
    reference = str(opened(f"docker:{NAME}", containerd, "linux/arm64").reference)
    again = opened(reference, containerd)
    assert again.platform == Platform("linux", "arm64")
    assert str(again.reference) == reference


def test_all_platforms_that_are_stored(containerd: FakeEngine) -> None:
    images = open_all_platforms(
        f"docker:{NAME}", read_layer=read_layer, access=Access(environment=containerd.environment)
    )
    assert [str(image.platform) for image in images] == ["linux/amd64", "linux/arm64"]
    assert len({str(image.reference) for image in images}) == 2
    assert all("not stored: linux/riscv64" in image.notes for image in images)


@pytest.mark.parametrize("platform", ["linux/riscv64", "linux/s390x"])
def test_a_platform_that_is_not_stored(platform: str, containerd: FakeEngine) -> None:
    with pytest.raises(PlatformMismatchError, match=f"no image for {platform}") as caught:
        opened(f"docker:{NAME}", containerd, platform)
    assert "lists linux/riscv64 without holding" in caught.value.hint
    assert sent(containerd) == []


def test_a_digest_that_nothing_has(containerd: FakeEngine) -> None:
    with pytest.raises(NotHeldError):
        opened(f"docker:{NAME}@{TOP_ID}", containerd)
    assert sent(containerd) == []


def test_a_store_that_lists_nothing_sends_all_and_is_chosen_from() -> None:
    """Docker 25 to 27 with the containerd store."""
    shelf = Shelf()
    amd, arm = shelf.image(), shelf.image(architecture="arm64")
    shelf.top(named(shelf.index(amd, arm), NAME))
    shelf.saved(shelf.element(amd, NAME))
    with fake_engine(DOCKER) as fake:
        about = said.docker(TOP_ID, NAME, GraphDriver={"Data": None, "Name": "overlayfs"})
        fake.holds(OLD, NAME, about, shelf.tar_bytes())
        image = opened(f"docker:{NAME}", fake, "linux/arm64")
        assert image.platform == Platform("linux", "arm64")
        assert str(image.reference) == f"docker:{NAME}@{arm['digest']}"
        again = opened(str(image.reference), fake)
        assert again.digest == image.digest
        assert str(again.reference) == str(image.reference)
        with pytest.raises(NotHeldError):
            opened(f"docker:{NAME}@{TOP_ID}", fake)


# What breaks.


def test_an_engine_that_dies_in_mid_stream(docker: FakeEngine) -> None:
    archive = old_layout(LAYERS, NAME).tar_bytes()
    for length in (0, 100, 512, 3000, len(archive) // 2):
        docker.answers[f"{OLD}/images/{NAME}/get"] = chunked(archive[:length], cut_off=True)
        with pytest.raises(BrokenOffError, match="to its end") as caught:
            opened(f"docker:{NAME}", docker)
        assert "\n" not in str(caught.value)


def test_an_archive_that_ends_early_and_politely(docker: FakeEngine) -> None:
    archive = old_layout(LAYERS, NAME).tar_bytes()
    docker.answers[f"{OLD}/images/{NAME}/get"] = chunked(archive[:3000])
    with pytest.raises(BrokenOffError, match="did not send all of"):
        opened(f"docker:{NAME}", docker)


def test_the_last_words_of_an_engine_are_passed_on(docker: FakeEngine) -> None:
    archive = old_layout(LAYERS, NAME).tar_bytes()
    words = json.dumps({"errorDetail": {"message": "x"}, "error": "disk full"}).replace(": ", ":")
    broken = archive[:2560] + words.encode()
    docker.answers[f"{OLD}/images/{NAME}/get"] = chunked(broken)
    with pytest.raises(BrokenOffError, match=r"\(x\)"):
        opened(f"docker:{NAME}", docker)


def test_what_is_sent_and_is_no_image(docker: FakeEngine) -> None:
    shelf = Shelf()
    shelf.put("hello", b"{}")
    docker.answers[f"{OLD}/images/{NAME}/get"] = chunked(shelf.tar_bytes())
    with pytest.raises(CorruptInputError, match=r"without manifest\.json"):
        opened(f"docker:{NAME}", docker)


def test_nobody_listens() -> None:
    access = Access(environment={"DOCKER_HOST": "unix:///nowhere/socket"})
    with pytest.raises(NoEngineError, match="no engine answers at /nowhere/socket"):
        open_image("docker:x", platform=None, read_layer=read_layer, access=access)


@pytest.mark.parametrize("host", ["ssh://me@far", "npipe:////./pipe/docker_engine", "nonsense"])
def test_an_engine_that_only_its_program_reaches(host: str) -> None:
    access = Access(environment={"DOCKER_HOST": host, "PATH": "/nowhere"})
    with pytest.raises(UnreachableError, match="docker program only") as caught:
        open_image("docker:x", platform=None, read_layer=read_layer, access=access)
    assert "docker save X | lightship inspect -" in caught.value.hint


# Names.

ID = "sha256:" + hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(
    ("text", "names", "whole"),
    [
        ("x:1", ("x:1",), "x:1"),
        ("x", ("x:latest",), "x:latest"),
        ("x", ("x:latest", "h/x:latest"), "x:latest"),
        ("x", ("localhost/x:latest",), "localhost/x:latest"),
        ("x", ("a/x:latest", "b/x:latest"), "x"),
        ("h:5000/x", ("h:5000/x:latest",), "h:5000/x:latest"),
        (ID, ("x:1",), ID),
        (ID[7:15], ("x:1",), ID),
        (ID[7:15], (f"{ID[7:15]}:latest",), f"{ID[7:15]}:latest"),
        (f"x@{ID}", ("x:1",), f"x@{ID}"),
        ("[overlay@/r]x", ("localhost/x:latest",), "[overlay@/r]localhost/x:latest"),
        (f"[overlay@/r]{ID}", (), f"[overlay@/r]{ID}"),
        ("gone", (), "gone"),
    ],
)
def test_a_canonical_name(text: str, names: tuple[str, ...], whole: str) -> None:
    held = Held(image_id=ID, names=names, platform=Platform("linux", "amd64"))
    assert canonical(text, held) == whole
    assert canonical(whole, held) == whole


def test_an_index_under_a_digest_is_named_by_its_id() -> None:
    """`NAME@INDEX@MANIFEST` is no name."""
    listed = tuple(
        HeldPlatform(digest, Platform("linux", "amd64"), True)
        for digest in (said.AMD64, said.ARM64)
    )
    held = Held(image_id=TOP_ID, names=("x:1",), platform=None, platforms=listed)
    assert canonical(f"x@{TOP_ID}", held) == TOP_ID
    assert canonical("x:1", held) == "x:1"


def test_a_person_sees_that_nothing_has_come_yet(docker: FakeEngine) -> None:
    class Seen(Silent):
        def __init__(self) -> None:
            self.calls: list[str] = []

        def begin(self, what: str, total_bytes: int | None) -> None:
            assert total_bytes is None
            self.calls.append(what)

        def end(self) -> None:
            self.calls.append("end")

    def reading(stream: BinaryIO) -> LayerScan:
        assert seen.calls == [f"waiting for docker:{NAME}", "end"]
        return read_layer(stream)

    seen = Seen()
    access = Access(environment=docker.environment, progress=seen)
    open_image(f"docker:{NAME}", platform=None, read_layer=reading, access=access)
    assert seen.calls == [f"waiting for docker:{NAME}", "end"]
