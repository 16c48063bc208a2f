"""Where the images are built, once for all workers, and where the engine is borrowed."""

from __future__ import annotations

import fcntl
import json
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .dockerd import DockerEngine, docker_engine, unmount_below
from .forms import Form, Skopeo, docker_25, docker_29, oci_archive
from .mistakes import write_context
from .oracle import stored_image
from .programs import run

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCKER_BUILDERS = {"legacy": "0", "buildkit": "1"}
BUILDERS = (*DOCKER_BUILDERS, "buildah")

_SKOPEO = (
    "skopeo-oci-gzip",
    "skopeo-oci-zstd",
    "skopeo-oci-plain",
    "skopeo-oci-archive",
    "skopeo-oci-archive-zstd",
    "skopeo-docker-archive",
)
_DOCKER = ("docker-save", "docker-25", "docker-29")
_PODMAN = ("podman-docker-archive", "podman-oci-archive", "podman-oci-dir")
_BUILDAH = ("buildah-oci", "buildah-oci-archive", "buildah-docker-archive")
FORMS = {
    "legacy": (*_DOCKER, *_SKOPEO),
    "buildkit": (*_DOCKER, *_SKOPEO, *_PODMAN),
    "buildah": (*_BUILDAH, *_SKOPEO, *_PODMAN),
}
"""What there is of each image; known before anything is built, so that each is a test."""


SEVERAL = {"docker": ("legacy", "buildkit"), "podman": ("buildkit", "buildah")}


@dataclass(frozen=True)
class Built:
    """One image in all its forms, and its layers as plain tars."""

    forms: dict[str, Form]
    layer_tars: list[Path]
    docker_dir: Path | None = None
    """In skopeo's `dir:` form, where that was asked for."""


