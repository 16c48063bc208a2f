"""Every statement about layers, links, names and tars, squashed, in a real Docker engine.

Overlay2 unpacks each layer by itself and mounts one over the other: a missing parent, a marker in
the wrong form or a link to another layer shows here and nowhere else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lightship.testing import build_image, layer_tar

from .dockerd import docker_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from independent.applier import Node

    from .dockerd import DockerEngine
    from .workshop import Workshop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system("docker.io", "docker-cli"),
    pytest.mark.xdist_group("engine"),
]
TAG = "localhost/fact:1"
# What a container gets of its own (moby, daemon/initlayer/setup_unix.go).
DOCKERS_OWN = frozenset((b"", b".dockerenv", b"dev", b"etc", b"proc", b"sys"))
# Where the layer that stays says something else to Docker than to the specification.
OTHERWISE = {
    "T3 255 symlinks": "Linux follows forty",
    "W9 in the lowest layer": "a directory that only holds a marker is made",
    "P14 devices and FIFOs": "a device 0:0 is overlayfs' own whiteout",
}
CAPABILITY = b"security.capability"
SECOND = 10**9


@pytest.fixture
def engine(workshop: Workshop, tmp_path: Path) -> Iterator[DockerEngine]:
    with (
        workshop.alone(),
        docker_engine(tmp_path / "data", "--storage-driver", "overlay2") as started,
    ):
        yield started


def _told(tree: dict[bytes, Node]) -> dict[bytes, Node]:
    """What an export tells: whole seconds from 1970 on, and of xattrs the capabilities."""
    return {
        path: replace(
            node,
            mtime_ns=max(node.mtime_ns // SECOND, 0),
            xattrs=tuple(pair for pair in node.xattrs if pair[0] == CAPABILITY),
        )
        for path, node in tree.items()
        if path.partition(b"/")[0] not in DOCKERS_OWN
    }


def _differences(old: dict[bytes, Node], new: dict[bytes, Node]) -> list[str]:
    found = []
    for path in sorted({*old, *new}):
        before, after = old.get(path), new.get(path)
        if before and after and before.kind == "directory" and not before.mtime_ns:
            after = replace(after, mtime_ns=0)  # no record made it: it has the time of today
        if before != after:
            found.append(f"{path!r}: {before} became {after}")
    return found


def test_docker_sees_the_old_tree(engine: DockerEngine, tmp_path: Path) -> None:
    from rewrite.in_memory import squash, tree_of  # noqa: PLC0415 - needs the path of conftest.py
    from rewrite.test_squash_facts import STACKS  # noqa: PLC0415 - likewise

    wrong = []
    for name, layers in STACKS.items():
        if name in OTHERWISE or len(layers) < 2:
            continue
        new = squash(layers, 1)
        reference = build_image(new, directory=tmp_path, form="docker-archive", name=TAG)
        engine.docker("load", "--input", reference.partition(":")[2])
        container = engine.docker("create", "--network", "none", TAG, "/x").decode().strip()
        exported = engine.docker("export", container)
        engine.docker("rm", container)
        engine.docker("rmi", TAG)
        want = _told(tree_of([layer_tar(layer) for layer in layers]))
        wrong += [f"{name}: {one}" for one in _differences(want, _told(tree_of([exported])))]
    assert not wrong, "\n".join(wrong)
