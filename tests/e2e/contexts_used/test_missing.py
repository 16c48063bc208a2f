"""Sources that are ignored: a real build fails where we say so, and for nothing else."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from lightship.context.context import Context
from lightship.context.needs import missing_sources

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

CASES = [
    ("COPY a /", "a\n"),
    ("COPY a /", "b\n"),
    ("COPY a* /", "a\n"),
    ("COPY src /", "src\n"),
    ("COPY src /", "src/*\n"),
    ("COPY src/* /d/", "src/*\n"),
    ("COPY src/x /", "src\n"),
    ("COPY src/x /", "src\n!src/x\n"),
    ("COPY link /", "src\n"),
    ("COPY link /", "link\n"),
    ("COPY . /", "*\n"),
]


@pytest.fixture(scope="module")
def engine(workshop: Workshop) -> Iterator[DockerEngine]:
    with workshop.alone(), docker_engine(workshop.root / "contexts-missing" / "docker") as started:
        yield started


@pytest.mark.parametrize(("line", "ignored"), CASES)
@pytest.mark.parametrize("builder", ["buildkit", "legacy"])
def test_what_is_missing(
    builder: str, line: str, ignored: str, engine: DockerEngine, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    for name in ("a", "src/x", "src/y"):
        (root / name).write_text(name)
    (root / "link").symlink_to("src")
    (root / "Dockerfile").write_text(f"FROM scratch\n{line}\n")
    (root / ".dockerignore").write_text(ignored)
    done = subprocess.run(
        engine.command("build", "--no-cache", str(root)),
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env={
            **os.environ,
            **engine.environment,
            "DOCKER_BUILDKIT": "1" if builder == "buildkit" else "0",
        },
    )
    missing = missing_sources(Context.open(root))
    # BuildKit alone lets a wildcard match nothing.
    fails = any(one.is_certain or builder == "legacy" for one in missing)
    assert fails == (done.returncode != 0), done.stderr[-300:]
