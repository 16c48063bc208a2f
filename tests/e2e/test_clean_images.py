"""A real Debian with real packages, cleaned: dpkg itself reads what is left, and programs run."""

from __future__ import annotations

import io
import json
import platform
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from lightship import inspect
from lightship.api.cleaning import clean
from lightship.testing import build_image

from .dockerd import docker_engine
from .programs import run
from .snapshot import compare, snapshot
from .test_minbase import sources

if TYPE_CHECKING:
    from pathlib import Path

    from .programs import Lightship
    from .snapshot import Seen
    from .workshop import Workshop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system("docker.io", "docker-cli", "mmdebstrap", "umoci"),
    pytest.mark.xdist_group("engine"),
]
PACKAGES = ("hello", "tree")
WHEEL = "msgspec"
SITE = "opt/app/site"


@dataclass(frozen=True)
class Made:
    """An image of three layers: Debian, two packages with caches, a Python application."""

    reference: str
    root: Path


def _changed(root: Path, before: dict[str, Seen], after: dict[str, Seen]) -> bytes:
    """A layer with what a change brought; nothing is removed by these."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for path in sorted(after):
            if path != "." and before.get(path) != after[path]:
                tar.add(root / path, path, recursive=False)
    return stream.getvalue()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    place = tmp_path_factory.mktemp("clean")
    suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
    base, root, debs = place / "base.tar", place / "root", place / "debs"
    run("mmdebstrap", "--quiet", "--variant=minbase", "--include=python3", suite, base, sources())
    for folder in (root, debs):
        folder.mkdir()
    run("tar", "-xpf", base, "-C", root, "--exclude=./dev/*", "--numeric-owner", "--xattrs")
    run("apt-get", "download", "-q", *PACKAGES, cwd=debs)
    first = snapshot(root)
    run("dpkg", f"--root={root}", "--force-script-chrootless", "-i", *debs.glob("*.deb"))
    for deb in debs.glob("*.deb"):
        shutil.copy(deb, root / "var/cache/apt/archives")
    (root / "var/lib/apt/lists/archive_dists_main_Packages").write_bytes(b"Package: x\n" * 200_000)
    second = snapshot(root)
    run(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--root-user-action=ignore", "--python-version", "3.11", "--only-binary=:all:",
        "--target", root / SITE, WHEEL)  # fmt: skip
    (root / SITE / "one.dat").write_bytes(b"d" * 50_000)
    shutil.copy2(root / SITE / "one.dat", root / SITE / "two.dat")
    cache = root / "root/.cache/pip/http"
    cache.mkdir(parents=True)
    (cache / "wheel").write_bytes(b"w" * 300_000)
    third = snapshot(root)
    layers = [base.read_bytes(), _changed(root, first, second), _changed(root, second, third)]
    config = {"config": {"Cmd": ["/usr/bin/hello"], "Env": ["PATH=/usr/bin:/bin"]}}
    reference = build_image(layers, directory=place, config=config)
    return Made(reference, root)


def _unpacked(reference: str, place: Path) -> Path:
    run("umoci", "unpack", "--image", reference.removeprefix("oci:"), place)
    return place / "rootfs"


def _chroot(root: Path, *command: str) -> str:
    done = subprocess.run(["chroot", root, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_certainly_not_needed_goes_and_all_else_stays(
    made: Made, lightship: Lightship, tmp_path: Path
) -> None:
    before = _unpacked(f"{made.reference}:latest", tmp_path / "before")
    told = inspect(made.reference, base=None)
    target = f"oci:{tmp_path / 'out'}:it"
    answer = json.loads(
        lightship.start("clean", made.reference, "-o", target, "--format", "json").stdout
    )
    root = _unpacked(target, tmp_path / "after")
    removed = {row["path"] for row in answer["removed"]}
    assert len(removed) > 10
    old, new = snapshot(before), snapshot(root)
    assert old.keys() - new.keys() == removed
    left = {path: seen for path, seen in old.items() if path in new}
    assert compare(left, new, frozenset((".",))) == []
    assert [layer["fate"] for layer in answer["layers"]] == ["kept", "written", "written"]

    assert _chroot(root, "hello") == "Hello, world!\n"
    assert _chroot(root, "dpkg-query", "-W", "-f", "${Package} ", *PACKAGES) == "hello tree "
    missing = {line.split()[-1][1:] for line in _chroot(root, "dpkg", "--audit").splitlines()}
    assert missing == set()
    assert sum(row["content_bytes"] for row in answer["removed"]) == (
        answer["before"]["visible_bytes"] - answer["after"]["visible_bytes"]
    )
    again = inspect(target)
    certain = {
        one.rule for one in again.findings if one.remedy == "remove" and one.confidence == "certain"
    }
    assert "apt-lists" not in certain
    assert "apt-cache" not in {
        one.rule for one in again.findings
        if any(evidence.layer != 1 for evidence in one.evidence)
    }  # fmt: skip
    assert told.image.visible_bytes - again.image.visible_bytes == sum(
        row["content_bytes"] for row in answer["removed"]
    )


def test_a_package_goes_with_its_record_and_dpkg_agrees(made: Made, tmp_path: Path) -> None:
    listed = (made.root / "var/lib/dpkg/info/tree.list").read_text().split("\n")
    files = [path for path in listed if path and not (made.root / path.lstrip("/")).is_dir()]
    target = f"oci:{tmp_path / 'out'}:it"
    result = clean(made.reference, target, paths=files, cache=None)
    assert result.cleaning is not None
    assert [(one.name, one.whole) for one in result.cleaning.packages] == [("tree", True)]
    assert result.cleaning.edited == ("var/lib/dpkg/status",)
    root = _unpacked(target, tmp_path / "after")
    names = _chroot(root, "dpkg-query", "-W", "-f", "${Package}\n").split()
    assert "hello" in names
    assert "tree" not in names
    assert not list((root / "var/lib/dpkg/info").glob("tree.*"))
    assert _chroot(root, "dpkg", "--audit") == ""
    assert _chroot(root, "dpkg", "--verify", "hello") == ""


def test_half_a_package_stays_listed_and_dpkg_names_what_is_missing(
    made: Made, tmp_path: Path
) -> None:
    target = f"oci:{tmp_path / 'out'}:it"
    result = clean(made.reference, target, paths=["/usr/share/man/man1/tree.1.gz"], cache=None)
    assert result.cleaning is not None
    (loss,) = result.cleaning.packages
    assert (loss.name, loss.lost, loss.whole) == ("tree", 1, False)
    root = _unpacked(target, tmp_path / "after")
    verified = subprocess.run(
        ["chroot", root, "dpkg", "--verify", "tree"], capture_output=True, text=True, check=False
    ).stdout
    assert [line.split()[-1] for line in verified.splitlines()] == ["/usr/share/man/man1/tree.1.gz"]


def test_a_distribution_goes_with_its_metadata_and_python_agrees(
    made: Made, tmp_path: Path
) -> None:
    target = f"oci:{tmp_path / 'out'}:it"
    result = clean(made.reference, target, paths=[f"/{SITE}/msgspec"], cache=None)
    root = _unpacked(target, tmp_path / "after")
    assert not list((root / SITE).glob("msgspec*"))
    script = "import importlib.metadata as m; print([d.name for d in m.distributions()])"
    said = _chroot(root, "/usr/bin/env", f"PYTHONPATH=/{SITE}", "python3", "-c", script)
    assert "msgspec" not in said
    assert result.cleaning is not None
    assert [(one.system, one.whole) for one in result.cleaning.packages] == [("python", True)]


def test_docker_runs_what_was_cleaned(made: Made, workshop: Workshop, tmp_path: Path) -> None:
    archive, name = tmp_path / "cleaned.tar", "localhost/cleaned:1"
    result = clean(made.reference, f"docker-archive:{archive}:{name}", dedupe=True, cache=None)
    assert result.cleaning is not None
    assert result.cleaning.joined is not None
    assert result.cleaning.joined.content_bytes >= 50_000
    with workshop.alone(), docker_engine(tmp_path / "docker") as engine:
        engine.docker("load", "-q", "-i", archive)
        assert engine.docker("run", "--rm", "--network=host", name) == b"Hello, world!\n"
        script = f"import sys; sys.path.insert(0, '/{SITE}'); import json; print(json.dumps([1]))"
        command = ("python3", "-c", script)
        assert engine.docker("run", "--rm", "--network=host", name, *command) == b"[1]\n"
