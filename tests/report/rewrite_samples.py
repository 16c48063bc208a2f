"""Rewrites made by hand."""

from __future__ import annotations

from msgspec.structs import replace

from lightship.model.results.rewrite import (
    Choice,
    Cleaning,
    Joined,
    MustStay,
    NewLayerRow,
    PackageLoss,
    ProofResult,
    Removed,
    RemovedBy,
    RewriteList,
    RewriteResult,
    Sizes,
)

DIGEST = "sha256:" + "ab" * 32

BEFORE = Sizes(
    layers=9,
    wire_bytes=198_400_000,
    wire_bytes_estimated=True,
    unpacked_bytes=512_000_000,
    visible_bytes=330_000_000,
    dead_bytes=182_000_000,
)
AFTER = Sizes(
    layers=5,
    wire_bytes=125_100_000,
    wire_bytes_estimated=False,
    unpacked_bytes=330_000_000,
    visible_bytes=330_000_000,
    dead_bytes=0,
)


def _layer(position: int, wire_bytes: int, unpacked_bytes: int) -> NewLayerRow:
    return NewLayerRow(
        position=position,
        fate="kept",
        from_positions=(position,),
        diff_id=DIGEST,
        digest=DIGEST,
        codec="gzip",
        wire_bytes=wire_bytes,
        wire_bytes_estimated=False,
        old_wire_bytes=wire_bytes,
        unpacked_bytes=unpacked_bytes,
        old_unpacked_bytes=unpacked_bytes,
    )


LAYERS = (
    _layer(1, 29_100_000, 74_800_000),
    _layer(2, 3_500_000, 9_200_000),
    _layer(3, 11_000_000, 31_000_000),
    _layer(4, 250, 1_024),
    replace(
        _layer(5, 81_499_750, 214_998_976),
        fate="written",
        from_positions=(5, 6, 7, 8, 9),
        old_wire_bytes=154_799_750,
        old_unpacked_bytes=396_998_976,
    ),
)
CHOICES = (
    Choice(
        keep="6",
        kept_layers=6,
        layers=7,
        wire_bytes=196_000_000,
        unpacked_bytes=508_000_000,
        dead_bytes=178_000_000,
        pull_with_base_bytes=152_400_000,
        chosen=False,
    ),
    Choice(
        keep="base",
        kept_layers=4,
        layers=5,
        wire_bytes=125_000_000,
        unpacked_bytes=330_000_000,
        dead_bytes=0,
        pull_with_base_bytes=81_400_000,
        chosen=True,
    ),
    Choice(
        keep="none",
        kept_layers=0,
        layers=1,
        wire_bytes=124_900_000,
        unpacked_bytes=330_000_000,
        dead_bytes=0,
        pull_with_base_bytes=124_900_000,
        chosen=False,
    ),
)
PROOF = ProofResult(names=9_861, files=7_407, content_bytes=312_000_000, config_fields=11)

