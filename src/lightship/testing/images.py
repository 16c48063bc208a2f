"""Images on disk, from described layers."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import sys
import tarfile
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Literal, TypeAlias

from lightship.testing.tars import TarFormat, layer_tar

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lightship.testing.entries import Layer

Form: TypeAlias = Literal["oci", "oci-archive", "docker-archive", "docker-archive-25"]
Codec: TypeAlias = Literal["gzip", "zstd", "plain"]

_OCI = "application/vnd.oci.image"
_LAYER_TYPES = {"plain": "", "gzip": "+gzip", "zstd": "+zstd"}


@dataclass(frozen=True, slots=True)
class _Made:
    """One layer: its tar and the blob it is stored as."""

    tar: bytes
    blob: bytes
    codec: Codec

    @property
    def diff_id(self) -> str:
        return _digest(self.tar)

    def descriptor(self) -> dict[str, object]:
        return _descriptor(f"{_OCI}.layer.v1.tar{_LAYER_TYPES[self.codec]}", self.blob)


def build_image(
    layers: Sequence[Layer | bytes],
    *,
    directory: Path,
    form: Form = "oci",
    codec: Codec | Sequence[Codec] = "gzip",
    config: Mapping[str, object] | None = None,
    history: Sequence[Mapping[str, object]] | None = None,
    name: str = "lightship.test/image:latest",
    platform: str = "linux/amd64",
    tar_format: TarFormat = "pax",
) -> str:
    """Write an image and give the reference to it.

    `build_image([{"a": b"x"}, {".wh.a": b""}], directory=tmp_path)` is an image whose second layer
    removes what the first one added. The same arguments always give the same bytes.

    Args:
        layers: oldest first; see `layer_tar`. An image may have none.
        directory: an existing folder; the image goes to the first free `image-N` (an OCI layout)
            or `image-N.tar` in it.
        form: `docker-archive` is what `docker save` wrote before Engine 25 (a layer listed twice
            is a symbolic link), `docker-archive-25` what it writes since.
        codec: how the layer blobs are compressed: one for all, or one per layer.
        config: members of the image config, over the ones made here.
        history: its history; one entry per layer if None, no history at all if empty.
        name: what the image is tagged with.
        platform: `os/architecture[/variant]`.
        tar_format: of the layers.

    Returns:
        `oci:...`, `oci-archive:...` or `docker-archive:...` with the path.

    Formats: OCI image-spec v1.1 (image-layout.md), and moby, image/spec/v1.2 ("Combined Image JSON
    + Filesystem Changeset Format").
    """
    codecs: Sequence[Codec] = [codec] * len(layers) if isinstance(codec, str) else codec
    made = [
        _made(layer_tar(layer, tar_format=tar_format), how)
        for layer, how in zip(layers, codecs, strict=True)
    ]
    document = _config(made, platform, history)
    document.update(config or {})
    raw_config = json.dumps(document, separators=(",", ":")).encode()
    target = _free(directory, "" if form == "oci" else ".tar")
    if form == "docker-archive":
        files = _saved(made, raw_config, name)
    else:
        files = _layout(made, raw_config, name)
        if form == "docker-archive-25":
            files["manifest.json"] = _saved_manifest(
                f"blobs/sha256/{_hex(raw_config)}",
                name,
                [f"blobs/sha256/{_hex(layer.blob)}" for layer in made],
            )
    if form == "oci":
        _write_tree(target, files)
        return f"oci:{target}"
    _write_tar(target, files)
    return f"{'oci-archive' if form == 'oci-archive' else 'docker-archive'}:{target}"


def _made(tar: bytes, codec: Codec) -> _Made:
    match codec:
        case "gzip":
            return _Made(tar, gzip.compress(tar, mtime=0), codec)
        case "zstd":
            return _Made(tar, zstd.compress(tar), codec)
        case "plain":
            return _Made(tar, tar, codec)


def _config(
    layers: Sequence[_Made], platform: str, history: Sequence[Mapping[str, object]] | None
) -> dict[str, object]:
    system, architecture, *variant = platform.split("/")
    document: dict[str, object] = {
        "architecture": architecture,
        "os": system,
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
    }
    if variant:
        document["variant"] = variant[0]
    if history is None:
        history = [{"created_by": f"layer {n}"} for n in range(1, len(layers) + 1)]
    if history:
        document["history"] = list(history)
    return document


def _layout(layers: Sequence[_Made], config: bytes, name: str) -> dict[str, bytes | str]:
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": f"{_OCI}.manifest.v1+json",
            "config": _descriptor(f"{_OCI}.config.v1+json", config),
            "layers": [layer.descriptor() for layer in layers],
        },
        separators=(",", ":"),
    ).encode()
    entry = _descriptor(f"{_OCI}.manifest.v1+json", manifest)
    tag = name.rpartition(":")[2]
    entry["annotations"] = {
        "io.containerd.image.name": name,
        "org.opencontainers.image.ref.name": tag,
    }
    index = {"schemaVersion": 2, "mediaType": f"{_OCI}.index.v1+json", "manifests": [entry]}
    files: dict[str, bytes | str] = {
        f"blobs/sha256/{_hex(blob)}": blob
        for blob in (*(layer.blob for layer in layers), config, manifest)
    }
    files["index.json"] = json.dumps(index).encode()
    files["oci-layout"] = b'{"imageLayoutVersion":"1.0.0"}'
    return files


def _saved(layers: Sequence[_Made], config: bytes, name: str) -> dict[str, bytes | str]:
    files: dict[str, bytes | str] = {}
    first: dict[str, str] = {}
    paths: list[str] = []
    for position, layer in enumerate(layers):
        path = f"{_hex(f'{position} {layer.diff_id}'.encode())}/layer.tar"
        paths.append(path)
        same = first.setdefault(_hex(layer.blob), path)
        files[path] = layer.blob if same == path else f"../{same}"
    files[f"{_hex(config)}.json"] = config
    files["manifest.json"] = _saved_manifest(f"{_hex(config)}.json", name, paths)
    return files


def _saved_manifest(config: str, name: str, layers: list[str]) -> bytes:
    return json.dumps([{"Config": config, "RepoTags": [name], "Layers": layers}]).encode()


def _write_tree(target: Path, files: Mapping[str, bytes | str]) -> None:
    for path, content in files.items():
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            place.write_bytes(content)
        else:
            place.symlink_to(content)


def _write_tar(target: Path, files: Mapping[str, bytes | str]) -> None:
    with tarfile.open(target, "w", format=tarfile.USTAR_FORMAT) as archive:
        for path, content in files.items():
            record = tarfile.TarInfo(path)
            if isinstance(content, bytes):
                record.size = len(content)
                archive.addfile(record, io.BytesIO(content))
            else:
                record.type, record.linkname = tarfile.SYMTYPE, content
                archive.addfile(record)


def _free(directory: Path, suffix: str) -> Path:
    names = (directory / f"image-{number}{suffix}" for number in count(1))
    return next(path for path in names if not path.exists())


def _descriptor(media_type: str, blob: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": _digest(blob), "size": len(blob)}


def _digest(data: bytes) -> str:
    return f"sha256:{_hex(data)}"


def _hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
