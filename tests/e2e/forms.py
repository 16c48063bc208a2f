"""One image in every form that engines and skopeo write."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .programs import run, unpack

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OCI = "application/vnd.oci.image"
Wire = Literal["stored", "estimated"]


@dataclass(frozen=True)
class Form:
    """An image on disk."""

    name: str
    reference: str
    wire: Wire
    """Whether the blobs in it are those a registry would store."""
    layout: Path | None = None
    """An OCI layout directory with the same blobs, where there are any."""


class Skopeo:
    """`skopeo copy`, into one folder, as many forms as asked for."""

    def __init__(self, folder: Path, source: str, *options: str) -> None:
        self.folder = folder
        self.source = source
        self.options = options
        folder.mkdir(parents=True, exist_ok=True)

    def oci(self, name: str, *options: str) -> Form:
        place = self.folder / name
        self._copy(f"oci:{place}:it", *options)
        return Form(name, f"oci:{place}:it", "stored", place)

    def oci_archive(self, name: str, *options: str) -> Form:
        place = self.folder / f"{name}.tar"
        self._copy(f"oci-archive:{place}:it", *options)
        return oci_archive(name, place)

    def docker_archive(self, name: str) -> Form:
        place = self.folder / f"{name}.tar"
        self._copy(f"docker-archive:{place}:example.org/it:1")
        return Form(name, f"docker-archive:{place}", "estimated")

    def all(self, prefix: str) -> list[Form]:
        plain = "--dest-oci-accept-uncompressed-layers"
        return [
            self.oci(f"{prefix}-oci-gzip"),
            self.oci(f"{prefix}-oci-zstd", "--dest-compress-format", "zstd"),
            self.oci(f"{prefix}-oci-plain", plain),
            self.oci_archive(f"{prefix}-oci-archive"),
            self.oci_archive(f"{prefix}-oci-archive-zstd", "--dest-compress-format", "zstd"),
            self.docker_archive(f"{prefix}-docker-archive"),
        ]

    def _copy(self, target: str, *options: str) -> None:
        run("skopeo", "--insecure-policy", "copy", "-q", *self.options, *options,
            self.source, target)  # fmt: skip


def oci_archive(name: str, archive: Path) -> Form:
    """An OCI archive, also unpacked beside itself by tar."""
    layout = archive.with_suffix(".layout")
    unpack(archive, layout)
    return Form(name, f"oci-archive:{archive}", "stored", layout)


def docker_25(name: str, saved: Path, target: Path) -> Form:
    """What `docker save` of Engine 25 to 28 writes: plain layers, an OCI layout around them.

    No such engine is to be had in Debian 12, so the blobs of an older `docker save` are arranged
    as moby's image/tarexport/save.go arranges them since v25.
    """
    with tarfile.open(saved) as tar:
        (row,) = json.loads(_read(tar, "manifest.json"))
        config = _read(tar, row["Config"])
        layers = [_read(tar, path) for path in row["Layers"]]
    files = _layout(config, layers, media_type=f"{OCI}.layer.v1.tar", tags=row["RepoTags"])
    _write_tar(target, files)
    return Form(name, f"docker-archive:{target}", "estimated")


def docker_29(name: str, saved: Path, target: Path) -> Form:
    """What Engine 29 writes with the containerd image store (containerd, archive/exporter.go).

    Gzip blobs, and as a blob of its own the index that BuildKit made of image and attestation.
    """
    with tarfile.open(saved) as tar:
        (row,) = json.loads(_read(tar, "manifest.json"))
        config = _read(tar, row["Config"])
        layers = [gzip.compress(_read(tar, path), 6, mtime=0) for path in row["Layers"]]
    tags = row["RepoTags"]
    files = _layout(config, layers, media_type=f"{OCI}.layer.v1.tar+gzip", tags=tags)
    (entry,) = json.loads(files["index.json"])["manifests"]
    del entry["annotations"]
    entry["platform"] = {"architecture": "amd64", "os": "linux"}
    attestation = _attestation(files, of=entry["digest"])
    inner = _put_json(
        files,
        {
            "schemaVersion": 2,
            "mediaType": f"{OCI}.index.v1+json",
            "manifests": [entry, attestation],
        },
    )
    inner["annotations"] = _names(tags[0])
    files["index.json"] = _json(
        {"schemaVersion": 2, "mediaType": f"{OCI}.index.v1+json", "manifests": [inner]}
    )
    _write_tar(target, files)
    layout = target.with_suffix(".layout")
    for path, content in files.items():
        (layout / path).parent.mkdir(parents=True, exist_ok=True)
        (layout / path).write_bytes(content)
    # The same blobs, with an index.json that leads straight to the image.
    direct = {"schemaVersion": 2, "manifests": [entry]}
    (layout / "index.json").write_bytes(_json(direct))
    return Form(name, f"docker-archive:{target}", "stored", layout)


def _attestation(files: dict[str, bytes], *, of: str) -> dict[str, Any]:
    """As BuildKit attaches it: a manifest of one in-toto layer, for no platform."""
    statement = _put_json(files, {"_type": "https://in-toto.io/Statement/v0.1", "subject": []})
    statement["mediaType"] = "application/vnd.in-toto+json"
    config = _put_json(
        files,
        {
            "architecture": "unknown",
            "os": "unknown",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [statement["digest"]]},
        },
    )
    manifest = _put_json(
        files,
        {
            "schemaVersion": 2,
            "mediaType": f"{OCI}.manifest.v1+json",
            "config": {"mediaType": f"{OCI}.config.v1+json", **config},
            "layers": [statement],
        },
    )
    return {
        "mediaType": f"{OCI}.manifest.v1+json",
        **manifest,
        "annotations": {
            "vnd.docker.reference.digest": of,
            "vnd.docker.reference.type": "attestation-manifest",
        },
        "platform": {"architecture": "unknown", "os": "unknown"},
    }


def _layout(
    config: bytes, layers: list[bytes], *, media_type: str, tags: list[str]
) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": f"{OCI}.manifest.v1+json",
            "config": {"mediaType": f"{OCI}.config.v1+json", **_put(files, config)},
            "layers": [{"mediaType": media_type, **_put(files, layer)} for layer in layers],
        }
    )
    entry = {"mediaType": f"{OCI}.manifest.v1+json", **_put(files, manifest)}
    entry["annotations"] = _names(tags[0])
    files["index.json"] = _json(
        {"schemaVersion": 2, "mediaType": f"{OCI}.index.v1+json", "manifests": [entry]}
    )
    files["manifest.json"] = _json(
        [
            {
                "Config": _blob_path(config),
                "RepoTags": tags,
                "Layers": [_blob_path(layer) for layer in layers],
            }
        ]
    )
    files["oci-layout"] = b'{"imageLayoutVersion":"1.0.0"}'
    return files


def _names(tag: str) -> dict[str, str]:
    return {
        "io.containerd.image.name": tag,  # whole already: it starts with a host
        "org.opencontainers.image.ref.name": tag.rpartition(":")[2],
    }


def _put(files: dict[str, bytes], content: bytes) -> dict[str, Any]:
    files[_blob_path(content)] = content
    return {"digest": f"sha256:{hashlib.sha256(content).hexdigest()}", "size": len(content)}


def _put_json(files: dict[str, bytes], document: Mapping[str, object]) -> dict[str, Any]:
    entry = _put(files, _json(document))
    kind = document.get("mediaType")
    return {"mediaType": kind, **entry} if kind else entry


def _blob_path(content: bytes) -> str:
    return f"blobs/sha256/{hashlib.sha256(content).hexdigest()}"


def _json(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _read(tar: tarfile.TarFile, path: str) -> bytes:
    content = tar.extractfile(path)
    assert content is not None
    return content.read()


def _write_tar(target: Path, files: Mapping[str, bytes]) -> None:
    with tarfile.open(target, "w", format=tarfile.USTAR_FORMAT) as tar:
        for folder in ("blobs", "blobs/sha256"):
            directory = tarfile.TarInfo(folder)
            directory.type, directory.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(directory)
        for path, content in sorted(files.items()):
            record = tarfile.TarInfo(path)
            record.size = len(content)
            tar.addfile(record, io.BytesIO(content))
