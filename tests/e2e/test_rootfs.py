"""`rootfs:`: the tree of a real image, laid out by three programs, holds what the image shows."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .oracle import TreeFacts, tree_facts
from .programs import run, unpack
from .workshop import named

if TYPE_CHECKING:
    from .programs import Lightship
    from .workshop import Built, Workshop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system("docker.io", "docker-cli", "buildah", "podman", "skopeo", "umoci"),
    pytest.mark.xdist_group("engine"),
]
# moby, daemon/initlayer/setup_unix.go: empty files that a container gets where the image has none;
# it has etc/hosts and the others of etc (mistakes.py).
DOCKERS_OWN = {".dockerenv", "dev/console"}


def tree_of(lightship: Lightship, root: Path) -> TreeFacts:
    """What `rootfs:` says, once it has been held against the tree itself."""
    answer = lightship.json("inspect", f"rootfs:{root}")
    image = answer["image"]
    facts = TreeFacts(image["visible_bytes"], image["files"], image["duplicate_bytes"])
    assert facts == tree_facts(root)
    assert image["unpacked_bytes"] == image["visible_bytes"]
    assert image["dead_bytes"] == 0
    assert image["efficiency"] == 1.0
    assert image["digest"] is None
    assert image["image_id"] is None
    return facts


def visible(lightship: Lightship, image: Built) -> TreeFacts:
    answer = lightship.json("inspect", image.forms["skopeo-oci-gzip"].reference)["image"]
    return TreeFacts(answer["visible_bytes"], answer["files"], answer["duplicate_bytes"])


def test_a_tree_unpacked_by_umoci(
    workshop: Workshop, built: dict[str, Built], lightship: Lightship, tmp_path: Path
) -> None:
    for builder, image in built.items():
        layout = image.forms["skopeo-oci-gzip"].layout
        with workshop.alone():
            run("umoci", "unpack", "--image", f"{layout}:it", tmp_path / builder)
        root = tmp_path / builder / "rootfs"
        assert tree_of(lightship, root) == visible(lightship, image), builder


def test_a_tree_exported_by_docker(
    workshop: Workshop, built: dict[str, Built], lightship: Lightship, tmp_path: Path
) -> None:
    with workshop.engine() as engine:
        for builder in ("legacy", "buildkit"):
            container = engine.docker("create", "--network=none", named(builder)).decode().strip()
            exported = tmp_path / f"{builder}.tar"
            engine.docker("export", "-o", exported, container)
            engine.docker("rm", container)
    for builder in ("legacy", "buildkit"):
        root = tmp_path / builder
        with tarfile.open(tmp_path / f"{builder}.tar") as tar:
            added = [m for m in tar.getmembers() if m.name in DOCKERS_OWN and m.isreg()]
            assert [member.size for member in added] == [0, 0]
        unpack(tmp_path / f"{builder}.tar", root)
        ours, image = tree_of(lightship, root), visible(lightship, built[builder])
        assert ours.visible_bytes == image.visible_bytes
        assert ours.duplicate_bytes == image.duplicate_bytes
        assert ours.files == image.files + len(added)


def test_a_tree_mounted_by_buildah(
    workshop: Workshop, built: dict[str, Built], lightship: Lightship
) -> None:
    def buildah(*words: str) -> str:
        return run("buildah", *workshop.store, *words).decode().strip()

    with workshop.alone():
        container = buildah("from", "--pull-never", named("buildah"))
        try:
            root = Path(buildah("mount", container))
            ours = tree_of(lightship, root)
        finally:
            buildah("umount", container)
            buildah("rm", container)
    assert ours == visible(lightship, built["buildah"])
