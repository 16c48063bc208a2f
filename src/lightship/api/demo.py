"""`demo`: an image with the classic mistakes, made of files that really are on this machine."""

from __future__ import annotations

import io
import json
import sysconfig
import zipfile
from collections import Counter
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from lightship.layers.gzip_members import MEMBER_BYTES, compressed_member
from lightship.layers.writing import DIRECTORY, END, TarRecord, header, padding
from lightship.model.digest import Digest
from lightship.model.documents import OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST
from lightship.model.platform import Platform
from lightship.model.reference import Reference
from lightship.model.results.demo import DemoImage, Lesson
from lightship.progress import SILENT, Progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LIBRARY = "usr/lib/python3"
_PACKAGES = "app/lib"
_CACHE = "root/.cache/pip"
_DATA = "app/data/byte_counts.csv"
_VENDORED = "app/vendor"
_MAX_LIBRARY_BYTES = 40_000_000
_MAX_DATA_ROWS = 15_000
_ROW_BYTES = 4096
_CREATED = "2026-01-01T00:00:00Z"
_CREATED_NS = 1_767_225_600_000_000_000
_OWNER = 1001


class _Step(Struct, frozen=True):
    """One layer and the instruction that made it. No file has no content: it is a whiteout."""

    created_by: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    owner: int = 0


def make_demo_image(directory: Path, progress: Progress = SILENT) -> DemoImage:
    """Write the image as an OCI layout below `directory`, which must be there and empty.

    Raises:
        DestinationError: never for what the image is; `OSError` where the disk is full.
    """
    library = dict(_library())
    packages = dict(_packages())
    cache = dict(_wheels(packages))
    vendored = _copies_of_one(packages)
    everything = [*library.values(), *packages.values()]
    steps = (
        _Step("COPY python/ /usr/lib/python3/ # buildkit", library),
        _Step(
            "RUN /bin/sh -c pip install --target /app/lib -r requirements.txt # buildkit",
            packages | cache,
        ),
        _Step(
            "RUN /bin/sh -c rm -rf ~/.cache/pip # buildkit",
            {f"{_CACHE.rpartition('/')[0]}/.wh.{_CACHE.rpartition('/')[2]}": b""},
        ),
        _Step("COPY vendor/ /app/vendor/ # buildkit", vendored),
        _Step("COPY byte_counts.csv /app/data/ # buildkit", {_DATA: _data_set(everything)}),
        _Step("RUN /bin/sh -c chown -R 1001 /app/lib # buildkit", packages, owner=_OWNER),
    )
    layout = _Layout(directory)
    progress.begin("making the demo image", sum(map(_content_bytes, steps)))
    try:
        for step in steps:
            layout.add(step)
            progress.advance(_content_bytes(step))
    finally:
        progress.end()
    layout.finish()
    return DemoImage(Reference("oci", str(directory), "demo"), _lessons(next(iter(vendored))))


def _lessons(vendored: str) -> tuple[Lesson, ...]:
    library = vendored.split("/")[2]
    return (
        Lesson(
            layer=3,
            mistake="pip's cache is deleted in a RUN of its own",
            meaning="Layer 2 still holds it, and every node pulls it.",
            remedy="RUN pip install --no-cache-dir ..., or RUN --mount=type=cache,target=/pip "
            "pip install --cache-dir /pip ...",
            marker=_CACHE,
        ),
        Lesson(
            layer=6,
            mistake="chown -R on a tree that a lower layer brought",
            meaning="A change of owner stores each file again, with all its content.",
            remedy="COPY --chown=1001 ..., or chown in the RUN that installs.",
            marker=_PACKAGES,
        ),
        Lesson(
            layer=5,
            mistake="a data set is copied in",
            meaning="Not dead, so no squash removes it; each change of it is a new image.",
            remedy="Mount it as a volume, or fetch it from object storage at start.",
            marker=_DATA,
        ),
        Lesson(
            layer=4,
            mistake=f"the library {library!r} is there twice",
            meaning="Installed in /app/lib, and vendored in /app/vendor.",
            remedy="Keep one; make the other a link if both paths are needed.",
        ),
    )


def _content_bytes(step: _Step) -> int:
    return sum(map(len, step.files.values()))


# Files of this machine.


def _library() -> Iterator[tuple[str, bytes]]:
    """Python's own library, without its tests and packages, up to a bound."""
    top = Path(sysconfig.get_path("stdlib"))
    skipped = {"site-packages", "dist-packages", "test", "__pycache__"}
    total = 0
    for path in sorted(top.rglob("*")):
        relative = path.relative_to(top)
        if skipped.isdisjoint(relative.parts) and path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if total + len(content) > _MAX_LIBRARY_BYTES:
                continue
            total += len(content)
            yield f"{_LIBRARY}/{relative.as_posix()}", content


