"""Results made by hand, for reports to show."""

from __future__ import annotations

from msgspec.structs import replace

from lightship.model.results.base import BaseImage, Payload
from lightship.model.results.history import HistoryResult, HistoryRow
from lightship.model.results.inspect import (
    DeadByKind,
    DeadDirectory,
    DeadFile,
    Duplicate,
    ImageFigures,
    InspectResult,
    KilledBy,
    LayerFigures,
    Move,
    PullTime,
    VisibleFile,
    Win,
)
from lightship.model.results.manifest import (
    Download,
    ManifestBase,
    ManifestImage,
    ManifestLayer,
    ManifestResult,
)
from lightship.model.results.node import ImageFate, NodeEffect

MB = 1_000_000
GB = 1_000 * MB


def digest(at: int) -> str:
    return "sha256:" + f"{at:02x}" * 32


def layer(
    index: int,
    created_by: str | None,
    unpacked_bytes: int,
    files: int,
    *killed: KilledBy,
    guessed: bool = False,
    base: bool = False,
    same_as: int | None = None,
) -> LayerFigures:
    return LayerFigures(
        index=index,
        digest=digest(index),
        diff_id=digest(100 + index),
        media_type="application/vnd.oci.image.layer.v1.tar+gzip",
        wire_bytes=unpacked_bytes * 2 // 5,
        wire_bytes_estimated=False,
        wire_bytes_error=0,
        unpacked_bytes=unpacked_bytes,
        dead_bytes=sum(one.bytes for one in killed),
        files=files,
        created_by=created_by,
        created_by_guessed=guessed,
        base=base,
        same_as=same_as,
        killed=killed,
    )


LAYERS = (
    layer(1, "/bin/sh -c #(nop) ADD file:" + "4f" * 32 + " in / ", 124 * MB, 3482, base=True),
    layer(
        2,
        "RUN |1 DEBIAN_FRONTEND=noninteractive /bin/sh -c apt-get update && apt-get install -y "
        "--no-install-recommends build-essential libpq-dev python3-dev # buildkit",
        318 * MB,
        9120,
        KilledBy(6, "deleted", 61 * MB, 212),
        KilledBy(4, "overwritten", 500, 1),
    ),
    layer(3, "WORKDIR /app", 0, 0),
    layer(4, "COPY requirements.txt . # buildkit", 2_048, 1),
    layer(
        5,
        "RUN /bin/sh -c pip install -r requirements.txt # buildkit",
        211_400_000,
        14_022,
        KilledBy(7, "overwritten", 2 * MB, 40),
        KilledBy(5, "in_layer_duplicate", 1 * MB, 4),
        KilledBy(6, "deleted", 400_000, 4),
    ),
    layer(6, "RUN /bin/sh -c rm -rf /var/lib/apt/lists/* ~/.cache # buildkit", 0, 0),
    layer(7, "COPY . /app # buildkit", 96 * MB, 318, KilledBy(8, "metadata_copy", 96 * MB, 318)),
    layer(8, "RUN /bin/sh -c chown -R app:app /app # buildkit", 96 * MB, 318),
    layer(9, None, 5 * MB, 12, guessed=True),
    layer(10, "COPY models/ /models/ # buildkit", 1_300 * MB, 3),
)

BASE = BaseImage(
    name="docker.io/library/python:3.12-slim",
    digest=digest(30),
    layers=1,
    how="given",
    certain=True,
    why="its 1 layers are this image's first, by their diff IDs",
    wire_bytes=49_600_000,
    wire_bytes_estimated=False,
    unpacked_bytes=124 * MB,
    dead_bytes=0,
    payload=Payload(
        layers=9,
        wire_bytes=810_560_000,
        wire_bytes_estimated=True,
        unpacked_bytes=2_026_402_048,
        visible_bytes=1_866_001_548,
        dead_bytes=160_400_500,
    ),
    pull_with_base_bytes=810_561_000,
    pull_with_base_estimated=True,
)
NODE = NodeEffect(
    disk_bytes=100 * GB,
    used_before_bytes=82 * GB,
    added_bytes=3_010_562_048,
    added_unpacked_bytes=2_150_402_048,
    added_wire_bytes=860_160_000,
    used_after_bytes=85_010_562_048,
    fits=True,
    used_before_percent=82,
    used_after_percent=86,
    high_percent=85,
    low_percent=80,
    collects_from_bytes=84 * GB + 1,
    room_bytes=-1_010_562_047,
    pressure_below_available_bytes=15 * GB,
    pressure_room_bytes=-10_562_048,
    reaction="disk_pressure",
    reaction_before="none",
    to_free_bytes=10_562_048,
    images=(
        ImageFate("registry.example/team/app:1.3", 900 * MB, "collected", "disk pressure"),
        ImageFate("docker.io/library/写真:latest", 2 * GB, "collected", "disk pressure"),
        ImageFate("registry.example/team/db:7", 4 * GB, "kept", "in use"),
    ),
    freed_bytes=2_900 * MB,
    enough=True,
    runtime="containerd",
    already_wire_bytes=0,
    pull_bytes=860_160_000,
    pull_seconds=68.8,
    repull_bytes=860_160_000,
    repull_seconds=68.8,
    bandwidth_bytes_per_second=12_500_000,
    estimated=True,
)

