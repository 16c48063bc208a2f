from __future__ import annotations

import pytest

from lightship.dockerfile.image_name import image_name
from lightship.rules.multistage.plan import CannotTell
from lightship.rules.multistage.systems import System, system_of


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("golang:1.21", System("debian", "12")),
        ("docker.io/library/golang:1.21.5", System("debian", "12")),
        ("golang:1.24-bookworm", System("debian", "12")),
        ("golang:1.24", System("debian", None, "13")),
        ("golang:1.21-alpine3.19", System("alpine", "3.19")),
        ("golang:1.21-alpine", System("alpine", "3.20")),
        ("golang:1.21.3-alpine", System("alpine", "3.20")),
        ("golang:alpine", System("alpine", None)),
        ("golang", System("debian", None)),
        ("rust:1.75-slim", System("debian", "12")),
        ("rust:1.75-slim-bullseye", System("debian", "11")),
        ("gcc:13.2.0", System("debian", "12")),
        ("debian:bookworm-slim", System("debian", "12")),
        ("debian", System("debian", None)),
        ("ubuntu:22.04", System("ubuntu", "22.04")),
        ("ubuntu:noble", System("ubuntu", "24.04")),
        ("alpine:3.19", System("alpine", "3.19")),
        ("alpine", System("alpine", None)),
        ("buildpack-deps:bookworm", System("debian", "12")),
        ("example.com/golang:1.21", None),
        ("fedora:40", None),
        ("golang@sha256:00", System("debian", None)),
    ],
)
def test_the_system_that_an_image_is_of(name: str, system: System | None) -> None:
    assert system_of(image_name(name)) == system


def test_a_tag_that_moves_is_of_no_release() -> None:
    # 1 is 1.26 today; the row of 1.26 does not speak for it.
    assert system_of(image_name("golang:1")) == System("debian", None)


def test_the_small_image_of_the_same_release() -> None:
    assert System("debian", "12").final("golang:1.21", "").image == "debian:bookworm-slim"
    assert System("ubuntu", "22.04").final("ubuntu:22.04", "").image == "ubuntu:22.04"
    assert System("alpine", "3.19").final("golang:1.21-alpine3.19", "").image == "alpine:3.19"


def test_an_unknown_release_will_do_only_where_a_newer_c_library_does() -> None:
    moved = System("debian", None, "13")
    assert moved.final("golang:1.24", "", only_libc=True).image == "debian:trixie-slim"
    with pytest.raises(CannotTell, match="which release of Debian"):
        moved.final("golang:1.24", "")
    with pytest.raises(CannotTell, match=r"-alpine3\.22"):
        System("alpine", None).final("golang:alpine", "", only_libc=True)
