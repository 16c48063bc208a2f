"""Archives of three layers with many files, to see how squashing grows with entries.

As `docker save` wrote them before Engine 25, which every peer reads: 60, 30 and 10 of a hundred
files are new in each layer; the second overwrites and the third deletes one in twenty of the
first's. Made by a child, ``python -m bench.stacks FILES TARGET``.
"""

from __future__ import annotations

import hashlib
import io
import json
import random
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.synthetic import FILES_PER_DIRECTORY, MTIME, SEED, text

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARES = (0.6, 0.3, 0.1)
ONE_IN = 20
NAME = "lightship-bench/stack:1"


def layers(files: int) -> list[tuple[range, range, range]]:
    """Return for each layer its new, its overwritten and its deleted files, by number."""
    first = int(files * SHARES[0])
    second = first + int(files * SHARES[1])
    return [
        (range(first), range(0), range(0)),
        (range(first, second), range(0, first, ONE_IN), range(0)),
        (range(second, files), range(0), range(1, first, ONE_IN)),
    ]


def left(files: int) -> int:
    """Return how many files the image has in the end."""
    return files - len(layers(files)[2][2])


def _path(number: int) -> str:
    directory = number // FILES_PER_DIRECTORY
    return f"srv/group-{directory // 256:04}/package-{directory:06}/module_{number:07}.py"


def _members(
    new: range, overwritten: range, deleted: range, rng: random.Random, source: bytes
) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    made: set[str] = set()
    for numbers, gone in ((deleted, True), (overwritten, False), (new, False)):
        for number in numbers:
            path = _path(number)
            folder, _, name = path.rpartition("/")
            if folder not in made:
                made.add(folder)
                directory = tarfile.TarInfo(folder)
                directory.type, directory.mode, directory.mtime = tarfile.DIRTYPE, 0o755, MTIME
                yield directory, b""
            size = 0 if gone else rng.randrange(1, 2048)
            start = rng.randrange(len(source) - size)
            info = tarfile.TarInfo(f"{folder}/.wh.{name}" if gone else path)
            info.size, info.mtime = size, MTIME
            yield info, source[start : start + size]


def make(files: int, target: Path) -> None:
    """Write the archive, unless it is there."""
    if target.exists():
        return
    rng = random.Random(SEED)  # noqa: S311 - the same archive on every machine is the point
    source = text(rng)
    diff_ids, paths = [], []
    part = target.with_suffix(".part")
    with tarfile.open(part, "w") as archive:
        for position, numbers in enumerate(layers(files), 1):
            layer = target.with_suffix(f".layer{position}")
            with tarfile.open(layer, "w", format=tarfile.USTAR_FORMAT) as tar:
                for info, content in _members(*numbers, rng, source):
                    tar.addfile(info, io.BytesIO(content))
            with layer.open("rb") as stream:
                diff_ids.append("sha256:" + hashlib.file_digest(stream, "sha256").hexdigest())
            identity = hashlib.sha256(diff_ids[-1].encode()).hexdigest()
            paths.append(f"{identity}/layer.tar")
            _add(archive, f"{identity}/VERSION", b"1.0")
            _add(archive, f"{identity}/json", json.dumps({"id": identity, "config": {}}).encode())
            archive.add(layer, paths[-1])
            layer.unlink()
        _documents(archive, diff_ids, paths)
    part.rename(target)


def _documents(archive: tarfile.TarFile, diff_ids: list[str], paths: list[str]) -> None:
    created = "2026-01-01T00:00:00Z"
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "created": created,
            "config": {"Cmd": ["/bin/true"]},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
            "history": [{"created": created, "created_by": f"RUN {n}"} for n in range(3)],
        }
    ).encode()
    name = hashlib.sha256(config).hexdigest() + ".json"
    _add(archive, name, config)
    saved = [{"Config": name, "RepoTags": [NAME], "Layers": paths}]
    _add(archive, "manifest.json", json.dumps(saved).encode())


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


if __name__ == "__main__":
    make(int(sys.argv[1]), Path(sys.argv[2]))
