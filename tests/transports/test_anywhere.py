"""A bare name: who is asked, in which order, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lightship.engines.engine import BrokenOffError, NoEngineError, NotHeldError
from lightship.errors import (
    CorruptInputError,
    LightshipError,
    PlatformMismatchError,
    UnreachableError,
)
from lightship.net.options import NetOptions
from lightship.progress import Silent
from lightship.transports.access import Access
from lightship.transports.anywhere import first_that_has_it

if TYPE_CHECKING:
    from lightship.model.reference import Reference

GONE = NoEngineError("no engine answers at /var/run/docker.sock", "Start Docker.")
LACKS = NotHeldError("podman's storage holds no image 'x'", "`podman images` lists them.")
OTHER = PlatformMismatchError(
    "docker:x:1 holds no image for linux/arm64", "It holds linux/amd64; choose one with --platform."
)
REFUSED = UnreachableError("registry.test asks for a login", "Log in: docker login registry.test.")
ASKED = ["docker:x:1", "podman:x:1", "registry:docker.io/library/x:1"]


class Said(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


class Places:
    """Answers by transport: an image, or why not."""

    def __init__(self, **answers: LightshipError | str) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.said = Said()

    def open(self, name: str, *, offline: bool = False) -> str:
        access = Access(network=NetOptions(offline=offline), progress=self.said)
        return first_that_has_it(name, self._open_there, access)

    def failure(self, name: str, kind: type[UnreachableError], *, offline: bool = False) -> str:
        with pytest.raises(kind) as caught:
            self.open(name, offline=offline)
        assert type(caught.value) is kind
        assert self.said.notes == []
        assert "\n" not in str(caught.value)
        return str(caught.value)

    def _open_there(self, reference: Reference) -> str:
        self.asked.append(str(reference))
        answer = self.answers[reference.transport]
        if isinstance(answer, LightshipError):
            raise answer
        return answer


def test_the_first_engine_that_has_it_is_enough() -> None:
    places = Places(docker="theirs")
    assert places.open("x:1") == "theirs"
    assert places.asked == ASKED[:1]
    assert places.said.notes == ["'x:1' was found as docker:x:1"]


def test_the_next_engine_is_asked_then_the_registry() -> None:
    assert Places(docker=GONE, podman="theirs").open("x:1") == "theirs"
    places = Places(docker=GONE, podman=LACKS, registry="theirs")
    assert places.open("x:1") == "theirs"
    assert places.asked == ASKED
    assert places.said.notes == ["'x:1' was found as registry:docker.io/library/x:1"]


def test_when_nobody_has_it_each_answer_is_listed_on_one_line() -> None:
    text = Places(docker=GONE, podman=LACKS, registry=REFUSED).failure("x:1", UnreachableError)
    assert text == (
        "'x:1' is no file, and nobody has it (docker: no engine answers at /var/run/docker.sock;"
        " podman: does not have it; registry: registry.test asks for a login)."
        " Log in: docker login registry.test."
    )


def test_an_engine_with_another_platform_does_not_stop_the_search_and_is_told_of() -> None:
    places = Places(docker=OTHER, podman=LACKS, registry="for arm64")
    assert places.open("x:1") == "for arm64"
    assert places.said.notes == [
        ("'x:1' was found as registry:docker.io/library/x:1 (docker: holds linux/amd64)")
    ]


def test_a_platform_that_nobody_has() -> None:
    text = Places(docker=OTHER, podman=LACKS, registry=OTHER).failure("x:1", PlatformMismatchError)
    assert text.startswith("'x:1' is not there for that platform (docker: holds linux/amd64; ")
    assert "podman: does not have it; registry: holds linux/amd64)" in text


def test_an_engine_that_breaks_off_ends_the_search() -> None:
    """It has the image; what the registry has under that name may be another."""
    places = Places(docker=BrokenOffError("it died"), registry="another")
    places.failure("x:1", BrokenOffError)
    assert places.asked == ASKED[:1]


def test_a_corrupt_image_ends_the_search() -> None:
    places = Places(docker=CorruptInputError("it is damaged"), registry="another")
    with pytest.raises(CorruptInputError):
        places.open("x:1")
    assert places.asked == ASKED[:1]


def test_offline_engines_are_asked_and_registries_are_not() -> None:
    places = Places(docker=GONE, podman=LACKS)
    text = places.failure("x:1", UnreachableError, offline=True)
    assert places.asked == ASKED[:2]
    assert "registry: not asked (--offline)" in text


@pytest.mark.parametrize("text", ["d809d6e6158a", "ab" * 32, "sha256:" + "ab" * 32])
def test_an_image_id_is_asked_of_engines_only(text: str) -> None:
    places = Places(docker=GONE, podman=LACKS)
    told = places.failure(text, UnreachableError)
    assert places.asked == [f"docker:{text}", f"podman:{text}"]
    assert told.startswith(f"no engine has the image ID {text!r} (docker: no engine answers")
    assert "Only engines know image IDs" in told
    assert Places(docker=GONE, podman="theirs").open(text) == "theirs"


def test_a_name_with_a_host_is_that_hosts() -> None:
    places = Places(docker=GONE, podman=GONE, registry="theirs")
    assert places.open("localhost:5000/x") == "theirs"
    assert places.asked[-1] == "registry:localhost:5000/x:latest"