SQUASHED = RewriteResult(
    rewrite="squash",
    source="docker-archive:app.tar",
    destination="oci:slim:1.4",
    platform="linux/amd64",
    outcome="written",
    why=None,
    before=BEFORE,
    after=AFTER,
    base_layers=4,
    kept_layers=4,
    layers=LAYERS,
    source_digest=DIGEST,
    digest=DIGEST,
    image_id=DIGEST,
    proof=PROOF,
)
PLANNED = replace(
    SQUASHED,
    outcome="planned",
    destination=None,
    after=replace(AFTER, wire_bytes_estimated=True),
    layers=(
        *LAYERS[:4],
        replace(LAYERS[4], diff_id=None, digest=None, codec=None, wire_bytes_estimated=True),
    ),
    choices=CHOICES,
    digest=None,
    image_id=None,
    proof=None,
)
NOTHING = replace(
    PLANNED,
    outcome="nothing",
    why="layers 1 to 8 stay, and the one over them has no dead bytes",
    after=BEFORE,
    layers=(),
    choices=(),
    kept_layers=0,
)
UNSHARED = replace(
    SQUASHED,
    after=replace(AFTER, layers=1),
    kept_layers=0,
    sharing_lost_bytes=43_600_250,
    layers=(
        replace(
            LAYERS[4],
            position=1,
            from_positions=(1, 2, 3, 4, 5, 6, 7, 8, 9),
            old_wire_bytes=198_400_000,
            wire_bytes=125_100_000,
            old_unpacked_bytes=512_000_000,
            unpacked_bytes=330_000_000,
        ),
    ),
    notes=("a signature of the old image does not hold any more and was left behind",),
)
CLEANED = replace(
    SQUASHED,
    rewrite="clean",
    destination="docker-archive:app-clean.tar",
    removed=(
        Removed(
            path="var/lib/apt/lists",
            rule="package-lists",
            reason="lists of packages that apt-get update loads again",
            content_bytes=0,
            layer=5,
        ),
        Removed(
            path="var/lib/apt/lists/Packages",
            rule="package-lists",
            reason="lists of packages that apt-get update loads again",
            content_bytes=38_400_000,
            layer=5,
        ),
        Removed(
            path="srv/old\ufffd.bin",
            rule=None,
            reason="named with --path",
            content_bytes=1_200,
            layer=7,
            path_base64="c3J2L29sZP8uYmlu",
        ),
    ),
    cleaning=Cleaning(
        by=(
            RemovedBy(
                reason="lists of packages that apt-get update loads again",
                rule="package-lists",
                names=2,
                files=1,
                content_bytes=38_400_000,
                wire_bytes=12_000_000,
            ),
            RemovedBy(
                reason="named with --path",
                rule=None,
                names=1,
                files=1,
                content_bytes=1_200,
                wire_bytes=500,
            ),
        ),
        packages=(
            PackageLoss(system="dpkg", name="less", version="590-2", files=14, lost=9, whole=False),
        ),
        base_names=4,
        base_bytes=2_300_000,
        must_stay=(MustStay(path="etc/passwd", reason="the image's user is told by it"),),
        must_stay_count=1,
        joined=Joined(
            names=2,
            content_bytes=700_000,
            other_facts_bytes=10,
            other_layer_bytes=20,
            other_place_bytes=30,
        ),
        edited=("var/lib/dpkg/status",),
    ),
    proof=replace(PROOF, removed=3, edited=1, linked=2, clamped=4, unmarked=1),
)
RECOMPRESSED = replace(
    SQUASHED,
    rewrite="recompress",
    destination="registry:registry.example/team/shop:1.4",
    after=replace(BEFORE, layers=5, wire_bytes=101_000_000, wire_bytes_estimated=False),
    before=replace(BEFORE, layers=5, wire_bytes_estimated=False),
    kept_layers=5,
    layers=(
        LAYERS[0],
        *(
            replace(
                layer,
                fate="recompressed",
                codec="zstd",
                wire_bytes=layer.wire_bytes * 4 // 5,
                from_positions=(layer.position,),
                old_unpacked_bytes=layer.unpacked_bytes,
            )
            for layer in LAYERS[1:]
            if layer.wire_bytes is not None
        ),
    ),
    sharing_lost_bytes=14_500_250,
    proof=replace(PROOF, files=0, content_bytes=0),
)
_UNREAD = Sizes(
    layers=4,
    wire_bytes=43_600_250,
    wire_bytes_estimated=False,
    unpacked_bytes=None,
    visible_bytes=None,
    dead_bytes=None,
)
COPIED = replace(
    SQUASHED,
    rewrite="copy",
    source="oci:shop:1.4",
    destination="registry:registry.example/team/shop:1.4",
    before=_UNREAD,
    after=_UNREAD,
    base_layers=None,
    layers=tuple(
        replace(layer, unpacked_bytes=None, old_unpacked_bytes=None) for layer in LAYERS[:4]
    ),
    same_manifest=True,
    proof=None,
)
PACKED = replace(
    COPIED,
    source="docker-archive:app.tar",
    before=replace(_UNREAD, wire_bytes=None),
    layers=tuple(
        replace(layer, fate="recompressed", old_wire_bytes=None) for layer in COPIED.layers
    ),
    same_manifest=False,
)
ALL = RewriteList(rewrites=(SQUASHED, replace(SQUASHED, platform="linux/arm64")))
