"""What builders refuse and what they take, held beside what lightship says of the same folder."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from lightship.context.builders import Builder
from lightship.context.context import Context
from lightship.errors import LightshipError

from .builds import DOCKERFILE, PACKAGES, FailedBuildError, builds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .builds import Builds

BUILDERS: tuple[Builder, ...] = get_args(Builder)
ALL, DOCKER = frozenset(BUILDERS), frozenset(("buildkit", "legacy"))
NONE: frozenset[str] = frozenset()

pytestmark = [pytest.mark.slow, pytest.mark.system(*PACKAGES)]

LINES = {
    "bracket": (b"[\n", ALL),
    "lone exception": (b"!\n", ALL),
    "exception of the root": (b"!/\n", ALL),
    "final backslash": (b"a\\\n", ALL),
    "bracket first in a class": (b"[]a]\n", ALL),
    "range the wrong way": (b"[z-a]\n", ALL),
    "65 KiB": (b"a" * 66_560 + b"\n", DOCKER),
    "65 KiB of comment": (b"#" + b"a" * 66_560 + b"\n", DOCKER),
    "no UTF-8": (b"\xff\xfe*\n", NONE),
    "control character": (b"a\x01b\n", frozenset(("buildkit",))),
    "NUL": (b"a\0b\n", frozenset(("buildkit",))),
    "byte order mark": (b"\xef\xbb\xbfa\n", NONE),
}
"""Lines, and which builders fail for them."""


def looped(folder: Path) -> None:
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")
    (folder / "self").symlink_to(".")


def with_socket(folder: Path) -> None:
    # A socket's path may have 107 bytes.
    before = Path.cwd()
    os.chdir(folder)
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket")
    finally:
        os.chdir(before)


PLACES: dict[str, tuple[Callable[[Path], None], frozenset[str]]] = {
    "links in a loop": (looped, NONE),
    "socket": (with_socket, NONE),
    "FIFO": (lambda folder: os.mkfifo(folder / "fifo"), NONE),
    "device": (lambda folder: os.mknod(folder / "null", 0o20666, os.makedev(1, 3)), NONE),
    "name that is no UTF-8": (lambda folder: (folder / "\udcff").touch(), NONE),
    "ignore file is a directory": (
        lambda folder: (folder / ".dockerignore").mkdir(),
        frozenset(("legacy", "buildah")),
    ),
    "ignore file leads nowhere": (
        lambda folder: (folder / ".dockerignore").symlink_to("nowhere"),
        NONE,
    ),
}
"""What stands in the context, and which builders fail for it."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builds]:
    with builds(tmp_path_factory.mktemp("builds")) as started:
        yield started


def written(folder: Path) -> Path:
    folder.mkdir()
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / "b").write_text("b")
    return folder


def fails(engine: Builds, folder: Path) -> frozenset[str]:
    failing = set()
    for builder in BUILDERS:
        try:
            engine.entries(builder, folder)
        except FailedBuildError:
            failing.add(builder)
    return frozenset(failing)


def is_refused(folder: Path) -> frozenset[str]:
    refusing = set()
    for builder in BUILDERS:
        try:
            Context.open(folder, builder=builder)
        except LightshipError:
            refusing.add(builder)
    return frozenset(refusing)


@pytest.mark.parametrize("name", LINES)
def test_a_line_that_builders_fail_for_is_refused(
    engine: Builds, tmp_path: Path, name: str
) -> None:
    data, expected = LINES[name]
    folder = written(tmp_path / "context")
    (folder / ".dockerignore").write_bytes(data)
    assert fails(engine, folder) == expected
    assert is_refused(folder) == expected


@pytest.mark.parametrize("name", PLACES)
def test_what_builders_find_in_a_context(engine: Builds, tmp_path: Path, name: str) -> None:
    make, expected = PLACES[name]
    folder = written(tmp_path / "context")
    make(folder)
    assert fails(engine, folder) == expected
    assert is_refused(folder) == expected