class Workshop:
    """A folder shared by the workers of one test run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(exist_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Only one worker at a time: engines and stores do not like company."""
        with (self.root / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                yield
            finally:
                unmount_below(self.root)  # podman's store stays mounted on itself

    @contextmanager
    def engine(self) -> Iterator[DockerEngine]:
        """The engine that built the images; started for the occasion."""
        self.built()
        with self.alone(), self._engine() as engine:
            yield engine

    @contextmanager
    def _engine(self) -> Iterator[DockerEngine]:
        with docker_engine(self.root / "docker") as engine:
            yield engine

    @property
    def store(self) -> tuple[str, ...]:
        """Options that give podman and buildah a store of our own."""
        return ("--root", f"{self.root}/store", "--runroot", f"{self.root}/run",
                "--storage-driver", "overlay")  # fmt: skip

    def stored(self, builder: str) -> str:
        """skopeo's name of an image in that store."""
        return f"containers-storage:[overlay@{self.root}/store+{self.root}/run]{named(builder)}"

    @property
    def several(self) -> dict[str, Path]:
        """Archives with two images each, by who saved them."""
        return {program: self.root / f"several-{program}.tar" for program in SEVERAL}

    def built(self) -> dict[str, Built]:
        """Every image in every form; built by the first that asks."""
        done, failed = self.root / "built.json", self.root / "failed.txt"
        with self.alone():
            if failed.exists():
                raise RuntimeError(f"the images could not be built: {failed.read_text()}")
            if not done.exists():
                failed.write_text("see the first failure")  # until it is known that it is none
                made = self._build()
                failed.unlink()
                done.write_text(json.dumps({k: asdict(v) for k, v in made.items()}, default=str))
        return {name: _built(**fields) for name, fields in json.loads(done.read_text()).items()}

    def _build(self) -> dict[str, Built]:
        context = self.root / "context"
        context.mkdir()
        write_context(context)
        with self._engine() as engine:
            for builder, buildkit in DOCKER_BUILDERS.items():
                engine.docker("build", "--network=none", "-q", "-t", named(builder), context,
                              DOCKER_BUILDKIT=buildkit)  # fmt: skip
                engine.docker("save", "-o", self._file(builder, "docker-save.tar"), named(builder))
            engine.docker("save", "-o", self.several["docker"], *map(named, SEVERAL["docker"]))
            daemon = ("--src-daemon-host", engine.environment["DOCKER_HOST"])
            source = f"docker-daemon:{named('buildkit')}"
            buildkit_forms = Skopeo(self.root / "buildkit", source, *daemon).all("skopeo")
        saved = self._file("legacy", "docker-save.tar")
        legacy_forms = Skopeo(self.root / "legacy", f"docker-archive:{saved}").all("skopeo")
        saved = self._file("buildkit", "docker-save.tar")
        run("skopeo", "--insecure-policy", "copy", "-q",
            f"docker-archive:{saved}", self.stored("buildkit"))  # fmt: skip
        run("buildah", *self.store, "bud", "--layers", "--isolation", "chroot", "-q",
            "-f", context / "Dockerfile", "-t", named("buildah"), context)  # fmt: skip
        skopeo = Skopeo(self.root / "buildah", self.stored("buildah"))
        buildah_forms = [*self._pushed(), *skopeo.all("skopeo"), *self._podman("buildah")]
        run("podman", *self.store, "save", "-q", "-m", "-o", self.several["podman"],
            *map(named, SEVERAL["podman"]))  # fmt: skip
        docker_dir = self.root / "buildah" / "dir"
        run("podman", *self.store, "save", "-q", "--format", "docker-dir",
            "-o", docker_dir, named("buildah"))  # fmt: skip
        return {
            "legacy": self._finish("legacy", [*self._docker("legacy"), *legacy_forms]),
            "buildkit": self._finish(
                "buildkit",
                [*self._docker("buildkit"), *buildkit_forms, *self._podman("buildkit")],
            ),
            "buildah": self._finish("buildah", buildah_forms, docker_dir),
        }

    def _docker(self, builder: str) -> list[Form]:
        saved = self._file(builder, "docker-save.tar")
        return [
            Form("docker-save", f"docker-archive:{saved}", "estimated"),
            docker_25("docker-25", saved, self._file(builder, "docker-25.tar")),
            docker_29("docker-29", saved, self._file(builder, "docker-29.tar")),
        ]

    def _podman(self, builder: str) -> list[Form]:
        save = ("podman", *self.store, "save", "-q", "--format")
        archive = self._file(builder, "podman-docker-archive.tar")
        run(*save, "docker-archive", "-o", archive, named(builder))
        oci = self._file(builder, "podman-oci-archive.tar")
        run(*save, "oci-archive", "-o", oci, named(builder))
        layout = self._file(builder, "podman-oci-dir")
        run(*save, "oci-dir", "-o", layout, named(builder))
        return [
            Form("podman-docker-archive", f"docker-archive:{archive}", "estimated"),
            oci_archive("podman-oci-archive", oci),
            Form("podman-oci-dir", f"oci:{layout}", "stored", layout),
        ]

    def _pushed(self) -> list[Form]:
        push = ("buildah", *self.store, "push", "-q", named("buildah"))
        layout = self._file("buildah", "buildah-oci")
        run(*push, f"oci:{layout}:it")
        oci = self._file("buildah", "buildah-oci-archive.tar")
        run(*push, f"oci-archive:{oci}:it")
        archive = self._file("buildah", "buildah-docker-archive.tar")
        run(*push, f"docker-archive:{archive}:example.org/it:1")
        return [
            Form("buildah-oci", f"oci:{layout}:it", "stored", layout),
            oci_archive("buildah-oci-archive", oci),
            Form("buildah-docker-archive", f"docker-archive:{archive}", "estimated"),
        ]

    def _finish(self, builder: str, forms: list[Form], docker_dir: Path | None = None) -> Built:
        by_name = {form.name: form for form in forms}
        assert set(by_name) == set(FORMS[builder])
        layout = by_name["skopeo-oci-plain"].layout
        assert layout is not None
        return Built(by_name, stored_image(layout).layer_blobs, docker_dir)

    def _file(self, builder: str, name: str) -> Path:
        folder = self.root / builder
        folder.mkdir(exist_ok=True)
        return folder / name


def named(builder: str) -> str:
    return f"localhost/mistakes:{builder}"


def _built(
    *, forms: dict[str, dict[str, str]], layer_tars: list[str], docker_dir: str | None
) -> Built:
    return Built(
        {name: _form(**fields) for name, fields in forms.items()},
        [Path(path) for path in layer_tars],
        Path(docker_dir) if docker_dir else None,
    )


def _form(*, name: str, reference: str, wire: str, layout: str | None) -> Form:
    return Form(
        name,
        reference,
        "stored" if wire == "stored" else "estimated",
        Path(layout) if layout else None,
    )