INSPECTED = InspectResult(
    verified="read",
    image=ImageFigures(
        reference="docker-archive:app.tar:registry.example/team/app:1.4.2",
        digest=None,
        image_id="sha256:3f2a9c1b0d4e" + "00" * 26,
        platform="linux/amd64",
        wire_bytes=860_160_000,
        wire_bytes_estimated=True,
        wire_bytes_error=4_200_000,
        unpacked_bytes=2_150_402_048,
        visible_bytes=1_990_001_548,
        dead_bytes=160_400_500,
        duplicate_bytes=14_200_000,
        efficiency=1_990_001_548 / 2_150_402_048,
        files=26_300,
        layers=10,
    ),
    layers=LAYERS,
    dead=DeadByKind(
        deleted=61_400_000,
        overwritten=2_000_500,
        metadata_copy=96_000_000,
        in_layer_duplicate=1_000_000,
    ),
    largest_dead=(
        DeadFile("app/static/video/intro.mp4", 7, 8, "metadata_copy", 48 * MB),
        DeadFile(
            "var/lib/apt/lists/deb.example_dists_main_binary_Packages.lz4", 2, 6, "deleted", 17 * MB
        ),
        DeadFile("usr/lib/python3/dist-packages/写真/データ.bin", 5, 7, "overwritten", 2 * MB),
    ),
    largest_dead_directories=(
        DeadDirectory("app", 7, 8, "metadata_copy", 96 * MB, 318),
        DeadDirectory("var/lib/apt/lists", 2, 6, "deleted", 44 * MB, 30),
    ),
    largest_files=(
        VisibleFile("models/weights.safetensors", 10, 1_200 * MB),
        VisibleFile("usr/lib/libLLVM.so.17", 2, 120 * MB),
    ),
    moves=(Move("tmp/build/app.whl", "opt/app.whl", 5, 6, 400_000, 1),),
    duplicates=(Duplicate(("opt/a/libx.so.1", "opt/b/libx.so.1"), 3, 7_100_000, 14_200_000),),
    wins=(
        Win(
            "96.0 MB are stored twice because layer 8 only changes who owns them",
            "Write COPY --chown=app:app . /app in layer 7 and drop the chown of layer 8.",
            96 * MB,
            7,
            ("app",),
        ),
        Win(
            "Layer 6 deletes what layer 2 brought: var/lib/apt/lists",
            "Delete it in the RUN that makes it.",
            61 * MB,
            2,
            ("var/lib/apt/lists",),
        ),
        Win("opt/a/libx.so.1 is there 3 times", "Keep one and link to it.", 14_200_000, None),
    ),
    pull=PullTime(12_500_000, 68.8, 14.3),
    warnings=("layer 9 has no history entry",),
    base=BASE,
)

EMPTY = replace(
    INSPECTED,
    image=ImageFigures(
        reference="oci:layout:latest",
        digest=digest(7),
        image_id=digest(8),
        platform="linux/arm64/v8",
        wire_bytes=300,
        wire_bytes_estimated=False,
        wire_bytes_error=0,
        unpacked_bytes=0,
        visible_bytes=0,
        dead_bytes=0,
        duplicate_bytes=0,
        efficiency=1.0,
        files=0,
        layers=0,
    ),
    layers=(),
    dead=DeadByKind(0, 0, 0, 0),
    largest_dead=(),
    largest_dead_directories=(),
    largest_files=(),
    moves=(),
    duplicates=(),
    wins=(),
    pull=PullTime(12_500_000, 0.0, 0.0),
    warnings=(),
    base=None,
)

MANIFEST = ManifestResult(
    image=ManifestImage(
        reference="registry:registry.example/team/app:1.4.2",
        digest=digest(1),
        image_id="sha256:3f2a9c1b0d4e" + "00" * 26,
        platform="linux/amd64",
        wire_bytes=860_160_000,
        layers=10,
        created="2026-11-12T10:00:00Z",
    ),
    layers=tuple(
        ManifestLayer(
            index=one.index,
            digest=one.digest,
            diff_id=one.diff_id,
            media_type=one.media_type,
            wire_bytes=one.wire_bytes,
            created_by=one.created_by,
            created_by_guessed=one.created_by_guessed,
            base=one.base,
            same_as=one.same_as,
        )
        for one in LAYERS
    ),
    base=ManifestBase(
        name=None,
        digest=None,
        layers=1,
        how="history",
        certain=False,
        why="28 days passed between two steps",
        wire_bytes=49_600_000,
        payload_layers=9,
        payload_wire_bytes=810_560_000,
        pull_with_base_bytes=810_561_000,
    ),
    pull=Download(12_500_000, 68.8),
    warnings=("not stored: linux/riscv64",),
)


def row(
    layer: int | None,
    created_by: str | None,
    created: str | None,
    engine_bytes: int,
    *,
    comment: str | None = None,
    dead_bytes: int = 0,
    files: int = 0,
    guessed: bool = False,
) -> HistoryRow:
    return HistoryRow(
        layer=layer,
        created=created,
        created_by=created_by,
        comment=comment,
        empty_layer=layer is None,
        unpacked_bytes=engine_bytes,
        engine_bytes=engine_bytes,
        wire_bytes=None if layer is None else engine_bytes // 2,
        wire_bytes_estimated=layer == 2,
        dead_bytes=dead_bytes,
        files=files,
        guessed=guessed,
    )


HISTORY = HistoryResult(
    reference="docker-archive:app.tar:app:1.0",
    image_id="sha256:3f2a9c1b0d4e" + "00" * 26,
    rows=(
        row(None, '/bin/sh -c #(nop)  CMD ["app"]', "2026-11-12T10:00:00.123456789Z", 0),
        row(
            2,
            "RUN /bin/sh -c apt-get update\t&& apt-get install -y git # buildkit",
            "2026-11-12T09:00:00Z",
            61_234_567,
            comment="buildkit.dockerfile.v0",
            dead_bytes=44_000_000,
            files=812,
        ),
        row(
            1,
            "/bin/sh -c #(nop) ADD file:" + "4f" * 32 + " in / ",
            "1970-01-01T00:00:00Z",
            5_610_000,
            files=77,
        ),
    ),
)
