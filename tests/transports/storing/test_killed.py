"""Killed at any moment, a destination is the old one or the new one; the next run clears up."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lightship.errors import LightshipError
from lightship.model.digest import Digest
from lightship.transports.temporary_names import PREFIX, new_directory, new_file, sweep

from ..conftest import opened  # noqa: TID252 - the tests around this folder
from .conftest import image_bytes
from .copying import copy
from .test_storing import files

COPYING = Path(__file__).with_name("copying.py")


def killed(seconds: float, *words: str) -> None:
    """Copy in a process of its own, for ever, until it is killed after a while."""
    with subprocess.Popen(
        [sys.executable, str(COPYING), *words], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(seconds)
        assert process.poll() is None
        process.kill()


def leftovers(place: Path) -> list[str]:
    return [name for name in files(place) if PREFIX in name]


def whole(place: Path) -> None:
    """Every blob of a layout is what its name says, and what is named is there."""
    for path in (place / "blobs/sha256").iterdir():
        assert Digest.of(path.read_bytes()).hex == path.name
    index = json.loads((place / "index.json").read_text())
    for entry in index["manifests"]:
        manifest = json.loads((place / "blobs" / entry["digest"].replace(":", "/")).read_text())
        for blob in (manifest["config"], *manifest["layers"]):
            assert (place / "blobs" / blob["digest"].replace(":", "/")).is_file()


def try_it(times: int, there: str, one: str, two: str) -> None:
    chance = random.Random(times)  # noqa: S311 - no secret
    form, _, path = there.partition(":")
    place = Path(path)
    images = [image_bytes(one), image_bytes(two)]
    found = set()
    for _ in range(times):
        killed(chance.uniform(0, 0.2), one, two, there)
        try:
            found.add(images.index(image_bytes(there)))
        except LightshipError:  # of the very first: there is nothing that could be taken for one
            assert not found
            assert not place.is_file()
            assert not (place / "index.json").exists()
        else:
            if form == "oci":
                whole(place)
    copy(one, there)
    assert image_bytes(there) == images[0]
    assert not leftovers(place)


@pytest.mark.slow
def test_killed_while_it_writes(form: str, place: Path, source: str, other: str) -> None:
    try_it(4, f"{form}:{place}", source, other)


@pytest.mark.acceptance
def test_killed_fifty_times(form: str, place: Path, source: str, other: str) -> None:
    try_it(50, f"{form}:{place}", source, other)


def test_what_is_in_use_is_not_swept(source: str, form: str, place: Path) -> None:
    """Another run is at work; what a third left behind goes."""
    copy(source, f"{form}:{place}")
    directory = place if form == "oci" else place.parent
    _, file = new_file(str(directory), 0o600)
    _, folder = new_directory(str(directory))
    old_file, old_folder = directory / f"{PREFIX}1", directory / f"{PREFIX}2"
    old_file.touch()
    (old_folder / "a").mkdir(parents=True)
    (directory / f"{PREFIX}3").symlink_to("nowhere")
    (directory / ".lightship-other").touch()
    copy(source, f"{form}:{place}")
    assert set(leftovers(place)) == {
        str(Path(name).relative_to(place.parent))
        for name in (file, folder, f"{directory}/{PREFIX}3")
    }
    assert (directory / ".lightship-other").exists()
    assert image_bytes(f"{form}:{place}") == image_bytes(source)


def test_sweeping_many_at_once_takes_nothing_in_use(tmp_path: Path) -> None:
    """Whoever makes a name and whoever sweeps may meet at any moment."""
    script = (
        "import sys, os; from lightship.transports.temporary_names import new_directory, new_file\n"
        "for _ in range(300):\n"
        "    handle, path = new_file(sys.argv[1], 0o600); assert os.path.exists(path)\n"
        "    os.unlink(path); os.close(handle)\n"
        "    handle, path = new_directory(sys.argv[1]); assert os.path.exists(path)\n"
        "    os.rmdir(path); os.close(handle)\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", script, tmp_path]) for _ in range(2)]
    while any(process.poll() is None for process in processes):
        sweep(str(tmp_path))
    assert [process.wait() for process in processes] == [0, 0]
    assert not list(tmp_path.iterdir())


def test_a_layout_that_was_begun_and_never_finished(source: str, tmp_path: Path) -> None:
    """Killed before its index was there: the next run takes it over."""
    place = tmp_path / "layout"
    (place / "blobs/sha256").mkdir(parents=True)
    digest = opened(source).layers[0].digest
    assert digest is not None
    (place / "blobs/sha256" / digest.hex).write_bytes(b"cut off")
    (place / f"{PREFIX}x").mkdir()
    copy(source, f"oci:{place}:1")
    assert image_bytes(f"oci:{place}:1") == image_bytes(source)
    assert {path.name for path in place.iterdir()} == {"blobs", "index.json", "oci-layout"}
