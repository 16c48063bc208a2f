"""The figures of an image from independent sources: the standard library's tarfile, and real trees.

Nothing here imports lightship.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tarfile
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .programs import unpack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .forms import Form


@dataclass(frozen=True)
class LayerFacts:
    """One layer, read by tarfile."""

    diff_id: str
    unpacked_bytes: int
    files: int
    symlink_bytes: int


@dataclass(frozen=True)
class TreeFacts:
    """A root file system on disk, walked."""

    visible_bytes: int
    files: int
    duplicate_bytes: int


def layer_facts(tar: Path) -> LayerFacts:
    """Of an uncompressed layer."""
    with tar.open("rb") as raw:
        diff_id = f"sha256:{hashlib.file_digest(raw, 'sha256').hexdigest()}"
    unpacked = files = symlink_bytes = 0
    with tarfile.open(tar, "r:") as records:
        for record in records:
            if record.name.rpartition("/")[2].startswith(".wh."):
                continue
            unpacked += record.size if record.isreg() else 0
            files += record.isreg() or record.islnk()
            symlink_bytes += len(os.fsencode(record.linkname)) if record.issym() else 0
    return LayerFacts(diff_id, unpacked, files, symlink_bytes)


def tree_facts(root: Path) -> TreeFacts:
    sizes: dict[tuple[int, int], int] = {}
    contents: defaultdict[tuple[int, str], set[tuple[int, int]]] = defaultdict(set)
    files = 0
    for path in _regular_files(root):
        status = path.lstat()
        inode = (status.st_dev, status.st_ino)
        files += 1
        sizes[inode] = status.st_size
        if status.st_size:
            with path.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
            contents[status.st_size, digest].add(inode)
    duplicate = sum((len(inodes) - 1) * size for (size, _), inodes in contents.items())
    return TreeFacts(sum(sizes.values()), files, duplicate)


def _regular_files(root: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(root):
        for name in names:
            path = root / folder / name
            if stat.S_ISREG(path.lstat().st_mode):
                yield path


@dataclass(frozen=True)
class StoredImage:
    """One image of an OCI layout: its manifest, and where the blobs are."""

    layout: Path
    digest: str
    manifest: dict[str, Any]

    def blob(self, digest: str) -> Path:
        return self.layout / "blobs" / "sha256" / digest.removeprefix("sha256:")

    @property
    def config(self) -> Any:
        return json.loads(self.blob(self.manifest["config"]["digest"]).read_bytes())

    @property
    def layer_blobs(self) -> list[Path]:
        return [self.blob(layer["digest"]) for layer in self.manifest["layers"]]

    @property
    def wire_bytes(self) -> int:
        """The config and each distinct blob as its size on disk, not as the manifest claims."""
        blobs = {self.blob(self.manifest["config"]["digest"]), *self.layer_blobs}
        return sum(path.stat().st_size for path in blobs)

    def media_types(self) -> set[str]:
        return {layer["mediaType"] for layer in self.manifest["layers"]}


def image_id(form: Form) -> str:
    """The digest of the config. skopeo writes another one on the way from Docker's to OCI."""
    if form.layout is not None:
        stored = stored_image(form.layout)
        config = stored.blob(stored.manifest["config"]["digest"]).read_bytes()
    else:
        with tarfile.open(form.reference.removeprefix("docker-archive:")) as tar:
            manifest = tar.extractfile("manifest.json")
            assert manifest is not None
            (row,) = json.loads(manifest.read())
            member = tar.extractfile(row["Config"])
            assert member is not None
            config = member.read()
    return f"sha256:{hashlib.sha256(config).hexdigest()}"


def stored_image(layout: Path) -> StoredImage:
    """The only image of an OCI layout directory."""
    (entry,) = json.loads((layout / "index.json").read_bytes())["manifests"]
    raw = (layout / "blobs" / "sha256" / entry["digest"].removeprefix("sha256:")).read_bytes()
    digest = f"sha256:{hashlib.sha256(raw).hexdigest()}"
    assert digest == entry["digest"]
    return StoredImage(layout, digest, json.loads(raw))


def saved_layers(archive: Path, directory: Path) -> list[Path]:
    """The layers of the only image of a `docker save` archive, laid out in a directory."""
    unpack(archive, directory)
    (row,) = json.loads((directory / "manifest.json").read_bytes())
    return [directory / path for path in row["Layers"]]
