"""Real images, squashed, cleaned and recompressed: they are what they were, and they still run."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .dockerd import unmount_below
from .programs import Lightship, run
from .real_images import RECIPES
from .registry_server import registry
from .shop import tag
from .snapshot import compare, exported, snapshot
from .test_engines import within
from .test_rewritten import DOCKERS_OWN, DOCKERS_TOUCHED, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .shop import Shop
    from .snapshot import Seen

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system(
        "docker.io", "docker-cli", "docker-registry", "mmdebstrap", "skopeo", "umoci", "podman",
        "buildah", "npm", "golang-go", "rpm", "git", "busybox-static",
    ),
    pytest.mark.xdist_group("engine"),
]  # fmt: skip
KEEPS = ("none", "1")


def images(*quick: str) -> list[Any]:
    """All seven; but for the quick ones with `make acceptance`: four have the same Debian below."""
    marks = [pytest.mark.acceptance]
    return [pytest.param(name, marks=() if name in quick else marks) for name in RECIPES]


class Rewriting:
    """Rewrites the images for the engine, and sees what it has; each tree is exported once."""

    def __init__(self, shop: Shop, program: Lightship, place: Path) -> None:
        self.shop = shop
        self.place = place
        self.program = within(program, shop.engine.environment)
        self.trees: dict[str, dict[str, Seen]] = {}

    def __call__(self, name: str, *words: str) -> Any:
        """The answer of `lightship ...` to the image."""
        command, *options = words
        return self.program.json(command, f"oci:{self.shop.layouts[name]}:it", *options)

    def exported(self, image: str) -> dict[str, Seen]:
        """What `docker export` has of an image of the engine."""
        docker, archive = self.shop.engine.docker, self.place / "export.tar"
        if image not in self.trees:
            container = docker("create", "--network=none", image).decode().strip()
            docker("export", "-o", archive, container)
            docker("rm", container)
            self.trees[image] = exported(archive, DOCKERS_OWN)
        return self.trees[image]


@pytest.fixture(scope="module")
def rewriting(
    shop: Shop, lightship: Lightship, tmp_path_factory: pytest.TempPathFactory
) -> Rewriting:
    return Rewriting(shop, lightship, tmp_path_factory.mktemp("rewriting"))


@pytest.mark.parametrize("keep", KEEPS)
@pytest.mark.parametrize("name", images("apt", "rpm", "go", "data"))
def test_docker_has_the_same_tree_of_what_was_squashed_and_it_says_the_same(
    name: str, keep: str, rewriting: Rewriting, tmp_path: Path
) -> None:
    """One comes as an archive, the other straight into the engine."""
    engine, image = rewriting.shop.engine, f"localhost/squashed-{name}:{keep}"
    archive = tmp_path / "squashed.tar"
    there = f"docker-archive:{archive}:{image}" if keep == "none" else f"docker:{image}"
    answer = rewriting(name, "squash", "--keep", keep, "-o", there)
    assert answer["outcome"] == "written"
    assert answer["after"]["layers"] == (1 if keep == "none" else 2) < answer["before"]["layers"]
    if keep == "none":
        engine.docker("load", "-q", "-i", archive)
    assert RECIPES[name].says in rewriting.shop.says(image)
    before, after = rewriting.exported(tag(name)), rewriting.exported(image)
    assert "opt/worn/file" in before
    assert compare(before, after, DOCKERS_TOUCHED) == []
    engine.docker("rmi", "-f", image)


# All that could go from these lies in the lowest layer, which is left alone if nobody asks for it.
LOWEST = {"apt", "node", "conda"}
CLEANED = {"python", "data"}


@pytest.mark.parametrize("name", images("python", "rpm", "go", "data"))
def test_what_was_cleaned_says_the_same_and_all_else_is_there(
    name: str, rewriting: Rewriting, tmp_path: Path
) -> None:
    image, archive = f"localhost/cleaned-{name}:1", tmp_path / "cleaned.tar"
    words = ("clean", "-o", f"docker-archive:{archive}:{image}")
    answer = rewriting(name, *words)
    assert (answer["outcome"] == "written") == (name in CLEANED), answer
    if name not in CLEANED:
        assert not archive.exists()
        if name not in LOWEST:
            return
        answer = rewriting(name, *words, "--touch-base")
    assert len(answer["removed"]) > 3
    rewriting.shop.engine.docker("load", "-q", "-i", archive)
    assert RECIPES[name].says in rewriting.shop.says(image)
    before, after = rewriting.exported(tag(name)), rewriting.exported(image)
    assert before.keys() - after.keys() == {row["path"] for row in answer["removed"]}
    rewriting.shop.engine.docker("rmi", "-f", image)


@pytest.mark.parametrize("name", images("rpm", "go", "data"))
def test_umoci_unpacks_the_same_tree(name: str, rewriting: Rewriting, tmp_path: Path) -> None:
    layouts = {"source": rewriting.shop.layouts[name]}
    for keep in KEEPS:
        layouts[keep] = tmp_path / f"{keep}.oci"
        rewriting(name, "squash", "--keep", keep, "-o", f"oci:{layouts[keep]}:it")
    trees = {}
    for way, layout in layouts.items():
        run("umoci", "unpack", "--image", f"{layout}:it", tmp_path / way)
        trees[way] = snapshot(tmp_path / way / "rootfs")
    for keep in KEEPS:
        assert compare(trees["source"], trees[keep], ROOT) == [], keep


@pytest.fixture
def short() -> Iterator[Path]:
    """A place for a store: the path of podman's run root may have 50 characters."""
    with tempfile.TemporaryDirectory(prefix="lightship-") as place:
        yield Path(place)
        unmount_below(Path(place))


