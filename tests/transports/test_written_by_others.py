"""Archives and layouts as skopeo, buildah, podman and umoci write them."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lightship.errors import LightshipError
from lightship.model.image import Image
from lightship.testing import build_image
from lightship.transports.opening import open_image

from .conftest import opened, opened_all, read_layer
from .shelf import sha

CONTENTS = [{"a": b"x" * 1000}, {"b": b"y"}, {"a": b"x" * 1000}]


def run(*command: str | Path) -> bytes:
    words = [str(part) for part in command]
    done = subprocess.run(words, check=False, capture_output=True)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stderr.decode(errors='replace')}"
    return done.stdout


def skopeo(source: str, target: str, *options: str) -> None:
    run("skopeo", "--insecure-policy", "copy", "-q", *options, source, target)


def contents(image: Image) -> list[str]:
    found: list[str] = []
    for layer in image.layers:
        with layer.open() as stream:
            found.append(sha(stream.read()))
    return found


@pytest.fixture
def source(tmp_path: Path) -> str:
    (tmp_path / "made").mkdir()
    return build_image(CONTENTS, directory=tmp_path / "made", name="example.org/x:1")


@pytest.mark.system("skopeo")
@pytest.mark.parametrize("form", ["oci", "oci-archive", "docker-archive"])
@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_skopeo(tmp_path: Path, source: str, form: str, codec: str) -> None:
    place = tmp_path / "copy"
    options = ("--dest-compress-format", codec) if form != "docker-archive" else ()
    skopeo(source, f"{form}:{place}:example.org/x:1", *options)
    image = opened(str(place))
    assert image.reference.transport == form
    assert image.names == ("example.org/x:1",)
    assert [layer.diff_id for layer in image.layers] == [
        layer.diff_id for layer in opened(source).layers
    ]
    if form == "docker-archive":
        assert contents(image) == [layer.diff_id for layer in image.layers]
    else:
        assert contents(image) == [layer.digest for layer in image.layers]
        inspected = json.loads(run("skopeo", "inspect", f"{form}:{place}:example.org/x:1"))
        assert image.digest == inspected["Digest"]
        assert [layer.digest for layer in image.layers] == inspected["Layers"]
    assert opened(str(image.reference)) is not None
    for selector in ("example.org/x:1", f"@{image.digest}"):
        if image.digest:
            separator = "" if selector.startswith("@") else ":"
            assert opened(f"{form}:{place}{separator}{selector}").digest == image.digest


@pytest.mark.system("skopeo")
def test_skopeo_into_one_layout(tmp_path: Path, source: str) -> None:
    (tmp_path / "other").mkdir()
    other = build_image(CONTENTS[:1], directory=tmp_path / "other")
    skopeo(source, f"oci:{tmp_path}/layout:one")
    skopeo(other, f"oci:{tmp_path}/layout:two")
    assert len(opened(f"oci:{tmp_path}/layout:one").layers) == 3
    assert len(opened(f"oci:{tmp_path}/layout:two").layers) == 1
    with pytest.raises(LightshipError, match="holds 2 images: one, two"):
        opened(f"oci:{tmp_path}/layout")


@pytest.mark.system("skopeo")
def test_skopeo_through_a_pipe(tmp_path: Path, source: str) -> None:
    skopeo(source, f"docker-archive:{tmp_path}/x.tar:example.org/x:1")
    skopeo(source, f"oci-archive:{tmp_path}/y.tar:example.org/x:1")
    for name in ("x.tar", "y.tar"):
        program = (
            "import sys; sys.path.insert(0, sys.argv[1]);"
            "from transports.conftest import read_layer;"
            "from lightship.transports.opening import open_image;"
            "image = open_image('-', platform=None, read_layer=read_layer);"
            "print([str(layer.scan.diff_id) == layer.diff_id for layer in image.layers])"
        )
        command = ["-c", program, str(Path(__file__).parent.parent)]
        data = (tmp_path / name).read_bytes()
        done = subprocess.run([sys.executable, *command], input=data,
                              capture_output=True, check=True)  # fmt: skip
        assert done.stdout == b"[True, True, True]\n"


@pytest.mark.system("umoci")
def test_umoci(tmp_path: Path) -> None:
    layout = tmp_path / "layout"
    run("umoci", "init", "--layout", layout)
    run("umoci", "new", "--image", f"{layout}:empty")
    (tmp_path / "file").write_bytes(b"x")
    run("umoci", "insert", "--rootless", "--image", f"{layout}:empty", "--tag", "full",
        tmp_path / "file", "/file")  # fmt: skip
    assert opened(f"oci:{layout}:empty").layers == ()
    assert len(opened(f"oci:{layout}:full").layers) == 1


@pytest.fixture
def store(tmp_path: Path) -> Iterator[list[str | Path]]:
    # podman takes no longer path than 50 characters for this
    with tempfile.TemporaryDirectory(prefix="run") as run_root:
        yield ["--root", tmp_path / "store", "--runroot", run_root, "--storage-driver", "vfs"]


@pytest.mark.slow
@pytest.mark.system("buildah")
def test_buildah(tmp_path: Path, store: list[str | Path]) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /one\nCOPY Dockerfile /b\n")
    run("buildah", *store, "bud", "-q", "--layers", "-t", "x:1", tmp_path)
    for form in ("oci", "oci-archive", "docker-archive"):
        place = tmp_path / f"{form}-copy"
        run("buildah", *store, "push", "-q", "localhost/x:1", f"{form}:{place}:x:1")
        image = opened(str(place))
        assert image.reference.transport == form
        assert len(image.layers) == 2
        assert image.config.history is not None


@pytest.mark.slow
@pytest.mark.system("buildah", "podman")
def test_podman_saves_several_images(tmp_path: Path, store: list[str | Path]) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /one\n")
    for tag in ("x:1", "y:1"):
        run("buildah", *store, "bud", "-q", "--label", f"name={tag}", "-t", tag, tmp_path)
    place = tmp_path / "several.tar"
    run("podman", *store, "save", "-q", "-m", "-o", place, "localhost/x:1", "localhost/y:1")
    image = opened(f"docker-archive:{place}:localhost/y:1")
    assert image.names == ("localhost/y:1",)
    assert contents(image) == [layer.diff_id for layer in image.layers]


@pytest.mark.slow
@pytest.mark.system("buildah", "skopeo")
def test_a_manifest_list(tmp_path: Path, store: list[str | Path]) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /one\n")
    for machine in ("amd64", "arm64", "s390x"):
        run("buildah", *store, "bud", "-q", "--platform", f"linux/{machine}", "--manifest",
            "list:1", tmp_path)  # fmt: skip
    layout = tmp_path / "layout"
    run("buildah", *store, "manifest", "push", "-q", "--all", "list:1", f"oci:{layout}:1")
    machines = [image.platform.architecture for image in opened_all(f"oci:{layout}:1")]
    assert sorted(machines) == ["amd64", "arm64", "s390x"]
    image = opened(f"oci:{layout}:1", "linux/s390x")
    assert image.platform.architecture == "s390x"
    archive = tmp_path / "x.tar"
    run("tar", "-cf", archive, "-C", layout, ".")
    assert opened(str(archive), "linux/s390x").digest == image.digest


@pytest.mark.system("skopeo")
def test_a_named_pipe_of_skopeo(tmp_path: Path, source: str) -> None:
    skopeo(source, f"docker-archive:{tmp_path}/x.tar:x:1")
    with subprocess.Popen(["cat", f"{tmp_path}/x.tar"], stdout=subprocess.PIPE) as cat:
        assert cat.stdout is not None
        place = f"/dev/fd/{cat.stdout.fileno()}"
        image = open_image(place, platform=None, read_layer=read_layer)
    assert len(image.layers) == 3
