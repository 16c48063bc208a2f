"""Registries with something in them, and the same as files."""

from __future__ import annotations

import json
import random
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from lightship.testing import build_image

from .registry_server import PASSWORD, USER, registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .registry_server import Registry

PLATFORMS = ("linux/amd64", "linux/arm64", "linux/arm/v7")
_OCI = "application/vnd.oci.image"


@dataclass(frozen=True)
class Layout:
    """An OCI layout, read without lightship."""

    folder: Path

    @property
    def manifest_digest(self) -> str:
        """Of its only entry."""
        (entry,) = json.loads((self.folder / "index.json").read_bytes())["manifests"]
        return str(entry["digest"])

    def blob(self, digest: str) -> bytes:
        return (self.folder / "blobs" / digest.replace(":", "/")).read_bytes()


def layout_of(reference: str) -> Layout:
    return Layout(Path(reference.removeprefix("oci:").partition(":")[0]))


@dataclass(frozen=True)
class Filled:
    """A registry, with images below `public/` and one called `private`.

    Attributes:
        files: references to the same images as files, by `name:tag`.
        digests: of the manifests below `index:1`, in the order of `platforms`.
    """

    registry: Registry
    files: dict[str, str]
    digests: tuple[str, ...]
    platforms: tuple[str, ...] = PLATFORMS

    @property
    def options(self) -> tuple[str, ...]:
        return self.registry.options

    def reference(self, name: str) -> str:
        return f"registry:{self.registry.host}/public/{name}"


@contextmanager
def filled(folder: Path, mode: str, *, few: bool = False) -> Iterator[Filled]:
    """A registry with images; with `few`, only the two smallest."""
    folder.mkdir(parents=True, exist_ok=True)
    files, digests = _images(folder)
    with registry(folder / "registry", mode) as one:
        for name, file in files.items():
            if not few or name == "plain:1":
                one.push(file, f"public/{name}", "--all", "--preserve-digests")
        one.push(files["plain:1"], "private:1")
        yield Filled(one, files, digests)


def credentials_file(one: Registry, *, user: str = USER, password: str = PASSWORD) -> Path:
    """What `docker login` would have written."""
    auth = b64encode(f"{user}:{password}".encode()).decode()
    path = one.folder / f"auth-{len(list(one.folder.glob('auth-*')))}.json"
    path.write_text(json.dumps({"auths": {one.host: {"auth": auth}}}), encoding="utf-8")
    return path


def _images(folder: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    noise = random.Random(3)  # noqa: S311 - any bytes
    big = noise.randbytes(300_000)
    several = build_image(
        [
            {"etc/a": b"x" * 5000, "big": big, "copy": big},
            {"etc/a": b"y", ".wh.copy": b""},
            {"new/file": big[:7000]},
        ],
        directory=folder,
        codec=["gzip", "zstd", "gzip"],
    )
    layer = {"same": big[:1000]}
    index, digests = _index(folder)
    return {
        "several:1": several,
        "repeated:1": build_image([layer, {".wh.same": b""}, layer], directory=folder),
        "plain:1": build_image([{"a": b"plain"}], directory=folder, codec="plain"),
        "empty:1": build_image([], directory=folder),
        "many:1": build_image(
            [{f"file{n}": noise.randbytes(50_000 * n)} for n in range(12)], directory=folder
        ),
        "index:1": index,
    }, digests


def _index(folder: Path) -> tuple[str, tuple[str, ...]]:
    """One image for several platforms, and what BuildKit attests of the first."""
    home = folder / "index"
    entries = []
    for number, platform in enumerate(PLATFORMS):
        layers = [{"shared": b"s" * 3000}, {f"own{number}": b"o" * (100 + number)}]
        one = layout_of(build_image(layers, directory=folder, platform=platform)).folder
        for blob in (one / "blobs" / "sha256").iterdir():
            place = home / "blobs" / "sha256" / blob.name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(blob.read_bytes())
        (entry,) = json.loads((one / "index.json").read_bytes())["manifests"]
        system, architecture, *variant = platform.split("/")
        del entry["annotations"]
        entry["platform"] = {"os": system, "architecture": architecture}
        if variant:
            entry["platform"]["variant"] = variant[0]
        entries.append(entry)
    shelf = _Shelf(home)
    attested = {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": entries[0]["digest"],
    }
    config = shelf.put({"architecture": "unknown", "os": "unknown"}, f"{_OCI}.config.v1+json")
    statement = shelf.put({"predicate": {}}, "application/vnd.in-toto+json")
    attestation = shelf.put(
        {"schemaVersion": 2, "mediaType": f"{_OCI}.manifest.v1+json", "config": config,
         "layers": [statement]},
        f"{_OCI}.manifest.v1+json",
    )  # fmt: skip
    unknown = {"os": "unknown", "architecture": "unknown"}
    index = shelf.put(
        {"schemaVersion": 2, "mediaType": f"{_OCI}.index.v1+json",
         "manifests": [*entries, {**attestation, "platform": unknown, "annotations": attested}]},
        f"{_OCI}.index.v1+json",
    )  # fmt: skip
    top = {"schemaVersion": 2, "manifests": [index]}
    (home / "index.json").write_text(json.dumps(top))
    (home / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    return f"oci:{home}", tuple(entry["digest"] for entry in entries)


@dataclass(frozen=True)
class _Shelf:
    home: Path

    def put(self, document: object, media_type: str) -> dict[str, object]:
        """Store a document as a blob; its descriptor."""
        data = json.dumps(document).encode()
        name = sha256(data).hexdigest()
        (self.home / "blobs" / "sha256" / name).write_bytes(data)
        return {"mediaType": media_type, "digest": f"sha256:{name}", "size": len(data)}