def test_zstd_is_the_same_image_for_skopeo_podman_and_buildah(
    rewriting: Rewriting, short: Path, tmp_path: Path
) -> None:
    source, target = rewriting.shop.layouts["data"], tmp_path / "zstd.oci"
    rewriting("data", "recompress", "--codec", "zstd", "-o", f"oci:{target}:it")
    told = [
        json.loads(run("skopeo", "inspect", "--raw", f"oci:{layout}:it"))
        for layout in (source, target)
    ]
    assert told[0]["config"] == told[1]["config"]
    assert {layer["mediaType"].rpartition("+")[2] for layer in told[1]["layers"]} == {"zstd"}
    store = ("--root", f"{short}/store", "--runroot", f"{short}/run",
             "--storage-driver", "overlay")  # fmt: skip
    stored = f"containers-storage:[overlay@{short}/store+{short}/run]localhost/zstd:1"
    run("skopeo", "--insecure-policy", "copy", "-q", f"oci:{target}:it", stored)
    for words in (("podman", *store, "images", "--format=json"),
                  ("buildah", *store, "images", "--json")):  # fmt: skip
        (image,) = json.loads(run(*words, "--no-trunc"))
        found = (image.get("Id") or image["id"]).removeprefix("sha256:")
        assert f"sha256:{found}" == told[0]["config"]["digest"], words
    place = run("podman", *store, "image", "mount", "localhost/zstd:1").decode().strip()
    mounted = snapshot(Path(place))
    run("podman", *store, "image", "unmount", "localhost/zstd:1")
    run("umoci", "unpack", "--image", f"{source}:it", tmp_path / "source")
    tree = snapshot(tmp_path / "source" / "rootfs")
    del tree["."], mounted["."]  # no record is the root's: each program makes it as it likes
    assert len(tree) > 60
    assert compare(tree, mounted) == []


def test_what_was_pushed_is_pulled_by_docker_and_says_the_same(
    rewriting: Rewriting, tmp_path: Path
) -> None:
    with registry(tmp_path / "registry", tls=False) as server:
        for keep in KEEPS:
            image = f"{server.host}/python:{keep}"
            rewriting("python", "squash", "--keep", keep, "-o", f"registry:{image}",
                      *server.options)  # fmt: skip
            rewriting.shop.engine.docker("pull", "-q", image)
            assert RECIPES["python"].says in rewriting.shop.says(image)
