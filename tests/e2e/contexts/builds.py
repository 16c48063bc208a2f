"""`COPY . /ctx` with a real builder, and what then is in the image."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..dockerd import docker_engine  # noqa: TID252 - as its neighbours
from ..programs import TIMEOUT, docker_client  # noqa: TID252 - likewise

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lightship.context.builders import Builder

    from ..dockerd import DockerEngine  # noqa: TID252 - likewise

DOCKERFILE = "FROM scratch\nCOPY . /ctx\n"
PACKAGES = ("docker.io", "buildah")

Entries = dict[str, str]
"""Kinds by paths from the context's root: d, f, l, p (a FIFO) or ? (any other)."""


class FailedBuildError(Exception):
    """The builder would not; its words."""


class Builds:
    """One engine and one store for many builds."""

    def __init__(self, place: Path, engine: DockerEngine) -> None:
        self._place, self._engine = place, engine
        self._count = 0

    def entries(self, builder: Builder, context: Path, *words: str) -> Entries:
        """What a build copies; `words` are further ones for its command line.

        Raises:
            FailedBuildError: the builder would not.
        """
        self._count += 1
        name = f"localhost/context:{self._count}"
        if builder == "buildkit":
            archive = self._place / f"{self._count}.tar"
            self._docker("build", "-o", f"type=tar,dest={archive}", *words, context, buildkit="1")
            try:
                return _in_tar(archive.read_bytes())
            finally:
                archive.unlink()
        if builder == "legacy":
            self._docker("build", "--network=none", "-q", "-t", name, *words, context, buildkit="0")
            saved = self._docker("save", name)
            self._docker("rmi", "-f", name)
            return _in_saved(saved)
        archive = self._place / f"{self._count}.tar"
        _run(["buildah", *self._store, "bud", "--isolation", "chroot", "-t", name, *words, context])
        _run(["buildah", *self._store, "push", name, f"docker-archive:{archive}"])
        _run(["buildah", *self._store, "rmi", "-f", name])
        try:
            return _in_saved(archive.read_bytes())
        finally:
            archive.unlink()

    @property
    def _store(self) -> tuple[str, ...]:
        return ("--root", f"{self._place}/store", "--runroot", f"{self._place}/run",
                "--storage-driver", "vfs")  # fmt: skip

    def _docker(self, *words: str | Path, buildkit: str = "1") -> bytes:
        environment = {**self._engine.environment, "DOCKER_BUILDKIT": buildkit}
        return _run([docker_client(), *words], environment)


@contextmanager
def builds(place: Path) -> Iterator[Builds]:
    with docker_engine(place / "docker", "--storage-driver", "vfs") as engine:
        yield Builds(place, engine)


def _run(command: list[str | Path], environment: dict[str, str] | None = None) -> bytes:
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        timeout=TIMEOUT,
        env={**os.environ, **(environment or {})},
    )
    if done.returncode:
        raise FailedBuildError((done.stdout + done.stderr).decode(errors="replace"))
    return done.stdout


def _in_saved(data: bytes) -> Entries:
    with tarfile.open(fileobj=io.BytesIO(data)) as saved:
        manifest = saved.extractfile("manifest.json")
        assert manifest is not None
        found: Entries = {}
        for name in json.load(manifest)[0]["Layers"]:
            layer = saved.extractfile(name)
            assert layer is not None
            found |= _in_tar(layer.read())
        return found


def _in_tar(data: bytes) -> Entries:
    with tarfile.open(fileobj=io.BytesIO(data), encoding="utf-8", errors="surrogateescape") as tar:
        return {
            one.name.strip("/").removeprefix("ctx/"): _kind(one)
            for one in tar
            if one.name.strip("/").startswith("ctx/")
        }


def _kind(one: tarfile.TarInfo) -> str:
    if one.isdir():
        return "d"
    if one.issym():
        return "l"
    if one.isfile() or one.islnk():
        return "f"
    return "p" if one.isfifo() else "?"
