"""A real Debian with real packages installed and removed: an image as people build it."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .dockerd import docker_engine
from .oracle import TreeFacts, layer_facts, saved_layers, tree_facts
from .programs import run

if TYPE_CHECKING:
    from .programs import Lightship
    from .workshop import Workshop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system("docker.io", "docker-cli", "mmdebstrap", "skopeo", "umoci"),
    pytest.mark.xdist_group("engine"),
]
PACKAGES = ("hello", "tree")
"""They need nothing but libc6, which is there."""
DOCKERFILE = """\
FROM scratch
ADD root.tar /
COPY debs /debs/
RUN dpkg -i /debs/*.deb
RUN rm -rf /debs
RUN dpkg --purge hello
RUN chown -R 1:1 /usr/share/locale
"""
ROOT, COPY, INSTALL, REMOVE, PURGE, CHOWN = range(1, 7)
IMAGE = "localhost/minbase:1"


@dataclass(frozen=True)
class Minbase:
    archive: Path
    layer_tars: list[Path]
    debs_bytes: int
    tree: TreeFacts


def sources() -> Path:
    """The machine's own package sources."""
    folder = Path("/etc/apt")
    return next(
        path
        for path in (folder / "sources.list.d" / "debian.sources", folder / "sources.list")
        if path.exists()
    )


@pytest.fixture(scope="module")
def minbase(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Minbase:
    place = tmp_path_factory.mktemp("minbase")
    debs = place / "context" / "debs"
    debs.mkdir(parents=True)
    (place / "context" / "Dockerfile").write_text(DOCKERFILE)
    suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
    root = place / "context" / "root.tar"
    run("mmdebstrap", "--quiet", "--variant=minbase", suite, root, sources())
    run("apt-get", "download", "-q", *PACKAGES, cwd=debs)
    archive, layout = place / "saved.tar", place / "layout"
    with workshop.alone(), docker_engine(place / "docker") as engine:
        engine.docker("build", "--network=none", "-q", "-t", IMAGE, place / "context",
                      DOCKER_BUILDKIT="1")  # fmt: skip
        engine.docker("save", "-o", archive, IMAGE)
    # umoci believes the media type, and skopeo 1.9 calls plain layers gzip: so let it compress.
    run("skopeo", "--insecure-policy", "copy", "-q",
        f"docker-archive:{archive}", f"oci:{layout}:it")  # fmt: skip
    run("umoci", "unpack", "--image", f"{layout}:it", place / "bundle")
    return Minbase(
        archive,
        saved_layers(archive, place / "saved"),
        sum(deb.stat().st_size for deb in debs.iterdir()),
        tree_facts(place / "bundle" / "rootfs"),
    )


def test_a_real_debian(minbase: Minbase, lightship: Lightship) -> None:
    answer = lightship.json("inspect", f"docker-archive:{minbase.archive}")
    image, layers = answer["image"], answer["layers"]
    expected = [layer_facts(tar) for tar in minbase.layer_tars]
    for field in ("diff_id", "unpacked_bytes", "files"):
        ours = [layer[field] for layer in layers]
        assert ours == [getattr(layer, field) for layer in expected], field
    assert image["visible_bytes"] == minbase.tree.visible_bytes
    assert image["files"] == minbase.tree.files
    assert image["duplicate_bytes"] == minbase.tree.duplicate_bytes
    assert image["dead_bytes"] == image["unpacked_bytes"] - minbase.tree.visible_bytes
    assert image["dead_bytes"] == sum(layer["dead_bytes"] for layer in layers)
    assert image["dead_bytes"] == sum(answer["dead"].values())


def test_what_died_of_what(minbase: Minbase, lightship: Lightship) -> None:
    answer = lightship.json("inspect", f"docker-archive:{minbase.archive}")
    killed = {
        (layer["index"], by["layer"], by["kind"]): by
        for layer in answer["layers"]
        for by in layer["killed"]
    }
    packages = killed[COPY, REMOVE, "deleted"]
    assert (packages["bytes"], packages["files"]) == (minbase.debs_bytes, len(PACKAGES))
    assert killed[INSTALL, PURGE, "deleted"]["bytes"] > 0
    # dpkg writes its database anew each time.
    assert killed[ROOT, INSTALL, "overwritten"]["bytes"] > 0
    owned = killed[ROOT, CHOWN, "metadata_copy"]
    assert owned["bytes"] <= answer["layers"][CHOWN - 1]["unpacked_bytes"]
    assert owned["files"] > 0
