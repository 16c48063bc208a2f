"""Images of many small files, to see how time and memory grow with entries.

One OCI layout with one gzip layer: N regular files in N/20 directories, paths of about 60
characters, sizes from 0 to 2047 bytes at random (every fourth file 300 bytes), contents cut at
random from 1 MiB of made-up text. The seed is fixed: every machine makes the same layer.

``python -m bench.synthetic FILES TARGET`` is run as a child: what makes a million entries must
not grow the process that measures.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from isal import igzip

from bench.blobs import CONFIG, MANIFEST, finish, store

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 20261101
MTIME = 1_700_000_000
FILES_PER_DIRECTORY = 20
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def entry_count(files: int) -> int:
    """Return how many entries the image with so many files has."""
    return files + files // FILES_PER_DIRECTORY


def text(rng: random.Random) -> bytes:
    """Return 1 MiB that compresses about as well as what images hold."""
    letters = "abcdefghijklmnopqrstuvwxyz_0123456789"
    words = ["".join(rng.choices(letters, k=rng.randint(2, 12))) for _ in range(20_000)]
    out = bytearray()
    while len(out) < 1 << 20:
        out += " ".join(rng.choices(words, k=1000)).encode() + b"\n"
    return bytes(out[: 1 << 20])


def members(files: int) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    """Yield every record of the layer, each directory before its files."""
    rng = random.Random(SEED)  # noqa: S311 - the same layer on every machine is the point
    source = text(rng)
    for number in range(files):
        directory = number // FILES_PER_DIRECTORY
        folder = f"srv/benchmark/group-{directory // 256:04}/package-{directory:06}"
        if number % FILES_PER_DIRECTORY == 0:
            made = tarfile.TarInfo(folder)
            made.type, made.mode, made.mtime = tarfile.DIRTYPE, 0o755, MTIME
            yield made, b""
        size = 300 if number % 4 == 3 else rng.randrange(2048)
        start = rng.randrange(len(source) - size)
        info = tarfile.TarInfo(f"{folder}/module_{number:07}.py")
        info.size, info.mtime = size, MTIME
        yield info, source[start : start + size]


class _Writes(Protocol):
    def write(self, data: bytes, /) -> int: ...
    def flush(self) -> None: ...


class _Hashed:
    """Pass bytes on and keep their SHA-256."""

    def __init__(self, target: _Writes) -> None:
        self._target = target
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        self.size += len(data)
        return self._target.write(data)

    def flush(self) -> None:
        self._target.flush()

    @property
    def digest(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"


def figures_file(target: Path) -> Path:
    """Return where the figures of a synthetic image are kept: beside it, not in the layout."""
    return target.with_name(target.name + ".json")


@dataclass(frozen=True)
class Layer:
    """The layer that was written."""

    diff_id: str
    digest: str
    blob_bytes: int
    unpacked_bytes: int


def write_layer(files: int, path: Path) -> Layer:
    """Write the layer's blob."""
    unpacked = 0
    with path.open("wb") as file:
        blob = _Hashed(file)
        # The name and the time in the gzip header would differ from run to run.
        with igzip.IGzipFile("", "wb", 1, blob, 0) as packed:  # type: ignore[no-untyped-call]
            layer = _Hashed(packed)
            pending = bytearray()
            for info, data in members(files):
                unpacked += len(data)
                pending += info.tobuf(tarfile.USTAR_FORMAT)
                pending += data
                pending += bytes(-len(data) % 512)
                if len(pending) >= 1 << 20:
                    layer.write(bytes(pending))
                    pending.clear()
            layer.write(bytes(pending) + bytes(1024))
    return Layer(layer.digest, blob.digest, blob.size, unpacked)


def write_image(files: int, target: Path) -> None:
    """Write the OCI layout with the tag 1; it appears only when it is whole."""
    if target.exists():
        return
    part = target.with_name(target.name + ".part")
    blobs = part / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    layer = write_layer(files, part / "layer")
    (part / "layer").rename(blobs / layer.digest.removeprefix("sha256:"))
    counted = {"layers": 1, "entries": entry_count(files), "unpacked_bytes": layer.unpacked_bytes}
    figures_file(target).write_text(json.dumps(counted))
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": store(blobs, config, CONFIG),
        "layers": [{"mediaType": LAYER, "digest": layer.digest, "size": layer.blob_bytes}],
    }
    finish(part, {"1": store(blobs, manifest, MANIFEST)}, target)


if __name__ == "__main__":
    write_image(int(sys.argv[1]), Path(sys.argv[2]))
