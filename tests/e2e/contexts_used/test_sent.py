"""What BuildKit sends for a Dockerfile, told by the bytes of its own progress.

Each file has a size of its own, twice the one before, so that a sum tells which were sent. What
was sent for one folder is kept by the engine; each case has its own folder.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from lightship.context.context import Context
from lightship.context.survey import survey

from ..dockerd import docker_engine  # noqa: TID252 - as its neighbours

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..dockerd import DockerEngine  # noqa: TID252 - as its neighbours
    from ..workshop import Workshop  # noqa: TID252 - as its neighbours

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system("docker.io"),
    pytest.mark.xdist_group("engine"),
]

UNIT = 100_000
FILES = ("a", "b", "src/x", "src/y", "src/in/x", "other/x")
LINKS = {"to-a": "a", "to-src": "src", "src/up": "../b", "other/abs": "/src/in", "out": "../../a",
         "loop": "loop"}  # fmt: skip

CASES = {
    "one file": "COPY a /",
    "a folder": "COPY src /",
    "everything": "COPY . /",
    "everything by dots": "COPY a/.. /",
    "two sources": "COPY a other /x/",
    "a link": "COPY to-a /",
    "a link to a folder": "COPY to-src /",
    "through a link": "COPY to-src/in /",
    "two sources through one link": "COPY to-src/x to-src/in /d/",
    "out of the root": "COPY out /",
    "an absolute link in a folder": "COPY other/abs /",
    "a wildcard": "COPY src/* /",
    "a wildcard that matches a link": "COPY src/u* /",
    "wildcards in the middle": "COPY s*/x /",
    "a class": "COPY [ab] /",
    "no match": "COPY z* /",
    "escapes": r"COPY \a 'b' /x/",
    "JSON": 'COPY ["src/x", "/"]',
    "a variable": "ARG D=src\nCOPY $D/x /",
    "nothing": "ENV A=b",
    "another stage": "COPY a /\nFROM scratch AS lone\nCOPY b /\nFROM scratch\nCOPY src /",
    "a stage that is copied from": "COPY a /\nFROM scratch\nCOPY --from=0 / /",
    "a trigger": "ONBUILD COPY a /\nFROM first\nCOPY b /",
    "ADD": "ADD other /",
    "a mount": 'COPY a /\nRUN --mount=source=src/in,target=/x ["/none"]',
    "a cache": 'COPY a /\nRUN --mount=type=cache,target=/x ["/none"]',
    "a tmpfs": 'COPY a /\nRUN --mount=type=tmpfs,target=/x ["/none"]',
    "ignored": "COPY a src /x/",
}  # fmt: skip
IGNORED = {"ignored": "src/in\n*/y\n"}


@pytest.fixture(scope="module")
def engine(workshop: Workshop) -> Iterator[DockerEngine]:
    with workshop.alone(), docker_engine(workshop.root / "contexts-used" / "docker") as started:
        yield started


def fill(root: Path) -> None:
    for number, name in enumerate(FILES):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(os.urandom(UNIT << number))
    for name, target in LINKS.items():
        (root / name).symlink_to(target)


def transferred(engine: DockerEngine, root: Path) -> float:
    """Bytes of the context as BuildKit tells them, in three or four digits."""
    done = subprocess.run(
        engine.command("build", "--no-cache", "--progress=plain", str(root)),
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **engine.environment, "DOCKER_BUILDKIT": "1"},
    )
    told = re.findall(r"transferring context: ([0-9.]+)([kM]?)B", done.stderr)
    return max(
        (float(number) * {"": 1, "k": 1e3, "M": 1e6}[unit] for number, unit in told), default=0
    )


@pytest.mark.parametrize("name", CASES)
def test_what_is_sent(name: str, engine: DockerEngine, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    fill(root)
    (root / "Dockerfile").write_text(f"FROM scratch AS first\n{CASES[name]}\n")
    if name in IGNORED:
        (root / ".dockerignore").write_text(IGNORED[name])
    sent = transferred(engine, root)
    said = survey(Context.open(root)).used
    # With the names and modes of files and folders, some hundred bytes each.
    assert abs(sent - said.content_bytes) < UNIT / 2, (sent, said)
