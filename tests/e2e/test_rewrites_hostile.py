"""Odd images, rewritten and piped into a real Docker engine: the same tree and the same config."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from lightship.testing import Symlink, build_image

from .dockerd import docker_engine
from .snapshot import compare, exported
from .test_rewritten import DOCKERS_OWN, DOCKERS_TOUCHED

if TYPE_CHECKING:
    from pathlib import Path

    from .dockerd import DockerEngine
    from .programs import Lightship
    from .snapshot import Seen
    from .workshop import Workshop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system("docker.io", "docker-cli"),
    pytest.mark.xdist_group("engine"),
]
NAME = "localhost/odd:1"
CUTS = (("squash", "--keep", "none"), ("squash", "--keep", "1"), ("recompress",), ("copy",))


def _load(engine: DockerEngine, archive: bytes) -> None:
    subprocess.run(
        engine.command("load"),
        input=archive,
        check=True,
        capture_output=True,
        env=os.environ | engine.environment,
    )


def _seen(engine: DockerEngine, place: Path) -> tuple[dict[str, Seen], dict[str, object]]:
    """What a container has, and what the image says; the image is gone then."""
    container = engine.docker("create", "--network=none", NAME).decode().strip()
    engine.docker("export", "-o", place, container)
    told = json.loads(engine.docker("image", "inspect", NAME))[0]
    engine.docker("rm", "-v", container)
    engine.docker("rmi", "-f", NAME)
    kept = {key: told[key] for key in ("Config", "Author", "Architecture", "Os")}
    return exported(place, DOCKERS_OWN), kept


def test_docker_loads_what_comes_down_a_pipe(
    lightship: Lightship, workshop: Workshop, tmp_path: Path
) -> None:
    from hardening.test_rewrites_answers import CONFIG, LAYERS  # noqa: PLC0415 - see conftest.py

    source = build_image(
        # Links into lower layers are nothing that overlay2 unpacks.
        [*LAYERS[:2], {"fifo": b"a file", "tmp": Symlink("usr")}],
        directory=tmp_path,
        form="docker-archive-25",
        codec="plain",
        config=CONFIG,
        name=NAME,
    )
    with (
        workshop.alone(),
        docker_engine(tmp_path / "data", "--storage-driver", "overlay2") as engine,
    ):
        engine.docker("load", "-i", source.partition(":")[2])
        tree, config = _seen(engine, tmp_path / "export.tar")
        assert tree["usr/bin/su"].mode & 0o7777 == 0o4755
        for arguments in CUTS:
            target = ("-",) if arguments == ("copy",) else ("-o", "-", "--codec", "gzip")
            done = lightship.start(*arguments, source, *target)
            assert done.returncode == 0, done.stderr.decode()
            _load(engine, done.stdout)
            new_tree, new_config = _seen(engine, tmp_path / "export.tar")
            assert compare(tree, new_tree, DOCKERS_TOUCHED) == [], arguments
            assert new_config == config, arguments