def _packages() -> Iterator[tuple[str, bytes]]:
    """The packages that lightship itself runs on."""
    for distribution in _distributions():
        for file in distribution.files or ():
            path = Path(str(distribution.locate_file(file)))
            if ".." not in file.parts and "__pycache__" not in file.parts and path.is_file():
                yield f"{_PACKAGES}/{file.as_posix()}", path.read_bytes()


def _distributions() -> Iterator[metadata.Distribution]:
    waiting, seen = ["lightship"], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # required on other platforms only
        if name != "lightship":
            yield distribution
        waiting += [
            requirement.partition(";")[0].split("[")[0].strip(" <>=!~.,0123456789")
            for requirement in sorted(distribution.requires or ())
            if "extra ==" not in requirement
        ]


def _wheels(packages: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """What pip keeps: an archive of each package."""
    by_package: dict[str, dict[str, bytes]] = {}
    for path, content in packages.items():
        inner = path.removeprefix(f"{_PACKAGES}/")
        by_package.setdefault(inner.partition("/")[0], {})[inner] = content
    for name, files in by_package.items():
        wheel = io.BytesIO()
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path, content in files.items():
                archive.writestr(zipfile.ZipInfo(path), content)
        yield f"{_CACHE}/wheels/{name}.whl", wheel.getvalue()


def _copies_of_one(packages: Mapping[str, bytes]) -> dict[str, bytes]:
    """The largest package once more, in another place."""
    sizes: Counter[str] = Counter()
    for path, content in packages.items():
        sizes[path.split("/")[2]] += len(content)
    ((largest, _),) = sizes.most_common(1)
    start = f"{_PACKAGES}/{largest}/"
    return {
        f"{_VENDORED}/{largest}/{path.removeprefix(start)}": content
        for path, content in packages.items()
        if path.startswith(start)
    }


def _data_set(contents: list[bytes]) -> bytes:
    """Real measurements: how often each byte occurs in each block of the files above."""
    lines = [",".join(["block", *(f"byte_{value:02x}" for value in range(256))])]
    blocks = (
        content[start : start + _ROW_BYTES]
        for content in contents
        for start in range(0, len(content), _ROW_BYTES)
    )
    for number, block in enumerate(islice(blocks, _MAX_DATA_ROWS)):
        counts = Counter(block)
        lines.append(",".join(map(str, (number, *(counts[value] for value in range(256))))))
    return "\n".join([*lines, ""]).encode()


# The layout.


class _Layout:
    """An OCI image layout (image-spec, image-layout.md) that grows layer by layer."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._blobs = directory / "blobs" / "sha256"
        self._blobs.mkdir(parents=True)
        self._layers: list[dict[str, object]] = []
        self._diff_ids: list[str] = []
        self._history: list[dict[str, str]] = []

    def add(self, step: _Step) -> None:
        tar = _tar(step)
        members = (tar[at : at + MEMBER_BYTES] for at in range(0, len(tar), MEMBER_BYTES))
        blob = b"".join(map(compressed_member, members))
        self._layers.append(self._store(blob, f"{OCI_LAYER}+gzip"))
        self._diff_ids.append(str(Digest.of(tar)))
        self._history.append({"created": _CREATED, "created_by": step.created_by})

    def finish(self) -> None:
        platform = Platform.here()
        config = {
            "created": _CREATED,
            "architecture": platform.architecture,
            "os": platform.os,
            "config": {"Cmd": ["python3", "-m", "app"], "WorkingDir": "/app"},
            "rootfs": {"type": "layers", "diff_ids": self._diff_ids},
            "history": self._history,
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": self._store(_json(config), OCI_CONFIG),
            "layers": self._layers,
        }
        top = self._store(_json(manifest), OCI_MANIFEST)
        top["annotations"] = {"org.opencontainers.image.ref.name": "demo"}
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [top]}
        (self._directory / "index.json").write_bytes(_json(index))
        (self._directory / "oci-layout").write_bytes(_json({"imageLayoutVersion": "1.0.0"}))

    def _store(self, blob: bytes, media_type: str) -> dict[str, object]:
        digest = Digest.of(blob)
        (self._blobs / digest.hex).write_bytes(blob)
        return {"mediaType": media_type, "digest": str(digest), "size": len(blob)}


def _json(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _tar(step: _Step) -> bytes:
    blank = TarRecord(b"", uid=step.owner, mtime_ns=_CREATED_NS)
    pieces: list[bytes] = []
    made: set[str] = set()
    for path, content in sorted(step.files.items()):
        parts = path.split("/")
        for depth in range(1, len(parts)):
            parent = "/".join(parts[:depth])
            if parent not in made:
                made.add(parent)
                record = replace(blank, name=parent.encode(), kind=DIRECTORY, mode=0o755)
                pieces.append(header(record))
        record = replace(blank, name=path.encode(), content_bytes=len(content))
        pieces += [header(record), content, padding(len(content))]
    return b"".join((*pieces, END))
