"""The machine's own floor for measuring an image: what no tool on this machine can do without.

floor = inflating each blob with the fastest known decompressor
      + SHA-256 of each blob + SHA-256 of each uncompressed layer (the diff ID)
      + 5 microseconds an entry.

A docker archive's layers are plain, so there it is one SHA-256 and the entries. CPU seconds, with
the real blobs, one thread. Reading the file is given beside it and *not* counted, so the floor is
a little lower than anything that runs.

``python -m bench.floor FORM PATH ENTRIES`` prints one line of JSON.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import math
import sys
import time
from pathlib import Path

from bench.layout import LayerBlob, layers_of
from bench.readers import CANDIDATES, Blocks

SECONDS_PER_ENTRY = 5e-6
#: Enough output for a rate, little enough to try every candidate.
TRIAL_BYTES = 64_000_000


class Feed(io.RawIOBase):
    """One blob as a file that times its own reading and hashing, apart from what reads it."""

    def __init__(self, layer: LayerBlob) -> None:
        super().__init__()
        self._file = layer.path.open("rb", buffering=0)
        self._file.seek(layer.offset)
        self._left = layer.blob_bytes
        # The blob of a plain layer is the layer: hashing it twice would be no floor.
        self._hash = None if layer.codec == "plain" else hashlib.sha256()
        self.read_seconds = 0.0
        self.hash_seconds = 0.0

    def readable(self) -> bool:
        """Return true: `io` asks."""
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Read at most to the end of the blob, which may lie inside a larger file."""
        started = time.process_time()
        view = memoryview(buffer)[: self._left]
        count = self._file.readinto(view)
        self._note(view[:count], started)
        return count

    def read(self, size: int = -1, /) -> bytes:
        """Return at most ``size`` bytes; without the copy that `io` would make."""
        started = time.process_time()
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._note(data, started)
        return data

    def _note(self, data: bytes | memoryview, started: float) -> None:
        self._left -= len(data)
        read = time.process_time()
        self.read_seconds += read - started
        if self._hash is not None:
            self._hash.update(data)
            self.hash_seconds += time.process_time() - read

    def close(self) -> None:
        """Close the file under it."""
        self._file.close()
        super().close()


def fastest(layer: LayerBlob) -> str:
    """Return the name of the candidate that inflates the head of this layer with the least CPU."""
    return min(CANDIDATES[layer.codec], key=lambda name: _trial(layer, name))


def _trial(layer: LayerBlob, name: str) -> float:
    size = 0
    with Feed(layer) as feed, contextlib.suppress(ModuleNotFoundError):
        started = time.process_time()
        for block in CANDIDATES[layer.codec][name](feed):  # type: ignore[arg-type]
            size += len(block)
            if size >= TRIAL_BYTES:
                break
        spent = time.process_time() - started - feed.read_seconds - feed.hash_seconds
        return spent / max(size, 1)
    return math.inf  # not installed


def work(layer: LayerBlob, blocks: Blocks, parts: dict[str, float]) -> None:
    """Add the CPU seconds of one layer to the parts."""
    digest = hashlib.sha256()
    clock = time.process_time
    with Feed(layer) as feed:
        started = clock()
        hashing = 0.0
        for block in blocks(feed):  # type: ignore[arg-type]
            before = clock()
            digest.update(block)
            hashing += clock() - before
            parts["layer_bytes"] += len(block)
        spent = clock() - started - hashing - feed.read_seconds - feed.hash_seconds
    parts["hash_layer"] += hashing
    parts["hash_blob"] += feed.hash_seconds
    parts["read"] += feed.read_seconds
    if layer.codec != "plain":
        parts["inflate"] += spent


def floor(layers: list[LayerBlob], entries: int) -> dict[str, float | str]:
    """Return the floor in CPU seconds, its parts, and the decompressor that was fastest."""
    parts = dict.fromkeys(("inflate", "hash_blob", "hash_layer", "read", "layer_bytes"), 0.0)
    biggest = max(layers, key=lambda layer: layer.blob_bytes)
    reader = fastest(biggest)
    for layer in layers:
        work(layer, CANDIDATES[layer.codec][reader], parts)
    parts["entries"] = entries * SECONDS_PER_ENTRY
    counted = ("inflate", "hash_blob", "hash_layer", "entries")
    return {**parts, "floor": sum(parts[name] for name in counted), "reader": reader}


def main(arguments: list[str]) -> int:
    """Print the floor of one image."""
    form, path, entries = arguments
    print(json.dumps(floor(layers_of(form, Path(path)), int(entries))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
