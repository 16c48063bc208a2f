"""The real images, made once for all workers: in a Docker engine's data, and as OCI layouts."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .dockerd import docker_engine
from .programs import run
from .real_images import RECIPES, debian_root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .dockerd import DockerEngine
    from .workshop import Workshop

# Two layers more for each, one hiding a file of the other: there is always something to squash.
# They stand before CMD: what follows one is taken for what was built upon a base.
_WORN = "COPY worn/one /opt/worn\nCOPY worn/two /opt/worn\n"


@dataclass(frozen=True)
class Shop:
    """All images: in a running engine, and as OCI layouts."""

    engine: DockerEngine
    layouts: dict[str, Path]

    def says(self, image: str) -> str:
        return self.engine.docker("run", "--rm", "--network", "host", image).decode()


def tag(name: str) -> str:
    return f"localhost/real-{name}:1"


@contextmanager
def opened(workshop: Workshop) -> Iterator[Shop]:
    """The engine with the images; nobody else has one meanwhile. Made by the first that asks."""
    place = workshop.root / "real"
    layouts = {name: place / f"{name}.oci" for name in RECIPES}
    done, begun = place / "done", place / "begun"
    with workshop.alone():
        if begun.exists() and not done.exists():
            raise RuntimeError("the real images could not be made: see the first failure")
        place.mkdir(exist_ok=True)
        begun.touch()
        with docker_engine(place / "docker") as engine:
            if not done.exists():
                _make(engine, place, layouts)
                done.touch()
            yield Shop(engine, layouts)


def _make(engine: DockerEngine, place: Path, layouts: dict[str, Path]) -> None:
    debian_root(place / "roots")
    host = engine.environment["DOCKER_HOST"]
    for name, recipe in RECIPES.items():
        context = place / name
        context.mkdir()
        recipe.make(context, place / "roots")
        for layer in ("one", "two"):
            (context / "worn" / layer).mkdir(parents=True)
            (context / "worn" / layer / "file").write_text(layer)
        (context / "Dockerfile").write_text(recipe.dockerfile.replace("CMD", f"{_WORN}CMD"))
        engine.docker("build", "-q", "--network", "none", "-t", tag(name), context)
        run("skopeo", "--insecure-policy", "copy", "-q", "--src-daemon-host", host,
            f"docker-daemon:{tag(name)}", f"oci:{layouts[name]}:it")  # fmt: skip
