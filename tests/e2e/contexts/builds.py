"""`COPY . /ctx` with a real builder, and what then is in the image."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..dockerd import docker_engine  # noqa: TID252 - as its neighbours
from ..programs import TIMEOUT, docker_client  # noqa: TID252 - likewise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.context.builders import Builder

    from ..dockerd import DockerEngine  # noqa: TID252 - likewise

DOCKERFILE = "FROM scratch\nCOPY . /ctx\n"
PACKAGES = ("docker.io", "buildah")

ORDINARY = ("setpriv", "--bounding-set=-dac_override,-dac_read_search",
            "--inh-caps=-dac_override,-dac_read_search")  # fmt: skip
"""Before a command: it may read what the files' modes allow, and no more."""

_USER = "61234"
"""Any that owns nothing here."""

Entries = dict[str, str]
"""Kinds by paths from the context's root: d, f, l, p (a FIFO) or ? (any other)."""


class FailedBuildError(Exception):
    """The builder would not; its words."""


class Builds:
    """One engine and one store for many builds."""

    def __init__(self, place: Path, engine: DockerEngine) -> None:
        self._place, self._engine = place, engine
        self._count = 0

    def entries(
        self,
        builder: Builder,
        context: Path,
        *words: str,
        ordinary: bool = False,
        given: bytes = b"",
    ) -> Entries:
        """What a build copies.

        Args:
            builder: that builds.
            context: the folder.
            words: further ones for the command line.
            ordinary: whether Docker's client may only read what the files' modes allow.
            given: on its standard input.

        Raises:
            FailedBuildError: the builder would not.
        """
        self._count += 1
        name = f"localhost/context:{self._count}"
        if builder == "buildkit":
            archive = self._place / f"{self._count}.tar"
            words = ("build", "-o", f"type=tar,dest={archive}", *words, str(context))
            self._docker(*words, buildkit="1", ordinary=ordinary, given=given)
            try:
                return _in_tar(archive.read_bytes())
            finally:
                archive.unlink()
        if builder == "legacy":
            words = ("build", "--network=none", "-q", "-t", name, *words, str(context))
            self._docker(*words, buildkit="0", ordinary=ordinary, given=given)
            saved = self._docker("save", name)
            self._docker("rmi", "-f", name)
            return _in_saved(saved)
        archive = self._place / f"{self._count}.tar"
        command = ["buildah", *self._store, "bud", "--isolation", "chroot", "-t", name]
        _run([*command, *words, context], given=given)
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

    def _docker(
        self, *words: str | Path, buildkit: str = "1", ordinary: bool = False, given: bytes = b""
    ) -> bytes:
        environment = {**self._engine.environment, "DOCKER_BUILDKIT": buildkit}
        command = [*(ORDINARY if ordinary else ()), docker_client(), *words]
        return _run(command, environment, given)


def built_by_buildctl(address: str, context: Path) -> Entries:
    """What the `buildkitd` at an address copies.

    Raises:
        FailedBuildError: it would not.
    """
    archive = context.with_suffix(".tar")
    command = ["buildctl", "--addr", address, "build", "--frontend", "dockerfile.v0"]
    command += ["--local", f"context={context}", "--local", f"dockerfile={context}"]
    _run([*command, "-o", f"type=tar,dest={archive}"])
    try:
        return _in_tar(archive.read_bytes())
    finally:
        archive.unlink()


def buildah_by_a_user(context: Path) -> None:
    """Build it as a user to whom its owner is a stranger.

    Raises:
        FailedBuildError: buildah would not.
    """
    home = Path(tempfile.mkdtemp(prefix="lightship-buildah-"))
    os.chown(home, int(_USER), int(_USER))
    # It finds itself in the namespace that it would make.
    environment = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home),
                   "_CONTAINERS_USERNS_CONFIGURED": "done"}  # fmt: skip
    command = ["setpriv", "--reuid", _USER, "--regid", _USER, "--clear-groups"]
    command += ["unshare", "--map-root-user", "--mount", "buildah", "--root", f"{home}/store"]
    command += ["--runroot", f"{home}/run", "--storage-driver", "vfs", "bud"]
    try:
        _run([*command, "--isolation", "chroot", "-t", "localhost/context", context], environment)
    finally:
        shutil.rmtree(home)


@contextmanager
def builds(place: Path) -> Iterator[Builds]:
    with docker_engine(place / "docker", "--storage-driver", "vfs") as engine:
        yield Builds(place, engine)


def _run(
    command: Sequence[str | Path], environment: dict[str, str] | None = None, given: bytes = b""
) -> bytes:
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        input=given,
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
