"""The base's end in images that real builders built upon a base that real builders built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from .dockerd import docker_engine
from .programs import run
from .registry_server import registry

if TYPE_CHECKING:
    from pathlib import Path

    from .programs import Lightship
    from .workshop import Workshop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system("docker.io", "docker-cli", "buildah", "skopeo", "docker-registry"),
    pytest.mark.xdist_group("engine"),
]
BASE = """\
FROM scratch
COPY root /
COPY more /more
CMD ["/sh"]
"""
OWN = """\
FROM {base}
COPY own /own
COPY more /own/more
ENV A=b
CMD ["/own"]
"""
BASE_LAYERS = 2
BUILDERS = ("legacy", "buildkit", "buildah", "buildah-one-layer")


@dataclass(frozen=True)
class Pair:
    """A base and an image upon it, as archives or layouts."""

    base: str
    image: str
    base_layers: int = BASE_LAYERS


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("context")
    for name in ("root", "more", "own"):
        (place / name).mkdir()
        (place / name / f"{name}.bin").write_bytes(name.encode() * 5000)
    (place / "base.dockerfile").write_text(BASE)
    (place / "own.dockerfile").write_text(OWN.format(base="localhost/base:1"))
    return place


@pytest.fixture(scope="module")
def pairs(
    workshop: Workshop, context: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Pair]:
    place = tmp_path_factory.mktemp("pairs")
    made: dict[str, Pair] = {}
    with workshop.alone(), docker_engine(place / "docker") as engine:
        for builder, buildkit in (("legacy", "0"), ("buildkit", "1")):
            for name in ("base", "own"):
                engine.docker("build", "--network=none", "-q", "-t", f"localhost/{name}:1",
                              "-f", context / f"{name}.dockerfile", context,
                              DOCKER_BUILDKIT=buildkit)  # fmt: skip
                archive = place / f"{builder}-{name}.tar"
                engine.docker("save", "-o", archive, f"localhost/{name}:1")
            made[builder] = Pair(f"{place}/{builder}-base.tar", f"{place}/{builder}-own.tar")
    for builder, layers in (("buildah", "true"), ("buildah-one-layer", "false")):
        store = ("--root", f"{place}/{builder}", "--runroot", f"{place}/run",
                 "--storage-driver", "vfs")  # fmt: skip
        for name in ("base", "own"):
            run("buildah", *store, "bud", f"--layers={layers}", "--isolation", "chroot", "-q",
                "-f", context / f"{name}.dockerfile", "-t", f"localhost/{name}:1",
                context)  # fmt: skip
            run("buildah", *store, "push", "-q", f"localhost/{name}:1",
                f"oci:{place}/{builder}-{name}:1")  # fmt: skip
        count = BASE_LAYERS if layers == "true" else 1
        made[builder] = Pair(f"oci:{place}/{builder}-base:1", f"oci:{place}/{builder}-own:1", count)
    return made


def checked(answer: dict[str, Any], pair: Pair) -> dict[str, Any]:
    """The base, where it ends after as many layers as it was built with."""
    base: dict[str, Any] = answer["base"]
    assert base is not None
    assert base["layers"] == pair.base_layers
    marks = [layer["base"] for layer in answer["layers"]]
    assert marks == [at < pair.base_layers for at in range(len(marks))]
    return base


@pytest.mark.parametrize("builder", BUILDERS)
def test_a_given_base_is_certain(
    pairs: dict[str, Pair], builder: str, lightship: Lightship
) -> None:
    pair = pairs[builder]
    base = checked(lightship.json("inspect", "--no-cache", pair.image, "--base", pair.base), pair)
    assert (base["how"], base["certain"]) == ("given", True)
    own = base["payload"]
    assert own["unpacked_bytes"] == len("own") * 5000 + len("more") * 5000
    assert own["dead_bytes"] == 0


@pytest.mark.parametrize("builder", BUILDERS)
def test_the_history_tells_it(pairs: dict[str, Pair], builder: str, lightship: Lightship) -> None:
    base = checked(lightship.json("inspect", "--no-cache", pairs[builder].image), pairs[builder])
    assert (base["how"], base["certain"]) == ("history", False)
    if builder.startswith("buildah"):
        assert base["name"] == "localhost/base:1"


@pytest.mark.parametrize("builder", BUILDERS)
def test_what_was_built_upon_nothing_has_none(
    pairs: dict[str, Pair], builder: str, lightship: Lightship
) -> None:
    assert lightship.json("inspect", "--no-cache", pairs[builder].base)["base"] is None


@pytest.mark.parametrize("builder", BUILDERS)
def test_an_image_seen_before_is_known(
    pairs: dict[str, Pair], builder: str, lightship: Lightship, tmp_path: Path
) -> None:
    pair, cache = pairs[builder], ("--cache-dir", str(tmp_path / "cache"))
    lightship.json("inspect", *cache, pair.base)
    base = checked(lightship.json("inspect", *cache, pair.image), pair)
    assert (base["how"], base["certain"]) == ("known", False)


def test_the_base_of_another_build_is_refused(pairs: dict[str, Pair], lightship: Lightship) -> None:
    done = lightship.start("inspect", "--no-cache", pairs["buildah"].image,
                           "--base", pairs["legacy"].base)  # fmt: skip
    assert done.returncode == 2
    assert b"is not the base of" in done.stderr


def test_an_annotation_is_followed_when_asked_for(
    pairs: dict[str, Pair],
    context: Path,
    workshop: Workshop,
    lightship: Lightship,
    tmp_path: Path,
) -> None:
    """buildah notes name and digest of the base: it is asked for by both, and only with `auto`."""
    with registry(tmp_path / "registry", tls=False) as server:
        base, own = f"{server.host}/base:1", tmp_path / "own"
        server.push(pairs["buildah"].base, "base:1")
        (tmp_path / "dockerfile").write_text(OWN.format(base=base))
        store = ("--root", f"{tmp_path}/store", "--runroot", f"{tmp_path}/run",
                 "--storage-driver", "vfs")  # fmt: skip
        with workshop.alone():
            run("buildah", *store, "bud", "--layers", "--isolation", "chroot", "-q",
                "--tls-verify=false", "-f", tmp_path / "dockerfile", "-t", "localhost/own:1",
                context)  # fmt: skip
            run("buildah", *store, "push", "-q", "localhost/own:1", f"oci:{own}:1")
        with server.observed() as unasked:
            plain = lightship.json("inspect", "--no-cache", f"oci:{own}:1", *server.options)
        with server.observed() as asked:
            answer = lightship.json("inspect", "--no-cache", f"oci:{own}:1", *server.options,
                                    "--base", "auto")  # fmt: skip
    assert not unasked
    assert (plain["base"]["name"], plain["base"]["how"]) == (base, "history")
    found = checked(answer, pairs["buildah"])
    assert (found["how"], found["certain"]) == ("annotation", True)
    # buildah 1.28 notes the digest of an image that it kept on the way; then the name counts.
    answered = [one.path for one in asked if one.status == 200 and "/base/" in one.path]
    assert sum("/manifests/" in path for path in answered) == 1
    assert sum("/blobs/" in path for path in answered) == 1  # the config, and no layer
