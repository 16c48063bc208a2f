"""Where Dockerfiles are built before and after: an engine, a server and bases, kept for the run."""

from __future__ import annotations

import fcntl
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..dockerd import DockerEngine, docker_engine  # noqa: TID252 - as its neighbours
from ..programs import run  # noqa: TID252 - likewise
from . import registries
from .bases import ALIASES, BARE, BASES, RECOMMENDING, SLIM, needed_by
from .mirror import Mirror, sources, suite
from .server import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGES = ("docker.io", "docker-cli", "mmdebstrap", "npm", "git", "rpm", "createrepo-c")
"""What it takes of the machine: tools/system-packages.txt."""


class Ground:
    """Builds and runs images. Bases are made when something first stands on them."""

    def __init__(self, place: Path, engine: DockerEngine, port: int) -> None:
        self._place, self.engine = place, engine
        self.site = place / "site"
        self.address = f"http://127.0.0.1:{port}"

    def build(self, tag: str, context: Path, dockerfile: str, *, buildkit: bool = True) -> None:
        """Build anew; the engine's own word if it will not."""
        for base in needed_by(dockerfile):
            self._base(base)
        (context / "Dockerfile").write_text(dockerfile)
        self.engine.docker("build", "--network", "host", "--no-cache", "-q", "-t", tag, context,
                           DOCKER_BUILDKIT=str(int(buildkit)))  # fmt: skip

    def run(self, tag: str, *command: str) -> str:
        """What a container of it prints."""
        return self.engine.docker("run", "--rm", "--network", "host", tag, *command).decode()

    def forget(self, *tags: str) -> None:
        """Take the images away, so that a long run fills no disk."""
        self.engine.docker("rmi", "-f", *tags)

    def saved(self, tag: str, folder: Path) -> str:
        """The image as an archive in `folder`; its reference."""
        archive = folder / f"{tag.replace(':', '-')}.tar"
        self.engine.docker("save", "-o", archive, tag)
        return f"docker-archive:{archive}"

    def filled(self, text: str) -> str:
        """The text with this ground's own names in it."""
        text = text.replace("@SITE@", self.address).replace("@SUITE@", suite())
        for name in ("npm", "yarn"):
            if f"@{name.upper()}@" in text:
                tarball = next((self.site / "npm/-").glob(f"{name}-*.tgz"))
                text = text.replace(f"@{name.upper()}@", tarball.name)
        return text

    def _base(self, name: str) -> None:
        if self.engine.docker("images", "-q", name):
            return
        base = BASES[name]
        context = self._place / "bases" / name.replace("/", "-").replace(":", "-")
        shutil.rmtree(context, ignore_errors=True)
        context.mkdir(parents=True)
        if base.context is not None:
            base.context(context, self.site, self.address)
        (context / "Dockerfile").write_text(self.filled(base.dockerfile))
        self.engine.docker("build", "--network", "host", "-q", "-t", name, context,
                           DOCKER_BUILDKIT="1")  # fmt: skip
        for alias, of in ALIASES.items():
            if of == name:
                self.engine.docker("tag", name, alias)


@contextmanager
def ground(place: Path) -> Iterator[Ground]:
    """The ground in `place`; what an earlier one made there is used again."""
    place.mkdir(parents=True, exist_ok=True)
    remembered = place / "port"
    port = int(remembered.read_text()) if remembered.exists() else 0
    with (
        _alone(place),
        served(place / "site", port) as port,
        docker_engine(place / "docker") as engine,
    ):
        remembered.write_text(str(port))
        made = Ground(place, engine, port)
        if not (place / "made").exists():
            _make(place, made)
            (place / "made").touch()
        yield made


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """One engine only has a data root."""
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(place: Path, made: Ground) -> None:
    for leftover in ("site", "tool-repository", "apt"):
        shutil.rmtree(place / leftover, ignore_errors=True)
    made.site.mkdir()
    root = place / "root.tar"
    if not root.exists():
        without = [f"--dpkgopt=path-exclude={path}" for path in SLIM]
        run("mmdebstrap", "--quiet", "--variant=minbase", *without, suite(), root, sources())
    Mirror(place / "apt", made.site / "debian", root).fill(RECOMMENDING, BARE)
    registries.pypi(made.site)
    registries.npm(made.site, made.address)
    registries.go_proxy(made.site)
    registries.crates(made.site)
    registries.downloads(made.site)
    registries.rpm(made.site)
