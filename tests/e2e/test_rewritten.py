"""Images that builders made, squashed: other programs make the same of them, path by path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .programs import run
from .registry_server import registry
from .snapshot import compare, exported, snapshot
from .workshop import BUILDERS

if TYPE_CHECKING:
    from .dockerd import DockerEngine
    from .programs import Lightship
    from .workshop import Built, Workshop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system(
        "docker.io", "docker-cli", "buildah", "podman", "skopeo", "umoci", "docker-registry"
    ),
    pytest.mark.xdist_group("engine"),
]
KEEPS = ("none", "1", "4")
# No record of these images is the root's: whoever unpacks them dates it as it likes.
ROOT = frozenset((".",))
# moby, daemon/initlayer/setup_unix.go: what a container gets, and so dates.
DOCKERS_OWN = frozenset((".dockerenv", "dev/console", "dev/pts", "dev/shm"))

DOCKERS_TOUCHED = frozenset(
    ("dev", "etc", "etc/hostname", "etc/hosts", "etc/mtab", "etc/resolv.conf", "proc", "sys")
)


def squash(lightship: Lightship, reference: str, destination: str, *options: str) -> None:
    done = lightship.start("squash", reference, "-o", destination, *options)
    assert done.returncode == 0, done.stderr.decode()


@pytest.fixture(scope="module")
def squashed(
    built: dict[str, Built], lightship: Lightship, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], Path]:
    """OCI layouts, by builder and cut."""
    place = tmp_path_factory.mktemp("squashed")
    made = {}
    for builder in BUILDERS:
        source = built[builder].forms["skopeo-oci-gzip"].reference
        for keep in KEEPS:
            made[builder, keep] = place / f"{builder}-{keep}"
            squash(lightship, source, f"oci:{made[builder, keep]}:it", "--keep", keep)
    return made


@pytest.mark.parametrize("builder", BUILDERS)
def test_umoci_unpacks_the_same_tree(
    builder: str,
    workshop: Workshop,
    built: dict[str, Built],
    squashed: dict[tuple[str, str], Path],
    tmp_path: Path,
) -> None:
    layouts = {keep: squashed[builder, keep] for keep in KEEPS}
    source = built[builder].forms["skopeo-oci-gzip"].layout
    assert source is not None
    trees = {}
    with workshop.alone():
        for name, layout in {"source": source, **layouts}.items():
            run("umoci", "unpack", "--image", f"{layout}:it", tmp_path / name)
            trees[name] = snapshot(tmp_path / name / "rootfs")
    assert len(trees["source"]) > 30
    for keep in KEEPS:
        assert compare(trees["source"], trees[keep], ROOT) == [], keep


def _export(engine: DockerEngine, image: str, archive: Path) -> None:
    container = engine.docker("create", "--network=none", image, "/bin/sh").decode().strip()
    engine.docker("export", "-o", archive, container)
    engine.docker("rm", container)


@pytest.mark.parametrize("builder", BUILDERS)
def test_docker_loads_exports_and_runs_the_same(
    builder: str,
    workshop: Workshop,
    built: dict[str, Built],
    lightship: Lightship,
    tmp_path: Path,
) -> None:
    source = built[builder].forms["skopeo-oci-gzip"].reference
    images = {"source": f"localhost/source-{builder}:1"}
    archives = {"source": tmp_path / "source.tar"}
    run("skopeo", "--insecure-policy", "copy", "-q", source,
        f"docker-archive:{archives['source']}:{images['source']}")  # fmt: skip
    for keep in KEEPS:
        images[keep] = f"localhost/squashed-{builder}:{keep}"
        archives[keep] = tmp_path / f"{keep}.tar"
        destination = f"docker-archive:{archives[keep]}:{images[keep]}"
        squash(lightship, source, destination, "--keep", keep)
    trees = {}
    with workshop.engine() as engine:
        for name, image in images.items():
            engine.docker("load", "-q", "-i", archives[name])
            _export(engine, image, tmp_path / "export.tar")
            trees[name] = exported(tmp_path / "export.tar", DOCKERS_OWN)
            said = engine.docker(
                "run", "--rm", "--network=host", image, "/bin/sh", "-c",
                "cat /srv/tree/kept-too.bin /srv/tree/opaque/x | cat; echo done",
            )  # fmt: skip
            assert said.endswith(b"new\ndone\n"), name
    assert len(trees["source"]) > 30
    for keep in KEEPS:
        assert compare(trees["source"], trees[keep], DOCKERS_TOUCHED) == [], keep


@pytest.mark.parametrize("keep", KEEPS)
def test_podman_mounts_and_buildah_runs_it(
    keep: str,
    workshop: Workshop,
    built: dict[str, Built],
    squashed: dict[tuple[str, str], Path],
) -> None:
    source = built["buildah"].forms["skopeo-oci-gzip"].layout
    trees = {}
    with workshop.alone():
        for name, layout in (("source", source), (keep, squashed["buildah", keep])):
            stored = f"localhost/mounted-{name}:1"
            store = (
                f"containers-storage:[overlay@{workshop.root}/store+{workshop.root}/run]{stored}"
            )
            run("skopeo", "--insecure-policy", "copy", "-q", f"oci:{layout}:it", store)
            place = run("podman", *workshop.store, "image", "mount", stored).decode().strip()
            trees[name] = snapshot(Path(place))
            run("podman", *workshop.store, "image", "unmount", stored)
            container = run("buildah", *workshop.store, "from", "--pull-never", stored)
            name_of = container.decode().strip()
            # What it prints may get lost in chroot isolation; how it ends does not.
            run("buildah", *workshop.store, "run", "--isolation", "chroot", name_of,
                "/bin/sh", "-c", "cat /srv/tree/kept-too.bin > /both")  # fmt: skip
            run("buildah", *workshop.store, "rm", name_of)
    assert compare(trees["source"], trees[keep], ROOT) == []


def test_a_registry_takes_it_and_gives_it_to_skopeo_and_docker(
    workshop: Workshop, built: dict[str, Built], lightship: Lightship, tmp_path: Path
) -> None:
    source = built["legacy"].forms["docker-save"].reference
    with registry(tmp_path / "registry", tls=False) as server:
        name = f"{server.host}/squashed:1"
        squash(lightship, source, f"registry:{name}", "--keep", "2", *server.options)
        told = json.loads(run("skopeo", "inspect", "--tls-verify=false", f"docker://{name}"))
        assert len(told["Layers"]) == 3
        run("skopeo", "--insecure-policy", "copy", "-q", "--src-tls-verify=false",
            f"docker://{name}", f"oci:{tmp_path}/pulled:it")  # fmt: skip
        with workshop.engine() as engine:
            engine.docker("pull", "-q", name)
            engine.docker("run", "--rm", "--network=host", name, "/bin/sh", "-c", "true")
