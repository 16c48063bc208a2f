"""OCI layouts taken apart and put together again with other documents: JSON and hashes only."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Document = dict[str, Any]


def folder(reference: str) -> Path:
    """The layout's folder of an `oci:` reference."""
    return Path(reference.removeprefix("oci:"))


def store(layout: Path, content: bytes) -> Document:
    """Add a blob and give a bare descriptor of it."""
    digest = hashlib.sha256(content).hexdigest()
    (layout / "blobs" / "sha256" / digest).write_bytes(content)
    return {"digest": f"sha256:{digest}", "size": len(content)}


def load(layout: Path, descriptor: Document) -> bytes:
    """The blob a descriptor points at."""
    digest: str = descriptor["digest"]
    return (layout / "blobs" / "sha256" / digest.partition(":")[2]).read_bytes()


def index_of(layout: Path) -> Document:
    """The layout's index."""
    index: Document = json.loads((layout / "index.json").read_bytes())
    return index


def manifest_of(layout: Path) -> Document:
    """The manifest of a layout's first image."""
    manifest: Document = json.loads(load(layout, index_of(layout)["manifests"][0]))
    return manifest


def change(
    reference: str,
    *,
    config: Callable[[Document], object] | None = None,
    manifest: Callable[[Document], object] | None = None,
    index: Callable[[Document], object] | None = None,
) -> str:
    """Edit documents in place, deepest first; digests and sizes above follow, then are edited."""
    layout = folder(reference)
    top = index_of(layout)
    entry = top["manifests"][0]
    middle = json.loads(load(layout, entry))
    if config:
        document = json.loads(load(layout, middle["config"]))
        config(document)
        middle["config"].update(store(layout, json.dumps(document).encode()))
    if manifest:
        manifest(middle)
    entry.update(store(layout, json.dumps(middle).encode()))
    if index:
        index(top)
    (layout / "index.json").write_text(json.dumps(top))
    return reference
