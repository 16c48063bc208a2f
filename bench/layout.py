"""The benchmark's own reader of an image: plain, slow and independent of lightship.

It trusts what it reads, because it only ever reads images that the benchmark made.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class LayerBlob:
    """One layer as it lies on disk."""

    path: Path
    offset: int
    blob_bytes: int
    codec: str


def oci_layers(layout: Path) -> list[LayerBlob]:
    """Return the layers of the first manifest of an OCI layout, lowest first."""
    index = json.loads((layout / "index.json").read_bytes())
    manifest = json.loads(_blob(layout, index["manifests"][0]["digest"]).read_bytes())
    return [_layer(layout, descriptor) for descriptor in manifest["layers"]]


def _blob(layout: Path, digest: str) -> Path:
    return layout / "blobs" / digest.replace(":", "/")


def _layer(layout: Path, descriptor: dict[str, Any]) -> LayerBlob:
    _, plus, suffix = descriptor["mediaType"].partition("+")
    codec = suffix if plus else "plain"
    return LayerBlob(_blob(layout, descriptor["digest"]), 0, descriptor["size"], codec)


def archive_layers(archive: Path) -> list[LayerBlob]:
    """Return the layers of a docker archive, lowest first; each is a plain tar inside the file."""
    with tarfile.open(archive, "r:") as tar:
        members = {member.name: member for member in tar}
        listing = tar.extractfile(members["manifest.json"])
        assert listing is not None
        names = json.load(listing)[0]["Layers"]
    found = [members[name] for name in names]
    return [LayerBlob(archive, m.offset_data, m.size, "plain") for m in found]


def layers_of(form: str, path: Path) -> list[LayerBlob]:
    """Return the layers of an image in one of the benchmark's forms."""
    return archive_layers(path) if form == "docker" else oci_layers(path)


@contextmanager
def _uncompressed(layer: LayerBlob) -> Iterator[IO[bytes]]:
    commands = {"gzip": ["gzip", "-dc"], "zstd": ["zstd", "-dc", "-q"]}
    if layer.codec == "plain":
        with layer.path.open("rb") as stream:
            yield stream
        return
    # Not a Python codec: the figures must not depend on what the environment holds.
    command = [*commands[layer.codec], str(layer.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        yield child.stdout


def figures(layout: Path) -> dict[str, int]:
    """Count an OCI layout: ``raw_bytes`` is whole layer tars, ``unpacked_bytes`` file contents."""
    layers = oci_layers(layout)
    sums = {"entries": 0, "raw_bytes": 0, "unpacked_bytes": 0}
    for layer in layers:
        for name, number in _measure(layer).items():
            sums[name] += number
    blobs = sum(layer.blob_bytes for layer in layers)
    return {"layers": len(layers), **sums, "blob_bytes": blobs}


class _Counted:
    """A read-only stream that counts; tarfile does not tell where the padding ends."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.count += len(data)
        return data


def _measure(layer: LayerBlob) -> dict[str, int]:
    with _uncompressed(layer) as stream:
        counted = _Counted(stream)
        entries = unpacked = 0
        with tarfile.open(fileobj=cast("IO[bytes]", counted), mode="r|") as tar:
            while (member := tar.next()) is not None:
                entries += 1
                if member.isreg() and not member.name.rpartition("/")[2].startswith(".wh."):
                    unpacked += member.size
                cast("Any", tar).members = []  # else every header of a layer stays in memory
        while counted.read(1 << 20):
            pass
    return {"entries": entries, "raw_bytes": counted.count, "unpacked_bytes": unpacked}


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(name, figures(Path(name)))
