"""One cache and several processes, some of which die or find no room."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import asdict

import lightship
from layers.scanned import scan
from lightship.layers.cache import Cache, CachePlace
from lightship.layers.captures import NO_CAPTURES
from lightship.model.digest import Digest
from lightship.testing import build_image, layer_tar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LAYERS = [
    {f"d{n % 7}/{layer}-{n}": b"%d" % (n * layer) * 50 for n in range(400)} for layer in (1, 2, 3)
]
WRITE = """
import os, pathlib, signal, sys
from lightship.layers.cache import Cache, CachePlace
from lightship.layers.captures import NO_CAPTURES
from lightship.layers.scan import LayerScan
from lightship.layers.limits import Allowance, Limits
from lightship.layers.scanning import scan_tar
from lightship.model.digest import Digest

tar = sys.stdin.buffer.read()
index = scan_tar(iter([tar]), limits=Limits(), allowance=Allowance(Limits()))
if sys.argv[2] == "die":
    kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    pathlib.Path.replace = os.replace = os.rename = kill
for _ in range(int(sys.argv[3])):
    Cache(CachePlace(pathlib.Path(sys.argv[1]))).store(Digest.of(tar), index, NO_CAPTURES)
"""


def start(
    reference: str, directory: Path, prepare: Callable[[], None] | None = None
) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "lightship", "inspect", "--format", "json"]
    return subprocess.Popen(
        [*command, "--cache-dir", str(directory), reference],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=prepare,  # noqa: PLW1509 - no threads here yet
    )


def answer(process: subprocess.Popen[str]) -> dict[str, object]:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert err == ""
    document: dict[str, object] = json.loads(out)
    return document


def settle(directory: Path) -> None:
    """Until files made now are older than what the cache distrusts."""
    for path in (path for path in directory.rglob("*") if path.is_file()):
        while time.time_ns() - path.stat().st_ctime_ns < 2_100_000_000:
            time.sleep(0.1)


def plain(document: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in document.items() if key != "verified"}


@pytest.mark.slow
def test_several_processes_at_once_are_all_right(tmp_path: Path) -> None:
    reference = build_image(LAYERS, directory=tmp_path)
    settle(tmp_path)
    cache = tmp_path / "cache"
    answers = [answer(process) for process in [start(reference, cache) for _ in range(3)]]
    assert plain(answers[0]) == plain(answers[1]) == plain(answers[2])
    expected = lightship.inspect(reference, cache=None).image
    assert answers[0]["image"] == asdict(expected)
    assert not list(cache.rglob("*.part"))
    last = answer(start(reference, cache))
    assert last["verified"] == "cached"
    assert plain(last) == plain(answers[0])


@pytest.mark.slow
def test_several_writers_of_one_index_leave_one_whole(tmp_path: Path) -> None:
    tar = layer_tar(LAYERS[0])
    command = [sys.executable, "-c", WRITE, str(tmp_path / "cache"), "write", "60"]
    writers = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(3)]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(tar)
        writer.stdin.close()
    cache = Cache(CachePlace(tmp_path / "cache"))
    seen = 0
    while any(writer.poll() is None for writer in writers):
        seen += cache.index(Digest.of(tar), NO_CAPTURES) is not None
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert seen
    assert cache.index(Digest.of(tar), NO_CAPTURES) == scan(tar)
    assert [path.suffix for path in (tmp_path / "cache").glob("v*/*")] == [".index"]


def test_a_writer_that_is_killed_leaves_a_part_that_goes_later(tmp_path: Path) -> None:
    tar = layer_tar(LAYERS[0])
    place = CachePlace(tmp_path / "cache")
    command = [sys.executable, "-c", WRITE, str(place.directory), "die", "1"]
    died = subprocess.run(command, input=tar, check=False)
    assert died.returncode == -signal.SIGKILL
    cache = Cache(place)
    (left,) = (path for path in place.directory.rglob("*") if path.is_file())
    assert left.suffix == ".part"
    assert cache.index(Digest.of(tar), NO_CAPTURES) is None
    cache.store(Digest.of(tar), scan(tar), NO_CAPTURES)
    assert cache.index(Digest.of(tar), NO_CAPTURES) == scan(tar)
    cache.prune()
    assert left.exists(), "somebody may be writing it now"
    os.utime(left, (1, 1))
    cache.prune()
    assert not left.exists()
    assert cache.info().entries == 1


def test_a_full_disk_does_not_fail_the_answer(tmp_path: Path) -> None:
    """A limit on the size of files stands for it: writing fails in the same place."""
    reference = build_image(LAYERS, directory=tmp_path)
    cache = tmp_path / "cache"
    found = answer(
        start(reference, cache, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))
    )
    assert found["verified"] == "read"
    assert [path for path in cache.rglob("*") if path.is_file()] == []
    assert plain(found) == plain(answer(start(reference, tmp_path / "other")))


def test_a_cache_that_others_may_write_is_exit_2(tmp_path: Path) -> None:
    reference = build_image([{"a": b"x"}], directory=tmp_path)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(0o777)
    process = start(reference, tmp_path / "cache")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert "not yours alone" in err
    assert "--cache-dir" in err
