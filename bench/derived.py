"""An image that is known but for one layer, as three tags of one OCI layout.

``known`` has all layers but the biggest, ``whole`` has all of them, ``alone`` has the biggest. The
blobs are hard links, so the three share files as the images of one project share layers.
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

from bench.blobs import CONFIG, MANIFEST, finish, store

if TYPE_CHECKING:
    from pathlib import Path


def derive(layout: Path, target: Path) -> Path:
    """Write the layout with the three tags beside the image, once."""
    if target.exists():
        return target
    part = target.with_name(target.name + ".part")
    blobs = part / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    index = json.loads((layout / "index.json").read_bytes())
    manifest = json.loads(_blob(layout, index["manifests"][0]["digest"]).read_bytes())
    config = json.loads(_blob(layout, manifest["config"]["digest"]).read_bytes())
    layers = manifest["layers"]
    for layer in layers:
        blob = _blob(layout, layer["digest"])
        if not (blobs / blob.name).exists():
            os.link(blob, blobs / blob.name)
    biggest = max(range(len(layers)), key=lambda position: layers[position]["size"])
    everything = range(len(layers))
    kept = {
        "known": [position for position in everything if position != biggest],
        "whole": list(everything),
        "alone": [biggest],
    }
    finish(part, {tag: _manifest(blobs, manifest, config, kept[tag]) for tag in kept}, target)
    time.sleep(2)  # a cache may rightly distrust a file that changed a moment ago
    return target


def _blob(layout: Path, digest: str) -> Path:
    return layout / "blobs" / digest.replace(":", "/")


def _manifest(
    blobs: Path, manifest: dict[str, Any], config: dict[str, Any], kept: list[int]
) -> dict[str, Any]:
    diff_ids = [config["rootfs"]["diff_ids"][position] for position in kept]
    # Its history would tell of layers that are not there; it is optional.
    own = {key: value for key, value in config.items() if key != "history"}
    own["rootfs"] = {"type": "layers", "diff_ids": diff_ids}
    whole = {
        **manifest,
        "config": store(blobs, own, CONFIG),
        "layers": [manifest["layers"][position] for position in kept],
    }
    return store(blobs, whole, MANIFEST)
