"""The machine's own floor for squashing an image into one gzip layer, with its proof.

floor = the index: the floor of measuring the image (bench.floor)
      + one more read: inflating, and SHA-256 of each layer, which proves that it is the same
      + the new blob: libdeflate in members of 1 MiB, SHA-256 of the tar and of the blob
      + SHA-256 of the contents, once as they are read and once as they are read back
      + the proof's read: inflating, SHA-256 of blob and tar, 5 microseconds an entry

All of it with the real blobs, in one thread, in the same run. Reading, writing and comparing are
not counted.

``python -m bench.rewrite_floor FORM PATH ENTRIES NEW-LAYOUT NEW-ENTRIES`` prints one line of JSON.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import deflate

from bench.floor import SECONDS_PER_ENTRY, floor
from bench.layout import figures, layers_of
from bench.readers import CANDIDATES

if TYPE_CHECKING:
    from bench.layout import LayerBlob

MEMBER_BYTES = 1 << 20
LEVEL = 6


def rewritten(layer: LayerBlob, parts: dict[str, float]) -> None:
    """Add what writing this blob takes, and reading it back."""
    tar, blob = hashlib.sha256(), hashlib.sha256()
    clock = time.process_time
    with layer.path.open("rb") as stream:
        stream.seek(layer.offset)
        pieces = CANDIDATES[layer.codec]["isal igzip"](stream)
        while True:
            started = clock()
            piece = next(pieces, None)
            inflated = clock()
            parts["inflate back"] += inflated - started
            if piece is None:
                return
            tar.update(piece)
            hashed = clock()
            member = deflate.gzip_compress(bytes(piece), LEVEL)
            packed = clock()
            blob.update(member)
            parts["hash tar"] += hashed - inflated
            parts["compress"] += packed - hashed
            parts["hash blob"] += clock() - packed


def rewrite_floor(
    form: str, path: Path, entries: int, new: Path, new_entries: int
) -> dict[str, float]:
    """Return the floor in CPU seconds, and its parts."""
    old = floor(layers_of(form, path), entries)
    parts = dict.fromkeys(("inflate back", "hash tar", "compress", "hash blob"), 0.0)
    layers = layers_of("gz", new)
    for layer in layers:
        rewritten(layer, parts)
    counted = figures(new)
    contents = parts["hash tar"] * counted["unpacked_bytes"] / counted["raw_bytes"]
    parts |= {
        "index": float(old["floor"]),
        "read again": float(old["inflate"]) + float(old["hash_layer"]),
        "hash contents": 2 * contents,
        "hash back": parts["hash tar"] + parts["hash blob"],
        "entries back": new_entries * SECONDS_PER_ENTRY,
    }
    return {"floor": sum(parts.values()), **parts}


if __name__ == "__main__":
    form, path, entries, new = sys.argv[1:5]
    answer = rewrite_floor(form, Path(path), int(entries), Path(new), int(sys.argv[5]))
    print(json.dumps(answer))
