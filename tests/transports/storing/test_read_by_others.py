"""What is written is read by the tools that it is for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lightship.testing import build_image

from ..conftest import opened  # noqa: TID252 - the tests around this folder
from ..shelf import Shelf  # noqa: TID252 - see above
from ..test_written_by_others import run, skopeo  # noqa: TID252 - see above
from .copying import copy

_TESTS = str(Path(__file__).resolve().parents[2])
if _TESTS not in sys.path:
    sys.path.insert(0, _TESTS)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.dockerd import DockerEngine

NAME = "example.org/x:1"
LAYERS = [
    {"etc/a": b"first", "b": b"x" * 200_000},
    {"etc/a": b"second", ".wh.b": b""},
    {"c": b"y" * 5000},
    {"c": b"y" * 5000},
]
CONTENTS = {"etc/a": b"second", "c": b"y" * 5000}


@pytest.fixture(params=["gzip", "zstd", "plain"])
def image(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    (tmp_path / "made").mkdir()
    return build_image(LAYERS, directory=tmp_path / "made", codec=request.param, name=NAME)


@pytest.mark.system("skopeo")
def test_skopeo(tmp_path: Path, image: str, form: str) -> None:
    codec = opened(image).layers[0].media_type or ""
    place = tmp_path / "it"
    copy(image, f"{form}:{place}")
    source = f"{form}:{place}" + ("" if form != "oci" else ":1")
    told = json.loads(run("skopeo", "inspect", source))
    assert told["Architecture"] == "amd64"
    diff_ids = [str(layer.diff_id) for layer in opened(image).layers]
    config = json.loads(run("skopeo", "inspect", "--config", source))
    assert config["rootfs"]["diff_ids"] == diff_ids
    if form == "docker-archive" and "zstd" in codec:
        return  # skopeo takes the layers of such an archive for plain or gzip
    skopeo(source, f"dir:{tmp_path / 'dir'}")
    # All of it: each blob is held against its digest, each layer against its diff ID.
    skopeo(source, f"oci:{tmp_path / 'again'}:1")
    assert [str(layer.diff_id) for layer in opened(f"oci:{tmp_path / 'again'}").layers] == diff_ids


@pytest.mark.system("skopeo")
def test_skopeo_replaces_what_was_written_and_we_what_it_wrote(tmp_path: Path, image: str) -> None:
    place = tmp_path / "it"
    copy(image, f"oci:{place}:1")
    other = build_image([{"z": b"z"}], directory=tmp_path)
    skopeo(f"{other}:latest", f"oci:{place}:2")
    skopeo(f"{other}:latest", f"oci:{place}:1")
    assert opened(f"oci:{place}:1").config_bytes == opened(other).config_bytes
    copy(image, f"oci:{place}:1")
    index = json.loads((place / "index.json").read_text())
    notes = [entry.get("annotations", {}) for entry in index["manifests"]]  # skopeo keeps the old
    tags = [note["org.opencontainers.image.ref.name"] for note in notes if note]
    assert sorted(tags) == ["1", "2"]
    assert opened(f"oci:{place}:1").config_bytes == opened(image).config_bytes


@pytest.mark.system("umoci")
def test_umoci(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("umoci unpacks the owners of files as root only")
    source = build_image(LAYERS, directory=tmp_path)
    copy(source, f"oci:{tmp_path / 'it'}:1")
    run("umoci", "unpack", "--image", f"{tmp_path / 'it'}:1", tmp_path / "bundle")
    root = tmp_path / "bundle/rootfs"
    found = {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    assert found == CONTENTS


@pytest.fixture
def store() -> Iterator[list[str]]:
    """podman with a store of its own; the path of its run root may have 50 characters."""
    if os.geteuid() != 0:
        pytest.skip("a podman store of its own needs root here")
    with tempfile.TemporaryDirectory(prefix="lightship-") as place:
        options = ["--root", f"{place}/store", "--runroot", f"{place}/run",
                   "--storage-driver", "vfs"]  # fmt: skip
        yield ["podman", *options]
        subprocess.run(["podman", *options, "system", "reset", "--force"], check=False,
                       capture_output=True)  # fmt: skip


@pytest.mark.slow
@pytest.mark.system("podman")
def test_podman_load(tmp_path: Path, form: str, store: list[str]) -> None:
    source = build_image(LAYERS, directory=tmp_path, name=NAME)
    place = tmp_path / ("it" if form == "oci" else "it.tar")
    copy(source, f"{form}:{place}")
    loaded = run(*store, "load", "-q", "-i", place).decode().split()[-1]
    if form != "oci":  # a directory is called after its path
        assert loaded == NAME
    mounted = Path(run(*store, "image", "mount", loaded).decode().strip())
    assert {name: (mounted / name).read_bytes() for name in CONTENTS} == CONTENTS
    assert not (mounted / "b").exists()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerEngine]:
    from e2e.dockerd import docker_engine  # noqa: PLC0415 - the path is set above

    if os.geteuid() != 0:
        pytest.skip("a Docker engine started by hand needs root")
    with docker_engine(tmp_path_factory.mktemp("engine") / "data") as engine:
        yield engine


@pytest.mark.slow
@pytest.mark.system("docker.io")
@pytest.mark.parametrize("codec", ["gzip", "plain"])
@pytest.mark.parametrize("way", ["file", "pipe"])
def test_docker_load(tmp_path: Path, engine: DockerEngine, codec: str, way: str) -> None:
    source = build_image(
        LAYERS, directory=tmp_path, codec="gzip" if codec == "gzip" else "plain", name=NAME
    )
    place = tmp_path / "it.tar"
    if way == "file":
        copy(source, f"docker-archive:{place}:loaded:{codec}")
        told = engine.docker("load", "-q", "-i", place)
    else:
        script = Path(__file__).with_name("copying.py")
        told = subprocess.run(
            ["sh", "-c", 'python=$1; shift; "$python" "$@" | $DOCKER load -q', "sh",
             sys.executable, str(script), "once", source, f"docker-archive:-:loaded:{codec}"],
            env={**os.environ, **engine.environment, "DOCKER": engine.command()[0]},
            check=True,
            capture_output=True,
        ).stdout  # fmt: skip
    assert f"loaded:{codec}".encode() in told
    name = f"loaded:{codec}"
    diff_ids = json.loads(engine.docker("image", "inspect", name))[0]["RootFS"]["Layers"]
    assert diff_ids == [str(layer.diff_id) for layer in opened(source).layers]
    made = engine.docker("create", name, "x").decode().strip()
    engine.docker("export", "-o", tmp_path / "exported.tar", made)
    names = run("tar", "-tf", tmp_path / "exported.tar").decode().split()
    assert "etc/a" in names
    assert "b" not in names
    assert run("tar", "-xOf", tmp_path / "exported.tar", "etc/a") == b"second"
    engine.docker("rm", made)
    engine.docker("rmi", name)


@pytest.mark.slow
@pytest.mark.system("docker.io")
def test_docker_load_of_several_names_and_platforms(tmp_path: Path, engine: DockerEngine) -> None:
    shelf = Shelf()
    index = shelf.index(shelf.image(), shelf.image(architecture="arm64"))
    shelf.top({**index, "annotations": {"org.opencontainers.image.ref.name": "1"}})
    source = f"oci:{shelf.directory(tmp_path / 'several')}"
    place = tmp_path / "it.tar"
    made = copy(source, f"docker-archive:{place}", ["one:1", "quay.io/x/two:2", "3"])
    assert "linux/amd64" in made.notes[-1]
    told = engine.docker("load", "-q", "-i", place).decode()
    assert "one:1" in told
    assert "quay.io/x/two:2" in told
    for name in ("one:1", "quay.io/x/two:2"):
        assert json.loads(engine.docker("image", "inspect", name))[0]["Architecture"] == "amd64"
