"""Real images: every byte is somebody's, and what is found removable can be removed."""

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from independent.layouts import change, store
from lightship import inspect

from .real_images import RECIPES
from .shop import tag

if TYPE_CHECKING:
    from lightship.model.results.inspect import InspectResult

    from .shop import Shop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system(
        "docker.io", "docker-cli", "mmdebstrap", "skopeo", "npm", "golang-go", "rpm", "git",
        "busybox-static",
    ),
    pytest.mark.xdist_group("engine"),
]  # fmt: skip
EVERYTHING = 1_000_000


@pytest.fixture(scope="module")
def results(shop: Shop) -> dict[str, InspectResult]:
    return {
        name: inspect(f"oci:{layout}:it", listed=EVERYTHING, cache=None)
        for name, layout in shop.layouts.items()
    }


@pytest.mark.parametrize("name", RECIPES)
def test_every_byte_is_somebodys(name: str, results: dict[str, InspectResult]) -> None:
    result = results[name]
    contents, image = result.contents, result.image
    assert contents is not None
    for rows in (
        contents.packages,
        contents.categories,
        contents.instructions,
        contents.directories,
        contents.types,
    ):
        assert sum(row.visible_bytes for row in rows) == image.visible_bytes
        assert sum(row.wire_bytes for row in rows) == contents.wire.live_bytes
    wire = contents.wire
    shares = wire.live_bytes + wire.dead_bytes + wire.overhead_bytes + wire.config_bytes
    assert shares == image.wire_bytes
    assert not image.wire_bytes_estimated


@pytest.mark.parametrize("name", RECIPES)
def test_its_package_systems_are_found(name: str, results: dict[str, InspectResult]) -> None:
    contents = results[name].contents
    assert contents is not None
    by_system = {row.system for row in contents.packages if row.system and row.visible_bytes}
    assert set(RECIPES[name].systems) <= by_system
    assert contents.notes == ()


EXPECTED = {
    "apt": {"deleted", "metadata-copy", "build-tools", "dev-packages", "documentation"},
    "python": {"python-bytecode", "documentation"},
    "node": {"npm-dev-dependencies"},
    "conda": {"static-libraries", "headers", "conda-cache"},
    "rpm": {"dev-packages"},
    "go": {"unstripped-elf"},
    "data": {"data-sets", "model-weights", "version-control", "unpacked-archives"},
}


@pytest.mark.parametrize("name", RECIPES)
def test_what_need_not_be_there_is_found(name: str, results: dict[str, InspectResult]) -> None:
    assert {finding.rule for finding in results[name].findings} >= EXPECTED[name]


@pytest.mark.parametrize("name", RECIPES)
def test_removing_exactly_those_paths_gives_the_promised_bytes_and_it_still_runs(
    name: str, shop: Shop, results: dict[str, InspectResult], tmp_path: Path
) -> None:
    """A container of the image; the paths of each finding taken out of its file system."""
    recipe = RECIPES[name]
    assert recipe.says in shop.says(tag(name))
    removing = [one for one in results[name].findings if one.remedy == "remove"]
    assert removing or name == "go"
    paths: set[str] = set()
    for finding in removing:
        assert finding.paths_count == len(finding.paths) > 0
        gone = set(finding.paths)
        copy = tmp_path / finding.rule
        assert finding.removable_bytes == freed(results[name], shop.layouts[name], gone, copy)
        paths |= gone
    if not removing:
        return
    container = shop.engine.docker("create", tag(name)).decode().strip()
    tree = tmp_path / "tree.tar"
    shop.engine.docker("export", "-o", tree, container)
    shop.engine.docker("rm", container)
    slim = tmp_path / "slim.tar"
    without(tree, slim, paths)
    changes = [
        word
        for line in recipe.dockerfile.splitlines()
        if line.startswith(("CMD", "ENV", "WORKDIR"))
        for word in ("-c", line)
    ]
    shop.engine.docker("import", *changes, slim, f"localhost/slim-{name}:1")
    assert recipe.says in shop.says(f"localhost/slim-{name}:1")


def freed(result: InspectResult, layout: Path, paths: set[str], copy: Path) -> int:
    """What inspect measures once a layer takes these paths away."""
    whiteouts = io.BytesIO()
    with tarfile.open(fileobj=whiteouts, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(paths):
            head, _, last = path.rpartition("/")
            archive.addfile(tarfile.TarInfo(f"{head}/.wh.{last}" if head else f".wh.{last}"))
    shutil.copytree(layout, copy, copy_function=_hard_link)
    after = inspect(add_layer(f"oci:{copy}", whiteouts.getvalue()))
    shutil.rmtree(copy)
    return result.image.visible_bytes - after.image.visible_bytes


def _hard_link(source: str, target: str) -> None:
    if source.endswith("index.json"):
        shutil.copy(source, target)  # it is written again
    else:
        Path(target).hardlink_to(source)


def add_layer(reference: str, tar: bytes) -> str:
    """Put one more layer on an image, in place."""
    blob = store(Path(reference.removeprefix("oci:")), gzip.compress(tar, mtime=0))
    media_type = "application/vnd.oci.image.layer.v1.tar+gzip"
    return change(
        reference,
        config=lambda document: document["rootfs"]["diff_ids"].append(
            f"sha256:{hashlib.sha256(tar).hexdigest()}"
        ),
        manifest=lambda document: document["layers"].append({"mediaType": media_type, **blob}),
    )


def without(source: Path, target: Path, paths: set[str]) -> None:
    """Copy a tar but for these paths and what is below them; other names of an inode stay."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        moved: dict[str, str] = {}
        for member in old:
            if is_below(member.name, paths):
                continue
            content = None
            if member.islnk() and is_below(member.linkname, paths):
                first = moved.setdefault(member.linkname, member.name)
                if first == member.name:
                    content = old.extractfile(member)
                    member.type, member.size = tarfile.REGTYPE, old.getmember(member.linkname).size
                else:
                    member.linkname = first
            elif member.isreg():
                content = old.extractfile(member)
            new.addfile(member, content)


def is_below(path: str, paths: set[str]) -> bool:
    parts = path.split("/")
    return any("/".join(parts[:count]) in paths for count in range(1, len(parts) + 1))
