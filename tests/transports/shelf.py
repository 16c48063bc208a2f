"""Archives and layouts in any shape, also in wrong ones."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lightship.testing import layer_tar

if TYPE_CHECKING:
    from pathlib import Path

OCI = "application/vnd.oci.image"
LAYERS = [layer_tar({"a": b"x"}), layer_tar({"b": b"y"})]


def sha(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def path_of(digest: str) -> str:
    return "blobs/" + digest.replace(":", "/")


def raw(document: Any) -> bytes:
    return document if isinstance(document, bytes) else json.dumps(document).encode()


def described(data: bytes, media_type: str, **more: Any) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": sha(data), "size": len(data), **more}


def config_of(layers: list[bytes], architecture: str = "amd64", **more: Any) -> dict[str, Any]:
    ids = [sha(layer) for layer in layers]
    return {
        "os": "linux",
        "architecture": architecture,
        "rootfs": {"type": "layers", "diff_ids": ids},
        **more,
    }


def named(descriptor: dict[str, Any], name: str) -> dict[str, Any]:
    notes = {
        "io.containerd.image.name": name,
        "org.opencontainers.image.ref.name": name.rpartition(":")[2],
    }
    return {**descriptor, "annotations": notes}


@dataclass
class Shelf:
    """What will stand in an archive or a directory: names to contents, or to a link's target."""

    files: dict[str, bytes | str] = field(default_factory=dict)

    def put(self, name: str, document: Any) -> None:
        self.files[name] = raw(document)

    def blob(self, document: Any, media_type: str, **more: Any) -> dict[str, Any]:
        data = raw(document)
        self.files[path_of(sha(data))] = data
        return described(data, media_type, **more)

    def image(
        self,
        layers: list[bytes] | None = None,
        *,
        architecture: str = "amd64",
        compressed: bool = True,
        **more: Any,
    ) -> dict[str, Any]:
        """An image manifest with all its blobs; its descriptor."""
        tars = LAYERS if layers is None else layers
        config = self.blob(config_of(tars, architecture), f"{OCI}.config.v1+json")
        kind = f"{OCI}.layer.v1.tar" + ("+gzip" if compressed else "")
        blobs = [gzip.compress(tar, mtime=0) if compressed else tar for tar in tars]
        manifest = {
            "schemaVersion": 2,
            "mediaType": f"{OCI}.manifest.v1+json",
            "config": config,
            "layers": [self.blob(blob, kind) for blob in blobs],
            **more,
        }
        platform = {"os": "linux", "architecture": architecture}
        return self.blob(manifest, f"{OCI}.manifest.v1+json", platform=platform)

    def index(self, *manifests: dict[str, Any]) -> dict[str, Any]:
        """A nested index; its descriptor."""
        document = {"schemaVersion": 2, "manifests": list(manifests)}
        return self.blob(document, f"{OCI}.index.v1+json")

    def top(self, *manifests: Any) -> None:
        """`index.json` and `oci-layout`."""
        self.put("index.json", {"schemaVersion": 2, "manifests": list(manifests)})
        self.put("oci-layout", {"imageLayoutVersion": "1.0.0"})

    def document(self, descriptor: dict[str, Any]) -> Any:
        return json.loads(self.content(descriptor))

    def content(self, descriptor: dict[str, Any]) -> bytes:
        data = self.files[path_of(descriptor["digest"])]
        assert isinstance(data, bytes)
        return data

    def drop(self, descriptor: dict[str, Any]) -> None:
        del self.files[path_of(descriptor["digest"])]

    def saved(self, *elements: Any) -> None:
        """`manifest.json`."""
        self.put("manifest.json", list(elements))

    def element(self, descriptor: dict[str, Any], *tags: str, **more: Any) -> dict[str, Any]:
        """What `manifest.json` says of an image that `image` made."""
        manifest = self.document(descriptor)
        return {
            "Config": path_of(manifest["config"]["digest"]),
            "RepoTags": list(tags) or None,
            "Layers": [path_of(layer["digest"]) for layer in manifest["layers"]],
            **more,
        }

    def tar(self, path: Path) -> str:
        path.write_bytes(self.tar_bytes())
        return str(path)

    def tar_bytes(self) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
            for name, content in self.files.items():
                add(archive, name, content)
        return out.getvalue()

    def directory(self, path: Path) -> str:
        for name, content in self.files.items():
            place = path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                place.write_bytes(content)
            else:
                place.symlink_to(content)
        return str(path)


def add(archive: tarfile.TarFile, name: str, content: bytes | str) -> None:
    record = tarfile.TarInfo(name)
    if isinstance(content, bytes):
        record.size = len(content)
        archive.addfile(record, io.BytesIO(content))
    else:
        hard = content.startswith("=")
        record.type = tarfile.LNKTYPE if hard else tarfile.SYMTYPE
        record.linkname = content.removeprefix("=")
        archive.addfile(record)


def old_layout(layers: list[bytes] | None = None, *tags: str) -> Shelf:
    """What `docker save` wrote before Engine 25; equal layers are links to the first."""
    shelf = Shelf()
    tars = LAYERS if layers is None else layers
    config = raw(config_of(tars))
    paths = []
    first: dict[bytes, str] = {}
    for position, tar in enumerate(tars):
        path = f"{hashlib.sha256(b'%d' % position).hexdigest()}/layer.tar"
        paths.append(path)
        same = first.setdefault(tar, path)
        shelf.files[path] = tar if same == path else f"../{same}"
    name = f"{hashlib.sha256(config).hexdigest()}.json"
    shelf.put(name, config)
    shelf.saved({"Config": name, "RepoTags": list(tags) or None, "Layers": paths})
    return shelf
