"""Layers of two images: what they share, and what a node that has the first pays for the second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.chains import common_layers
from lightship.analysis.wire import total_error, total_wire
from lightship.layers.scan import Codec, WireSize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.layers.scan import LayerScan
    from lightship.model.digest import Digest
    from lightship.model.results.diff import Sharing


class Stack(Struct, frozen=True):
    """One image's layers.

    Attributes:
        scans: oldest first.
        stores_wire_blobs: whether its blobs are those that a registry stores, also the plain ones.
        config_bytes: the raw config; None where there is none.
    """

    scans: Sequence[LayerScan]
    stores_wire_blobs: bool
    config_bytes: bytes | None

    def blob(self, scan: LayerScan) -> Digest | None:
        """Digest under which a registry has the layer; None where that is not known."""
        known = self.stores_wire_blobs or scan.codec is not Codec.PLAIN
        return scan.digest if known else None

    def first_scans(self) -> list[LayerScan]:
        """Each layer that is pulled by itself once, at its first position."""
        return list({self.key(scan): scan for scan in reversed(self.scans)}.values())[::-1]

    def wire_once(self) -> list[int]:
        """Wire bytes of each position; a blob that stands at several counts at the first."""
        seen: set[Digest] = set()
        sizes = []
        for scan in self.scans:
            key = self.key(scan)
            sizes.append(0 if key in seen else scan.wire.wire_bytes)
            seen.add(key)
        return sizes

    def key(self, scan: LayerScan) -> Digest:
        """What tells the layer's blob from the others of this image."""
        return self.blob(scan) or scan.diff_id


class SharedLayers(Struct, frozen=True):
    """What two images have in common.

    Attributes:
        sharing: of each layer of the second image.
        chain: number of first positions with equal diff IDs: what a snapshotter shares (OCI
            image-spec, config.md, "Layer ChainID").
        reused: distinct layers of the second image whose blob the first has.
        fetched: those that it does not have.
        config_is_new: whether the configs differ.
    """

    sharing: tuple[Sharing, ...]
    chain: int
    reused: tuple[LayerScan, ...]
    fetched: tuple[LayerScan, ...]
    config_is_new: bool


def compare_layers(a: Stack, b: Stack) -> SharedLayers:
    """Hold two images' layers against each other.

    A layer of `b` is reused if `a` has a blob of the same digest. Where either image does not
    know the layer's blob (a plain layer, as `docker save` writes them), the diff IDs decide: one
    registry keeps one blob for both.
    """
    chain = common_layers([s.diff_id for s in a.scans], [s.diff_id for s in b.scans])
    blobs = {blob for scan in a.scans if (blob := a.blob(scan)) is not None}
    diff_ids = {scan.diff_id for scan in a.scans}
    unknown = {scan.diff_id for scan in a.scans if a.blob(scan) is None}

    def is_reused(scan: LayerScan) -> bool:
        blob = b.blob(scan)
        return scan.diff_id in (diff_ids if blob is None else unknown) or blob in blobs

    def sharing(position: int, scan: LayerScan) -> Sharing:
        if not is_reused(scan):
            return "recompressed" if scan.diff_id in diff_ids else "none"
        return "chain" if position < chain else "blob"

    first = b.first_scans()
    return SharedLayers(
        sharing=tuple(sharing(position, scan) for position, scan in enumerate(b.scans)),
        chain=chain,
        reused=tuple(scan for scan in first if is_reused(scan)),
        fetched=tuple(scan for scan in first if not is_reused(scan)),
        config_is_new=b.config_bytes is not None and a.config_bytes != b.config_bytes,
    )


def pulled_wire(b: Stack, shared: SharedLayers) -> WireSize:
    """What a node that has the first image pulls for the second: its new blobs and its config.

    Exact where both images store wire blobs: the sum of `wire_bytes` of the distinct blobs of
    `b` whose digest is not among those of `a`, and the config if it differs. Manifest and index
    are not counted, as in `wire_bytes`.
    """
    return _pulled(b, shared, shared.fetched)


def chain_wire(b: Stack, shared: SharedLayers) -> WireSize:
    """The same for a node that keeps unpacked layers only, as Docker's own image store does.

    It skips a blob that it knows, on layers that it has, and pulls all from the first that it
    has not (moby, distribution/xfer/download.go: looked up by chain ID).
    """
    kept = next((at for at, how in enumerate(shared.sharing) if how != "chain"), len(b.scans))
    below = {b.key(scan) for scan in b.scans[:kept]}
    fetched = [scan for scan in b.first_scans() if b.key(scan) not in below]
    return _pulled(b, shared, fetched)


def wire_delta(a: Stack, b: Stack) -> WireSize:
    """Wire bytes of `b` less those of `a`; layers in both cancel out, their errors too."""
    in_a = {scan.diff_id for scan in a.scans}
    in_b = {scan.diff_id for scan in b.scans}
    first_a, first_b = a.first_scans(), b.first_scans()
    lone = [scan.wire for scan in first_a if scan.diff_id not in in_b]
    lone += [scan.wire for scan in first_b if scan.diff_id not in in_a]
    # A layer that is exact in one image and estimated in the other is as uncertain as there.
    estimates = {scan.diff_id: scan.wire for scan in first_a if scan.diff_id in in_b}
    lone += [
        max(wire, scan.wire, key=lambda size: size.error_bytes)
        for scan in first_b
        if (wire := estimates.get(scan.diff_id)) is not None and wire != scan.wire
    ]
    return WireSize(
        wire_bytes=_total(b, first_b) - _total(a, first_a),
        error_bytes=total_error(lone),
        estimated=any(size.estimated for size in lone),
    )


def _pulled(b: Stack, shared: SharedLayers, fetched: Sequence[LayerScan]) -> WireSize:
    config_bytes = b.config_bytes if shared.config_is_new else None
    return total_wire(config_bytes, [scan.wire for scan in fetched])


def _total(stack: Stack, scans: Sequence[LayerScan]) -> int:
    return len(stack.config_bytes or b"") + sum(scan.wire.wire_bytes for scan in scans)
